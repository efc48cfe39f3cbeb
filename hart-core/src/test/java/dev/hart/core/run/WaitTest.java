package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.core.model.MovedClock;
import dev.hart.core.model.RecordedSleeps;
import dev.hart.recipe.Recipe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps that wait. */
@Timeout(20)
class WaitTest {
    private static final Recipe HOUR = Recipe.named("hour")
            .action("hour", a -> a.waitFor(Duration.ofHours(1)))
            .action("after", a -> a.transform("after {{hour}}"))
            .output("after", String.class)
            .build();

    private static final Recipe UNTIL = Recipe.named("until")
            .input("at", String.class)
            .action("until", a -> a.waitUntil("{{inputs.at}}"))
            .output("until", String.class)
            .build();

    private MovedClock clock = new MovedClock();
    private Hart hart =
            PreparedTools.open(Hart.configure().inMemory().withoutModel().clock(clock));

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        hart.close();
    }

    private void openOnDisk() {
        hart.close();
        hart = PreparedTools.open(
                Hart.configure().dataDirectory(folder).withoutModel().clock(clock));
    }

    private List<RunEvent> events(String runId) {
        try (Stream<RunEvent> events = hart.runs().events(runId, 0)) {
            return events.toList();
        }
    }

    @Test
    void aStepWaitsItsTimeOnTheClockAndNotLess() throws Exception {
        RunHandle handle = hart.start(HOUR, Inputs.none());
        clock.awaitSleeper();
        clock.advance(Duration.ofHours(1).minusMillis(1));
        assertThat(handle.state()).isEqualTo(RunState.RUNNING);
        clock.advance(Duration.ofMillis(1));
        Run run = handle.await();
        assertThat(run.output()).isEqualTo("after 2026-01-01T01:00:00Z");
        assertThat(run.report().steps().get(0).millis()).isEqualTo(3_600_000);
        assertThat(run.report().modelCalls()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-01-01T00:00:05Z", "2026-01-01T01:00:05+01:00"})
    void aStepWaitsUntilATime(String at) {
        hart.close();
        RecordedSleeps passing = new RecordedSleeps();
        hart = PreparedTools.open(Hart.configure().inMemory().withoutModel().clock(passing));
        assertThat(hart.run(UNTIL, Inputs.of("at", at)).output()).isEqualTo("2026-01-01T00:00:05Z");
        assertThat(passing.instant()).hasToString("2026-01-01T00:00:05Z");
    }

    @Test
    void aTimeThatHasPassedIsNotWaitedFor() {
        assertThat(hart.run(UNTIL, Inputs.of("at", "2025-12-31T00:00:00Z")).output())
                .isEqualTo("2025-12-31T00:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tomorrow", "2026-01-02", "2027-01-01T00:00:01Z"})
    void whatIsNoTimeOrFurtherAwayThanAYearFailsTheStep(String at) {
        Run run = hart.run(UNTIL, Inputs.of("at", at));
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("ARGUMENTS_INVALID");
    }

    @Test
    void aWaitCanBeCancelled() throws Exception {
        RunHandle handle = hart.start(HOUR, Inputs.none());
        clock.awaitSleeper();
        handle.cancel();
        assertThat(handle.await().state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void aWaitThatIsCutOffEndsWhenItWouldHaveEnded() throws Exception {
        openOnDisk();
        RunHandle handle = hart.start(HOUR, Inputs.none());
        clock.awaitSleeper();
        clock.advance(Duration.ofMinutes(40));
        openOnDisk();

        RunHandle resumed = hart.resume().get(0);
        clock.awaitSleeper();
        clock.advance(Duration.ofMinutes(20).minusMillis(1));
        assertThat(resumed.state()).isEqualTo(RunState.RUNNING);
        clock.advance(Duration.ofMillis(1));

        assertThat(resumed.await().output()).isEqualTo("after 2026-01-01T01:00:00Z");
        assertThat(events(handle.id()).stream()
                        .filter(event -> event.type() == RunEvent.Type.STEP_STARTED
                                && event.action().equals("action_1")))
                .hasSize(1);
    }

    @Test
    void aWaitThatWasOverWhileNoProcessLivedIsOver() throws Exception {
        openOnDisk();
        RunHandle handle = hart.start(HOUR, Inputs.none());
        clock.awaitSleeper();
        openOnDisk();
        clock.advance(Duration.ofDays(2));
        assertThat(hart.resume(handle.id()).output()).isEqualTo("after 2026-01-01T01:00:00Z");
    }

    @Test
    void aRerunKeepsAWaitAndDoesNotWaitAgain() throws Exception {
        RunHandle handle = hart.start(HOUR, Inputs.none());
        clock.awaitSleeper();
        clock.advance(Duration.ofHours(1));
        handle.await();
        assertThat(hart.rerun(handle.id()).run().output()).isEqualTo("after 2026-01-01T01:00:00Z");
    }
}
