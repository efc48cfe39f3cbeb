package dev.hart.core.recipe;

import dev.hart.core.schedule.ScheduledPart;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Schedule;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The schedules among the reference's files. Its weekdays begin with Monday as 0, where a crontab has 1; it reads a day of the
 * month and one of the week as both, where a crontab has either; and its jobs run in the zone of its machine, which no file
 * names. What cannot be said as a schedule of the recipe becomes a note.
 */
final class ReferenceSchedules {
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final int FIELDS = 5;
    private static final Pattern DAYS = Pattern.compile("(\\*|[0-6])(?:-([0-6]))?(?:/(\\d{1,2}))?");

    private final UnaryOperator<String> words;
    /** With what each belongs to; the same one stands in the files of a flow and of its action. */
    private final Map<Schedule, String> found = new LinkedHashMap<>();

    private final List<String> refused = new ArrayList<>();

    /** @param words makes a text of the reference one of a recipe */
    ReferenceSchedules(UnaryOperator<String> words) {
        this.words = words;
    }

    /**
     * Reads those of a flow or an action.
     *
     * @param actionId the action; null for a flow
     */
    void read(ReferenceJson json, @Nullable Integer actionId, String what) {
        json.objects("scheduled_tasks").forEach(task -> add(Schedule.Kind.TIME, task, actionId, what));
        json.objects("visual_scheduled_tasks").forEach(task -> add(Schedule.Kind.VISUAL, task, actionId, what));
    }

    private void add(Schedule.Kind kind, ReferenceJson task, @Nullable Integer actionId, String what) {
        String theirs = task.text("cron_expression").strip();
        String cron;
        try {
            cron = crontab(theirs);
        } catch (IllegalArgumentException e) {
            refused.add(note(what, theirs, e.getMessage()));
            return;
        }
        Integer entry = action(task, "action_entry_point");
        Integer exit = action(task, "action_exit_point");
        boolean alone = entry == null && exit == null;
        Schedule schedule = new Schedule(
                kind,
                cron,
                UTC,
                words.apply(task.text("persona")),
                alone ? actionId : entry,
                alone ? actionId : exit,
                words.apply(task.text("job_description")));
        found.putIfAbsent(schedule, what);
    }

    private static @Nullable Integer action(ReferenceJson task, String field) {
        return task.value().get(field) == null || task.number(field) == 0 ? null : task.number(field);
    }

    /** The recipe with those that it can have; a note for each. */
    Recipe addTo(Recipe recipe, List<String> notes) {
        List<Schedule> taken = new ArrayList<>();
        found.forEach((schedule, what) -> {
            List<Problem> problems = recipe.flows().size() > 1
                    ? List.of(new Problem(
                            "", "", "it ran one flow, and a recipe of several is only scheduled as a whole"))
                    : ScheduledPart.problems(with(recipe, List.of(schedule)));
            if (problems.isEmpty()) {
                taken.add(schedule);
                notes.add(
                        "%s is scheduled at '%s' in UTC: look at the zone; it runs from when the draft is saved as trained"
                                .formatted(what, schedule.cron()));
            } else {
                notes.add(note(what, schedule.cron(), problems.get(0).message()));
            }
        });
        notes.addAll(refused);
        return with(recipe, taken);
    }

    private static String note(String what, String cron, @Nullable String why) {
        return what + " had a schedule, '" + cron + "', which is not taken over: " + why;
    }

    private static Recipe with(Recipe recipe, List<Schedule> schedules) {
        return new Recipe(
                recipe.name(),
                recipe.goal(),
                recipe.intents(),
                recipe.inputs(),
                recipe.outputs(),
                recipe.flows(),
                schedules);
    }

    /**
     * Five fields of the reference as those of a crontab.
     *
     * @throws IllegalArgumentException when a crontab has no equal
     */
    static String crontab(String theirs) {
        String[] fields = theirs.split("\\s+");
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("it has no five fields");
        }
        String days = fields[FIELDS - 1];
        if (!days.equals("*") && !fields[2].equals("*")) {
            throw new IllegalArgumentException(
                    "it means a day that is both of the month and of the week, which no crontab can say");
        }
        List<String> ours = new ArrayList<>();
        for (String part : days.split(",", -1)) {
            Matcher matcher = DAYS.matcher(part);
            ours.add(matcher.matches() ? days(matcher.toMatchResult()) : part);
        }
        fields[FIELDS - 1] = String.join(",", ours);
        return String.join(" ", fields);
    }

    /** 0 is Monday there, 1 here; 7 is Sunday here as 0 is, so that what follows each other still does. */
    private static String days(MatchResult days) {
        String step = days.group(3) == null ? "" : "/" + days.group(3);
        if (days.group(1).equals("*")) {
            return step.isEmpty() ? "*" : "1-7" + step;
        }
        String first = later(days.group(1));
        return days.group(2) == null ? first + step : first + "-" + later(days.group(2)) + step;
    }

    private static String later(String day) {
        return String.valueOf(Integer.parseInt(day) + 1);
    }
}
