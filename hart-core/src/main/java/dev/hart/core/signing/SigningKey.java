package dev.hart.core.signing;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.spi.Signer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Signer} that was looked at: its id is one, its key is Ed25519, and what it signs fits its key. Thread-safe.
 */
public final class SigningKey {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:~-]{1,255}");
    /** What stands before the 32 bytes of the key in X.509. */
    private static final String X509 = "302a300506032b6570032100";

    private final Signer signer;
    private final String id;
    private final String hex;

    private SigningKey(Signer signer, String id, String hex) {
        this.signer = signer;
        this.id = id;
        this.hex = hex;
    }

    /** @throws InvalidConfigurationException when the signer has no usable id, or no Ed25519 key */
    public static SigningKey of(Signer signer) {
        String id = signer.keyId();
        if (!ID.matcher(id).matches()) {
            throw new InvalidConfigurationException(
                    "the signer's keyId must be 1 to 255 of letters, digits and . _ : ~ -, was '" + id + "'");
        }
        byte[] encoded = signer.publicKey().getEncoded();
        String hex = encoded == null ? "" : HexFormat.of().formatHex(encoded);
        if (!hex.startsWith(X509) || hex.length() != X509.length() + 64) {
            throw new InvalidConfigurationException("the signer " + id + " must have an Ed25519 key, was "
                    + signer.publicKey().getAlgorithm());
        }
        return new SigningKey(signer, id, hex.substring(X509.length()));
    }

    public String id() {
        return id;
    }

    /** The 32 bytes of the public key. */
    public String hex() {
        return hex;
    }

    /**
     * The signature in hex.
     *
     * @throws InvalidConfigurationException when the signature does not fit the signer's own key
     */
    public String sign(byte[] message) {
        byte[] signature = signer.sign(message.clone());
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(signer.publicKey());
            ed25519.update(message);
            if (signature.length == 64 && ed25519.verify(signature)) {
                return HexFormat.of().formatHex(signature);
            }
        } catch (GeneralSecurityException e) {
            throw unfit(e);
        }
        throw unfit(null);
    }

    /**
     * Whether a signature is that of a message by a key.
     *
     * @param hex the 32 bytes of the public key
     * @param signature in hex
     */
    public static boolean verifies(String hex, byte[] message, String signature) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(KeyFactory.getInstance("Ed25519")
                    .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(X509 + hex))));
            ed25519.update(message);
            return ed25519.verify(HexFormat.of().parseHex(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private InvalidConfigurationException unfit(@Nullable GeneralSecurityException cause) {
        return new InvalidConfigurationException(
                "the signer " + id + " gave a signature that its own public key does not verify", cause);
    }
}
