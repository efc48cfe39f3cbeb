package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.Summary;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.Rollout.State;
import dev.hart.recipe.RolloutPlan;
import dev.hart.recipe.VersionStanding;
import dev.hart.recipe.VersionStanding.Standing;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that is killed anywhere around the decision leaves all of it behind, or nothing. */
@Timeout(120)
class RolloutHaltTest {
    private static final RolloutPlan PLAN = RolloutPlan.share(100).minimumRuns(HaltedRollout.RUNS);

    @TempDir
    Path folder;

    /** Kills the process once it has said that many lines, a moment later or at once. */
    private void killAfter(int lines, Random random) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        HaltedRollout.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            String line = said.readLine();
            for (int i = 1; i < lines && line != null; i++) {
                line = said.readLine();
            }
            long spins = random.nextInt(200_000);
            for (long i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            process.destroyForcibly().waitFor();
        }
    }

    private static List<Standing> standings(Hart hart) {
        return hart.recipes().standings("told").stream()
                .map(VersionStanding::standing)
                .toList();
    }

    private static void assertWhole(Hart hart) {
        Rollout rollout = hart.recipes().rollouts().get(0);
        long ended = hart.runs().list(100).stream()
                .filter(run -> run.state().hasEnded())
                .count();
        assertThat(rollout.tried().runs())
                .as("each run that ended counts, up to the decision")
                .isEqualTo((int) Math.min(ended, HaltedRollout.RUNS));
        boolean decided = rollout.tried().runs() == HaltedRollout.RUNS;
        assertThat(rollout.state()).isEqualTo(decided ? State.PROMOTED : State.RUNNING);
        assertThat(standings(hart))
                .containsExactly(
                        decided ? Standing.CURRENT : Standing.CANDIDATE, decided ? Standing.EARLIER : Standing.CURRENT);
        assertThat(((MatchResult.Exact) hart.recipes().match("tell")).recipe().version())
                .isEqualTo(decided ? 2 : 1);
        assertThat(hart.recipes().current("told").version()).isEqualTo(decided ? 2 : 1);
    }

    /**
     * The last two digits are a line of the process, of 47: behind the 40th comes the commit that decides, with the 46th that is told.
     * The others make other moments behind that line.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 9, 15, 16, 17, 31, 32, 40, 140, 240, 340, 440, 540, 45, 46, 47})
    void whereverItIsKilledTheDecisionIsWholeOrNotThere(int moment) throws Exception {
        HaltedRollout.prepare(folder, PLAN);
        killAfter(moment % 100, new Random(moment));
        try (Hart hart = HaltedRollout.open(folder, Hart.configure())) {
            assertWhole(hart);
            for (RunHandle resumed : hart.resume()) {
                Run run = resumed.await();
                assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
                assertThat(run.output())
                        .as("a run keeps the version that it was begun with")
                        .isEqualTo("two");
            }
            assertWhole(hart);
            while (hart.recipes().rollouts().get(0).state() == State.RUNNING) {
                hart.run("told", Inputs.none());
                assertWhole(hart);
            }
            assertThat(hart.recipes().rollouts().get(0).tried().runs()).isEqualTo(HaltedRollout.RUNS);
            assertThat(hart.runs().list(100)).extracting(Summary::state).containsOnly(RunState.SUCCEEDED);
        }
    }
}
