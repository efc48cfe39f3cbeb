package dev.hart.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.trust.CertificateClaims;
import dev.hart.security.trust.CertificateFiles;
import dev.hart.security.trust.CertificateRotation;
import dev.hart.security.trust.CertificateTier;
import dev.hart.security.trust.ChainResult;
import dev.hart.security.trust.ChainResult.Failure;
import dev.hart.security.trust.ChainVerifier;
import dev.hart.security.trust.Ed25519;
import dev.hart.security.trust.Enforcement;
import dev.hart.security.trust.MalformedException;
import dev.hart.security.trust.NodeCredential;
import dev.hart.security.trust.NodeIdentity;
import dev.hart.security.trust.Purpose;
import dev.hart.security.trust.RevocationList;
import dev.hart.security.trust.TrustAnchors;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The JDK's PKIX and HART's own checks together, on certificates that BouncyCastle made. */
class ChainVerifierTest {
    private final Network net = new Network();

    ChainVerifierTest() throws MalformedException {}

    private static Failure failure(ChainResult result) {
        assertThat(result).isInstanceOf(ChainResult.Invalid.class);
        return ((ChainResult.Invalid) result).failure();
    }

    private static NodeCredential credential(ChainResult result) {
        assertThat(result).isInstanceOf(ChainResult.Valid.class);
        return ((ChainResult.Valid) result).credential();
    }

    @Test
    void aChainFromRootToLocalSaysWhoTheNodeIs() {
        NodeCredential node = credential(net.verify(net.local, net.regional, net.central));
        assertThat(node.nodeId()).isEqualTo(net.localKey.keyId());
        assertThat(node.tier()).isEqualTo(CertificateTier.LOCAL);
        assertThat(node.capabilities()).isEqualTo(Network.CAPABILITIES);
        assertThat(node.identity().uri())
                .isEqualTo("spiffe://hive.example.org/region/us-east-1/node/" + net.localKey.keyId());
        assertThat(node.identity().dnsName()).isEqualTo(net.localKey.keyId() + ".us-east-1.hive.example.org");
        assertThat(node.view())
                .containsEntry("tier", "local")
                .containsEntry("region_name", "us-east-1")
                .containsEntry("expires_at", "2026-01-03T00:00:00Z")
                .containsEntry("parent_public_key", HexFormat.of().formatHex(Ed25519.raw(net.regionalKey.publicKey())));
        assertThat(node.renewAt()).isEqualTo(Instant.parse("2026-01-02T08:00:00Z"));
        assertThat(credential(net.verify(net.local, net.regional, net.central, net.root))
                        .nodeId())
                .as("the root may be in the chain")
                .isEqualTo(node.nodeId());
        assertThat(credential(net.verify(net.regional, net.central)).tier()).isEqualTo(CertificateTier.REGIONAL);
        assertThat(credential(net.verify(net.central)).identity().uri())
                .isEqualTo("spiffe://hive.example.org/node/" + net.centralKey.keyId());
    }

    @Test
    void aLeafIsSmall() throws Exception {
        assertThat(net.local.getEncoded().length).isLessThan(700);
    }

    @Test
    void aLocalThatSignsIsNoIssuer() {
        SecretKey key = SecretKey.create(net.random);
        X509Certificate below = net.forged(
                net.localKey,
                net.local,
                net.wish(CertificateTier.LOCAL, key.publicKey(), "us-east-1", Duration.ofDays(1)));
        assertThat(failure(net.verify(below, net.local, net.regional, net.central)))
                .isEqualTo(Failure.NOT_CA);
    }

    @Test
    void aRegionalSignsForItsOwnRegionOnly() {
        SecretKey key = SecretKey.create(net.random);
        X509Certificate elsewhere = net.forged(
                net.regionalKey,
                net.regional,
                net.wish(CertificateTier.LOCAL, key.publicKey(), "eu-west-1", Duration.ofDays(1)));
        assertThat(failure(net.verify(elsewhere, net.regional, net.central))).isEqualTo(Failure.INVALID_NAME);
        assertThatThrownBy(() -> net.issuer(net.regionalKey, net.regional)
                        .issue(net.wish(CertificateTier.LOCAL, key.publicKey(), "eu-west-1", Duration.ofDays(1))))
                .hasMessage("this issuer signs for region us-east-1 only");
    }

