package dev.hart.signing;

import dev.hart.security.trust.Envelope;
import dev.hart.security.trust.MalformedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds a signature to what another has signed. */
@Command(
        name = "sign",
        description = "Shows what an envelope says, and adds a signature to it in a new file.",
        mixinStandardHelpOptions = true)
final class SignCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Mixin
    private KeyOptions key;

    @Parameters(paramLabel = "ENVELOPE")
    private Path envelope;

    @Option(names = "--out", required = true, paramLabel = "FILE")
    private Path file;

    SignCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException, MalformedException {
        Envelope found = Envelope.parse(Files.readAllBytes(envelope));
        SecretKey signer = key.read();
        if (found.signatures().stream().anyMatch(s -> s.keyid().equals(signer.keyId()))) {
            throw new SigningException("key " + signer.keyId() + " has signed it already, and counts once");
        }
        Envelope signed = found.signedBy(signer);
        NewFile.write(file, signed.toBytes());
        out.println(found.type().mediaType());
        out.println(printable(new String(found.payload(), StandardCharsets.UTF_8)));
        out.println("signed by " + signer.keyId() + ", " + signed.signatures().size() + " signatures");
        return 0;
    }

    /** What others wrote must not steer the terminal of the one who signs. */
    private static String printable(String text) {
        return text.replaceAll("\\p{C}", "?");
    }
}
