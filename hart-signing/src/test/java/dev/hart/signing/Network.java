package dev.hart.signing;

import dev.hart.security.trust.CertificateClaims;
import dev.hart.security.trust.CertificateTier;
import dev.hart.security.trust.ChainResult;
import dev.hart.security.trust.ChainVerifier;
import dev.hart.security.trust.Ed25519;
import dev.hart.security.trust.Enforcement;
import dev.hart.security.trust.MalformedException;
import dev.hart.security.trust.NodeIdentity;
import dev.hart.security.trust.Purpose;
import dev.hart.security.trust.RevocationList;
import dev.hart.security.trust.TrustAnchors;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A root, a central, a regional and a local, with lists that revoke nobody. */
final class Network {
    static final String DOMAIN = "hive.example.org";
    static final Set<String> CAPABILITIES = Set.of("agent_host", "gossip_hub");

    final SecureRandom random = new SecureRandom();
    final Instant now = Instant.parse("2026-01-01T00:00:00Z");
    final SecretKey rootKey = SecretKey.create(random);
    final SecretKey centralKey = SecretKey.create(random);
    final SecretKey regionalKey = SecretKey.create(random);
    final SecretKey localKey = SecretKey.create(random);
    final X509Certificate root =
            CertificateIssuer.root(rootKey, DOMAIN, CAPABILITIES, now, Duration.ofDays(3_650), random);
    final X509Certificate central = issuer(rootKey, root)
            .issue(wish(CertificateTier.CENTRAL, centralKey.publicKey(), null, Duration.ofDays(365)));
    final X509Certificate regional = issuer(centralKey, central)
            .issue(wish(CertificateTier.REGIONAL, regionalKey.publicKey(), "us-east-1", Duration.ofDays(30)));
    final X509Certificate local = issuer(regionalKey, regional)
            .issue(wish(CertificateTier.LOCAL, localKey.publicKey(), "us-east-1", Duration.ofDays(2)));
    final RevocationList revocations = new RevocationList();
    final List<String> audited = new ArrayList<>();
    final TrustAnchors anchors = TrustAnchors.of(1, List.of(rootKey.publicKey()));

    Network() throws MalformedException {
        offer(rootKey, root, List.of());
        offer(centralKey, central, List.of());
        offer(regionalKey, regional, List.of());
    }

    void offer(SecretKey key, X509Certificate certificate, List<BigInteger> serials) throws MalformedException {
        byte[] list = issuer(key, certificate).revoke(null, serials, now, Duration.ofHours(24));
        if (!revocations.offer(list, certificate, now)) {
            throw new AssertionError("the list was not taken");
        }
    }

    CertificateIssuer issuer(SecretKey key, X509Certificate certificate) {
        return CertificateIssuer.of(key, certificate, random);
    }

    CertificateIssuer.Wish wish(CertificateTier tier, PublicKey key, String region, Duration life) {
        return new CertificateIssuer.Wish(tier, key, region, CAPABILITIES, now, life);
    }

    /** What an issuer that keeps no rule could sign. */
    X509Certificate forged(SecretKey issuerKey, X509Certificate issuer, CertificateIssuer.Wish wish) {
        NodeIdentity identity = new NodeIdentity(Ed25519.keyId(wish.subject()), wish.region(), DOMAIN);
        return issuer(issuerKey, issuer)
                .unchecked(wish, identity, new CertificateClaims(wish.tier(), wish.capabilities()));
    }

    ChainVerifier verifier(Enforcement enforcement) {
        return new ChainVerifier(anchors, List.of(root), DOMAIN, revocations, enforcement, audited::add);
    }

    ChainResult verify(X509Certificate... chain) {
        return verifyAt(now.plusSeconds(3_600), chain);
    }

    ChainResult verifyAt(Instant time, X509Certificate... chain) {
        return verifier(Enforcement.HARD).verify(List.of(chain), Purpose.PEER_LINK, time);
    }
}