    @Test
    void aRevokedSerialIsRefusedWhereverItStandsInTheChain() throws Exception {
        Network other = new Network();
        byte[] list = other.issuer(other.centralKey, other.central)
                .revoke(
                        new org.bouncycastle.cert.X509CRLHolder(other.issuer(other.centralKey, other.central)
                                .revoke(null, List.of(), other.now, Duration.ofHours(24))),
                        List.of(other.regional.getSerialNumber()),
                        other.now,
                        Duration.ofHours(24));
        assertThat(other.verify(other.local, other.regional, other.central)).isInstanceOf(ChainResult.Valid.class);
        assertThat(other.revocations.offer(list, other.central, other.now)).isTrue();
        assertThat(failure(other.verify(other.local, other.regional, other.central)))
                .isEqualTo(Failure.REVOKED);
        assertThat(failure(other.verify(other.regional, other.central))).isEqualTo(Failure.REVOKED);
        assertThat(other.verify(other.central)).isInstanceOf(ChainResult.Valid.class);
        // The older list, offered again, does not bring it back.
        byte[] old =
                other.issuer(other.centralKey, other.central).revoke(null, List.of(), other.now, Duration.ofHours(24));
        assertThat(other.revocations.offer(old, other.central, other.now)).isFalse();
        assertThat(failure(other.verify(other.regional, other.central))).isEqualTo(Failure.REVOKED);
    }

    @Test
    void aRevocationListThatIsMissingOrOldRefusesInHardAndLetsLocalsPassInSoft() {
        Instant old = net.now.plus(Duration.ofHours(24)).plusMillis(1);
        assertThat(net.verifyAt(net.now.plus(Duration.ofHours(24)), net.local, net.regional, net.central))
                .isInstanceOf(ChainResult.Valid.class);
        assertThat(failure(net.verifyAt(old, net.local, net.regional, net.central)))
                .isEqualTo(Failure.CRL_STALE);
        assertThat(net.audited).isEmpty();
        List<X509Certificate> local = List.of(net.local, net.regional, net.central);
        ChainVerifier soft = net.verifier(Enforcement.SOFT);
        assertThat(soft.verify(local, Purpose.PEER_LINK, old)).isInstanceOf(ChainResult.Valid.class);
        assertThat(net.audited).hasSize(3).allMatch(said -> said.endsWith("the chain of a local node was accepted"));
        assertThat(failure(soft.verify(local.subList(1, 3), Purpose.PEER_LINK, old)))
                .isEqualTo(Failure.CRL_STALE);
        ChainVerifier without = new ChainVerifier(
                net.anchors, List.of(net.root), Network.DOMAIN, new RevocationList(), Enforcement.HARD, s -> {});
        assertThat(failure(without.verify(local, Purpose.PEER_LINK, net.now))).isEqualTo(Failure.CRL_STALE);
    }

    @Test
    void aRevocationListIsTheIssuersOwnNumberedAndGoodForADayAtMost() throws Exception {
        RevocationList lists = new RevocationList();
        byte[] good = net.issuer(net.centralKey, net.central).revoke(null, List.of(), net.now, Duration.ofHours(24));
        assertThatThrownBy(() -> lists.offer(good, net.regional, net.now)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> lists.offer(new byte[3], net.central, net.now)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> lists.offer(good, net.central, net.now.minusSeconds(301)))
                .hasMessage("a revocation list is good for at most 24 hours, and not from the future");
        assertThat(lists.offer(good, net.central, net.now.minusSeconds(300))).isTrue();
        byte[] flipped = good.clone();
        flipped[good.length / 2] ^= 1;
        assertThatThrownBy(() -> lists.offer(flipped, net.central, net.now)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() ->
                        net.issuer(net.centralKey, net.central).revoke(null, List.of(), net.now, Duration.ofHours(25)))
                .isInstanceOf(SigningException.class);
    }

