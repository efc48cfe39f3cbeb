package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hart.guard.Verdict;
import dev.hart.security.NodeKey;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class TrustContractsTest {
    static final SignatureCheck ED25519 = TrustContractsTest::isValid;

    private static final String NONCE = "n-1";
    private static final BigDecimal RATIO = new BigDecimal("0.80");
    private static final TrustContracts.Expected EXPECTED =
            new TrustContracts.Expected("guardrails"::equals, "origin", "manifest"::equals);

    private final TestClock clock = new TestClock();
    private final NodeKey key = NodeKey.inMemory();
    private final TrustContracts contracts = new TrustContracts(EXPECTED, ED25519, clock, Set.of());

    @Test
    void a_contract_with_a_fresh_attestation_is_taken_in() {
        assertThat(register(contract(key, c -> c))).isEqualTo("ALLOWED");
        assertThat(contracts.isCompliant(key.keyId())).isTrue();
        assertThat(contracts.isCompliant("stranger")).isFalse();
    }

    @Test
    void a_contract_is_valid_for_30_days() {
        assertThat(judge(contract(key, signedAt(clock.instant().minus(Duration.ofDays(30))))))
                .isEqualTo("ALLOWED");
        assertThat(judge(contract(
                        key, signedAt(clock.instant().minus(Duration.ofDays(30)).minusSeconds(1)))))
                .isEqualTo("EXPIRED");
        assertThat(judge(contract(key, signedAt(clock.instant().minus(Duration.ofHours(732)))))) // 30.5 days
                .isEqualTo("EXPIRED");
    }

    @Test
    void a_contract_from_the_future_is_refused_beyond_five_minutes() {
        assertThat(judge(contract(key, signedAt(clock.instant().plusSeconds(300)))))
                .isEqualTo("ALLOWED");
        assertThat(judge(contract(key, signedAt(clock.instant().plusSeconds(301)))))
                .isEqualTo("NOT_YET_VALID");
        assertThat(judge(contract(key, signedAt(clock.instant().plusSeconds(3_600)))))
                .isEqualTo("NOT_YET_VALID");
    }

    @Test
    void the_smaller_of_the_promised_and_the_measured_ratio_counts() {
        assertThat(judge(contract(key, ratio("0.80")))).isEqualTo("ALLOWED");
        assertThat(judge(contract(key, ratio("0.7999")))).isEqualTo("RATIO");
        assertThat(Rules.ruleOf(contracts.judge(contract(key, ratio("1")), new BigDecimal("0.79"))))
                .isEqualTo("RATIO");
    }

    @Test
    void other_terms_guardrails_or_origins_are_refused() {
        assertThat(judge(contract(key, c -> with(c, "0".repeat(64), c.guardrailHash(), c.originFingerprint()))))
                .isEqualTo("TERMS");
        assertThat(judge(contract(key, c -> with(c, c.contractFingerprint(), "other", c.originFingerprint()))))
                .isEqualTo("GUARDRAILS");
        assertThat(judge(contract(key, c -> with(c, c.contractFingerprint(), c.guardrailHash(), "other"))))
                .isEqualTo("ORIGIN");
    }

    @Test
    void a_contract_that_was_changed_or_signed_by_another_is_refused() {
        TrustContract signed = contract(key, c -> c);
        assertThat(judge(ratio("0.9").apply(signed))).isEqualTo("BAD_SIGNATURE");
        assertThat(judge(withSignature(
                        signed, contract(NodeKey.inMemory(), c -> c).signatureHex())))
                .isEqualTo("BAD_SIGNATURE");
        for (String none : new String[] {"", "zz", "abc", signed.signatureHex() + "00"}) {
            assertThat(judge(withSignature(signed, none))).isEqualTo("BAD_SIGNATURE");
        }
        assertThat(judge(withSignature(signed, signed.signatureHex().toUpperCase(java.util.Locale.ROOT))))
                .isEqualTo("ALLOWED");
    }

    @Test
    void an_attestation_answers_this_nonce_within_five_minutes() {
        TrustContract contract = contract(key, c -> c);
        Instant now = clock.instant();
        assertThat(attested(contract, attestation(key, now.minusSeconds(300), NONCE)))
                .isEqualTo("ALLOWED");
        assertThat(attested(contract, attestation(key, now.minusSeconds(301), NONCE)))
                .isEqualTo("ATTESTATION");
        assertThat(attested(contract, attestation(key, now.plusSeconds(301), NONCE)))
                .isEqualTo("ATTESTATION");
        assertThat(attested(contract, attestation(key, now, "n-0"))).isEqualTo("ATTESTATION");
        assertThat(attested(contract, attestation(NodeKey.inMemory(), now, NONCE)))
                .isEqualTo("ATTESTATION");
        assertThat(Rules.ruleOf(contracts.register(contract, RATIO, attestation(key, now, ""), "")))
                .isEqualTo("ATTESTATION");
    }

    @Test
    void silence_is_allowed_for_600_seconds() {
        register(contract(key, c -> c));
        clock.advance(Duration.ofSeconds(600));
        assertThat(contracts.isCompliant(key.keyId())).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(contracts.isCompliant(key.keyId()))
                .as("never reported, and silent for 601 s")
                .isFalse();
        contracts.auditReported(key.keyId());
        clock.advance(Duration.ofSeconds(600));
        assertThat(contracts.isCompliant(key.keyId())).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(contracts.isCompliant(key.keyId()))
                .as("last report 601 s ago")
                .isFalse();
    }

    @Test
    void the_third_violation_expels_and_the_key_never_comes_back() {
        register(contract(key, c -> c));
        assertThat(contracts.violated(key.keyId(), false)).isFalse();
        assertThat(contracts.violated(key.keyId(), false)).isFalse();
        assertThat(register(contract(key, c -> c))).as("a renewal").isEqualTo("ALLOWED");
        assertThat(contracts.violated(key.keyId(), false)).isTrue();
        assertThat(contracts.isCompliant(key.keyId())).isFalse();
        assertThat(register(contract(key, c -> c))).isEqualTo("EXPELLED");
        TrustContracts restarted = new TrustContracts(EXPECTED, ED25519, clock, contracts.expelledKeys());
        assertThat(Rules.ruleOf(restarted.judge(contract(key, c -> c), RATIO))).isEqualTo("EXPELLED");
        NodeKey fresh = NodeKey.inMemory();
        assertThat(register(contract(fresh, c -> c), fresh)).isEqualTo("ALLOWED");
    }

    @Test
    void a_critical_violation_expels_at_once() {
        register(contract(key, c -> c));
        assertThat(contracts.violated(key.keyId(), true)).isTrue();
        assertThat(contracts.violated(key.keyId(), true)).isFalse();
        assertThat(contracts.expelledKeys()).containsExactly(hex(key));
    }

    @Test
    void nobody_takes_over_the_contract_of_another_node() {
        register(contract(key, c -> c));
        NodeKey thief = NodeKey.inMemory();
        TrustContract stolen = signed(
                thief,
                new TrustContract(
                        key.keyId(),
                        hex(thief),
                        TrustContract.fingerprintOfTerms(),
                        "guardrails",
                        "origin",
                        RATIO,
                        clock.instant(),
                        ""));
        Attestation open =
                new Attestation(key.keyId(), hex(thief), "manifest", "guardrails", NONCE, clock.instant(), "");
        assertThat(Rules.ruleOf(contracts.register(stolen, RATIO, signed(thief, open), NONCE)))
                .isEqualTo("ID_MISMATCH");
    }

    @Test
    void what_is_signed_says_what_it_is() {
        assertThat(new String(contract(key, c -> c).signedBytes(), StandardCharsets.UTF_8))
                .startsWith("DSSEv1 40 application/vnd.hart.trust-contract+json ")
                .contains("\"audit_compute_ratio\":\"0.8\"")
                .contains("\"signed_at\":\"1767225600\"");
        assertThat(new String(attestation(key, clock.instant(), NONCE).signedBytes(), StandardCharsets.UTF_8))
                .startsWith("DSSEv1 37 application/vnd.hart.attestation+json ");
    }

    @Test
    void a_key_or_a_ratio_that_is_none_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> contract(key, ratio("1.01")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TrustContract("n", "AB".repeat(32), "", "", "", RATIO, clock.instant(), ""));
    }

    private String register(TrustContract contract) {
        return register(contract, key);
    }

    private String register(TrustContract contract, NodeKey signer) {
        return attested(contract, attestation(signer, clock.instant(), NONCE));
    }

    private String attested(TrustContract contract, Attestation attestation) {
        return Rules.ruleOf(contracts.register(contract, RATIO, attestation, NONCE));
    }

    private String judge(TrustContract contract) {
        Verdict verdict = contracts.judge(contract, RATIO);
        return Rules.ruleOf(verdict);
    }

    private TrustContract contract(NodeKey signer, UnaryOperator<TrustContract> change) {
        TrustContract open = new TrustContract(
                signer.keyId(),
                hex(signer),
                TrustContract.fingerprintOfTerms(),
                "guardrails",
                "origin",
                RATIO,
                clock.instant(),
                "");
        return signed(signer, change.apply(open));
    }

    private static TrustContract signed(NodeKey signer, TrustContract open) {
        return withSignature(open, HexFormat.of().formatHex(signer.sign(open.signedBytes())));
    }

    private static Attestation attestation(NodeKey signer, Instant at, String nonce) {
        return signed(signer, new Attestation(signer.keyId(), hex(signer), "manifest", "guardrails", nonce, at, ""));
    }

    private static Attestation signed(NodeKey signer, Attestation open) {
        return new Attestation(
                open.nodeId(),
                open.publicKeyHex(),
                open.manifestDigest(),
                open.guardrailHash(),
                open.nonce(),
                open.at(),
                HexFormat.of().formatHex(signer.sign(open.signedBytes())));
    }

    private static UnaryOperator<TrustContract> signedAt(Instant at) {
        return c -> new TrustContract(
                c.nodeId(),
                c.publicKeyHex(),
                c.contractFingerprint(),
                c.guardrailHash(),
                c.originFingerprint(),
                c.auditComputeRatio(),
                at,
                c.signatureHex());
    }

    private static UnaryOperator<TrustContract> ratio(String ratio) {
        return c -> new TrustContract(
                c.nodeId(),
                c.publicKeyHex(),
                c.contractFingerprint(),
                c.guardrailHash(),
                c.originFingerprint(),
                new BigDecimal(ratio),
                c.signedAt(),
                c.signatureHex());
    }

    private static TrustContract with(TrustContract c, String terms, String guardrails, String origin) {
        return new TrustContract(
                c.nodeId(),
                c.publicKeyHex(),
                terms,
                guardrails,
                origin,
                c.auditComputeRatio(),
                c.signedAt(),
                c.signatureHex());
    }

    private static TrustContract withSignature(TrustContract c, String signature) {
        return new TrustContract(
                c.nodeId(),
                c.publicKeyHex(),
                c.contractFingerprint(),
                c.guardrailHash(),
                c.originFingerprint(),
                c.auditComputeRatio(),
                c.signedAt(),
                signature);
    }

    static String hex(NodeKey key) {
        byte[] encoded = key.publicKey().getEncoded();
        return HexFormat.of().formatHex(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    }

    private static boolean isValid(String publicKeyHex, byte[] message, byte[] signature) {
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(KeyFactory.getInstance("Ed25519")
                    .generatePublic(new X509EncodedKeySpec(
                            HexFormat.of().parseHex("302a300506032b6570032100" + publicKeyHex))));
            check.update(message);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
