package dev.hart.testing;

import static dev.hart.testing.EndedRun.READ;
import static dev.hart.testing.EndedRun.SHAPE;
import static dev.hart.testing.EndedRun.SUM;
import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunReport.Source;
import dev.hart.RunReport.StepReport;
import dev.hart.RunState;
import dev.hart.Spark;
import dev.hart.error.RunCancelledException;
import dev.hart.error.RunFailedException;
import dev.hart.error.RunPausedException;
import dev.hart.recipe.StepKind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RunAssertTest {
    private final EndedRun good = EndedRun.succeeded(Map.of("total", new BigDecimal("12.5")), READ, SUM, SHAPE);
    private final EndedRun bad = EndedRun.ended(
            RunState.FAILED, new RunFailedException("FILE_NOT_FOUND", "there is no sales.csv", null), READ);
    private final EndedRun paused = EndedRun.ended(
            RunState.PAUSED, new RunPausedException("the run waits", List.of("action_2: IN_DOUBT")), READ);

    @Test
    void whatIsTrueOfARunPasses() {
        assertThat(good)
                .succeeded()
                .hasMode(Mode.REUSE)
                .hasOutput(12.5)
                .hasOutput("total", new BigDecimal("12.50"))
                .calledTools("csv.read", "csv.sum")
                .calledToolOnce("csv.sum")
                .neverCalled("file.write")
                .madeNoModelCalls()
                .costAtMost(Spark.ZERO)
                .tookSteps(3)
                .reusedResults(1);
        assertThat(bad).failedWith("FILE_NOT_FOUND").madeModelCalls(2).costAtMost(new Spark(600_000));
        assertThat(paused).isPaused().isPausedFor("action_2: IN_DOUBT");
        assertThat(EndedRun.ended(RunState.CANCELLED, new RunCancelledException("stopped")))
                .wasCancelled();
    }

    @Test
    void aRunThatFailedIsShownStepByStep() {
        assertMessage(() -> assertThat(bad).succeeded(), """
                Expected the run to have succeeded, but it failed with FILE_NOT_FOUND: there is no sales.csv
                CREATE run 0193 FAILED after 12 ms: 2 model calls, 250 tokens, 0.6 Spark, 2 commits
                  request: Add up column amount of sales.csv
                  1. action_1[1] TOOL csv.read, 2 attempts, 7 ms
                  failure: FILE_NOT_FOUND: there is no sales.csv
                  note: two candidates were too close""");
    }

    @Test
    void aRunThatSucceededIsShownWithItsOutput() {
        assertMessage(() -> assertThat(good).failedWith("TIMEOUT"), """
                Expected the run to have failed with TIMEOUT, but it succeeded
                REUSE run 0193 SUCCEEDED after 12 ms: 0 model calls, 0 tokens, 0 Spark, 4 commits
                  request: Add up column amount of sales.csv
                  1. action_1[1] TOOL csv.read, 2 attempts, 7 ms
                  2. action_2[1] TOOL csv.sum, 1 attempt, 3 ms, result reused
                  3. action_3[1] TRANSFORM, 1 attempt, 0 ms
                  output: 12.5""");
    }

    @Test
    void eachAssertionSaysWhatItExpectedAndWhatItFound() {
        assertFirstLine(
                () -> assertThat(bad).failedWith("TIMEOUT"),
                "to have failed with TIMEOUT, but it failed with FILE_NOT_FOUND: there is no sales.csv");
        assertFirstLine(() -> assertThat(good).isPaused(), "to be paused, but it succeeded");
        assertFirstLine(() -> assertThat(good).wasCancelled(), "to have been cancelled, but it succeeded");
        assertFirstLine(
                () -> assertThat(paused).isPausedFor("action_1: IN_DOUBT"),
                "to wait for [action_1: IN_DOUBT], but it waits for [action_2: IN_DOUBT]");
        assertFirstLine(() -> assertThat(good).hasMode(Mode.CREATE), "to have mode CREATE, but it has REUSE");
        assertFirstLine(() -> assertThat(good).hasOutput(13), "to have the output 13, but it has 12.5");
        assertFirstLine(() -> assertThat(good).hasOutput("sum", 13), "to have an output named sum, but it has [total]");
        assertFirstLine(
                () -> assertThat(good).hasOutput("total", 13), "to have the output total as 13, but it is 12.5");
        assertFirstLine(
                () -> assertThat(good).calledTools("csv.sum", "csv.read"),
                "to have called the tools [csv.sum, csv.read], but it called [csv.read, csv.sum]");
        assertFirstLine(
                () -> assertThat(good).calledToolOnce("csv.read"),
                "to have called csv.read once, but it called it 2 times");
        assertFirstLine(
                () -> assertThat(good).calledToolOnce("file.write"),
                "to have called file.write once, but it called it never");
        assertFirstLine(
                () -> assertThat(good).neverCalled("csv.sum"), "never to have called csv.sum, but it called it once");
        assertFirstLine(() -> assertThat(bad).madeNoModelCalls(), "to have made 0 model calls, but it made 2");
        assertFirstLine(
                () -> assertThat(bad).costAtMost(new Spark(599_999)),
                "to have cost at most 0.599999 Spark, but it cost 0.6");
        assertFirstLine(() -> assertThat(bad).tookSteps(2), "to have taken 2 steps, but it took 1");
        assertFirstLine(
                () -> assertThat(good).reusedResults(2), "to have reused the results of 2 steps, but it reused 1");
    }

    @Test
    void aStepThatWasKeptOrGivenIsNoCall() {
        StepReport kept = new StepReport("sum", 1, StepKind.TOOL, "csv.sum", 0, 0, false, Source.KEPT);
        StepReport given = new StepReport("shape", 1, StepKind.TRANSFORM, null, 0, 0, false, Source.GIVEN);
        Run run = EndedRun.succeeded(Map.of("n", 1), kept, given, EndedRun.READ);

        assertThat(run)
                .keptSteps(1)
                .calledTools("csv.read")
                .neverCalled("csv.sum")
                .tookSteps(3);
        assertThatThrownBy(() -> assertThat(run).keptSteps(2))
                .hasMessageStartingWith("Expected the run to have kept 2 steps, but it kept 1")
                .hasMessageContaining("1. sum[1] TOOL csv.sum, kept\n")
                .hasMessageContaining("2. shape[1] TRANSFORM, given\n");
    }

    @Test
    void theOutputOfARunThatFailedIsReportedAsItsFailure() {
        assertFirstLine(
                () -> assertThat(bad).hasOutput(13),
                "to have succeeded, but it failed with FILE_NOT_FOUND: there is no sales.csv");
    }

    @Test
    void outputsAreComparedAsJsonValues() {
        record Point(int x, List<Double> ys) {}
        EndedRun run = EndedRun.succeeded(Map.of("point", Map.of("x", 1L, "ys", List.of(2L, 3L))));

        assertThat(run).hasOutput(new Point(1, List.of(2.0, 3.0)));
        assertFirstLine(
                () -> assertThat(run).hasOutput(new Point(1, List.of(2.0))),
                "to have the output {\"x\":1,\"ys\":[2]}, but it has {\"x\":1,\"ys\":[2,3]}");
        assertFirstLine(
                () -> assertThat(run).hasOutput(Map.of("x", 1)),
                "to have the output {\"x\":1}, but it has {\"x\":1,\"ys\":[2,3]}");
    }

    @Test
    void aDescriptionStandsBeforeTheMessage() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThat(bad).as("second replay").succeeded())
                .withMessageStartingWith("[second replay] Expected the run to have succeeded, but");
    }

    @Test
    void noRunAtAllFails() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThat((EndedRun) null).succeeded())
                .withMessageContaining("not to be null");
    }

    private static void assertFirstLine(ThrowingCallable assertion, String expectation) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(assertion)
                .satisfies(e ->
                        assertThat(e.getMessage().lines().findFirst()).contains("Expected the run " + expectation));
    }

    private static void assertMessage(ThrowingCallable assertion, String message) {
        assertThatExceptionOfType(AssertionError.class).isThrownBy(assertion).withMessage(message);
    }
}
