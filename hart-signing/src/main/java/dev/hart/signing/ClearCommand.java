package dev.hart.signing;

import dev.hart.security.trust.ClearOrder;
import dev.hart.security.trust.Envelope;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes and signs, as an operator, that the emergency stop of a node is over. */
@Command(
        name = "clear",
        description = "Writes that the emergency stop of a node is over, and signs it with an operator's key.",
        mixinStandardHelpOptions = true)
final class ClearCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final InstantSource clock;

    @Mixin
    private KeyOptions key;

    @Option(names = "--node", required = true, description = "the node's id, as its /api/guardrails/status says")
    private String node;

    @Option(
            names = "--stopped",
            required = true,
            paramLabel = "TIME",
            description = "since when it is stopped, as its /api/guardrails/status says: 2026-11-28T13:15:04.092Z")
    private Instant stopped;

    @Option(names = "--minutes", defaultValue = "10", description = "how long it is valid (${DEFAULT-VALUE})")
    private int minutes;

    @Option(names = "--out", required = true, paramLabel = "FILE")
    private Path file;

    ClearCommand(PrintWriter out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException {
        Duration valid = Duration.ofMinutes(minutes);
        if (valid.compareTo(ClearOrder.LONGEST) > 0 || minutes < 1) {
            throw new SigningException("an operator's order is valid for 1 to 60 minutes, not " + minutes);
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Envelope order = new ClearOrder(node, stopped, now, now.plus(valid)).toEnvelope();
        SecretKey signer = key.read();
        NewFile.write(file, order.signedBy(signer).toBytes());
        out.println("signed by " + signer.keyId() + ": " + new String(order.payload(), StandardCharsets.UTF_8));
        return 0;
    }
}
