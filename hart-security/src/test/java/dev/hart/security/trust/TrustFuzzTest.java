package dev.hart.security.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any bytes at all: they are refused, or read as exactly what was written. The fuzz tests read their stored inputs in a normal
 * build; {@code JAZZER_FUZZ=1} lets Jazzer look for new ones. The seeded tests change what is right at random places.
 */
class TrustFuzzTest {
    private static final TestKey ANCHOR = TestKey.rfc8032();

    @FuzzTest
    void envelopesAreReadAsTheyWereWritten(byte[] bytes) {
        try {
            Envelope envelope = Envelope.parse(bytes);
            assertThat(Envelope.parse(envelope.toBytes())).isEqualTo(envelope);
            envelope.signers(Map.of("k", ANCHOR.publicKey(), ANCHOR.keyId(), ANCHOR.publicKey()));
        } catch (MalformedException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void ordersAreReadAsTheyWereWritten(byte[] bytes) {
        try {
            HaltCommand command = HaltCommand.parse(bytes);
            assertThat(HaltCommand.parse(command.toBytes())).isEqualTo(command);
        } catch (MalformedException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        assertThat(new LegacyVerifier(ANCHOR.publicKey()).verifies(bytes, "signature"))
                .isFalse();
    }

    @FuzzTest
    void certificatesNeverBreakTheVerifier(byte[] bytes) throws Exception {
        List<X509Certificate> chain;
        try {
            chain = CertificateFiles.parse(bytes);
        } catch (MalformedException e) {
            return;
        }
        ChainResult result = verifier().verify(chain, Purpose.PEER_LINK, Instant.parse("2026-11-29T00:00:00Z"));
        assertThat(result).isInstanceOfAny(ChainResult.Valid.class, ChainResult.Invalid.class);
        try {
            new RevocationList().offer(bytes, chain.get(0), Instant.EPOCH);
        } catch (MalformedException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(TrustFuzzTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    /** Of the root that signed the stored chain; its revocation lists are not there, which a local chain may lack in SOFT. */
    private static ChainVerifier verifier() throws IOException, MalformedException {
        X509Certificate root = CertificateFiles.parse(resource("root.pem")).get(0);
        return new ChainVerifier(
                TrustAnchors.of(1, List.of(root.getPublicKey())),
                List.of(root),
                "hive.example.org",
                new RevocationList(),
                Enforcement.SOFT,
                said -> {});
    }

    @Test
    void theStoredChainIsRight() throws Exception {
        List<X509Certificate> chain =
                CertificateFiles.parse(resource("TrustFuzzTestInputs/certificatesNeverBreakTheVerifier/chain"));
        assertThat(verifier().verify(chain, Purpose.PEER_LINK, Instant.parse("2026-11-29T00:00:00Z")))
                .isInstanceOf(ChainResult.Valid.class);
    }

    /** Seeded: the seed and the round are in the message of a failure. */
    @Test
    void aChainChangedAtRandomPlacesIsNeverValid() throws Exception {
        byte[] pem = resource("TrustFuzzTestInputs/certificatesNeverBreakTheVerifier/chain");
        byte[] leaf = CertificateFiles.parse(pem).get(0).getEncoded();
        List<X509Certificate> above = CertificateFiles.parse(pem).subList(1, 3);
        ChainVerifier verifier = verifier();
        SplittableRandom random = new SplittableRandom(17);
        for (int round = 0; round < 1_500; round++) {
            byte[] changed = changed(leaf, random);
            if (Arrays.equals(changed, leaf)) {
                continue;
            }
            try {
                X509Certificate read = CertificateFiles.parse(changed).get(0);
                if (!Arrays.equals(read.getEncoded(), leaf)) {
                    assertThat(verifier.verify(
                                    List.of(read, above.get(0), above.get(1)),
                                    Purpose.PEER_LINK,
                                    Instant.parse("2026-11-29T00:00:00Z")))
                            .as("seed 17, round " + round)
                            .isInstanceOf(ChainResult.Invalid.class);
                }
            } catch (MalformedException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void anOrderChangedAtRandomPlacesIsNeverTaken(@TempDir Path folder) throws Exception {
        MovedClock clock = new MovedClock("2026-01-01T00:05:00Z");
        byte[] payload = resource("TrustFuzzTestInputs/ordersAreReadAsTheyWereWritten/halt");
        byte[] right = HaltCommand.parse(payload).toEnvelope().signedBy(ANCHOR).toBytes();
        SplittableRandom random = new SplittableRandom(18);
        try (CircuitBreaker breaker = CircuitBreaker.in(folder)
                .anchors(TrustAnchors.of(1, List.of(ANCHOR.publicKey())))
                .clock(clock)
                .open()) {
            for (int round = 0; round < 3_000; round++) {
                byte[] changed = changed(right, random);
                if (!Arrays.equals(changed, right)) {
                    assertThat(breaker.accept(changed, "fuzz"))
                            .as("seed 18, round " + round)
                            .isInstanceOf(HaltAnswer.Refused.class);
                }
            }
            assertThat(breaker.isHalted()).isFalse();
            assertThat(Files.exists(folder.resolve("halt-state"))).isFalse();
            assertThat(breaker.accept(right, "fuzz")).isInstanceOf(HaltAnswer.Accepted.class);
        }
    }

    /** One to four bytes set, left out, put in or doubled. */
    private static byte[] changed(byte[] bytes, SplittableRandom random) {
        byte[] changed = bytes.clone();
        for (int i = random.nextInt(1, 5); i > 0 && changed.length > 1; i--) {
            int at = random.nextInt(changed.length - 1);
            switch (random.nextInt(4)) {
                case 0 -> changed[at] = (byte) random.nextInt(256);
                case 1 -> {
                    byte[] shorter = Arrays.copyOf(changed, changed.length - 1);
                    System.arraycopy(changed, at + 1, shorter, at, changed.length - at - 1);
                    changed = shorter;
                }
                case 2 -> {
                    byte[] longer = Arrays.copyOf(changed, changed.length + 1);
                    System.arraycopy(changed, at, longer, at + 1, changed.length - at);
                    longer[at] = (byte) random.nextInt(256);
                    changed = longer;
                }
                default -> changed = Arrays.copyOf(changed, random.nextInt(1, changed.length));
            }
        }
        return changed;
    }
}
