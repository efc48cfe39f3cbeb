package dev.hart.gpu.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
class CommandsTest {
    private final Commands commands = new Commands();

    @Test
    void aCommandGivesItsOutputAndItsExitCode() throws InterruptedException {
        assertThat(commands.run(List.of("sh", "-c", "echo out; echo err >&2; exit 3"), Duration.ofSeconds(30)))
                .isEqualTo(new CommandResult.Finished(3, "out\n", "err\n"));
    }

    @Test
    void aCommandThatIsNotInstalledDoesNotStart() throws InterruptedException {
        assertThat(commands.run(List.of("no-such-command-of-hart"), Duration.ofSeconds(30)))
                .isInstanceOf(CommandResult.NotStarted.class);
    }

    @Test
    void aCommandThatHangsIsKilledWithWhatItStarted() throws InterruptedException {
        Duration limit = Duration.ofMillis(300);
        long start = System.nanoTime();

        CommandResult result = commands.run(List.of("sh", "-c", "sleep 600 & sleep 600"), limit);

        assertThat(result).isEqualTo(new CommandResult.TimedOut(limit));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive))
                .noneMatch(process -> process.info().commandLine().orElse("").contains("sleep 600"));
    }

    @Test
    void aFloodOfOutputIsReadToTheEndAndKeptInPart() throws InterruptedException {
        CommandResult result = commands.run(
                List.of("sh", "-c", "head -c 6000000 /dev/zero | tr '\\0' x; exit 0"), Duration.ofSeconds(60));

        assertThat(result).isInstanceOf(CommandResult.Finished.class);
        assertThat(((CommandResult.Finished) result).output()).hasSize(Commands.MAX_OUTPUT);
    }
}
