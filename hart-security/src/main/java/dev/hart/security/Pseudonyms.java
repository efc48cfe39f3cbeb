package dev.hart.security;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Stand-ins for the ids of users, prompts and nodes in what others may see: a keyed HMAC-SHA-256, so that nobody without
 * the key can try out ids. The same id gives the same stand-in until the key is changed; stand-ins of two keys cannot be
 * joined. Immutable and thread-safe.
 */
public final class Pseudonyms {
    private static final int LEAST_KEY_BYTES = 32;
    private static final int HEX_DIGITS = 16;

    private final SecretKeySpec key;

    /**
     * @param key random, at least 32 bytes; copied
     * @throws IllegalArgumentException for a shorter one
     */
    public Pseudonyms(byte[] key) {
        if (key.length < LEAST_KEY_BYTES) {
            throw new IllegalArgumentException("a key for pseudonyms has at least 32 bytes, had " + key.length);
        }
        this.key = new SecretKeySpec(key.clone(), "HmacSHA256");
    }

    /** {@code anon_} and 16 hex digits. */
    public String user(String id) {
        return "anon_" + digest("user", id);
    }

    /** {@code prompt_} and 16 hex digits. */
    public String prompt(String id) {
        return "prompt_" + digest("prompt", id);
    }

    /** {@code node_} and 16 hex digits. */
    public String node(String id) {
        return "node_" + digest("node", id);
    }

    private String digest(String kind, String id) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update((kind + '\u0000').getBytes(StandardCharsets.UTF_8));
            return HexFormat.of()
                    .formatHex(mac.doFinal(id.getBytes(StandardCharsets.UTF_8)))
                    .substring(0, HEX_DIGITS);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
