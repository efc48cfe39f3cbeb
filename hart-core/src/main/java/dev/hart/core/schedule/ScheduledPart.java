package dev.hart.core.schedule;

import dev.hart.error.RecipeInvalidException;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Schedule;
import dev.hart.recipe.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What of a recipe a schedule runs, and what makes a schedule fit its recipe. */
public final class ScheduledPart {
    private static final int MAX_SCHEDULES = 100;
    private static final String INVALID = "INVALID_SCHEDULE";

    private ScheduledPart() {}

    /** What is wrong with a recipe's schedules; empty when nothing is. */
    public static List<Problem> problems(Recipe recipe) {
        List<Problem> problems = new ArrayList<>();
        List<Schedule> schedules = recipe.schedules();
        if (schedules.size() > MAX_SCHEDULES) {
            problems.add(new Problem("schedules", "TOO_LARGE", "a recipe has at most " + MAX_SCHEDULES + " schedules"));
        }
        if (!schedules.isEmpty()
                && recipe.inputs().get("required") instanceof List<?> required
                && !required.isEmpty()) {
            problems.add(new Problem(
                    "schedules",
                    INVALID,
                    "nobody gives a scheduled run its inputs, and this recipe requires " + required
                            + ": make them optional, or schedule a recipe around it"));
        }
        for (int i = 0; i < schedules.size(); i++) {
            check(recipe, schedules.get(i), "schedules[" + i + "]", problems);
        }
        return problems;
    }

    private static void check(Recipe recipe, Schedule schedule, String path, List<Problem> problems) {
        try {
            CronTimes.of(schedule.cron());
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(
                    path + ".cron",
                    INVALID,
                    "'" + schedule.cron() + "' are no five fields of a crontab, such as 0 9 * * 1-5: "
                            + e.getMessage()));
        }
        String persona = schedule.persona();
        if (!persona.isEmpty()
                && recipe.flows().stream().noneMatch(flow -> flow.persona().equals(persona))) {
            problems.add(new Problem(path + ".persona", INVALID, "no flow has the persona '" + persona + "'"));
        }
        if (isWhole(schedule)) {
            return;
        }
        if (recipe.flows().size() > 1) {
            problems.add(new Problem(
                    path, INVALID, "only of a recipe with one flow can a part be scheduled; this one has several"));
            return;
        }
        List<Integer> order =
                order(recipe.flows().get(0)).stream().map(Action::actionId).toList();
        int from = place(order, schedule.entryActionId(), 0, path + ".entryActionId", problems);
        int to = place(order, schedule.exitActionId(), order.size() - 1, path + ".exitActionId", problems);
        if (from < 0 || to < 0) {
            return;
        }
        if (from > to) {
            problems.add(new Problem(path, INVALID, "its exit action runs before its entry action"));
            return;
        }
        try {
            of(recipe, schedule);
        } catch (RecipeInvalidException e) {
            e.problems()
                    .forEach(problem -> problems.add(
                            new Problem(path, INVALID, "its part cannot run by itself: " + problem.message())));
        }
    }

    private static int place(
            List<Integer> order, @Nullable Integer action, int otherwise, String path, List<Problem> problems) {
        int place = action == null ? otherwise : order.indexOf(action);
        if (place < 0) {
            problems.add(new Problem(path, INVALID, "there is no action " + action));
        }
        return place;
    }

    private static boolean isWhole(Schedule schedule) {
        return schedule.entryActionId() == null && schedule.exitActionId() == null;
    }

    private static List<Action> order(Flow flow) {
        return flow.waves().stream().flatMap(List::stream).toList();
    }

    /** The recipe that a schedule's runs carry out: the recipe itself, or its actions from entry to exit. */
    static Recipe of(Recipe recipe, Schedule schedule) {
        if (isWhole(schedule)) {
            return recipe;
        }
        Flow flow = recipe.flows().get(0);
        List<Action> order = order(flow);
        List<Integer> ids = order.stream().map(Action::actionId).toList();
        int from = schedule.entryActionId() == null ? 0 : ids.indexOf(schedule.entryActionId());
        int to = schedule.exitActionId() == null ? ids.size() - 1 : ids.indexOf(schedule.exitActionId());
        Set<Integer> inside = Set.copyOf(ids.subList(from, to + 1));
        List<Action> actions = flow.actions().stream()
                .filter(action -> inside.contains(action.actionId()))
                .map(action -> new Action(
                        action.actionId(),
                        action.name(),
                        action.description(),
                        action.dependsOn().stream().filter(inside::contains).toList(),
                        action.steps(),
                        action.fallbacks(),
                        action.trainedDuration()))
                .toList();
        return new Recipe(
                recipe.name(),
                recipe.goal(),
                recipe.intents(),
                recipe.inputs(),
                outputs(recipe, actions),
                List.of(new Flow(
                        flow.flowId(), flow.name(), flow.persona(), flow.subGoal(), flow.dependsOn(), actions)));
    }

    /** The outputs that these actions give. */
    private static Map<String, @Nullable Object> outputs(Recipe recipe, List<Action> actions) {
        Set<String> given = actions.stream()
                .flatMap(action -> action.steps().stream())
                .map(Step::output)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        if (recipe.outputs().get("properties") instanceof Map<?, ?> all) {
            all.forEach((name, schema) -> {
                if (given.contains(name)) {
                    properties.put(String.valueOf(name), schema);
                }
            });
        }
        Map<String, @Nullable Object> outputs = new LinkedHashMap<>(recipe.outputs());
        outputs.put("properties", properties);
        outputs.put("required", List.copyOf(properties.keySet()));
        return outputs;
    }
}
