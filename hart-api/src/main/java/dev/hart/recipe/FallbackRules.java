package dev.hart.recipe;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What makes the fallbacks of an action well-formed: whichever way the action is carried out, what other steps read of it is
 * there afterwards.
 */
final class FallbackRules {
    private static final int MAX_FALLBACKS = 10;

    private final RecipeNames names;
    private final Flow flow;
    private final Action action;
    private final String path;
    private final List<Problem> problems = new ArrayList<>();
    /** Outputs of the action's own steps that its fallbacks must have too. */
    private final Set<String> needed = new HashSet<>();

    private FallbackRules(RecipeNames names, Flow flow, Action action, String path) {
        this.names = names;
        this.flow = flow;
        this.action = action;
        this.path = path;
    }

    /**
     * The problems of an action's fallbacks.
     *
     * @param path of the action
     * @param outputs of the recipe
     */
    static List<Problem> problems(RecipeNames names, Flow flow, Action action, String path, List<String> outputs) {
        FallbackRules rules = new FallbackRules(names, flow, action, path);
        if (!action.fallbacks().isEmpty()) {
            rules.check(outputs);
        }
        return rules.problems;
    }

    private void add(String at, String code, String message) {
        problems.add(new Problem(at, code, message));
    }

    private void check(List<String> outputs) {
        if (action.fallbacks().size() > MAX_FALLBACKS) {
            add(path, "TOO_LARGE", "an action has at most " + MAX_FALLBACKS + " fallbacks");
        }
        boolean hints = action.fallbacks().stream()
                .allMatch(fallback -> fallback.steps().isEmpty());
        if (!hints) {
            collectNeeded(outputs);
        }
        for (int i = 0; i < action.fallbacks().size(); i++) {
            check(path + ".fallbacks[" + i + "]", action.fallbacks().get(i));
        }
    }

    private void collectNeeded(List<String> recipeOutputs) {
        for (Step step : action.steps()) {
            if (step.output() != null && recipeOutputs.contains(step.output())) {
                needed.add(step.output());
            }
        }
        names.readElsewhere(flow, action).forEach(place -> {
            String output = action.steps().get(place.index() - 1).output();
            if (output != null) {
                needed.add(output);
            } else if (place.index() < action.steps().size()) {
                add(
                        path + ".steps[" + (place.index() - 1) + "]",
                        "MISSING_OUTPUT",
                        "its result is read by another action, and the fallbacks of '" + action.name()
                                + "' must give it too: name its output, and give each fallback a step with that output");
            }
        });
    }

    private void check(String at, Fallback fallback) {
        if (fallback.text().isBlank()) {
            add(at, "EMPTY", "a fallback needs a text that says what it does");
        }
        if (fallback.steps().size() > RecipeRules.MAX_STEPS) {
            add(at, "TOO_LARGE", "a fallback has at most " + RecipeRules.MAX_STEPS + " steps");
        }
        Set<String> earlier = new HashSet<>();
        for (int s = 0; s < fallback.steps().size(); s++) {
            checkStep(at + ".steps[" + s + "]", s + 1, fallback.steps().get(s), earlier);
        }
        if (!fallback.steps().isEmpty()) {
            needed.stream()
                    .filter(output -> !earlier.contains(output))
                    .sorted()
                    .forEach(output -> add(
                            at,
                            "MISSING_OUTPUT",
                            "'" + output
                                    + "' is read by other steps, so a step of the fallback must have that output"));
        }
    }

    private void checkStep(String at, int index, Step step, Set<String> earlier) {
        if (step.index() != index) {
            add(at, "INVALID_ID", "index must be " + index + ", was " + step.index());
        }
        StepRules.problems(step).forEach(problem -> add(at, "INVALID_STEP", problem));
        for (Placeholder placeholder : Placeholder.inValue(step.args())) {
            if (!names.isKnownInFallback(flow, placeholder, earlier)) {
                add(
                        at + ".args",
                        "UNKNOWN_PLACEHOLDER",
                        placeholder + " is neither an input nor the output of a step; known are " + names.known());
            }
        }
        String output = step.output();
        if (output != null) {
            checkOutput(at, output, earlier);
            earlier.add(output);
        }
    }

    private void checkOutput(String at, String output, Set<String> earlier) {
        if (!RecipeRules.canNameAnOutput(output)) {
            add(at, "INVALID_NAME", "'" + output + "' cannot be the name of an output");
        }
        RecipeNames.@Nullable Place place = names.output(output);
        if (earlier.contains(output) || (place != null && !place.isIn(flow, action))) {
            add(at, "DUPLICATE_OUTPUT", "'" + output + "' is already the output of another step");
        }
    }
}
