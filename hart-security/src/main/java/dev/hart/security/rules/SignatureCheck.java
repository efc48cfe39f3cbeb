package dev.hart.security.rules;

/** Verifies Ed25519 signatures (RFC 8032). Answers false for anything that is no valid signature, and never throws for it. */
@FunctionalInterface
public interface SignatureCheck {
    /** @param publicKeyHex the 32 bytes of the key as 64 hex digits */
    boolean isValid(String publicKeyHex, byte[] message, byte[] signature);
}
