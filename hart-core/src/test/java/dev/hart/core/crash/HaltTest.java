package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the next process makes of a run whose process died in the middle of a step. */
@Timeout(60)
class HaltTest {
    private static final String NOWHERE = "";

    @TempDir
    Path folder;

    private String dieIn(String tool) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        HaltedProcess.class.getName(),
                        folder.toString(),
                        tool)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isEqualTo(9);
        try (Hart hart = HaltedProcess.open(folder, NOWHERE)) {
            return hart.runs().list(1).get(0).id();
        }
    }

    @Test
    void aReadThatWasStartedIsCalledOnceMore() throws Exception {
        String id = dieIn("look");
        try (Hart hart = HaltedProcess.open(folder, NOWHERE)) {
            List<RunHandle> resumed = hart.resume();
            assertThat(resumed).extracting(RunHandle::id).containsExactly(id);
            assertThat(resumed.get(0).await().output()).isEqualTo("leave");
        }
        assertThat(HaltedProcess.times(folder, "look")).isEqualTo(2);
        assertThat(HaltedProcess.times(folder, "leave")).isEqualTo(1);
    }

    @Test
    void aWriteThatWasStartedWaitsForAPersonAndAFinishedReadIsNotCalledAgain() throws Exception {
        String id = dieIn("leave");
        try (Hart hart = HaltedProcess.open(folder, NOWHERE)) {
            Run run = hart.resume(id);
            assertThat(run.state()).isEqualTo(RunState.PAUSED);
            assertThat(hart.runs().find(id).orElseThrow().waitingFor()).containsExactly("action_2: IN_DOUBT");
            assertThat(hart.resume()).isEmpty();
            hart.runs().resolve(id, "action_2", new InDoubt.TakeAsDone("left before"));

            Run done = hart.resume(id);

            assertThat(done.output()).isEqualTo("left before");
            assertThat(done.report().steps())
                    .extracting(step -> step.resultReused())
                    .containsExactly(true, false);
        }
        assertThat(HaltedProcess.times(folder, "look")).isEqualTo(1);
        assertThat(HaltedProcess.times(folder, "leave")).isEqualTo(1);
    }

    @Test
    void anAnswerAboutADoubtIsNotTakenForTheNextDoubt() throws Exception {
        String id = dieIn("leave");
        try (Hart hart = HaltedProcess.open(folder, NOWHERE)) {
            hart.resume(id);
            hart.runs().resolve(id, "action_2", new InDoubt.RunAgain());
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        CrashTest.classPath(),
                        Resuming.class.getName(),
                        folder.toString(),
                        id)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isEqualTo(9);
        try (Hart hart = HaltedProcess.open(folder, NOWHERE)) {
            assertThat(hart.resume(id).state()).isEqualTo(RunState.PAUSED);
            assertThat(hart.runs().find(id).orElseThrow().waitingFor()).containsExactly("action_2: IN_DOUBT");
        }
        assertThat(HaltedProcess.times(folder, "leave")).isEqualTo(2);
    }

    /** Takes the run up and dies in its WRITE step again. */
    static final class Resuming {
        private Resuming() {}

        public static void main(String[] args) {
            try (Hart hart = HaltedProcess.open(Path.of(args[0]), "leave")) {
                hart.resume(args[1]);
            }
        }
    }
}
