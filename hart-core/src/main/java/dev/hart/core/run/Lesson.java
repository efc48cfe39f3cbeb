package dev.hart.core.run;

import dev.hart.core.plan.Draft.Taken;
import dev.hart.core.recipe.Comparison;
import dev.hart.core.recipe.Generaliser;
import dev.hart.core.recipe.RecipeDocument;
import dev.hart.error.HartException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.json.Json;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a successful CREATE run teaches: the recipe, rehearsed against the run's own trace. */
final class Lesson {
    private static final Logger LOG = LoggerFactory.getLogger(Lesson.class);
    /** Earlier runs whose journals are read at the end of one. */
    private static final int MOST_COMPARED = 5;

    private Lesson() {}

    /**
     * What was learned, or why nothing was.
     *
     * @param better what serves the request of an earlier run too; null when there was none for a request of this kind
     */
    record Outcome(
            @Nullable Recipe recipe,
            List<String> notes,
            @Nullable Better better) {}

    /** The next version of a recipe that another run taught. */
    record Better(RecipeVersion base, Recipe recipe, String note) {}

    static Outcome nothing(List<String> notes) {
        return new Outcome(null, notes, null);
    }

    static Outcome of(RunProgress progress, RunContext context) {
        Map<String, Map<Integer, @Nullable Object>> results = new HashMap<>();
        progress.actions().forEach(action -> results.put(action.action.name(), action.whole().results));
        Recipe executed = progress.whole();
        try {
            Generaliser.Learned learned = Generaliser.learn(
                    executed, progress.plan.request(), progress.plan.taken(), new Generaliser.Trace(results));
            if (RecipeDocument.holdsSecret(learned.recipe())) {
                return nothing(List.of("nothing was learned: the request holds a secret, and recipes never do"));
            }
            Map<String, @Nullable Object> inputs = inputs(progress);
            String difference = rehearse(learned.recipe(), progress, inputs);
            return difference == null
                    ? new Outcome(
                            timed(learned.recipe(), progress),
                            learned.warnings(),
                            better(new Comparison.Side(learned.recipe(), inputs), progress, context))
                    : nothing(List.of("nothing was learned: " + difference));
        } catch (RecipeInvalidException e) {
            return nothing(List.of("nothing was learned: " + e.getMessage()));
        }
    }

    /** The recipe with the time that each action took. */
    private static Recipe timed(Recipe learned, RunProgress progress) {
        Recipe timed = learned;
        for (Flow flow : learned.flows()) {
            for (Action action : flow.actions()) {
                ActionProgress done = progress.at(flow.flowId(), action.actionId());
                timed = Repair.with(timed, done.ref, action.trainedIn(progress.experience.time(done)));
            }
        }
        return timed;
    }

    private static Map<String, @Nullable Object> inputs(RunProgress progress) {
        Map<String, @Nullable Object> inputs = new HashMap<>();
        for (Taken taken : progress.plan.taken()) {
            inputs.put(taken.input(), taken.value());
        }
        return inputs;
    }

    /** Compares the run with those that taught recipes of the same shape, the newest first. */
    private static @Nullable Better better(Comparison.Side now, RunProgress progress, RunContext context) {
        List<RecipeVersion> alike = context.recipes().learned().stream()
                .filter(recipe -> shape(recipe.recipe()).equals(shape(now.learned())))
                .limit(MOST_COMPARED)
                .toList();
        for (RecipeVersion recipe : alike) {
            try {
                RunProgress then = new RunReader(context).progress(Objects.requireNonNull(recipe.learnedBy()));
                Better better = better(recipe, then, now, progress);
                if (better != null) {
                    return better;
                }
            } catch (HartException e) {
                LOG.info("{} is not compared with run {}: {}", recipe.label(), progress.runId, e.getMessage());
            }
        }
        return null;
    }

    private static List<String> shape(Recipe recipe) {
        return recipe.actions()
                .flatMap(action -> action.steps().stream())
                .map(step -> step.kind() + " " + step.tool() + " "
                        + new TreeSet<>(step.args().keySet()))
                .toList();
    }

    private static @Nullable Better better(
            RecipeVersion base, RunProgress then, Comparison.Side now, RunProgress progress) {
        Map<String, @Nullable Object> inputs = inputs(then);
        inputs.keySet().retainAll(base.recipe().inputNames());
        inputs.putAll(Comparison.valuesOf(
                base.recipe(),
                (flowId, actionId, index) ->
                        then.at(flowId, actionId).whole().args.get(index)));
        if (!inputs.keySet().containsAll(base.recipe().inputNames())) {
            return null;
        }
        Comparison.Result found =
                Comparison.of(new Comparison.Side(base.recipe(), inputs), now).orElse(null);
        if (found == null
                || RecipeDocument.holdsSecret(found.recipe())
                || rehearse(found.recipe(), then, found.earlier()) != null
                || rehearse(found.recipe(), progress, found.later()) != null) {
            return null;
        }
        return new Better(
                base,
                found.recipe(),
                "run " + then.runId + " did the same for another request: "
                        + base.recipe().name()
                        + " now serves both"
                        + (found.news().isEmpty() ? "" : ", with the new inputs " + String.join(", ", found.news())));
    }

    /**
     * Binds every step of the learned recipe with the inputs and results of the run it was learned from: each must come to
     * the arguments that were really used.
     *
     * @return null when they do, else what differs
     */
    private static @Nullable String rehearse(
            Recipe learned, RunProgress progress, Map<String, @Nullable Object> inputs) {
        Map<String, String> names = names(learned, progress.whole());
        for (Flow flow : learned.flows()) {
            for (Action action : flow.actions()) {
                ActionProgress done = progress.at(flow.flowId(), action.actionId());
                Route whole = done.whole();
                for (Step step : action.steps()) {
                    Instant then = Objects.requireNonNull(whole.startedAt.get(step.index()));
                    Binding binding = Binding.of(
                            step,
                            path -> path.get(0).equals("inputs")
                                    ? Binding.at(inputs, path.subList(1, path.size()), String.join(".", path))
                                    : progress.value(done, named(path, names), then));
                    Map<String, @Nullable Object> args;
                    try {
                        args = Json.objectOf(binding.bindAll(step.args()));
                    } catch (Binding.Unbound e) {
                        return action.name() + ": " + e.getMessage();
                    }
                    if (!args.equals(whole.args.get(step.index()))) {
                        return action.name() + " would be called with other arguments than it was";
                    }
                }
            }
        }
        return null;
    }

    /** The outputs of the recipe that ran, by those of a recipe of the same shape. */
    private static Map<String, String> names(Recipe learned, Recipe executed) {
        Map<String, String> names = new HashMap<>();
        List<Step> ran =
                executed.actions().flatMap(action -> action.steps().stream()).toList();
        List<Step> steps =
                learned.actions().flatMap(action -> action.steps().stream()).toList();
        for (int i = 0; i < Math.min(ran.size(), steps.size()); i++) {
            String name = steps.get(i).output();
            String other = ran.get(i).output();
            if (name != null && other != null) {
                names.put(name, other);
            }
        }
        return names;
    }

    private static List<String> named(List<String> path, Map<String, String> names) {
        String name = names.get(path.get(0));
        if (name == null) {
            return path;
        }
        List<String> renamed = new ArrayList<>(path);
        renamed.set(0, name);
        return renamed;
    }
}
