package dev.hart.signing;

import dev.hart.security.trust.Ed25519;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes and names keys. */
@Command(name = "key", description = "Makes a key, or shows which one a file holds.", mixinStandardHelpOptions = true)
final class KeyCommand {
    private final PrintWriter out;
    private final SecureRandom random;

    KeyCommand(PrintWriter out, SecureRandom random) {
        this.out = out;
        this.random = random;
    }

    @Command(name = "new", description = "Makes a new Ed25519 key in a new file that its owner alone can read.")
    int create(
            @Parameters(paramLabel = "FILE", description = "where the private key goes") Path file,
            @Option(
                            names = "--passphrase-file",
                            paramLabel = "FILE",
                            description = "holds the passphrase in its first line, 12 characters or more")
                    @Nullable
                    Path passphraseFile,
            @Option(names = "--unencrypted", description = "leave the key readable for whoever reads the file")
                    boolean unencrypted)
            throws IOException {
        char[] passphrase = null;
        if (!unencrypted) {
            passphrase = Passphrase.from(passphraseFile).get();
            if (passphrase.length < Passphrase.SHORTEST) {
                throw new SigningException("a passphrase has " + Passphrase.SHORTEST + " characters or more");
            }
        }
        SecretKey key = SecretKey.create(random);
        key.write(file, passphrase);
        show(key);
        return 0;
    }

    @Command(name = "show", description = "Shows id and public key of a key file.")
    int show(@Mixin KeyOptions key) throws IOException {
        show(key.read());
        return 0;
    }

    private void show(SecretKey key) {
        out.println("key id      " + key.keyId());
        out.println("public key  " + HexFormat.of().formatHex(Ed25519.raw(key.publicKey())));
    }
}
