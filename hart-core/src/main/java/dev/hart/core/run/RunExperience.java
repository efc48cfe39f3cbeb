package dev.hart.core.run;

import dev.hart.RunReport.Source;
import dev.hart.Spark;
import dev.hart.core.model.ModelCall;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.ActionExperience.FallbackCount;
import dev.hart.recipe.ActionExperience.FallbackUse;
import dev.hart.recipe.ActionExperience.ToolUse;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.StepKind;
import dev.hart.security.SecretRedactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the actions of one run went, counted from its journal event by event: what the recipe's experience grows by when the run
 * ends. Steps whose results were kept or given count for nothing. Not thread-safe: one thread drives a run.
 */
final class RunExperience {
    /** Values shorter than this are words that a message may have anyway. */
    private static final int SHORTEST_VALUE = 3;

    private static final int LONGEST_DEAD_END = 300;

    private final Map<String, Tally> byTask = new HashMap<>();

    private static final class Tally {
        long attempts;
        long successes;
        long millis;
        /** Since the last end of the action. */
        long spent;
        /** Whether a step was started since the last end. */
        boolean performed;

        long modelCalls;
        Spark cost = Spark.ZERO;
        /** The tool that was called last; null for a step of another kind. */
        @Nullable
        String tool;
        /** Whether a person gives the result of the open step, by an answer or instead of a call. */
        boolean given;
        /** The fallback that is being tried, from 1; 0 for the action's own steps. */
        int fallback;
        /** Uses of fallbacks that came to an end, oldest first. */
        final List<Map.Entry<Integer, Boolean>> fallbacks = new ArrayList<>();

        /** Oldest first. */
        final List<String> deadEnds = new ArrayList<>();

        final Map<String, ToolUse> tools = new LinkedHashMap<>();

        void called(boolean success, long ms) {
            spent += ms;
            if (tool != null) {
                tools.merge(tool, new ToolUse(1, success ? 1 : 0, Duration.ofMillis(ms)), ToolUse::plus);
            }
        }

        void asked(StepCall.@Nullable Spent inside) {
            if (inside != null) {
                modelCalls += inside.modelCalls();
                cost = cost.plus(inside.cost());
            }
        }

        /** A fallback that another one follows has not worked. */
        void takes(int next) {
            if (next != fallback && fallback > 0) {
                fallbacks.add(Map.entry(fallback, false));
            }
            fallback = next;
        }

        void ended(boolean success) {
            if (fallback > 0) {
                fallbacks.add(Map.entry(fallback, success));
                fallback = 0;
            }
            attempts++;
            successes += success ? 1 : 0;
            millis += spent;
            spent = 0;
            performed = false;
        }
    }

    /** Takes an event in. */
    void apply(JournalEntry entry, Payload payload) {
        switch (entry.type()) {
            case STEP_STARTED -> {
                Tally tally = tally(entry);
                tally.performed = true;
                tally.takes(payload.fallback());
                tally.tool = payload.optionalText("tool");
                tally.given = StepKind.ASK.name().equals(payload.optionalText("kind"));
            }
            case STEP_FINISHED -> {
                Tally tally = tally(entry);
                if (payload.source() == Source.PERFORMED && !tally.given) {
                    tally.called(true, payload.number("ms"));
                    tally.asked(payload.inside());
                }
            }
            case STEP_FAILED -> {
                Tally tally = tally(entry);
                if (payload.isUnapproved()) {
                    return;
                }
                tally.called(false, tally.given ? 0 : payload.number("ms"));
                tally.asked(payload.inside());
                tally.deadEnds.add(payload.text("code") + ": " + payload.text("message"));
            }
            case ANSWERED -> {
                if ("take_as_done".equals(payload.optionalText("decision"))) {
                    tally(entry).given = true;
                }
            }
            case MODEL_CALLED -> {
                ModelCall call = Payload.modelCall(entry.payload());
                if (call.purpose().equals("step")) {
                    Tally tally = tally(entry);
                    tally.modelCalls++;
                    tally.cost = tally.cost.plus(call.cost());
                }
            }
            case ACTION_STATE_CHANGED -> {
                String to = payload.text("to");
                if (to.equals(ActionState.ERROR.wireName())) {
                    failed(tally(entry), payload.text("reason"));
                } else if (to.equals(ActionState.COMPLETED.wireName())) {
                    Tally tally = tally(entry);
                    if (tally.performed) {
                        tally.ended(true);
                    }
                }
            }
            default -> {}
        }
    }

    private Tally tally(JournalEntry entry) {
        return byTask.computeIfAbsent(entry.task(), task -> new Tally());
    }

    /** The reason of an error that a call caused ends with the words of that call. */
    private static void failed(Tally tally, String reason) {
        boolean known = !tally.deadEnds.isEmpty() && isSaidIn(tally.deadEnds.get(tally.deadEnds.size() - 1), reason);
        if (!known) {
            tally.deadEnds.add(reason);
        }
        tally.ended(false);
    }

