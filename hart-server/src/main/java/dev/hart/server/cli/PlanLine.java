package dev.hart.server.cli;

import dev.hart.server.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One step of a plan, as a person reads it.
 *
 * @param task the name of its action in the run's events
 * @param action the action's own name
 */
record PlanLine(String task, String action, int step, String does, String arguments) {
    private static final int LONGEST = 100;

    /** The steps of the content of a {@code hart.recipe/1} document, with the inputs in their places. */
    static List<PlanLine> of(Map<String, @Nullable Object> recipe, Map<?, ?> inputs) {
        List<PlanLine> lines = new ArrayList<>();
        for (Map<?, ?> flow : objects(recipe.get("flows"))) {
            String prefix = number(flow.get("flowId")) == 0 ? "" : "f" + number(flow.get("flowId")) + "_";
            for (Map<?, ?> action : objects(flow.get("actions"))) {
                for (Map<?, ?> step : objects(action.get("steps"))) {
                    Object tool = step.get("tool");
                    lines.add(new PlanLine(
                            prefix + "action_" + number(action.get("actionId")),
                            String.valueOf(action.get("name")),
                            (int) number(step.get("index")),
                            tool == null ? String.valueOf(step.get("kind")) : tool.toString(),
                            arguments(step.get("args"), inputs)));
                }
            }
        }
        return lines;
    }

    private static String arguments(@Nullable Object args, Map<?, ?> inputs) {
        if (!(args instanceof Map<?, ?> map)) {
            return "";
        }
        String text = map.entrySet().stream()
                .map(argument -> argument.getKey() + "=" + JsonText.write(argument.getValue()))
                .collect(Collectors.joining("  "));
        for (Map.Entry<?, ?> input : inputs.entrySet()) {
            String slot = "{{inputs." + input.getKey() + "}}";
            text = text.replace("\"" + slot + "\"", JsonText.write(input.getValue()))
                    .replace(slot, String.valueOf(input.getValue()));
        }
        return Terminal.shorten(text, LONGEST);
    }

    private static List<Map<?, ?>> objects(@Nullable Object list) {
        List<Map<?, ?>> objects = new ArrayList<>();
        if (list instanceof List<?> items) {
            items.forEach(item -> {
                if (item instanceof Map<?, ?> object) {
                    objects.add(object);
                }
            });
        }
        return objects;
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }
}
