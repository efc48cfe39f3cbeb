package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.Schedules;
import dev.hart.core.model.MovedClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the next process makes of a schedule whose process died when its time had come. */
@Timeout(120)
class ScheduleHaltTest {
    @TempDir
    Path folder;

    private final MovedClock clock = new MovedClock();

    private void die(String where) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        HaltedSchedule.class.getName(),
                        folder.toString(),
                        where)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isEqualTo(9);
    }

    /** Begins what is due, and takes up what was begun. */
    private Run finish(Hart hart) throws Exception {
        hart.resume();
        hart.schedules().start();
        while (hart.runs().list(10).isEmpty() || hart.runs().list(10).get(0).state() == RunState.RUNNING) {
            Thread.onSpinWait();
        }
        String id = hart.runs().list(10).get(0).id();
        for (String waiting : hart.runs().find(id).orElseThrow().waitingFor()) {
            assertThat(waiting).isEqualTo("action_2: IN_DOUBT");
            hart.runs().resolve(id, "action_2", new InDoubt.TakeAsDone("leave look"));
        }
        Run run = hart.runs().get(id);
        return run.state() == RunState.PAUSED ? hart.resume(id) : run;
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2", "4", "6", "8", "look", "leave"})
    void aDueTimeMakesOneRunWhereverItsProcessDies(String where) throws Exception {
        die(where);
        clock.advance(Duration.ofHours(11));
        try (Hart hart = HaltedSchedule.open(folder, "", clock, event -> {})) {
            Run run = finish(hart);

            assertThat(run.output()).isEqualTo("leave look");
            assertThat(hart.runs().list(10)).as("one due time, one run").hasSize(1);
            Schedules.Entry entry = hart.schedules().list().get(0);
            assertThat(entry.lastRun()).isEqualTo(run.id());
            assertThat(entry.next()).isEqualTo(Instant.parse("2026-01-02T09:00:00Z"));
        }
        assertThat(HaltedProcess.times(folder, "leave")).isLessThanOrEqualTo(1);
    }
}
