package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.RunReport.Source;
import dev.hart.RunReport.StepReport;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the next process makes of a rerun whose process died in the middle of a step. */
@Timeout(60)
class RerunHaltTest {
    /** {@code kept} and {@code last} do not depend on the input, all others do. */
    private static final Recipe RECIPE = Recipe.named("rerun")
            .input("mark", String.class)
            .action("kept", a -> a.tool("leave").with("mark", "always"))
            .action("looked", a -> a.transform("{{inputs.mark}}"))
            .action("seen", a -> a.tool("look").dependsOn(2))
            .action("left", a -> a.tool("leave").with("mark", "{{looked}}").dependsOn(3))
            .action("last", a -> a.transform("{{kept}}"))
            .output("left", String.class)
            .output("last", String.class)
            .build();

    @TempDir
    Path folder;

    private String first;

    @BeforeEach
    void runOnce() throws Exception {
        try (Hart hart = HaltedProcess.open(folder, "")) {
            first = hart.run(RECIPE, Inputs.of("mark", "one")).id();
        }
        assertThat(HaltedProcess.times(folder, "look")).isEqualTo(1);
        assertThat(HaltedProcess.times(folder, "leave")).isEqualTo(2);
    }

    /** Runs it again in a process that dies in that tool; the id of the new run. */
    private String dieIn(String tool) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        Rerunning.class.getName(),
                        folder.toString(),
                        tool,
                        first)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isEqualTo(9);
        try (Hart hart = HaltedProcess.open(folder, "")) {
            return hart.runs().list(1).get(0).id();
        }
    }

    @Test
    void aReadIsCalledOnceMoreAndWhatWasKeptStays() throws Exception {
        String id = dieIn("look");
        assertThat(id).isNotEqualTo(first);
        try (Hart hart = HaltedProcess.open(folder, "")) {
            List<RunHandle> resumed = hart.resume();
            assertThat(resumed).extracting(RunHandle::id).containsExactly(id);
            checkEnded(resumed.get(0).await());
        }
        assertThat(HaltedProcess.times(folder, "look")).isEqualTo(3);
        assertThat(HaltedProcess.times(folder, "leave"))
                .as("the kept one is not repeated")
                .isEqualTo(3);
    }

    @Test
    void aWriteIsInDoubtAndWhatWasKeptStays() throws Exception {
        String id = dieIn("leave");
        try (Hart hart = HaltedProcess.open(folder, "")) {
            assertThat(hart.resume(id).state()).isEqualTo(RunState.PAUSED);
            assertThat(hart.runs().find(id).orElseThrow().waitingFor()).containsExactly("action_4: IN_DOUBT");
            hart.runs().resolve(id, "action_4", new InDoubt.TakeAsDone("leave"));
            checkEnded(hart.resume(id));
        }
        assertThat(HaltedProcess.times(folder, "leave")).isEqualTo(3);
    }

    private static void checkEnded(Run run) {
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.outputs()).containsEntry("left", "leave").containsEntry("last", "leave");
        assertThat(run.report().steps())
                .filteredOn(step -> step.source() == Source.KEPT)
                .extracting(StepReport::action)
                .containsExactlyInAnyOrder("kept", "last");
    }

    /** Runs a run again with another mark. */
    static final class Rerunning {
        private Rerunning() {}

        public static void main(String[] args) {
            try (Hart hart = HaltedProcess.open(Path.of(args[0]), args[1])) {
                hart.rerun(args[2]).withInput("mark", "two").run();
            }
        }
    }
}
