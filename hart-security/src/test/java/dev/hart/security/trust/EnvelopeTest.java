package dev.hart.security.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.canonical.SignedBytes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
    private static final String COMMAND =
            "{\"action\":\"HALT\",\"commandId\":\"11111111-1111-4111-8111-111111111111\",\"issuedAt\":"
                    + "\"2026-01-01T00:00:00Z\",\"notAfter\":\"2026-01-01T00:10:00Z\",\"reason\":\"drill\","
                    + "\"scope\":\"network\",\"sequence\":1}";
    private final TestKey key = TestKey.rfc8032();

    @Test
    void theSignedBytesAndTheSignatureOfTheWorkedCase() throws Exception {
        assertThat(COMMAND.getBytes(UTF_8)).hasSize(184);
        HaltCommand command = HaltCommand.parse(COMMAND.getBytes(UTF_8));
        assertThat(command.toBytes()).isEqualTo(COMMAND.getBytes(UTF_8));
        assertThat(PayloadType.COMMAND.mediaType()).hasSize(33);

        Envelope envelope = command.toEnvelope();
        assertThat(envelope.signedBytes()).hasSize(232);
        assertThat(SignedBytes.sha256(envelope.signedBytes()))
                .isEqualTo("ac9d5d06068cc23592a23f85a0f58fe0902f548b40c2fdb3de42b9915f742569");
        assertThat(HexFormat.of().formatHex(key.sign(envelope.signedBytes())))
                .isEqualTo(
                        "4d268b627356a6c544ec82bdddd5cdcf30f81a09bd5bb4b2d7b805894aaedd4cc7fa3d5031078b36191879d80b62d41d"
                                + "050f843545d0b5f41fe56a88e2d14c05");
    }

    @Test
    void theReferenceFormOfTheWorkedCaseVerifies() {
        byte[] signed = LegacyVerifier.signedBytes(Map.of("reason", "drill", "action", "halt"));
        assertThat(new String(signed, UTF_8)).isEqualTo("{\"action\":\"halt\",\"reason\":\"drill\"}");
        assertThat(signed).hasSize(34);
        String signature =
                "e7d7fe8e40e53dc86061296f063c3c5a3b7063b55606eb1a14ddc1002d31b4bb8be8810d60c4f76a9213aa5bb6f4327a"
                        + "1d78bf5aa6d10de0a7fcd5177f1c3f03";
        String document = "{\"reason\":\"drill\", \"action\":\"halt\", \"signature\":\"" + signature + "\"}";
        LegacyVerifier verifier = new LegacyVerifier(key.publicKey());
        assertThat(verifier.verifies(document.getBytes(UTF_8), "signature")).isTrue();
        assertThat(verifier.verifies(
                        document.replace(signature, signature.toUpperCase(java.util.Locale.ROOT))
                                .getBytes(UTF_8),
                        "signature"))
                .isTrue();
        assertThat(verifier.verifies(document.replace("drill", "drull").getBytes(UTF_8), "signature"))
                .isFalse();
        assertThat(verifier.verifies(document.replace("\"e7d7", "\"7d7").getBytes(UTF_8), "signature"))
                .isFalse();
        assertThat(verifier.verifies("{\"a\":1.5,\"signature\":\"00\"}".getBytes(UTF_8), "signature"))
                .isFalse();
        assertThat(verifier.verifies("[]".getBytes(UTF_8), "signature")).isFalse();
    }

    @Test
    void theReferenceFormEscapesEveryCharacterBeyondAscii() {
        assertThat(new String(LegacyVerifier.signedBytes(Map.of("n", "é\uD83D\uDE00\u007f")), UTF_8))
                .isEqualTo("{\"n\":\"\\u00e9\\ud83d\\ude00\\u007f\"}");
    }

    @Test
    void aSignatureCountsInItsOwnRoleOnly() {
        Envelope command = Envelope.of(PayloadType.COMMAND, new byte[] {1}).signedBy(key);
        Envelope release = new Envelope(PayloadType.RELEASE, command.payload(), command.signatures());
        Map<String, java.security.PublicKey> known = Map.of(key.keyId(), key.publicKey());
        assertThat(command.signers(known)).containsExactly(key.keyId());
        assertThat(release.signers(known)).isEmpty();
    }

    @Test
    void aThresholdCountsKeysNotSignaturesAndPassesOverUnknownKeys() {
        TestKey second = TestKey.fresh();
        TrustAnchors anchors = TrustAnchors.of(2, List.of(key.publicKey(), second.publicKey()));
        Envelope twice =
                Envelope.of(PayloadType.COMMAND, new byte[] {1}).signedBy(key).signedBy(key);
        assertThat(anchors.signers(twice)).isEqualTo(1);
        assertThat(anchors.signers(twice.signedBy(TestKey.fresh()))).isEqualTo(1);
        assertThat(anchors.signers(twice.signedBy(second))).isEqualTo(2);
        Envelope.Sig mine = twice.signatures().get(0);
        Envelope named = new Envelope(
                twice.type(), twice.payload(), List.of(mine, new Envelope.Sig(second.keyId(), mine.sig())));
        assertThat(anchors.signers(named)).isEqualTo(1);
    }

    @Test
    void aWrongSignatureBeforeTheRightOneOfTheSameKeyDoesNotHideIt() {
        Envelope right = Envelope.of(PayloadType.TASK, new byte[] {7}).signedBy(key);
        Envelope both = new Envelope(
                right.type(),
                right.payload(),
                List.of(
                        new Envelope.Sig(key.keyId(), new byte[64]),
                        right.signatures().get(0)));
        assertThat(both.signers(Map.of(key.keyId(), key.publicKey()))).containsExactly(key.keyId());
    }

    @Test
    void anchorsAreOneToManyDifferentSoundKeysAndAThresholdThatTheyCanReach() {
        assertThatThrownBy(() -> TrustAnchors.of(1, List.of())).isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> TrustAnchors.of(0, List.of(key.publicKey())))
                .hasMessage("the threshold of 1 trust anchors is 1 to 1, was 0");
        assertThatThrownBy(() -> TrustAnchors.of(2, List.of(key.publicKey()))).hasMessageContaining("was 2");
        assertThatThrownBy(() -> TrustAnchors.of(1, List.of(key.publicKey(), key.publicKey())))
                .hasMessageContaining("is given twice");
        assertThatThrownBy(() -> TrustAnchors.ofHex(1, List.of("01" + "00".repeat(31))))
                .hasMessageContaining("is of low order");
    }

    @Test
    void anEnvelopeIsReadBackAsItWasWritten() throws Exception {
        Envelope envelope =
                Envelope.of(PayloadType.NODE_RECORD, "{}".getBytes(UTF_8)).signedBy(key);
        assertThat(Envelope.parse(envelope.toBytes())).isEqualTo(envelope).hasSameHashCodeAs(envelope);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.hart.command+json\"}",
                "{\"payload\":\"e30=\",\"payloadType\":\"application/json\",\"signatures\":[]}",
                "{\"payload\":\"e30\",\"payloadType\":\"application/vnd.hart.command+json\",\"signatures\":[]}",
                "{\"payload\":\"e31=\",\"payloadType\":\"application/vnd.hart.command+json\",\"signatures\":[]}",
                "{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.hart.command+json\",\"signatures\":{}}",
                "{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.hart.command+json\",\"signatures\":[1]}",
                "{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.hart.command+json\",\"signatures\":[],\"x\":1}",
                "{\"payload\":\"e30=\",\"payload\":\"e30=\",\"payloadType\":\"application/vnd.hart.command+json\",\"signatures\":[]}",
                "{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.hart.command+json\",\"signatures\":[]}{}",
                "{\"payload\":null,\"payloadType\":\"application/vnd.hart.command+json\",\"signatures\":[]}"
            })
    void whatIsNoEnvelopeIsRefused(String text) {
        assertThatThrownBy(() -> Envelope.parse(text.getBytes(UTF_8))).isInstanceOf(MalformedException.class);
    }

    @Test
    void sizesAreLimited() {
        assertThatThrownBy(() -> Envelope.parse(new byte[Envelope.MAX_BYTES + 1]))
                .hasMessage("an envelope has at most 1048576 bytes, not 1048577");
        assertThat(Envelope.of(PayloadType.DELTA, new byte[Envelope.MAX_PAYLOAD])
                        .toBytes())
                .hasSizeLessThanOrEqualTo(Envelope.MAX_BYTES);
        assertThatThrownBy(() -> Envelope.of(PayloadType.DELTA, new byte[Envelope.MAX_PAYLOAD + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        List<Envelope.Sig> many = java.util.Collections.nCopies(65, new Envelope.Sig("a", new byte[64]));
        assertThatThrownBy(() -> new Envelope(PayloadType.DELTA, new byte[0], many))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noBitOfAnEnvelopeCanBeFlippedUnseen() throws Exception {
        Envelope envelope =
                HaltCommand.parse(COMMAND.getBytes(UTF_8)).toEnvelope().signedBy(key);
        TrustAnchors anchors = TrustAnchors.of(1, List.of(key.publicKey()));
        byte[] bytes = envelope.toBytes();
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            int signers;
            try {
                signers = anchors.signers(Envelope.parse(flipped));
            } catch (MalformedException e) {
                signers = 0;
            }
            assertThat(signers).as("bit " + bit).isZero();
        }
    }

    /** Seeded: the seed and the round are in the message of a failure. */
    @Test
    void anyPayloadAnyNumberOfSignersAndAnyOrderCountAlike() throws Exception {
        SplittableRandom random = new SplittableRandom(26);
        for (int round = 0; round < 60; round++) {
            int n = random.nextInt(1, 6);
            List<TestKey> keys = java.util.stream.Stream.generate(() -> TestKey.of(random))
                    .limit(n)
                    .toList();
            byte[] payload = new byte[random.nextInt(2_000)];
            random.nextBytes(payload);
            int signing = random.nextInt(n + 1);
            Envelope envelope = Envelope.of(PayloadType.values()[random.nextInt(PayloadType.values().length)], payload);
            for (int i = 0; i < signing; i++) {
                envelope = envelope.signedBy(keys.get(i)).signedBy(TestKey.of(random));
            }
            List<Envelope.Sig> shuffled = new java.util.ArrayList<>(envelope.signatures());
            java.util.Collections.shuffle(shuffled, new java.util.Random(round));
            Envelope read = Envelope.parse(new Envelope(envelope.type(), payload, shuffled).toBytes());
            TrustAnchors anchors =
                    TrustAnchors.of(1, keys.stream().map(TestKey::publicKey).toList());
            assertThat(anchors.signers(read)).as("seed 26, round " + round).isEqualTo(signing);
            assertThat(Arrays.equals(read.payload(), payload)).isTrue();
        }
    }
}
