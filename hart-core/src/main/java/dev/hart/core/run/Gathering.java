package dev.hart.core.run;

import dev.hart.core.model.ModelCall;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Gathered;
import dev.hart.core.plan.Gathered.Given;
import dev.hart.error.CannotPlanException.Missing;
import dev.hart.error.HartException;
import dev.hart.recipe.Recipe;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a run has come that asks for what its plan needs. While it asks, what it carries out is one action that asks one
 * question; each answer makes the next definition: another question, or the plan.
 *
 * @param turns questions that were asked so far
 * @param asked what the open question asks for; null once there is a plan
 */
record Gathering(Gathered gathered, int turns, @Nullable Missing asked) {
    /** Questions that a run may ask before it has a plan. */
    static final int MAX_TURNS = 12;

    static final String ACTION = "gather";

    /** What is done with the plan, or with the reason why there is none; on the run's thread. */
    @FunctionalInterface
    interface Then {
        /**
         * Takes the one or the other; one of both is null.
         *
         * @param spent what was asked of a model
         */
        void gathered(@Nullable Draft draft, @Nullable HartException refusal, List<ModelCall> spent);
    }

    /** The first question. */
    static Gathering first(Gathered gathered, Missing asked) {
        return new Gathering(gathered, 1, asked);
    }

    /** What is known once the open question has this answer; there is no question then. */
    Gathering answered(Missing question, @Nullable Object value) {
        return new Gathering(gathered.with(new Given(question, value)), turns, null);
    }

    /** The next question. */
    Gathering asking(Missing next) {
        return new Gathering(gathered, turns + 1, next);
    }

    /** What a run carries out that asks this. */
    static Recipe recipe(String request, Missing asked) {
        return Recipe.named(ACTION)
                .goal(request)
                .action(
                        ACTION,
                        action -> action.description("Ask for " + asked.argument())
                                .ask(asked.question().replace("{{", "\\{{"))
                                .expect(asked.schema()))
                .output(ACTION, Object.class)
                .build();
    }
}
