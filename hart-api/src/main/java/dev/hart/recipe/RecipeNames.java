package dev.hart.recipe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the placeholders of a recipe may read: its inputs, and the results of its actions' own steps. */
final class RecipeNames {
    private final List<Flow> flows;
    private final Set<String> inputs;
    private final Map<String, Place> outputs = new HashMap<>();
    /** Found when first asked for. */
    private @Nullable List<Read> reads;

    /** One of an action's own steps. */
    record Place(int flowId, int actionId, int index) {
        boolean isIn(Flow flow, Action action) {
            return flowId == flow.flowId() && actionId == action.actionId();
        }
    }

    /** That an action reads a step; of the reader's place only the action counts. */
    private record Read(Place reader, Place place) {}

    RecipeNames(List<Flow> flows, List<String> inputs) {
        this.flows = flows;
        this.inputs = new LinkedHashSet<>(inputs);
        for (Flow flow : flows) {
            for (Action action : flow.actions()) {
                for (Step step : action.steps()) {
                    if (step.output() != null) {
                        outputs.putIfAbsent(step.output(), new Place(flow.flowId(), action.actionId(), step.index()));
                    }
                }
            }
        }
    }

    boolean isInput(String name) {
        return inputs.contains(name);
    }

    /** The step that has that output; null when none has. */
    @Nullable
    Place output(String name) {
        return outputs.get(name);
    }

    /** All that may be read, in words. */
    String known() {
        List<String> names = new ArrayList<>();
        inputs.forEach(input -> names.add("inputs." + input));
        outputs.keySet().stream().sorted().forEach(names::add);
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    /** Whether a placeholder has a value once all that is before a step is done. */
    boolean isKnown(Flow flow, Action action, Step step, Placeholder placeholder) {
        if (!isStep(placeholder)) {
            return isKnownBesideSteps(placeholder);
        }
        Place place = placeOf(flow, placeholder);
        return place != null && (!place.isIn(flow, action) || place.index() < step.index());
    }

    /** The same for a step of a fallback, which may read what the action's own steps came to before they failed. */
    boolean isKnownInFallback(Flow flow, Placeholder placeholder, Set<String> earlier) {
        return isStep(placeholder)
                ? earlier.contains(placeholder.root()) || placeOf(flow, placeholder) != null
                : isKnownBesideSteps(placeholder);
    }

    private static boolean isStep(Placeholder placeholder) {
        return switch (placeholder.root()) {
            case "inputs", "run", "clock" -> false;
            default -> true;
        };
    }

    private boolean isKnownBesideSteps(Placeholder placeholder) {
        List<String> path = placeholder.path();
        return switch (placeholder.root()) {
            case "inputs" -> path.size() >= 2 && inputs.contains(path.get(1));
            case "run" -> path.equals(List.of("run", "id"));
            default -> path.equals(List.of("clock", "now"));
        };
    }

    /** The step that a placeholder reads, or null when it reads something else. */
    @Nullable
    Place placeOf(Flow flow, Placeholder placeholder) {
        if (!placeholder.root().equals("steps")) {
            return outputs.get(placeholder.root());
        }
        List<String> path = placeholder.path();
        if (path.size() < 3) {
            return null;
        }
        return flow.actions().stream()
                .filter(action -> String.valueOf(action.actionId()).equals(path.get(1)))
                .flatMap(action -> action.steps().stream()
                        .filter(step -> String.valueOf(step.index()).equals(path.get(2)))
                        .map(step -> new Place(flow.flowId(), action.actionId(), step.index())))
                .findFirst()
                .orElse(null);
    }

    /** What the steps of other actions read of an action. */
    Set<Place> readElsewhere(Flow flow, Action action) {
        Set<Place> places = new LinkedHashSet<>();
        for (Read read : reads()) {
            if (read.place().isIn(flow, action) && !read.reader().isIn(flow, action)) {
                places.add(read.place());
            }
        }
        return places;
    }

    private List<Read> reads() {
        List<Read> known = reads;
        if (known == null) {
            known = new ArrayList<>();
            for (Flow flow : flows) {
                for (Action action : flow.actions()) {
                    Place reader = new Place(flow.flowId(), action.actionId(), 0);
                    for (Step step : action.allSteps().toList()) {
                        for (Placeholder placeholder : Placeholder.inValue(step.args())) {
                            Place place = placeOf(flow, placeholder);
                            if (place != null) {
                                known.add(new Read(reader, place));
                            }
                        }
                    }
                }
            }
            reads = known;
        }
        return known;
    }
}
