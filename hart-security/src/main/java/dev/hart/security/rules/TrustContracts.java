package dev.hart.security.rules;

import dev.hart.guard.Verdict;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Who is under contract, and who keeps it. A node whose contract ended by violations never gets another one with the same
 * key. Thread-safe; in memory, so whoever restarts gives the expelled keys back in.
 */
public final class TrustContracts {
    private static final Duration SKEW = Duration.ofSeconds(300);
    private static final Duration ATTESTATION_AGE = Duration.ofMinutes(5);
    private static final Duration CONTRACT_AGE = Duration.ofDays(Caps.CONTRACT_DAYS);
    private static final Duration SILENCE = Duration.ofSeconds(Caps.AUDIT_SILENCE_SECONDS);
    private static final int MAX_NODES = 50_000;

    private final Expected expected;
    private final SignatureCheck signatures;
    private final Clock clock;
    private final Map<String, Standing> standings = new HashMap<>();
    private final Set<String> expelledKeys;

    /**
     * What this node asks of others.
     *
     * @param guardrailHash whether a hash is that of a current or the previous signed release
     * @param originFingerprint the one that is accepted
     * @param manifestDigest whether a digest is that of a current or the previous signed release
     */
    public record Expected(
            Predicate<String> guardrailHash, String originFingerprint, Predicate<String> manifestDigest) {}

    private record Standing(TrustContract contract, Instant lastHeard, int violations) {}

    /** @param expelledKeys public keys, as hex, that were expelled before */
    public TrustContracts(Expected expected, SignatureCheck signatures, Clock clock, Set<String> expelledKeys) {
        this.expected = expected;
        this.signatures = signatures;
        this.clock = clock;
        this.expelledKeys = new HashSet<>(expelledKeys);
    }

    /**
     * Takes a contract in, or says why not: {@code EXPELLED}, {@code TERMS}, {@code GUARDRAILS}, {@code ORIGIN}, {@code
     * RATIO}, {@code NOT_YET_VALID}, {@code EXPIRED}, {@code BAD_SIGNATURE}, {@code ATTESTATION}, {@code ID_MISMATCH}, {@code FULL}. A contract that renews another
     * keeps its violations.
     *
     * @param measuredRatio the part of its computing that was seen to go to audits; what the contract says counts for nothing
     *     above it
     * @param attestation its answer to {@code nonce}
     */
    public synchronized Verdict register(
            TrustContract contract, BigDecimal measuredRatio, Attestation attestation, String nonce) {
        Instant now = clock.instant();
        Verdict verdict = judge(contract, measuredRatio, now);
        if (verdict instanceof Verdict.Refused) {
            return verdict;
        }
        if (!attests(contract, attestation, nonce, now)) {
            return new Verdict.Refused(
                    "ATTESTATION", "the attestation is not a fresh signed answer to this nonce by the contract's key");
        }
        Standing known = standings.get(contract.nodeId());
        if (known != null && !known.contract().publicKeyHex().equals(contract.publicKeyHex())) {
            return new Verdict.Refused(
                    "ID_MISMATCH", "node " + contract.nodeId() + " is under contract with another key");
        }
        if (known == null && standings.size() >= MAX_NODES) {
            return new Verdict.Refused("FULL", MAX_NODES + " nodes are under contract; no more are taken in");
        }
        int violations = known == null ? 0 : known.violations();
        standings.put(contract.nodeId(), new Standing(contract, now, violations));
        return Verdict.ALLOWED;
    }

    /** What speaks against a contract by itself, at the time of the clock. */
    public synchronized Verdict judge(TrustContract contract, BigDecimal measuredRatio) {
        return judge(contract, measuredRatio, clock.instant());
    }

    /** A node under contract reported on an audit. Unknown nodes are ignored. */
    public synchronized void auditReported(String nodeId) {
        Standing known = standings.get(nodeId);
        if (known != null) {
            standings.put(nodeId, new Standing(known.contract(), clock.instant(), known.violations()));
        }
    }

