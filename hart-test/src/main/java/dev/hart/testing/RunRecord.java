package dev.hart.testing;

import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.tool.Effect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the journal of an ended run says, read from its evidence.
 *
 * @param header what was asked, and how it ended
 * @param calls of tools, in the order of their starts
 */
record RunRecord(Map<String, @Nullable Object> header, List<Event> events, List<Call> calls) {
    /** The code of a failure that a tool did not declare: it may have had its effect. */
    private static final String THREW = "TOOL_THREW";

    private static final String OK = "OK";
    private static final String RUN_AGAIN = "run_again";
    private static final Set<String> TYPES =
            Arrays.stream(RunEvent.Type.values()).map(RunEvent.Type::name).collect(Collectors.toUnmodifiableSet());

    /** An event of the journal; {@code type} as in {@link RunEvent.Type}. */
    record Event(String task, String type, Map<String, @Nullable Object> payload) {}

    /**
     * One attempt to call a tool.
     *
     * @param step the action, and the place of the step in it
     * @param code {@code OK}, why it failed, {@code run_again} when a person said that it had no effect, or null when it was cut
     *     off
     */
    record Call(
            String step,
            String tool,
            Effect effect,
            String key,
            @Nullable String code) {
        Call with(String code) {
            return new Call(step, tool, effect, key, code);
        }

        boolean mayHaveHadEffect() {
            return effect != Effect.READ && (code == null || code.equals(OK) || code.equals(THREW));
        }
    }

    /**
     * Reads it; the runtime of the run must be open.
     *
     * @throws dev.hart.error.RunPausedException when the run waits for a person
     */
    static RunRecord of(Run run) {
        Map<String, @Nullable Object> header = Map.of();
        List<Event> events = new ArrayList<>();
        String text = new String(run.evidence().bytes(), StandardCharsets.UTF_8);
        for (String line : text.lines().toList()) {
            Map<String, @Nullable Object> json = object(JsonText.parse(line.substring(line.indexOf(' ') + 1)));
            if ("header".equals(json.get("record"))) {
                header = json;
            } else if (json.get("record") == null) {
                events.add(new Event(text(json, "task_id"), text(json, "type"), object(json.get("payload"))));
            }
        }
        return new RunRecord(header, events, calls(events));
    }

    private static List<Call> calls(List<Event> events) {
        List<Call> calls = new ArrayList<>();
        Map<String, Integer> open = new HashMap<>();
        for (Event event : events) {
            Map<String, @Nullable Object> payload = event.payload();
            Integer index = open.get(event.task());
            switch (event.type()) {
                case "STEP_STARTED" -> {
                    open.remove(event.task());
                    if (payload.get("tool") != null) {
                        open.put(event.task(), calls.size());
                        calls.add(new Call(
                                event.task() + " " + step(payload),
                                text(payload, "tool"),
                                Effect.valueOf(text(payload, "effect")),
                                text(payload, "key"),
                                null));
                    }
                }
                case "STEP_FINISHED" -> close(calls, index, OK);
                case "STEP_FAILED" -> close(calls, index, text(payload, "code"));
                case "ANSWERED" -> {
                    if (RUN_AGAIN.equals(payload.get("decision"))) {
                        close(calls, index, RUN_AGAIN);
                    }
                }
                default -> {}
            }
        }
        return calls;
    }

    /** The place of a step in its action, or in one of the action's fallbacks. */
    static String step(Map<String, @Nullable Object> payload) {
        Object fallback = payload.get("fallback");
        return (fallback == null ? "" : "fallback " + fallback + " ") + "step " + payload.get("step");
    }

    private static void close(List<Call> calls, @Nullable Integer index, String code) {
        if (index != null) {
            calls.set(index, calls.get(index).with(code));
        }
    }

    /** The calls that changed something, or may have, by the names of their tools. */
    List<String> effects() {
        return calls.stream().filter(Call::mayHaveHadEffect).map(Call::tool).toList();
    }

    List<Call> callsOf(String tool) {
        return calls.stream().filter(call -> call.tool().equals(tool)).toList();
    }

    /** Each event as action and type on the wire. */
    List<String> eventNames() {
        return events.stream()
                .filter(event -> TYPES.contains(event.type()))
                .map(event ->
                        event.task() + " " + RunEvent.Type.valueOf(event.type()).wireName())
                .toList();
    }

    /** What is wrong with the idempotency keys; null when each step has one of its own. */
    @Nullable
    String keyProblem() {
        Map<String, String> keyOf = new HashMap<>();
        Map<String, String> stepOf = new HashMap<>();
        for (Call call : calls) {
            String before = keyOf.putIfAbsent(call.step(), call.key());
            if (before != null && !before.equals(call.key())) {
                return "%s used %s and %s".formatted(call.step(), before, call.key());
            }
            String other = stepOf.putIfAbsent(call.key(), call.step());
            if (other != null && !other.equals(call.step())) {
                return "%s and %s both used %s".formatted(other, call.step(), call.key());
            }
        }
        return null;
    }

    private static String text(Map<String, @Nullable Object> json, String field) {
        return (String) Objects.requireNonNull(json.get(field), field);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> object(@Nullable Object value) {
        return (Map<String, @Nullable Object>) Objects.requireNonNull(value);
    }
}