    private static boolean isSaidIn(String deadEnd, String reason) {
        int colon = deadEnd.indexOf(": ");
        return reason.startsWith(deadEnd.substring(0, colon)) && reason.endsWith(deadEnd.substring(colon + 2));
    }

    /** What the run adds to the experience, action by action; those that never came to an end are left out. */
    List<ActionExperience> gained(RunProgress run) {
        List<ActionExperience> gained = new ArrayList<>();
        run.actions().forEach(action -> {
            Tally tally = whole(action);
            if (tally != null && tally.attempts > 0) {
                gained.add(new ActionExperience(
                        action.ref.flowId(),
                        action.ref.actionId(),
                        action.action.name(),
                        tally.attempts,
                        tally.successes,
                        Duration.ofMillis(tally.millis),
                        tally.modelCalls,
                        tally.cost,
                        tally.deadEnds.isEmpty() ? List.of() : deadEnds(tally, run.plan),
                        fallbacks(tally, action.action.fallbacks()),
                        tally.tools,
                        counts(tally, action.action.fallbacks())));
            }
        });
        return gained;
    }

    /** How long the calls of an action and its subtasks took so far; null when it made none. */
    @Nullable
    Duration time(ActionProgress action) {
        Tally tally = whole(action);
        return tally == null || tally.attempts == 0 ? null : Duration.ofMillis(tally.millis);
    }

    /** What an action took with its subtasks; null when nothing was done for it. */
    private @Nullable Tally whole(ActionProgress action) {
        Tally own = byTask.get(action.ref.taskId());
        if (own == null || action.subtasks().isEmpty()) {
            return own;
        }
        Tally whole = new Tally();
        whole.attempts = own.attempts;
        whole.successes = own.successes;
        whole.fallbacks.addAll(own.fallbacks);
        for (ActionProgress each : action.all()) {
            Tally part = byTask.get(each.ref.taskId());
            if (part != null) {
                whole.millis += part.millis;
                whole.modelCalls += part.modelCalls;
                whole.cost = whole.cost.plus(part.cost);
                whole.deadEnds.addAll(part.deadEnds);
                part.tools.forEach((tool, use) -> whole.tools.merge(tool, use, ToolUse::plus));
            }
        }
        return whole;
    }

    /** All of them, also those that are more than are kept one by one. */
    private static Map<String, FallbackCount> counts(Tally tally, List<Fallback> known) {
        Map<String, FallbackCount> counts = new LinkedHashMap<>();
        tally.fallbacks.forEach(use -> counts.merge(
                known.get(use.getKey() - 1).text(), new FallbackCount(1, use.getValue() ? 1 : 0), FallbackCount::plus));
        return counts;
    }

    /** Newest first. */
    private static List<FallbackUse> fallbacks(Tally tally, List<Fallback> known) {
        List<FallbackUse> uses = new ArrayList<>();
        for (Map.Entry<Integer, Boolean> use : tally.fallbacks) {
            uses.add(0, new FallbackUse(known.get(use.getKey() - 1).text(), use.getValue()));
        }
        return uses.subList(0, Math.min(uses.size(), ActionExperience.MAX_FALLBACKS));
    }

    /** Newest first, each once, without secrets and with the names of inputs in the place of their values. */
    private static List<String> deadEnds(Tally tally, RunPlan plan) {
        Map<String, String> names = names(plan);
        Pattern values = Pattern.compile(names.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
        SecretRedactor redactor = new SecretRedactor();
        List<String> deadEnds = new ArrayList<>();
        for (int i = tally.deadEnds.size() - 1; i >= 0 && deadEnds.size() < ActionExperience.MAX_DEAD_ENDS; i--) {
            String text = tally.deadEnds.get(i);
            if (!names.isEmpty()) {
                text = values.matcher(text)
                        .replaceAll(found -> Matcher.quoteReplacement("{{inputs." + names.get(found.group()) + "}}"));
            }
            text = redactor.redact(text);
            text = text.length() <= LONGEST_DEAD_END ? text : text.substring(0, LONGEST_DEAD_END - 1) + "…";
            if (!deadEnds.contains(text)) {
                deadEnds.add(text);
            }
        }
        return deadEnds;
    }

    /** The inputs' names by their values, as far as these are texts that a message would not have by chance. */
    private static Map<String, String> names(RunPlan plan) {
        Map<String, String> names = new LinkedHashMap<>();
        plan.inputs().values().forEach((input, value) -> name(names, input, value));
        plan.taken().forEach(taken -> name(names, taken.input(), taken.value()));
        return names;
    }

    private static void name(Map<String, String> names, String input, @Nullable Object value) {
        if (value instanceof String text && text.strip().length() >= SHORTEST_VALUE) {
            names.putIfAbsent(text, input);
        }
    }
}
