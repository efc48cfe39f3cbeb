package dev.hart.signing;

import dev.hart.security.trust.HaltCommand;
import dev.hart.security.trust.HaltScope;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes and signs an order to halt or to resume. */
@Command(
        name = "order",
        description = "Writes an order to halt or resume, and signs it; others add their signatures with 'sign'.",
        mixinStandardHelpOptions = true)
final class OrderCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final InstantSource clock;

    @Mixin
    private KeyOptions key;

    @Option(names = "--action", required = true, description = "halt or resume")
    private HaltCommand.Action action;

    @Option(names = "--scope", defaultValue = "network", description = "network, region:<name> or node:<id>")
    private String scope;

    @Option(names = "--reason", required = true, description = "for those who find the nodes halted")
    private String reason;

    @Option(
            names = "--sequence",
            required = true,
            description = "above every order that was given before, whatever its scope")
    private long sequence;

    @Option(names = "--minutes", defaultValue = "60", description = "how long it is valid (${DEFAULT-VALUE})")
    private int minutes;

    @Option(names = "--out", required = true, paramLabel = "FILE")
    private Path file;

    OrderCommand(PrintWriter out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException {
        Duration valid = Duration.ofMinutes(minutes);
        if (valid.compareTo(HaltCommand.LONGEST) > 0 || minutes < 1) {
            throw new SigningException("an order is valid for 1 to 1440 minutes, not " + minutes);
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        HaltCommand command = new HaltCommand(
                action, UUID.randomUUID(), now, now.plus(valid), reason, HaltScope.parse(scope), sequence);
        SecretKey signer = key.read();
        NewFile.write(file, command.toEnvelope().signedBy(signer).toBytes());
        out.println("signed by " + signer.keyId() + ": " + new String(command.toBytes(), StandardCharsets.UTF_8));
        return 0;
    }
}
