package dev.hart;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The signed record of one ended run, in the format {@code hart.evidence/1}: request, recipe, inputs, every event with its
 * hash, effects, costs. Who has it can check it without HART, see {@code docs/evidence.md}.
 *
 * <p>Immutable, and thread-safe; each writing gives the same bytes. The events are read from the ledger while they are
 * written, so the runtime must be open.
 */
public interface Evidence {

    /** Names the key that signed, see {@link dev.hart.spi.Signer#keyId()}. */
    String keyId();

    /** The 32 bytes of the Ed25519 key that verifies the signature, as 64 hex digits: what a verifier must know to trust. */
    String publicKey();

    /**
     * Writes it to a stream, which stays open.
     *
     * @throws IOException when the stream fails
     * @throws dev.hart.error.LedgerException {@code LEDGER_CORRUPT} when the ledger was changed meanwhile; what was written
     *     by then is not whole
     */
    void writeTo(OutputStream out) throws IOException;

    /**
     * Writes it to a file as a whole: one that is there is replaced when everything is written, and not before.
     *
     * @throws IOException when the file cannot be written
     * @throws dev.hart.error.LedgerException {@code LEDGER_CORRUPT} when the ledger was changed meanwhile
     */
    default void writeTo(Path file) throws IOException {
        Path draft = Files.createTempFile(file.toAbsolutePath().getParent(), ".hart-", ".tmp");
        try {
            try (OutputStream out = Files.newOutputStream(draft)) {
                writeTo(out);
            }
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /**
     * All of it; prefer {@link #writeTo(Path)} for runs of many events.
     *
     * @throws dev.hart.error.LedgerException {@code LEDGER_CORRUPT} when the ledger was changed meanwhile
     */
    default byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
