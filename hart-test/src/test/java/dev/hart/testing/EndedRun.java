package dev.hart.testing;

import dev.hart.Evidence;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunReport;
import dev.hart.RunReport.Source;
import dev.hart.RunReport.StepReport;
import dev.hart.RunState;
import dev.hart.Savings;
import dev.hart.Spark;
import dev.hart.error.HartException;
import dev.hart.json.Json;
import dev.hart.model.TokenCount;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.StepKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A run written down by hand, for tests of assertions. */
record EndedRun(RunState state, Mode mode, Map<String, Object> outputs, HartException cause, RunReport report)
        implements Run {
    static final StepReport READ =
            new StepReport("action_1", 1, StepKind.TOOL, "csv.read", 2, 7, false, Source.PERFORMED);
    static final StepReport SUM = new StepReport("action_2", 1, StepKind.TOOL, "csv.sum", 1, 3, true, Source.PERFORMED);
    static final StepReport SHAPE =
            new StepReport("action_3", 1, StepKind.TRANSFORM, null, 1, 0, false, Source.PERFORMED);

    static EndedRun succeeded(Map<String, Object> outputs, StepReport... steps) {
        return new EndedRun(RunState.SUCCEEDED, Mode.REUSE, outputs, null, report(0, Spark.ZERO, steps));
    }

    static EndedRun ended(RunState state, HartException cause, StepReport... steps) {
        return new EndedRun(state, Mode.CREATE, Map.of(), cause, report(2, new Spark(600_000), steps));
    }

    private static RunReport report(int modelCalls, Spark cost, StepReport... steps) {
        return new RunReport(
                List.of(steps),
                modelCalls,
                new TokenCount(100L * modelCalls, 25L * modelCalls),
                cost,
                steps.length + 1,
                modelCalls == 0 ? List.of() : List.of("two candidates were too close"));
    }

    @Override
    public String id() {
        return "0193";
    }

    @Override
    public String request() {
        return "Add up column amount of sales.csv";
    }

    @Override
    public Optional<RecipeVersion> recipe() {
        return Optional.empty();
    }

    @Override
    public Object output() {
        if (cause != null) {
            throw cause;
        }
        return outputs.size() == 1 ? outputs.values().iterator().next() : outputs;
    }

    @Override
    public <T> T output(Class<T> type) {
        return type.cast(output());
    }

    @Override
    public Map<String, Object> outputs() {
        return Json.objectOf(outputs);
    }

    @Override
    public Optional<HartException> failure() {
        return Optional.ofNullable(cause);
    }

    @Override
    public Duration elapsed() {
        return Duration.ofMillis(12);
    }

    @Override
    public Optional<Savings> savings() {
        return Optional.empty();
    }

    @Override
    public Evidence evidence() {
        throw new IllegalStateException("no ledger has this run");
    }
}