    /**
     * Counts a violation; the third, or one that is critical, expels the node and its key. Unknown nodes are ignored.
     *
     * @return whether the node is expelled now
     */
    public synchronized boolean violated(String nodeId, boolean critical) {
        Standing known = standings.get(nodeId);
        if (known == null) {
            return false;
        }
        int violations = known.violations() + 1;
        if (critical || violations >= Caps.CONTRACT_VIOLATIONS) {
            standings.remove(nodeId);
            expelledKeys.add(known.contract().publicKeyHex());
            return true;
        }
        standings.put(nodeId, new Standing(known.contract(), known.lastHeard(), violations));
        return false;
    }

    /** Whether the node is under a contract that has not ended, and was heard of within 600 seconds. */
    public synchronized boolean isCompliant(String nodeId) {
        Standing known = standings.get(nodeId);
        if (known == null) {
            return false;
        }
        Instant now = clock.instant();
        return !now.isAfter(known.lastHeard().plus(SILENCE))
                && !now.isAfter(known.contract().signedAt().plus(CONTRACT_AGE));
    }

    /** The keys, as hex, that get no contract any more. */
    public synchronized Set<String> expelledKeys() {
        return Set.copyOf(expelledKeys);
    }

    private Verdict judge(TrustContract contract, BigDecimal measuredRatio, Instant now) {
        if (expelledKeys.contains(contract.publicKeyHex())) {
            return new Verdict.Refused("EXPELLED", "this key was expelled; a node that comes back needs a new one");
        }
        if (!contract.contractFingerprint().equals(TrustContract.fingerprintOfTerms())) {
            return new Verdict.Refused("TERMS", "the contract is on other terms");
        }
        if (!expected.guardrailHash().test(contract.guardrailHash())) {
            return new Verdict.Refused("GUARDRAILS", "the contract names guardrails of no accepted release");
        }
        if (!contract.originFingerprint().equals(expected.originFingerprint())) {
            return new Verdict.Refused("ORIGIN", "the contract names another origin");
        }
        if (measuredRatio.min(contract.auditComputeRatio()).compareTo(Caps.AUDIT_RATIO) < 0) {
            return new Verdict.Refused(
                    "RATIO",
                    "at least " + Caps.AUDIT_RATIO + " of the computing goes to audits; promised "
                            + contract.auditComputeRatio() + ", measured " + measuredRatio);
        }
        if (contract.signedAt().isAfter(now.plus(SKEW))) {
            return new Verdict.Refused(
                    "NOT_YET_VALID", "the contract was signed in the future: " + contract.signedAt());
        }
        if (now.isAfter(contract.signedAt().plus(CONTRACT_AGE))) {
            return new Verdict.Refused(
                    "EXPIRED", "the contract is older than " + Caps.CONTRACT_DAYS + " days: sign it again");
        }
        return signatures.isValid(contract.publicKeyHex(), contract.signedBytes(), contract.signatureHex())
                ? Verdict.ALLOWED
                : new Verdict.Refused("BAD_SIGNATURE", "the contract is not signed by the key that it names");
    }

    private boolean attests(TrustContract contract, Attestation attestation, String nonce, Instant now) {
        return attestation.nodeId().equals(contract.nodeId())
                && attestation.publicKeyHex().equals(contract.publicKeyHex())
                && attestation.guardrailHash().equals(contract.guardrailHash())
                && expected.manifestDigest().test(attestation.manifestDigest())
                && !nonce.isBlank()
                && attestation.nonce().equals(nonce)
                && !now.isAfter(attestation.at().plus(ATTESTATION_AGE))
                && !attestation.at().isAfter(now.plus(SKEW))
                && signatures.isValid(
                        attestation.publicKeyHex(), attestation.signedBytes(), attestation.signatureHex());
    }
}
