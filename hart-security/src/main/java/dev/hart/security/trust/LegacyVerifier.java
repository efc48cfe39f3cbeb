package dev.hart.security.trust;

import dev.hart.security.canonical.CanonicalText;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Verifies what the reference implementation signed: the JSON of all fields but the signature, written in one certain way.
 * Nothing in HART uses it; an application makes one to read old documents. Only texts, whole numbers, booleans, lists and
 * objects are taken, because fractions are written differently in every language.
 */
public final class LegacyVerifier {
    private final PublicKey key;

    /** @throws dev.hart.error.InvalidConfigurationException when the key is none that {@link Ed25519} takes */
    public LegacyVerifier(PublicKey key) {
        this.key = Ed25519.publicKey(Ed25519.raw(key));
    }

    /** The bytes that were signed: sorted keys, no blanks, every character beyond ASCII escaped. */
    public static byte[] signedBytes(Map<String, ?> fields) {
        return CanonicalText.ascii(fields).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Whether the document is signed by the key. Never throws: what cannot be checked is not signed.
     *
     * @param signatureField such as {@code master_signature}
     */
    public boolean verifies(byte[] json, String signatureField) {
        try {
            Map<String, Object> fields =
                    new LinkedHashMap<>(StrictJson.object(json).plain());
            return fields.remove(signatureField) instanceof String hex
                    && Ed25519.verifies(key, signedBytes(fields), HexFormat.of().parseHex(hex));
        } catch (MalformedException | IllegalArgumentException e) {
            return false;
        }
    }
}
