package dev.hart.security.trust;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.trust.ChainResult.Failure;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Verifies chains of X.509 certificates: root, central, regional, local. The JDK's PKIX validator walks the path; what it
 * leaves open is checked here: keys of low order, the profile of each tier, ids, life times, and revocation by the lists in
 * memory. Nothing goes over the network. Thread-safe.
 */
public final class ChainVerifier {
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final int LONGEST_CHAIN = 6;

    private final Set<X509Certificate> roots;
    private final Set<TrustAnchor> anchors;
    private final String trustDomain;
    private final RevocationList revocations;
    private final Enforcement enforcement;
    private final Consumer<String> audit;

    /**
     * A verifier.
     *
     * @param trust the keys that root certificates must have
     * @param roots root certificates, 1 or more
     * @param trustDomain what every name in the network ends in
     * @param enforcement in {@link Enforcement#HARD} a missing or old revocation list refuses the chain; else chains of local
     *     nodes pass and {@code audit} is told
     * @throws InvalidConfigurationException when a root is not self-signed by a trust anchor's key, or not of the root's profile
     */
    public ChainVerifier(
            TrustAnchors trust,
            Collection<X509Certificate> roots,
            String trustDomain,
            RevocationList revocations,
            Enforcement enforcement,
            Consumer<String> audit) {
        this.roots = new LinkedHashSet<>();
        this.anchors = new LinkedHashSet<>();
        this.trustDomain = trustDomain;
        this.revocations = revocations;
        this.enforcement = enforcement;
        this.audit = audit;
        for (X509Certificate root : roots) {
            requireRoot(root, trust);
            this.roots.add(root);
            this.anchors.add(new TrustAnchor(root, null));
        }
        if (this.roots.isEmpty()) {
            throw new InvalidConfigurationException("a chain needs a root certificate to begin at, and none was given");
        }
    }

