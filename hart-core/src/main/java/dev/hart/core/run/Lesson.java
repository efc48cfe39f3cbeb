package dev.hart.core.run;

import dev.hart.core.plan.Draft.Taken;
import dev.hart.core.recipe.Generaliser;
import dev.hart.core.recipe.RecipeDocument;
import dev.hart.error.RecipeInvalidException;
import dev.hart.json.Json;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Step;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a successful CREATE run teaches: the recipe, rehearsed against the run's own trace. */
final class Lesson {
    private Lesson() {}

    /** What was learned, or why nothing was. */
    record Outcome(@Nullable Recipe recipe, List<String> notes) {}

    static Outcome of(RunProgress progress) {
        Map<String, Map<Integer, @Nullable Object>> results = new HashMap<>();
        progress.byTask.values().forEach(action -> results.put(action.action.name(), action.own().results));
        try {
            Generaliser.Learned learned = Generaliser.learn(
                    progress.plan.recipe(),
                    progress.plan.request(),
                    progress.plan.taken(),
                    new Generaliser.Trace(results));
            if (RecipeDocument.holdsSecret(learned.recipe())) {
                return new Outcome(
                        null, List.of("nothing was learned: the request holds a secret, and recipes never do"));
            }
            String difference = rehearse(learned.recipe(), progress);
            return difference == null
                    ? new Outcome(learned.recipe(), learned.warnings())
                    : new Outcome(null, List.of("nothing was learned: " + difference));
        } catch (RecipeInvalidException e) {
            return new Outcome(null, List.of("nothing was learned: " + e.getMessage()));
        }
    }

    /**
     * Binds every step of the learned recipe with the inputs and results of the run it was learned from: each must come to
     * the arguments that were really used.
     *
     * @return null when they do, else what differs
     */
    private static @Nullable String rehearse(Recipe learned, RunProgress progress) {
        Map<String, @Nullable Object> inputs = new HashMap<>();
        for (Taken taken : progress.plan.taken()) {
            inputs.put(taken.input(), taken.value());
        }
        for (Flow flow : learned.flows()) {
            for (Action action : flow.actions()) {
                ActionProgress done = progress.action(new ActionRef(flow.flowId(), action.actionId()).taskId());
                for (Step step : action.steps()) {
                    Instant then = Objects.requireNonNull(done.own().startedAt.get(step.index()));
                    Binding binding = new Binding(path -> path.get(0).equals("inputs")
                            ? Binding.at(inputs, path.subList(1, path.size()), String.join(".", path))
                            : progress.value(done, path, then));
                    Map<String, @Nullable Object> args;
                    try {
                        args = Json.objectOf(binding.bindAll(step.args()));
                    } catch (Binding.Unbound e) {
                        return action.name() + ": " + e.getMessage();
                    }
                    if (!args.equals(done.own().args.get(step.index()))) {
                        return action.name() + " would be called with other arguments than it was";
                    }
                }
            }
        }
        return null;
    }
}
