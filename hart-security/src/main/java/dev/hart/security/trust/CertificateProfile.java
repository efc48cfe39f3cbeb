package dev.hart.security.trust;

import dev.hart.security.trust.ChainResult.Failure;
import dev.hart.security.trust.ChainVerifier.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.jspecify.annotations.Nullable;

/** What a certificate must look like to be one of HART's, beyond a path that holds. */
final class CertificateProfile {
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final Set<String> LEAF_USES = Set.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    private static final int DNS = 2;
    private static final int URI = 6;
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;
    private static final int SERIAL_BITS = 64;
    private static final int SIGNATURE = 64;

    private CertificateProfile() {}

    /**
     * What a certificate says.
     *
     * @param issuer null for a root, which is its own
     */
    static NodeCredential check(X509Certificate certificate, @Nullable X509Certificate issuer, String trustDomain)
            throws Refusal {
        CertificateClaims claims = claims(certificate);
        CertificateTier tier = claims.tier();
        CertificateClaims above = issuer == null ? null : claims(issuer);
        if (tier.issuer() != (above == null ? null : above.tier())) {
            throw new Refusal(
                    Failure.TIER_ORDER,
                    "a %s certificate was issued by a %s"
                            .formatted(
                                    tier.word(),
                                    above == null ? "key alone" : above.tier().word()));
        }
        if (above != null && !above.capabilities().containsAll(claims.capabilities())) {
            throw new Refusal(Failure.CAPABILITY, "a certificate claims more than its issuer may do");
        }
        NodeIdentity identity = identity(certificate, tier, trustDomain);
        if (!Ed25519.keyId(certificate.getPublicKey()).equals(identity.nodeId())) {
            throw new Refusal(Failure.ID_MISMATCH, "the node id is not the id of the key");
        }
        checkForm(certificate, tier, identity);
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        if (Duration.between(from, to).compareTo(tier.longestLife()) > 0) {
            throw new Refusal(
                    Failure.LIFETIME,
                    "a %s certificate lives at most %d days"
                            .formatted(tier.word(), tier.longestLife().toDays()));
        }
        PublicKey issuerKey = issuer == null ? certificate.getPublicKey() : issuer.getPublicKey();
        return new NodeCredential(
                identity,
                tier,
                claims.capabilities(),
                certificate.getPublicKey(),
                issuerKey,
                certificate.getSerialNumber(),
                from,
                to);
    }

    private static CertificateClaims claims(X509Certificate certificate) throws Refusal {
        try {
            return CertificateClaims.of(certificate);
        } catch (MalformedException e) {
            throw new Refusal(Failure.PROFILE, String.valueOf(e.getMessage()));
        }
    }

    private static NodeIdentity identity(X509Certificate certificate, CertificateTier tier, String trustDomain)
            throws Refusal {
        List<String> dns = new ArrayList<>();
        List<String> uris = new ArrayList<>();
        try {
            var names = certificate.getSubjectAlternativeNames();
            if (names != null) {
                for (List<?> name : names) {
                    (name.get(0).equals(DNS) ? dns : uris).add(String.valueOf(name.get(1)));
                    if (!name.get(0).equals(DNS) && !name.get(0).equals(URI)) {
                        throw new Refusal(Failure.PROFILE, "a certificate has other names than DNS and URI");
                    }
                }
            }
            if (dns.size() != 1 || uris.size() != 1) {
                throw new Refusal(Failure.PROFILE, "a certificate has exactly one DNS name and one URI");
            }
            String[] labels = dns.get(0).split("\\.", 3);
            NodeIdentity identity =
                    new NodeIdentity(labels[0], tier.hasRegion() && labels.length > 1 ? labels[1] : null, trustDomain);
            if (!identity.dnsName().equals(dns.get(0))
                    || !identity.uri().equals(uris.get(0))
                    || !new LdapName(certificate.getSubjectX500Principal().getName())
                            .equals(new LdapName("CN=" + identity.nodeId()))) {
                throw new Refusal(Failure.PROFILE, "the names of a certificate do not belong together");
            }
            return identity;
        } catch (CertificateParsingException | InvalidNameException | IllegalArgumentException e) {
            throw new Refusal(Failure.PROFILE, "the names of a certificate cannot be read");
        }
    }

