package dev.hart.testing;

import dev.hart.Run;
import dev.hart.json.Json;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a run did, as text that is the same each time it does the same: no ids, no times, and its actions in the order of their
 * numbers, in whatever order they ended.
 */
final class GoldenText {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern INSTANT =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})");

    private final StringBuilder text = new StringBuilder();

    private GoldenText() {}

    /** The text of an ended run, whose runtime must be open. */
    static String of(Run run) {
        RunRecord record = RunRecord.of(run);
        GoldenText golden = new GoldenText();
        golden.line("%s run, %s%s"
                .formatted(
                        run.mode(),
                        run.state(),
                        run.failure().map(e -> " with " + e.code()).orElse("")));
        golden.line("request: " + run.request());
        golden.line("inputs: " + JsonText.compact(record.header().get("inputs")));
        golden.steps(record.events());
        if (run.failure().isEmpty()) {
            golden.line("outputs: " + JsonText.compact(run.outputs()));
        } else {
            golden.line("failure: "
                    + run.failure().map(e -> String.valueOf(e.getMessage())).orElseThrow());
        }
        golden.modelCalls(record.events());
        return INSTANT.matcher(UUID.matcher(golden.text).replaceAll("<id>")).replaceAll("<time>");
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private void steps(List<RunRecord.Event> events) {
        Map<String, StringBuilder> actions =
                new TreeMap<>(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        for (RunRecord.Event event : events) {
            String line = line(event);
            if (line != null) {
                actions.computeIfAbsent(event.task(), task -> new StringBuilder())
                        .append(line);
            }
        }
        actions.forEach((action, lines) -> text.append(action).append('\n').append(lines));
    }

    private static @Nullable String line(RunRecord.Event event) {
        Map<String, @Nullable Object> payload = event.payload();
        return switch (event.type()) {
            case "STEP_STARTED" -> {
                Object tool = payload.get("tool");
                yield "  %s, attempt %s: %s%s %s %s\n"
                        .formatted(
                                RunRecord.step(payload),
                                payload.get("attempt"),
                                payload.get("kind"),
                                tool == null ? "" : " " + tool,
                                payload.get("effect"),
                                JsonText.compact(payload.get("args")));
            }
            case "STEP_FINISHED" ->
                "    %s %s\n"
                        .formatted(
                                payload.get("keptFrom") != null
                                        ? "kept"
                                        : payload.get("given") != null ? "given" : "gave",
                                JsonText.compact(payload.get("output")));
            case "STEP_FAILED" -> "    failed with %s: %s\n".formatted(payload.get("code"), payload.get("message"));
            case "ASKED" -> "    asked\n";
            case "ANSWERED" ->
                payload.get("decision") == null
                        ? "    answered %s\n".formatted(JsonText.compact(payload.get("value")))
                        : "    in doubt, decided: %s\n".formatted(payload.get("decision"));
            case "REPAIRED" -> "    planned anew: %s\n".formatted(JsonText.compact(payload.get("plan")));
            case "UPDATED" -> "    updated, definition %s\n".formatted(payload.get("definition"));
            case "BROKEN_DOWN" -> "    broken down: %s\n".formatted(JsonText.compact(payload.get("subtasks")));
            case "APPROVED" -> "    approved\n";
            case "REJECTED" -> "    rejected\n";
            default -> null;
        };
    }

    private void modelCalls(List<RunRecord.Event> events) {
        Map<String, Integer> purposes = new TreeMap<>();
        for (RunRecord.Event event : events) {
            if (event.type().equals("MODEL_CALLED")) {
                purposes.merge(purpose(event.payload()), 1, Integer::sum);
            } else if (event.type().equals("RUN_STARTED")
                    && event.payload().get("planning") instanceof List<?> planning) {
                planning.forEach(
                        call -> purposes.merge(purpose((Map<?, ?>) Objects.requireNonNull(call)), 1, Integer::sum));
            }
        }
        line("model calls: " + (purposes.isEmpty() ? "none" : JsonText.compact(Json.valueOf(purposes))));
    }

    private static String purpose(Map<?, ?> call) {
        return String.valueOf(call.get("purpose"));
    }
}
