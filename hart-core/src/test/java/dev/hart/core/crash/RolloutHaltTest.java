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

    /** Lines 1 to 34: from the opening over every event of three runs to the decision and behind it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 6, 11, 12, 13, 22, 24, 25, 30, 33, 34, 35, 36, 37, 38, 39})
    void whereverItIsKilledTheDecisionIsWholeOrNotThere(int lines) throws Exception {
        HaltedRollout.prepare(folder, PLAN);
        killAfter(lines, new Random(lines));
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
