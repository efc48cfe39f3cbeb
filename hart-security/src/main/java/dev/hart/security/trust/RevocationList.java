package dev.hart.security.trust;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The newest certificate revocation list of each issuer, in memory. Lists come from files and from peers; nothing is fetched.
 * Thread-safe.
 */
public final class RevocationList {
    /** The longest that a list may say that it is good for. */
    public static final Duration LONGEST = Duration.ofHours(24);

    private static final int MAX_BYTES = 1_048_576;
    private static final int MAX_ISSUERS = 10_000;
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final String NUMBER = "2.5.29.20";

    /** By the issuer's key id. */
    private final Map<String, Held> lists = new ConcurrentHashMap<>();

    private record Held(X509CRL crl, BigInteger number) {}

    enum Status {
        GOOD,
        REVOKED,
        STALE
    }

    /**
     * Takes a list if it is the issuer's and newer than the one held.
     *
     * @param der as it came
     * @param issuer the certificate whose key must have signed it
     * @param now the time
     * @return whether it is held now
     * @throws MalformedException when it is no list, not signed by the issuer, without number, or good for over 24 hours
     */
    public boolean offer(byte[] der, X509Certificate issuer, Instant now) throws MalformedException {
        if (der.length > MAX_BYTES) {
            throw new MalformedException("a revocation list has at most " + MAX_BYTES + " bytes");
        }
        X509CRL crl;
        PublicKey key;
        try {
            key = Ed25519.publicKey(Ed25519.raw(issuer.getPublicKey()));
            crl = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
            crl.verify(key);
        } catch (GeneralSecurityException | RuntimeException e) {
            // The JDK's reader throws all kinds of exceptions for bytes that are no list.
            throw new MalformedException("it is no revocation list of that issuer", e);
        }
        Set<String> critical = crl.getCriticalExtensionOIDs();
        if (critical != null && !critical.isEmpty()) {
            throw new MalformedException("a revocation list for a part of the certificates only is not taken");
        }
        if (crl.getNextUpdate() == null
                || !crl.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
                || LONGEST.compareTo(Duration.between(
                                crl.getThisUpdate().toInstant(),
                                crl.getNextUpdate().toInstant()))
                        < 0
                || crl.getThisUpdate().toInstant().isAfter(now.plus(SKEW))) {
            throw new MalformedException("a revocation list is good for at most 24 hours, and not from the future");
        }
        Held offered = new Held(crl, number(crl));
        String id = Ed25519.keyId(key);
        if (!lists.containsKey(id) && lists.size() >= MAX_ISSUERS) {
            return false;
        }
        return lists.merge(id, offered, (held, other) -> other.number.compareTo(held.number) > 0 ? other : held)
                == offered;
    }

    private static BigInteger number(X509CRL crl) throws MalformedException {
        // OCTET STRING (04 len) around INTEGER (02 len)
        byte[] value = crl.getExtensionValue(NUMBER);
        if (value == null
                || value.length < 5
                || value.length > 26
                || value[0] != 4
                || value[1] != value.length - 2
                || value[2] != 2
                || value[3] != value.length - 4) {
            throw new MalformedException("a revocation list needs a number");
        }
        return new BigInteger(value, 4, value.length - 4);
    }

    Status status(X509Certificate certificate, PublicKey issuer, Instant time) {
        Held held = lists.get(Ed25519.keyId(issuer));
        if (held == null) {
            return Status.STALE;
        }
        // What was revoked once stays so, however old the list is.
        if (held.crl.getRevokedCertificate(certificate.getSerialNumber()) != null) {
            return Status.REVOKED;
        }
        return time.isAfter(held.crl.getNextUpdate().toInstant()) ? Status.STALE : Status.GOOD;
    }
}