    @Test
    void aLeafThatCallsItselfAnIssuerIsNotOfTheProfile() {
        // A regional with pathLen 0 can mint a CA certificate that PKIX takes as the last element.
        SecretKey key = SecretKey.create(net.random);
        CertificateIssuer.Wish asRegional =
                net.wish(CertificateTier.REGIONAL, key.publicKey(), "us-east-1", Duration.ofDays(1));
        X509Certificate minted = net.issuer(net.regionalKey, net.regional)
                .unchecked(
                        asRegional,
                        new NodeIdentity(key.keyId(), "us-east-1", Network.DOMAIN),
                        new CertificateClaims(CertificateTier.LOCAL, Network.CAPABILITIES));
        assertThat(failure(net.verify(minted, net.regional, net.central))).isEqualTo(Failure.PROFILE);
        assertThat(failure(
                        net.verify(net.forged(net.regionalKey, net.regional, asRegional), net.regional, net.central)))
                .isEqualTo(Failure.TIER_ORDER);
        X509Certificate below = net.forged(
                key, minted, net.wish(CertificateTier.LOCAL, key.publicKey(), "us-east-1", Duration.ofDays(1)));
        assertThat(failure(net.verify(below, minted, net.regional, net.central)))
                .isEqualTo(Failure.PATH_TOO_LONG);
    }

    @Test
    void noTierIsLeftOut() {
        X509Certificate direct = net.forged(
                net.centralKey,
                net.central,
                net.wish(CertificateTier.LOCAL, net.localKey.publicKey(), "us-east-1", Duration.ofDays(1)));
        assertThat(failure(net.verify(direct, net.central))).isEqualTo(Failure.TIER_ORDER);
        assertThatThrownBy(() -> net.issuer(net.centralKey, net.central)
                        .issue(net.wish(
                                CertificateTier.LOCAL, net.localKey.publicKey(), "us-east-1", Duration.ofDays(1))))
                .hasMessage("a central issues no local certificates: those are signed by a regional");
    }

    @Test
    void nobodyClaimsMoreThanItsIssuerMay() {
        CertificateIssuer.Wish more = new CertificateIssuer.Wish(
                CertificateTier.LOCAL,
                net.localKey.publicKey(),
                "us-east-1",
                Set.of("agent_host", "registry"),
                net.now,
                Duration.ofDays(1));
        X509Certificate greedy = net.forged(net.regionalKey, net.regional, more);
        assertThat(failure(net.verify(greedy, net.regional, net.central))).isEqualTo(Failure.CAPABILITY);
        assertThatThrownBy(() -> net.issuer(net.regionalKey, net.regional).issue(more))
                .isInstanceOf(SigningException.class);
    }

    @Test
    void theIdIsTheKeysAndTheNamesBelongTogether() {
        SecretKey other = SecretKey.create(net.random);
        CertificateIssuer.Wish wish =
                net.wish(CertificateTier.LOCAL, other.publicKey(), "us-east-1", Duration.ofDays(1));
        X509Certificate stolen = net.issuer(net.regionalKey, net.regional)
                .unchecked(
                        wish,
                        new NodeIdentity(net.localKey.keyId(), "us-east-1", Network.DOMAIN),
                        new CertificateClaims(CertificateTier.LOCAL, Network.CAPABILITIES));
        assertThat(failure(net.verify(stolen, net.regional, net.central))).isEqualTo(Failure.ID_MISMATCH);
    }

    @Test
    void aCertificateLivesAsLongAsItsTierAndNotMore() {
        CertificateIssuer.Wish eightDays =
                net.wish(CertificateTier.LOCAL, net.localKey.publicKey(), "us-east-1", Duration.ofDays(8));
        X509Certificate tooLong = net.forged(net.regionalKey, net.regional, eightDays);
        assertThat(failure(net.verify(tooLong, net.regional, net.central))).isEqualTo(Failure.LIFETIME);
        assertThatThrownBy(() -> net.issuer(net.regionalKey, net.regional).issue(eightDays))
                .hasMessage("a local certificate lives 1 minute to 7 days, not 8 days");
        assertThatThrownBy(() -> net.issuer(net.rootKey, net.root)
                        .issue(net.wish(
                                CertificateTier.CENTRAL, net.centralKey.publicKey(), null, Duration.ofDays(9_999))))
                .isInstanceOf(SigningException.class);
        assertThatThrownBy(() -> CertificateIssuer.root(
                        net.rootKey, Network.DOMAIN, Network.CAPABILITIES, net.now, Duration.ofDays(9_999), net.random))
                .hasMessage("a root certificate lives 1 minute to 3653 days, not 9999 days");
    }

