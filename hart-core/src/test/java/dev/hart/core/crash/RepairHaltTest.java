package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Run;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the next process makes of a run that died while an action was planned anew, or while the new plan was carried out. */
@Timeout(60)
class RepairHaltTest {
    @TempDir
    Path folder;

    private Run dieAndResume(String where) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        HaltedRepair.class.getName(),
                        folder.toString(),
                        where)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isEqualTo(9);
        try (Hart hart = HaltedRepair.open(folder, "")) {
            Run run = hart.resume().get(0).await();
            assertThat(hart.recipes().get("mended").version()).isEqualTo(2);
            return run;
        }
    }

    @Test
    void aPlanThatWasNotReadyIsMadeAgainAndTheBrokenStepIsNotTriedAgain() throws Exception {
        assertThat(dieAndResume("plan").output()).isEqualTo("peek");
        assertThat(HaltedProcess.times(folder, "broken")).isEqualTo(1);
        assertThat(HaltedProcess.times(folder, "plan")).isEqualTo(2);
        assertThat(HaltedProcess.times(folder, "peek")).isEqualTo(1);
    }

    @Test
    void aPlanThatWasBegunIsCarriedOnWithoutPlanningAgain() throws Exception {
        assertThat(dieAndResume("peek").output()).isEqualTo("peek");
        assertThat(HaltedProcess.times(folder, "broken")).isEqualTo(1);
        assertThat(HaltedProcess.times(folder, "plan")).isEqualTo(1);
        assertThat(HaltedProcess.times(folder, "peek")).isEqualTo(2);
    }
}
