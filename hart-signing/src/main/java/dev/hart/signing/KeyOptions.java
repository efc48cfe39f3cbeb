package dev.hart.signing;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which key signs. */
final class KeyOptions {
    @Option(
            names = "--key",
            required = true,
            paramLabel = "FILE",
            description = "the private key, as 'key new' made it")
    private Path key;

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "holds the key's passphrase in its first line; without it the console is asked")
    private @Nullable Path passphraseFile;

    SecretKey read() throws IOException {
        return SecretKey.read(key, Passphrase.from(passphraseFile));
    }
}
