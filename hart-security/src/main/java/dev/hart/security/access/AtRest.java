package dev.hart.security.access;

import dev.hart.error.InvalidConfigurationException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts what lies on a disk, with AES-256-GCM (NIST SP 800-38D). There is no form without a key, and with another key nothing
 * comes back. Thread-safe.
 *
 * <p>Sealed bytes are {@code HART}, one byte for the version, 12 random bytes, the ciphertext and its tag of 16 bytes. The first five and
 * the name of the place are bound to the ciphertext, so what was sealed for one place does not open in another.
 */
public final class AtRest {
    /** 64 hex digits, or 32 bytes in base64. */
    public static final String KEY_VARIABLE = "HART_DATA_KEY";

    static final int KEY_BYTES = 32;
    private static final byte[] HEADER = {'H', 'A', 'R', 'T', 1};
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    private AtRest(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    /** @throws InvalidConfigurationException unless the key has 32 bytes */
    public static AtRest with(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new InvalidConfigurationException("a key for data at rest has " + KEY_BYTES + " bytes, this one has "
                    + key.length + "; make one with: openssl rand -hex 32");
        }
        return new AtRest(key.clone());
    }

    /**
     * With the key of {@value #KEY_VARIABLE}.
     *
     * @throws InvalidConfigurationException when it is not set, or no key
     */
    public static AtRest fromEnvironment(Map<String, String> environment) {
        return with(key(environment.getOrDefault(KEY_VARIABLE, "").strip()));
    }

    static byte[] key(String text) {
        if (text.matches("[0-9a-fA-F]{64}")) {
            return HexFormat.of().parseHex(text);
        }
        try {
            byte[] decoded = Base64.getDecoder().decode(text);
            if (decoded.length == KEY_BYTES) {
                return decoded;
            }
        } catch (IllegalArgumentException e) {
            // said below, without the text
        }
        throw new InvalidConfigurationException(
                KEY_VARIABLE + " must be 64 hex digits or 32 bytes in base64; make one with: openssl rand -hex 32");
    }

    /**
     * The bytes, encrypted.
     *
     * @param place names what this is, such as {@code table.column.row}; needed to open it
     */
    public byte[] seal(byte[] plain, String place) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, place).doFinal(plain);
            return ByteBuffer.allocate(HEADER.length + NONCE_BYTES + sealed.length)
                    .put(HEADER)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-256-GCM", e);
        }
    }

    /**
     * What was sealed.
     *
     * @throws InvalidConfigurationException when it was sealed with another key or for another place, was changed, or was never
     *     sealed
     */
    public byte[] open(byte[] sealed, String place) {
        boolean ours = sealed.length >= HEADER.length + NONCE_BYTES + TAG_BYTES
                && Arrays.equals(sealed, 0, HEADER.length, HEADER, 0, HEADER.length);
        if (!ours) {
            throw new InvalidConfigurationException("what is stored as " + place
                    + " was not encrypted by this version of HART; it is neither used nor changed");
        }
        byte[] nonce = Arrays.copyOfRange(sealed, HEADER.length, HEADER.length + NONCE_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, nonce, place)
                    .doFinal(sealed, HEADER.length + NONCE_BYTES, sealed.length - HEADER.length - NONCE_BYTES);
        } catch (AEADBadTagException e) {
            throw new InvalidConfigurationException(
                    "the key does not open what is stored as " + place
                            + ": it is another key, or somebody changed the data",
                    e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-256-GCM", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
        cipher.updateAAD(HEADER);
        cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    @Override
    public String toString() {
        return "AtRest[***]";
    }
}
