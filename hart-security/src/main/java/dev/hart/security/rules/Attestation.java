package dev.hart.security.rules;

import dev.hart.security.canonical.CanonicalText;
import dev.hart.security.canonical.SignedBytes;
import java.time.Instant;
import java.util.Map;

/**
 * A node's signed answer to a peer that asked what it runs. It proves that the node's key said so now, not that it is true.
 *
 * @param manifestDigest SHA-256 of the signed manifest of its release
 * @param nonce the peer's, so that an old answer is none
 * @param signatureHex over {@link #signedBytes}, by the node's key
 */
public record Attestation(
        String nodeId,
        String publicKeyHex,
        String manifestDigest,
        String guardrailHash,
        String nonce,
        Instant at,
        String signatureHex) {
    private static final String TYPE = "application/vnd.hart.attestation+json";

    /** What is signed: a DSSE pre-authentication text over the canonical fields, all of them texts. */
    public byte[] signedBytes() {
        Map<String, Object> json = Map.of(
                "node_id", nodeId,
                "public_key_hex", publicKeyHex,
                "manifest_digest", manifestDigest,
                "guardrail_hash", guardrailHash,
                "nonce", nonce,
                "at", Long.toString(at.getEpochSecond()));
        return SignedBytes.of(TYPE, CanonicalText.bytes(json));
    }
}
