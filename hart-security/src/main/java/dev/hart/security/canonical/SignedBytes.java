package dev.hart.security.canonical;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The bytes under a signature, and their digest. */
public final class SignedBytes {
    private SignedBytes() {}

    /**
     * DSSE's encoding before authentication, {@code DSSEv1 <length> <type> <length> <payload>}: what is signed for one use
     * cannot be taken for another.
     */
    public static byte[] of(String type, byte[] payload) {
        byte[] name = type.getBytes(StandardCharsets.UTF_8);
        byte[] head =
                ("DSSEv1 " + name.length + " " + type + " " + payload.length + " ").getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.length + payload.length);
        bytes.writeBytes(head);
        bytes.writeBytes(payload);
        return bytes.toByteArray();
    }

    /** SHA-256 of a text in UTF-8, as 64 lower-case hex digits. */
    public static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 as 64 lower-case hex digits. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
