package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs.Question;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the next process makes of a run that died while it asked for what its goal lacks. */
@Timeout(120)
class GatheringHaltTest {
    @TempDir
    Path folder;

    private void dieBehind(String event) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        HaltedGathering.class.getName(),
                        folder.toString(),
                        event)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isEqualTo(9);
    }

    private Hart open() {
        return HaltedGathering.open(folder, event -> {});
    }

    private static String id(Hart hart) {
        return hart.runs().list(2).get(0).id();
    }

    private static List<String> asked(Hart hart) {
        return hart.runs().questions(id(hart)).stream().map(Question::text).toList();
    }

    @Test
    void theQuestionIsStillThereAndAnAnswerThatWasAcknowledgedIsNotAskedForAgain() throws Exception {
        dieBehind("RUN_PAUSED");
        try (Hart hart = open()) {
            assertThat(hart.runs().list(2)).hasSize(1);
            assertThat(asked(hart)).singleElement().asString().contains("needs path");
        }
        dieBehind("ANSWERED");
        try (Hart hart = open()) {
            assertThat(asked(hart)).isEmpty();
        }
        dieBehind("UPDATED");
        try (Hart hart = open()) {
            Run second = hart.resume(id(hart));
            assertThat(second.state()).isEqualTo(RunState.PAUSED);
            assertThat(asked(hart)).singleElement().asString().contains("needs text");
        }
        dieBehind("STEP_FINISHED");
        try (Hart hart = open()) {
            Run last = hart.resume(id(hart));
            assertThat(last.state()).as(String.valueOf(last.failure())).isEqualTo(RunState.SUCCEEDED);
            assertThat(hart.runs().list(2)).hasSize(1);
        }
        assertThat(Files.readString(folder.resolve("a.txt"))).isEqualTo("b");
    }
}
