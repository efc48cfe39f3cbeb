package dev.hart.signing;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the passphrase of a key comes from. */
@FunctionalInterface
interface Passphrase {
    int SHORTEST = 12;

    /** @throws SigningException when there is none */
    char[] get() throws IOException;

    /** The first line of the file; without a file, what the person at the console types. */
    static Passphrase from(@Nullable Path file) {
        return () -> {
            if (file != null) {
                return Files.readString(file, StandardCharsets.UTF_8)
                        .lines()
                        .findFirst()
                        .orElse("")
                        .toCharArray();
            }
            Console console = System.console();
            char[] typed = console == null ? null : console.readPassword("Passphrase of the key: ");
            if (typed == null) {
                throw new SigningException("the key is encrypted: give --passphrase-file, or run this at a console");
            }
            return typed;
        };
    }
}
