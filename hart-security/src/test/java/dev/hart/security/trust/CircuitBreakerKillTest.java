package dev.hart.security.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.security.ChildProcess;
import dev.hart.spi.HaltCause;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node was told survives SIGKILL at any moment after the answer, and is never half written. */
class CircuitBreakerKillTest {
    private static final TestKey ANCHOR = TestKey.rfc8032();

    @TempDir
    Path folder;

    private static CircuitBreaker open(Path folder) {
        return CircuitBreaker.in(folder)
                .anchors(TrustAnchors.of(1, List.of(ANCHOR.publicKey())))
                .open();
    }

    /** A node that takes orders as fast as it can, and says which ones were taken. */
    public static final class Node {
        public static void main(String[] args) {
            try (CircuitBreaker breaker = open(Path.of(args[0]))) {
                long first = breaker.sequence() + 1;
                for (long sequence = first; ; sequence++) {
                    Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
                    HaltCommand halt = new HaltCommand(
                            HaltCommand.Action.HALT,
                            UUID.randomUUID(),
                            now,
                            now.plus(Duration.ofMinutes(10)),
                            "order " + sequence,
                            new HaltScope.Network(),
                            sequence);
                    HaltAnswer answer =
                            breaker.accept(halt.toEnvelope().signedBy(ANCHOR).toBytes(), "test");
                    System.out.print((answer instanceof HaltAnswer.Accepted) + " " + sequence + "\n");
                }
            }
        }
    }

    @Test
    void aKilledNodeStandsStillAfterItsRestartAndKnowsTheLastOrderItAnswered() throws Exception {
        long told = 0;
        for (int orders : new int[] {1, 7, 40}) {
            Process node = ChildProcess.of(Node.class, folder.toString());
            try (BufferedReader answers =
                    new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8))) {
                String last = "";
                for (int i = 0; i < orders; i++) {
                    last = answers.readLine();
                }
                node.toHandle().destroyForcibly();
                for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                    last = line.matches("true \\d+") ? line : last;
                }
                assertThat(last).startsWith("true ");
                told = Long.parseLong(last.substring("true ".length()));
            } finally {
                node.toHandle().destroyForcibly();
                assertThat(node.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
            try (CircuitBreaker after = open(folder)) {
                assertThat(after.isHalted()).isTrue();
                assertThat(after.sequence()).isBetween(told, told + 1);
                assertThat(after.causes()).extracting(HaltCause::reason).containsExactly("order " + after.sequence());
            }
        }
    }
}
