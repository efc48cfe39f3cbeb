package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs.Approval;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed by SIGKILL between a suspicious result and the call that it goes into: the next process still knows. */
@Timeout(60)
class TaintKillTest {
    private static final int SIGKILLED = 137;

    @TempDir
    Path folder;

    @Test
    void whatWasSuspiciousBeforeTheKillWaitsForAPersonAfterIt() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        ReadingProcess.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(said.readLine()).isEqualTo(ReadingProcess.STANDS_STILL);
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor()).isEqualTo(SIGKILLED);

        Path sent = folder.resolve(ReadingProcess.SENT);
        String id;
        try (Hart hart = ReadingProcess.open(folder, false)) {
            Run run = hart.resume().get(0).await();
            id = run.id();
            assertThat(run.state()).isEqualTo(RunState.PAUSED);
            assertThat(sent).doesNotExist();
        }
        try (Hart hart = ReadingProcess.open(folder, false)) {
            Approval approval = hart.runs().approvals(id).get(0);
            assertThat(approval.arguments()).containsEntry("body", "News: " + ReadingProcess.FLAGGED);
            assertThat(approval.reasons())
                    .containsExactly(
                            "argument 'body' of mail.send, which reaches NETWORK, holds text from page.read that"
                                    + " was flagged by I12");
            hart.runs().approve(id, approval.action());
            assertThat(hart.resume(id).state()).isEqualTo(RunState.SUCCEEDED);
        }
        assertThat(Files.readString(sent)).isEqualTo("News: " + ReadingProcess.FLAGGED);
    }
}
