package dev.hart.spi;

import java.security.PublicKey;

/**
 * Signs with one Ed25519 key (RFC 8032), such as the node's own. Implementations are thread-safe and keep the private key
 * to themselves.
 */
public interface Signer {

    /** Names the key in documents and rows: 1 to 255 of letters, digits, {@code . _ : ~ -}; another key has another name. */
    String keyId();

    /** The key that verifies what {@link #sign} gives. */
    PublicKey publicKey();

    /** The 64 bytes of the pure Ed25519 signature of {@code message}. */
    byte[] sign(byte[] message);
}
