package dev.hart.testing;

import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunReport;
import dev.hart.RunReport.Source;
import dev.hart.RunReport.StepReport;
import dev.hart.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs and events as text for people who look at a failed test. */
final class RunText {
    private static final int LONGEST_VALUE = 200;

    private RunText() {}

    /** What a run did, over several lines. */
    static String of(Run run) {
        RunReport report = run.report();
        StringBuilder text = new StringBuilder();
        text.append("%s run %s %s after %d ms: %s, %d tokens, %s Spark, %s\n"
                .formatted(
                        run.mode(),
                        run.id(),
                        run.state(),
                        run.elapsed().toMillis(),
                        counted(report.modelCalls(), "model call"),
                        report.tokens().total(),
                        report.cost(),
                        counted(report.commits(), "commit")));
        text.append("  request: ").append(shortened(run.request())).append('\n');
        run.recipe()
                .ifPresent(recipe ->
                        text.append("  recipe: ").append(recipe.label()).append('\n'));
        if (report.steps().isEmpty()) {
            text.append("  no step ended\n");
        }
        int number = 0;
        for (StepReport step : report.steps()) {
            text.append("  ").append(++number).append(". ").append(of(step)).append('\n');
        }
        run.failure()
                .ifPresent(e -> text.append("  failure: ")
                        .append(e.code())
                        .append(": ")
                        .append(e.getMessage())
                        .append('\n'));
        if (run.state() == RunState.SUCCEEDED) {
            text.append("  output: ").append(value(run.output())).append('\n');
        }
        report.notes().forEach(note -> text.append("  note: ").append(note).append('\n'));
        return text.toString();
    }

    private static String of(StepReport step) {
        if (step.source() != Source.PERFORMED) {
            return "%s[%d] %s%s, %s"
                    .formatted(
                            step.action(),
                            step.index(),
                            step.kind(),
                            step.tool() == null ? "" : " " + step.tool(),
                            step.source().name().toLowerCase(Locale.ROOT));
        }
        return "%s[%d] %s%s, %s, %d ms%s"
                .formatted(
                        step.action(),
                        step.index(),
                        step.kind(),
                        step.tool() == null ? "" : " " + step.tool(),
                        counted(step.attempts(), "attempt"),
                        step.millis(),
                        step.resultReused() ? ", result reused" : "");
    }

    /** What happened when, run by run, in milliseconds from the first event. */
    static String timeline(List<RunEvent> events) {
        Map<String, List<RunEvent>> runs = new LinkedHashMap<>();
        events.forEach(event ->
                runs.computeIfAbsent(event.runId(), id -> new ArrayList<>()).add(event));
        StringBuilder text = new StringBuilder();
        runs.forEach((id, ofRun) -> {
            text.append("run ").append(id).append('\n');
            Instant start = ofRun.get(0).at();
            for (RunEvent event : ofRun) {
                text.append("%8d ms  %-14s %-22s %s"
                        .formatted(
                                Duration.between(start, event.at()).toMillis(),
                                event.action(),
                                event.type().wireName(),
                                event.data().isEmpty() ? "" : value(event.data()))
                        .stripTrailing());
                text.append('\n');
            }
        });
        return text.toString();
    }

    static String value(@Nullable Object value) {
        return shortened(JsonText.compact(value));
    }

    private static String counted(int count, String what) {
        return String.format(Locale.ROOT, "%d %s%s", count, what, count == 1 ? "" : "s");
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE - 1) + "…";
    }
}