    @Test
    void timeIsCheckedWithFiveMinutesAtTheEndAndNoneAtTheBeginning() throws Exception {
        CertificateIssuer.Wish soon = new CertificateIssuer.Wish(
                CertificateTier.LOCAL,
                net.localKey.publicKey(),
                "us-east-1",
                Network.CAPABILITIES,
                net.now.plus(Duration.ofMinutes(10)),
                Duration.ofHours(2));
        X509Certificate future = net.issuer(net.regionalKey, net.regional).issue(soon);
        assertThat(failure(net.verifyAt(net.now, future, net.regional, net.central)))
                .isEqualTo(Failure.NOT_YET_VALID);
        assertThat(failure(net.verifyAt(net.now.plusSeconds(599), future, net.regional, net.central)))
                .isEqualTo(Failure.NOT_YET_VALID);
        Instant end = future.getNotAfter().toInstant();
        assertThat(net.verifyAt(net.now.plusSeconds(600), future, net.regional, net.central))
                .isInstanceOf(ChainResult.Valid.class);
        assertThat(net.verifyAt(end.plus(Duration.ofMinutes(5)), future, net.regional, net.central))
                .isInstanceOf(ChainResult.Valid.class);
        assertThat(failure(
                        net.verifyAt(end.plus(Duration.ofMinutes(5)).plusMillis(1), future, net.regional, net.central)))
                .isEqualTo(Failure.EXPIRED);
    }

    @Test
    void aChainOfAnotherRootOrOfNoRootIsRefused() throws Exception {
        Network other = new Network();
        assertThat(failure(net.verify(other.local, other.regional, other.central)))
                .isEqualTo(Failure.NO_TRUST_ANCHOR);
        assertThat(failure(net.verify(other.local, other.regional, other.central, other.root)))
                .isEqualTo(Failure.NO_TRUST_ANCHOR);
        assertThat(failure(net.verify(net.local, net.central))).isEqualTo(Failure.NO_TRUST_ANCHOR);
        assertThat(failure(net.verify(net.root))).isEqualTo(Failure.PROFILE);
        assertThat(failure(net.verify())).isEqualTo(Failure.PATH_TOO_LONG);
        X509Certificate[] seven = new X509Certificate[7];
        Arrays.fill(seven, net.local);
        assertThat(failure(net.verify(seven))).isEqualTo(Failure.PATH_TOO_LONG);
    }

