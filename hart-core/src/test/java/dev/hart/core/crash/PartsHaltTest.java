package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.Runs.Question;
import dev.hart.Runs.Summary;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the next process makes of a run that died in a fallback, a question, a wait or a run inside. */
@Timeout(120)
class PartsHaltTest {
    @TempDir
    Path folder;

    private void die(String where) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        HaltedParts.class.getName(),
                        folder.toString(),
                        where)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isEqualTo(9);
    }

    private Hart open() {
        return HaltedParts.open(folder, "", event -> {});
    }

    private static Summary outer(Hart hart) {
        return hart.runs().list(10).stream()
                .filter(run -> "parts".equals(run.recipeName()))
                .findFirst()
                .orElseThrow();
    }

    /** Takes the run up, and answers and decides until it is over. */
    private static Run finish(Hart hart, InDoubt decision) {
        String id = outer(hart).id();
        Run run = hart.resume(id);
        for (int times = 0; run.state() == RunState.PAUSED; times++) {
            assertThat(times).as("it waits again and again").isLessThan(10);
            for (Question question : hart.runs().questions(id)) {
                hart.runs().answer(question.runId(), question.id(), "Oslo");
            }
            for (String waiting : hart.runs().find(id).orElseThrow().waitingFor()) {
                if (waiting.endsWith(": IN_DOUBT")) {
                    String action = waiting.substring(waiting.indexOf('/') + 1, waiting.indexOf(':'));
                    String asking = waiting.contains("/") ? waiting.substring(0, waiting.indexOf('/')) : id;
                    hart.runs().resolve(asking, action, decision);
                }
            }
            run = hart.resume(id);
        }
        return run;
    }

    /** Behind each event of the recipe's run, and of the run inside, from the first to the one that says that it asks. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 7, 9, 11, 13, 15, 16, 19, 22, 25, 27, 29, 31, 33, 35})
    void behindAnyEventNothingIsLostAndNoEffectIsHadTwice(int event) throws Exception {
        die(Integer.toString(event));
        try (Hart hart = open()) {
            Run run = finish(hart, new InDoubt.RunAgain());
            assertThat(run.output()).isEqualTo(HaltedParts.OUTPUT);
            Set<String> names =
                    hart.runs().list(10).stream().map(Summary::recipeName).collect(Collectors.toSet());
            assertThat(hart.runs().list(10)).as("no run was repeated").hasSize(2);
            assertThat(names).containsExactlyInAnyOrder("parts", "inner");
            assertThat(run.report().steps())
                    .extracting(step -> step.action(), step -> step.fallback())
                    .containsOnlyOnce(tuple("page", 0), tuple("sub", 0), tuple("city", 0));
            assertThat(run.report().notes()).contains("page: fallback 1 is used: write it by hand");
        }
        assertThat(HaltedProcess.times(folder, "write")).isEqualTo(1);
        assertThat(HaltedProcess.times(folder, "leave")).isEqualTo(1);
    }

    @Test
    void aFallbackIsTakenUpAtTheStepWhereItStoppedAndTheOwnStepsAreNotTriedAgain() throws Exception {
        die("check");
        try (Hart hart = open()) {
            List<RunHandle> resumed = hart.resume();
            assertThat(resumed.get(0).await().state()).isEqualTo(RunState.PAUSED);
            assertThat(finish(hart, new InDoubt.GiveUp()).output()).isEqualTo(HaltedParts.OUTPUT);
        }
        assertThat(HaltedProcess.times(folder, "broken")).isEqualTo(1);
        assertThat(HaltedProcess.times(folder, "write")).isEqualTo(1);
        assertThat(HaltedProcess.times(folder, "check")).isEqualTo(2);
    }

    @Test
    void aWriteOfAFallbackThatNeverReportedBackIsInDoubt() throws Exception {
        die("write");
        try (Hart hart = open()) {
            assertThat(hart.resume(outer(hart).id()).state()).isEqualTo(RunState.PAUSED);
            assertThat(outer(hart).waitingFor()).containsExactly("action_1: IN_DOUBT");
            assertThat(finish(hart, new InDoubt.TakeAsDone("write look")).output())
                    .isEqualTo(HaltedParts.OUTPUT);
        }
        assertThat(HaltedProcess.times(folder, "write")).isEqualTo(1);
    }

    @Test
    void aWriteOfTheRunInsideThatNeverReportedBackIsInDoubtThere() throws Exception {
        die("leave");
        try (Hart hart = open()) {
            String id = outer(hart).id();
            assertThat(hart.resume(id).state()).isEqualTo(RunState.PAUSED);
            assertThat(outer(hart).waitingFor())
                    .singleElement()
                    .satisfies(waiting -> assertThat(waiting).endsWith("/action_3: IN_DOUBT"));
            assertThat(hart.resume()).as("both wait for a person").isEmpty();
            assertThat(finish(hart, new InDoubt.TakeAsDone("leave check write look look"))
                            .output())
                    .isEqualTo(HaltedParts.OUTPUT);
        }
        assertThat(HaltedProcess.times(folder, "leave")).isEqualTo(1);
    }
}
