package dev.hart.gpu.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Reads and writes in pieces, and tells the SHA-256 of what went by. */
final class FileCopy {
    private static final int CHUNK = 1 << 16;

    private FileCopy() {}

    /** Takes each piece. */
    interface Sink {
        void take(byte[] bytes, int count) throws IOException;
    }

    /** The SHA-256 of what came, in lower case hexadecimal. */
    static String pass(InputStream in, Sink sink) throws IOException {
        MessageDigest digest = Transfer.sha256();
        byte[] chunk = new byte[CHUNK];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            sink.take(chunk, read);
            digest.update(chunk, 0, read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return pass(in, (bytes, count) -> {});
        }
    }
}