    private void requireRoot(X509Certificate root, TrustAnchors trust) {
        String id = Ed25519.keyId(root.getPublicKey());
        if (!trust.keys().containsKey(id)) {
            throw new InvalidConfigurationException("the root certificate of key " + id
                    + " is of none of the trust anchors " + trust.keys().keySet() + ": add the key or drop the root");
        }
        try {
            root.verify(trust.keys().get(id));
            CertificateProfile.check(root, null, trustDomain);
        } catch (GeneralSecurityException | Refusal e) {
            throw new InvalidConfigurationException(
                    "the root certificate of key " + id + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** A check that failed. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;
        private final Failure failure;

        Refusal(Failure failure, String message) {
            super(message);
            this.failure = failure;
        }
    }

    /**
     * Says what a chain proves at a time. Never throws for what is in the chain.
     *
     * @param chain the node's certificate first, each followed by its issuer's; the root may be left out
     */
    public ChainResult verify(List<X509Certificate> chain, Purpose purpose, Instant time) {
        try {
            return new ChainResult.Valid(credential(chain, purpose, time));
        } catch (Refusal e) {
            return new ChainResult.Invalid(e.failure, String.valueOf(e.getMessage()));
        } catch (GeneralSecurityException | RuntimeException e) {
            // Parts of a certificate are read late, and the JDK's readers throw all kinds of exceptions.
            return new ChainResult.Invalid(Failure.PROFILE, "the chain cannot be read: " + e.getMessage());
        }
    }

    private NodeCredential credential(List<X509Certificate> chain, Purpose purpose, Instant time)
            throws Refusal, GeneralSecurityException {
        List<X509Certificate> path = withoutRoot(chain);
        for (X509Certificate certificate : path) {
            if (!Ed25519.isSound(certificate.getPublicKey())) {
                throw new Refusal(Failure.LOW_ORDER_KEY, "a key of the chain is no sound Ed25519 key");
            }
        }
        X509Certificate root = walk(path, time);
        if (time.isAfter(root.getNotAfter().toInstant().plus(SKEW))) {
            throw new Refusal(Failure.EXPIRED, "the root certificate has expired");
        }
        X509Certificate issuer = root;
        NodeCredential credential = null;
        for (int i = path.size() - 1; i >= 0; i--) {
            credential = CertificateProfile.check(path.get(i), issuer, trustDomain);
            issuer = path.get(i);
        }
        if (credential == null) {
            throw new Refusal(Failure.PROFILE, "the chain holds no certificate but the root's");
        }
        checkRevocation(path, root, credential.tier(), time);
        if (!purpose.allows(credential.tier())) {
            throw new Refusal(
                    Failure.CAPABILITY, "a " + credential.tier().word() + " node may not be shown for " + purpose);
        }
        return credential;
    }

    private List<X509Certificate> withoutRoot(List<X509Certificate> chain) throws Refusal {
        if (chain.isEmpty() || chain.size() > LONGEST_CHAIN) {
            throw new Refusal(Failure.PATH_TOO_LONG, "a chain has 1 to " + LONGEST_CHAIN + " certificates");
        }
        List<X509Certificate> path = new ArrayList<>(chain);
        path.removeIf(roots::contains);
        return path;
    }

    /** Has the JDK walk the path; gives the root that it ends at. */
    private X509Certificate walk(List<X509Certificate> path, Instant time) throws Refusal, GeneralSecurityException {
        CertPath certPath = CertificateFactory.getInstance("X.509").generateCertPath(path);
        PKIXParameters parameters = new PKIXParameters(anchors);
        parameters.setRevocationEnabled(false); // checked against the lists in memory
        parameters.setDate(Date.from(withinSkew(path, time)));
        try {
            PKIXCertPathValidatorResult result = (PKIXCertPathValidatorResult)
                    CertPathValidator.getInstance("PKIX").validate(certPath, parameters);
            return result.getTrustAnchor().getTrustedCert();
        } catch (CertPathValidatorException e) {
            throw new Refusal(failure(e), String.valueOf(e.getMessage()));
        }
    }

    /** The time, or the chain's last moment when that was less than the skew ago. */
    private static Instant withinSkew(List<X509Certificate> path, Instant time) {
        Instant last = path.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElse(time);
        return time.isAfter(last) && !time.isAfter(last.plus(SKEW)) ? last : time;
    }

    private static Failure failure(CertPathValidatorException e) {
        Object reason = e.getReason();
        if (reason instanceof PKIXReason pkix) {
            return switch (pkix) {
                case NO_TRUST_ANCHOR, NAME_CHAINING -> Failure.NO_TRUST_ANCHOR;
                case NOT_CA_CERT, INVALID_KEY_USAGE -> Failure.NOT_CA;
                case PATH_TOO_LONG -> Failure.PATH_TOO_LONG;
                case INVALID_NAME -> Failure.INVALID_NAME;
                case UNRECOGNIZED_CRIT_EXT -> Failure.UNKNOWN_CRITICAL;
                default -> Failure.PROFILE;
            };
        }
        if (reason == BasicReason.EXPIRED) {
            return Failure.EXPIRED;
        }
        if (reason == BasicReason.NOT_YET_VALID) {
            return Failure.NOT_YET_VALID;
        }
        return reason == BasicReason.INVALID_SIGNATURE ? Failure.BAD_SIGNATURE : Failure.PROFILE;
    }

    private void checkRevocation(List<X509Certificate> path, X509Certificate root, CertificateTier tier, Instant time)
            throws Refusal {
        for (int i = path.size() - 1; i >= 0; i--) {
            X509Certificate certificate = path.get(i);
            @Nullable X509Certificate issuer = i + 1 < path.size() ? path.get(i + 1) : null;
            PublicKey key = issuer == null ? root.getPublicKey() : issuer.getPublicKey();
            switch (revocations.status(certificate, key, time)) {
                case REVOKED ->
                    throw new Refusal(
                            Failure.REVOKED,
                            "certificate " + certificate.getSerialNumber().toString(16) + " was revoked");
                case STALE -> stale(Ed25519.keyId(key), tier);
                case GOOD -> {}
            }
        }
    }

    private void stale(String issuer, CertificateTier tier) throws Refusal {
        String message = "the revocation list of issuer " + issuer + " is missing or too old";
        if (enforcement == Enforcement.HARD || tier != CertificateTier.LOCAL) {
            throw new Refusal(Failure.CRL_STALE, message);
        }
        audit.accept(message + "; the chain of a local node was accepted");
    }
}
