package dev.hart.security.rules;

import java.util.HexFormat;

/** Verifies Ed25519 signatures (RFC 8032). Answers false for anything that is no valid signature, and never throws for it. */
@FunctionalInterface
public interface SignatureCheck {
    /** How long a signature is. */
    int SIGNATURE_BYTES = 64;

    /** @param publicKeyHex the 32 bytes of the key as 64 hex digits */
    boolean isValid(String publicKeyHex, byte[] message, byte[] signature);

    /** The same for a signature in hex; false for anything that is no hex of 64 bytes. */
    default boolean isValid(String publicKeyHex, byte[] message, String signatureHex) {
        try {
            byte[] signature = HexFormat.of().parseHex(signatureHex);
            return signature.length == SIGNATURE_BYTES && isValid(publicKeyHex, message, signature);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