    @Test
    void aKeyOfLowOrderIsRefusedThoughTheJdkTakesIt() throws Exception {
        PublicKey identity = KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(
                        HexFormat.of().parseHex("302a300506032b657003210001" + "00".repeat(31))));
        X509Certificate weak = net.forged(
                net.regionalKey,
                net.regional,
                net.wish(CertificateTier.LOCAL, identity, "us-east-1", Duration.ofDays(1)));
        assertThat(failure(net.verify(weak, net.regional, net.central))).isEqualTo(Failure.LOW_ORDER_KEY);
    }

    @Test
    void aChainIsShownForWhatItsTierMayDo() {
        List<X509Certificate> local = List.of(net.local, net.regional, net.central);
        ChainVerifier verifier = net.verifier(Enforcement.HARD);
        assertThat(failure(verifier.verify(local, Purpose.BAN, net.now))).isEqualTo(Failure.CAPABILITY);
        assertThat(failure(verifier.verify(local, Purpose.COORDINATE, net.now))).isEqualTo(Failure.CAPABILITY);
        assertThat(verifier.verify(local, Purpose.WORK, net.now)).isInstanceOf(ChainResult.Valid.class);
        assertThat(verifier.verify(local.subList(1, 3), Purpose.COORDINATE, net.now))
                .isInstanceOf(ChainResult.Valid.class);
        assertThat(verifier.verify(local.subList(2, 3), Purpose.BAN, net.now)).isInstanceOf(ChainResult.Valid.class);
    }

    @Test
    void aRootMustBeOfATrustAnchorsKeyAndOfTheRootsProfile() throws Exception {
        Network other = new Network();
        assertThatThrownBy(() -> new ChainVerifier(
                        net.anchors, List.of(other.root), Network.DOMAIN, net.revocations, Enforcement.HARD, s -> {}))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("is of none of the trust anchors");
        TrustAnchors central = TrustAnchors.of(1, List.of(net.centralKey.publicKey()));
        assertThatThrownBy(() -> new ChainVerifier(
                        central, List.of(net.central), Network.DOMAIN, net.revocations, Enforcement.HARD, s -> {}))
                .hasMessageContaining("cannot be used");
        assertThatThrownBy(() -> new ChainVerifier(
                        net.anchors, List.of(), Network.DOMAIN, net.revocations, Enforcement.HARD, s -> {}))
                .hasMessageContaining("none was given");
        assertThatThrownBy(() -> new ChainVerifier(
                        net.anchors, List.of(net.root), "example.net", net.revocations, Enforcement.HARD, s -> {}))
                .hasMessageContaining("cannot be used");
    }

    @Test
    void noBitOfACertificateCanBeFlippedUnseen() throws Exception {
        byte[] der = net.local.getEncoded();
        for (int bit = 0; bit < der.length * 8; bit++) {
            byte[] flipped = der.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                List<X509Certificate> read = CertificateFiles.parse(flipped);
                assertThat(net.verify(read.get(0), net.regional, net.central))
                        .as("bit " + bit)
                        .isInstanceOf(ChainResult.Invalid.class);
            } catch (MalformedException e) {
                assertThat(e).as("bit " + bit).isNotNull(); // not readable any more
            }
        }
    }

    @Test
    void twoCertificatesOverlapWhenANodesCertificateIsRenewed() throws Exception {
        MovedClock clock = new MovedClock(net.now);
        CertificateRotation rotation =
                new CertificateRotation(net.verifier(Enforcement.SOFT), net.localKey.publicKey(), clock);
        assertThat(rotation.isRenewalDue()).isTrue();
        assertThat(rotation.chains()).isEmpty();
        List<X509Certificate> first = List.of(net.local, net.regional, net.central);
        assertThat(rotation.install(first)).isInstanceOf(ChainResult.Valid.class);
        assertThat(rotation.isRenewalDue()).isFalse();

        clock.now = Instant.parse("2026-01-02T07:59:59Z");
        assertThat(rotation.isRenewalDue()).isFalse();
        clock.now = Instant.parse("2026-01-02T08:00:00Z");
        assertThat(rotation.isRenewalDue()).isTrue();
        X509Certificate renewed = net.issuer(net.regionalKey, net.regional)
                .issue(new CertificateIssuer.Wish(
                        CertificateTier.LOCAL,
                        net.localKey.publicKey(),
                        "us-east-1",
                        Network.CAPABILITIES,
                        clock.now,
                        Duration.ofDays(2)));
        List<X509Certificate> second = List.of(renewed, net.regional, net.central);
        assertThat(rotation.install(second)).isInstanceOf(ChainResult.Valid.class);
        assertThat(rotation.chains()).containsExactly(second, first);
        assertThat(failure(rotation.install(first))).isEqualTo(Failure.LIFETIME);
        X509Certificate others = net.issuer(net.regionalKey, net.regional)
                .issue(new CertificateIssuer.Wish(
                        CertificateTier.LOCAL,
                        SecretKey.create(net.random).publicKey(),
                        "us-east-1",
                        Network.CAPABILITIES,
                        clock.now,
                        Duration.ofDays(5)));
        assertThat(failure(rotation.install(List.of(others, net.regional, net.central))))
                .isEqualTo(Failure.ID_MISMATCH);

        clock.now = Instant.parse("2026-01-03T00:00:00.001Z");
        assertThat(rotation.chains()).containsExactly(second);
        assertThat(rotation.credential().orElseThrow().serial()).isEqualTo(renewed.getSerialNumber());
    }

    private static final class MovedClock implements java.time.InstantSource {
        private Instant now;

        MovedClock(Instant now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
