package dev.hart.core.run;

import dev.hart.ledger.CanonicalJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A line of a file of evidence: a canonical JSON text in UTF-8, and the hash of it and of the line before. */
final class EvidenceLine {
    /** What the header and the first event follow. */
    static final byte[] START = new byte[32];

    private final byte[] hash;
    private final byte[] json;

    private EvidenceLine(byte[] hash, byte[] json) {
        this.hash = hash;
        this.json = json;
    }

    /** @param previous the hash of the line before, or {@link #START} */
    static EvidenceLine after(byte[] previous, Map<String, @Nullable Object> record) {
        byte[] json = bytes(record);
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        sha256.update(previous);
        return new EvidenceLine(sha256.digest(json), json);
    }

    static byte[] bytes(Map<String, @Nullable Object> record) {
        return CanonicalJson.write(record).getBytes(StandardCharsets.UTF_8);
    }

    byte[] hash() {
        return hash;
    }

    /** The hash in hex. */
    String seal() {
        return HexFormat.of().formatHex(hash);
    }

    void writeTo(OutputStream out) throws IOException {
        write(out, seal(), json);
    }

    static void write(OutputStream out, String seal, byte[] json) throws IOException {
        out.write(seal.getBytes(StandardCharsets.US_ASCII));
        out.write(' ');
        out.write(json);
        out.write('\n');
    }
}