    private static void checkForm(X509Certificate certificate, CertificateTier tier, NodeIdentity identity)
            throws Refusal {
        boolean[] usage = certificate.getKeyUsage();
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        boolean issuing = usage != null && usage[KEY_CERT_SIGN] && usage[CRL_SIGN];
        boolean signing = usage != null && usage[DIGITAL_SIGNATURE] && !usage[KEY_CERT_SIGN] && !usage[CRL_SIGN];
        if (certificate.getVersion() != 3
                || !certificate.getSigAlgName().equals("Ed25519")
                        && !certificate.getSigAlgName().equals("EdDSA")
                || certificate.getSerialNumber().signum() <= 0
                || certificate.getSerialNumber().bitLength() < SERIAL_BITS
                || critical == null
                || !critical.contains(BASIC_CONSTRAINTS)
                || !critical.contains(KEY_USAGE)
                || certificate.getBasicConstraints() != tier.pathLength()
                || (tier.isIssuer() ? !issuing : !signing)) {
            throw new Refusal(Failure.PROFILE, "a certificate has not the form of a " + tier.word() + " certificate");
        }
        checkSignatureSpelling(certificate);
        byte[] constraint = certificate.getExtensionValue(NAME_CONSTRAINTS);
        byte[] expected = tier == CertificateTier.REGIONAL ? permitted(identity.domain()) : null;
        if (!Arrays.equals(constraint, expected) || (constraint != null && !critical.contains(NAME_CONSTRAINTS))) {
            throw new Refusal(
                    Failure.PROFILE, "a regional certificate, and no other, is bound to the names of its region");
        }
        try {
            List<String> uses = certificate.getExtendedKeyUsage();
            if (!tier.isIssuer() && (uses == null || !LEAF_USES.equals(Set.copyOf(uses)))) {
                throw new Refusal(Failure.PROFILE, "a local certificate is for TLS, as client and as server");
            }
        } catch (CertificateParsingException e) {
            throw new Refusal(Failure.PROFILE, "the uses of a certificate cannot be read");
        }
    }

    /** The signature's bits are outside of what it signs: the JDK takes them in a second spelling too. */
    private static void checkSignatureSpelling(X509Certificate certificate) throws Refusal {
        try {
            byte[] encoded = certificate.getEncoded();
            byte[] signature = certificate.getSignature();
            byte[] end = new byte[signature.length + 3];
            end[0] = 0x03;
            end[1] = (byte) (signature.length + 1);
            System.arraycopy(signature, 0, end, 3, signature.length);
            if (signature.length != SIGNATURE
                    || !Arrays.equals(encoded, encoded.length - end.length, encoded.length, end, 0, end.length)) {
                throw new Refusal(Failure.PROFILE, "the signature of a certificate is not spelled canonically");
            }
        } catch (CertificateEncodingException e) {
            throw new Refusal(Failure.PROFILE, "a certificate has no encoding");
        }
    }

    /** The extension that permits one DNS name and what ends in it: OCTET STRING, SEQUENCE, [0], SEQUENCE, [2] name. */
    private static byte[] permitted(String name) {
        byte[] der = der(0x82, name.getBytes(StandardCharsets.US_ASCII));
        for (int tag : new int[] {0x30, 0xa0, 0x30, 0x04}) {
            der = der(tag, der);
        }
        return der;
    }

    private static byte[] der(int tag, byte[] content) {
        boolean isLong = content.length > 0x7f;
        byte[] der = new byte[content.length + (isLong ? 3 : 2)];
        der[0] = (byte) tag;
        if (isLong) {
            der[1] = (byte) 0x81;
        }
        der[isLong ? 2 : 1] = (byte) content.length;
        System.arraycopy(content, 0, der, der.length - content.length, content.length);
        return der;
    }
}
