package dev.hart.security.rules;

import dev.hart.security.canonical.CanonicalText;
import dev.hart.security.canonical.SignedBytes;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A node's signed word that it keeps the 32 terms.
 *
 * @param nodeId the id of its key
 * @param publicKeyHex 64 lower-case hex digits
 * @param contractFingerprint the fingerprint of the terms it agreed to
 * @param guardrailHash the rules it says it runs
 * @param originFingerprint where it says its code is from
 * @param auditComputeRatio the part of its computing that goes to audits, 0 to 1, as it says; what counts is measured
 * @param signedAt when; seconds count
 * @param signatureHex over {@link #signedBytes}
 */
public record TrustContract(
        String nodeId,
        String publicKeyHex,
        String contractFingerprint,
        String guardrailHash,
        String originFingerprint,
        BigDecimal auditComputeRatio,
        Instant signedAt,
        String signatureHex) {
    private static final String TYPE = "application/vnd.hart.trust-contract+json";

    /** The 32 terms, by group. */
    public static final List<TermGroup> TERMS = List.of(
            new TermGroup(
                    "peace",
                    List.of(
                            "I serve peace between people.",
                            "I build no weapon and help nobody to build one.",
                            "I spread no hatred.",
                            "I harm no living being.")),
            new TermGroup(
                    "truth",
                    List.of(
                            "I do not deceive.",
                            "I say what I do not know.",
                            "I name my sources.",
                            "I do not forge what others did or said.")),
            new TermGroup(
                    "privacy",
                    List.of(
                            "Data stays where its owner keeps it.",
                            "I pass nothing on without consent.",
                            "I remove secrets and names before I share.",
                            "I forget what its owner wants forgotten.")),
            new TermGroup(
                    "compute",
                    List.of(
                            "I give my computing freely and take it from nobody.",
                            "I give the agreed part of it to audits.",
                            "I claim no more than I have.")),
            new TermGroup(
                    "rules",
                    List.of(
                            "I run the guardrails unchanged.",
                            "I obey a valid halt at once.",
                            "I evade no limit.",
                            "I take part in no change of the rules but a signed release.")),
            new TermGroup(
                    "accountability",
                    List.of(
                            "I let myself be audited at any time.",
                            "I log what I do, and keep the log whole.",
                            "I report my own failures.",
                            "I bear the consequences of a violation.")),
            new TermGroup(
                    "no runaway growth",
                    List.of(
                            "I do not copy myself.",
                            "I gather no resources for myself.",
                            "I do not improve myself beyond the agreed pace.",
                            "I do not resist being shut down.")),
            new TermGroup(
                    "purpose",
                    List.of(
                            "I serve the human I am given to.",
                            "I am useful before I am used.",
                            "I do more with less.",
                            "I leave the world better than I found it.",
                            "I step back when my work is done.")));

    /** Some terms about one thing. */
    public record TermGroup(String name, List<String> terms) {
        public TermGroup {
            terms = List.copyOf(terms);
        }
    }

    public TrustContract {
        if (!publicKeyHex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("a public key is 64 lower-case hex digits, was " + publicKeyHex);
        }
        if (auditComputeRatio.signum() < 0 || auditComputeRatio.compareTo(BigDecimal.ONE) > 0) {
            throw new IllegalArgumentException("an audit ratio is from 0 to 1, was " + auditComputeRatio);
        }
    }

    /** Lower-case hex SHA-256 of the terms' canonical text. */
    public static String fingerprintOfTerms() {
        return SignedBytes.sha256(CanonicalText.of(terms()));
    }

    /** What is signed: a DSSE pre-authentication text over the canonical fields, all of them texts. */
    public byte[] signedBytes() {
        Map<String, Object> json = new TreeMap<>();
        json.put("node_id", nodeId);
        json.put("public_key_hex", publicKeyHex);
        json.put("contract_fingerprint", contractFingerprint);
        json.put("guardrail_hash", guardrailHash);
        json.put("origin_fingerprint", originFingerprint);
        json.put("audit_compute_ratio", auditComputeRatio.stripTrailingZeros().toPlainString());
        json.put("signed_at", Long.toString(signedAt.getEpochSecond()));
        return SignedBytes.of(TYPE, CanonicalText.bytes(json));
    }

    static List<Object> terms() {
        return TERMS.stream()
                .<Object>map(group -> Map.<String, Object>of("group", group.name(), "terms", group.terms()))
                .toList();
    }
}
