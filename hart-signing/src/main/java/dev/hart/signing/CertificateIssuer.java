package dev.hart.signing;

import dev.hart.security.trust.CertificateClaims;
import dev.hart.security.trust.CertificateTier;
import dev.hart.security.trust.Ed25519;
import dev.hart.security.trust.NodeIdentity;
import dev.hart.security.trust.RevocationList;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.jspecify.annotations.Nullable;

/**
 * Issues certificates and revocation lists with one key. What a tier may not be issued is refused before anything is signed;
 * nodes check the same again. Not thread-safe.
 */
final class CertificateIssuer {
    private static final int SERIAL_BITS = 127;

    private final SecretKey key;
    private final @Nullable X509Certificate certificate;
    private final CertificateClaims claims;
    private final String trustDomain;
    private final @Nullable String region;
    private final SecureRandom random;

    /**
     * What is wanted.
     *
     * @param region for a regional or local; null for others
     */
    record Wish(
            CertificateTier tier,
            PublicKey subject,
            @Nullable String region,
            Set<String> capabilities,
            Instant from,
            Duration life) {}

    private CertificateIssuer(
            SecretKey key,
            @Nullable X509Certificate certificate,
            CertificateClaims claims,
            String trustDomain,
            @Nullable String region,
            SecureRandom random) {
        this.key = key;
        this.certificate = certificate;
        this.claims = claims;
        this.trustDomain = trustDomain;
        this.region = region;
        this.random = random;
    }

    /** Makes the certificate of a root, which its own key signs. */
    static X509Certificate root(
            SecretKey key,
            String trustDomain,
            Set<String> capabilities,
            Instant from,
            Duration life,
            SecureRandom random) {
        CertificateClaims claims = new CertificateClaims(CertificateTier.ROOT, capabilities);
        CertificateIssuer self = new CertificateIssuer(key, null, claims, trustDomain, null, random);
        return self.sign(new Wish(CertificateTier.ROOT, key.publicKey(), null, capabilities, from, life));
    }

    /** The issuer with this certificate and its key. */
    static CertificateIssuer of(SecretKey key, X509Certificate certificate, SecureRandom random) {
        if (!certificate.getPublicKey().equals(key.publicKey())) {
            throw new SigningException("the issuer's certificate is of another key than " + key.keyId());
        }
        IssuedNames names = IssuedNames.of(certificate);
        return new CertificateIssuer(
                key,
                certificate,
                names.claims(),
                names.identity().trustDomain(),
                names.identity().region(),
                random);
    }

    /**
     * Issues a certificate.
     *
     * @throws SigningException when this issuer may not sign such a one, it would live too long, or claims too much
     */
    X509Certificate issue(Wish wish) {
        X509Certificate own = certificate;
        if (own == null || wish.tier().issuer() != claims.tier()) {
            throw new SigningException("a %s issues no %s certificates: those are signed by a %s"
                    .formatted(
                            claims.tier().word(),
                            wish.tier().word(),
                            wish.tier().issuer() == null
                                    ? "root itself"
                                    : wish.tier().issuer().word()));
        }
        if (!claims.capabilities().containsAll(wish.capabilities())) {
            throw new SigningException("the issuer may give only capabilities of its own: " + claims.capabilities());
        }
        if (claims.tier() == CertificateTier.REGIONAL && !String.valueOf(region).equals(wish.region())) {
            throw new SigningException("this issuer signs for region " + region + " only");
        }
        if (wish.from().plus(wish.life()).isAfter(own.getNotAfter().toInstant())) {
            throw new SigningException("the certificate would outlive its issuer's, which ends at "
                    + own.getNotAfter().toInstant() + ": ask for a shorter life, or renew the issuer first");
        }
        return sign(wish);
    }

    /** Signs whatever is wanted, within the life of the tier. */
    private X509Certificate sign(Wish wish) {
        if (wish.life().compareTo(wish.tier().longestLife()) > 0 || wish.life().compareTo(Duration.ofMinutes(1)) < 0) {
            throw new SigningException("a %s certificate lives 1 minute to %d days, not %d days"
                    .formatted(
                            wish.tier().word(),
                            wish.tier().longestLife().toDays(),
                            wish.life().toDays()));
        }
        if (wish.tier().hasRegion() != (wish.region() != null)) {
            throw new SigningException("a regional or local certificate has a region, and no other has");
        }
        return unchecked(
                wish,
                new NodeIdentity(Ed25519.keyId(wish.subject()), wish.region(), trustDomain),
                new CertificateClaims(wish.tier(), wish.capabilities()));
    }

    /** Signs names and claims as they are: what a dishonest issuer could do. */
    X509Certificate unchecked(Wish wish, NodeIdentity identity, CertificateClaims said) {
        CertificateTier tier = wish.tier();
        try {
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    issuerName(),
                    new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1),
                    Date.from(wish.from()),
                    Date.from(wish.from().plus(wish.life())),
                    new X500Name("CN=" + identity.nodeId()),
                    SubjectPublicKeyInfo.getInstance(wish.subject().getEncoded()));
            builder.addExtension(
                    Extension.basicConstraints,
                    true,
                    tier.isIssuer() ? new BasicConstraints(tier.pathLength()) : new BasicConstraints(false));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(
                            tier.isIssuer()
                                    ? KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature
                                    : KeyUsage.digitalSignature));
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.dNSName, identity.dnsName()),
                new GeneralName(GeneralName.uniformResourceIdentifier, identity.uri())
            }));
            builder.addExtension(
                    new ASN1ObjectIdentifier(CertificateClaims.OID), false, new DERUTF8String(said.toJson()));
            if (tier == CertificateTier.REGIONAL) {
                builder.addExtension(
                        Extension.nameConstraints,
                        true,
                        new NameConstraints(
                                new GeneralSubtree[] {
                                    new GeneralSubtree(new GeneralName(GeneralName.dNSName, identity.domain()))
                                },
                                null));
            }
            if (!tier.isIssuer()) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                }));
            }
            return read(builder.build(signer()).getEncoded());
        } catch (IOException e) {
            throw new SigningException("the certificate could not be written", e);
        }
    }

    private X500Name issuerName() {
        return new X500Name("CN=" + key.keyId());
    }

    private ContentSigner signer() {
        java.io.ByteArrayOutputStream content = new java.io.ByteArrayOutputStream();
        return new ContentSigner() {
            @Override
            public AlgorithmIdentifier getAlgorithmIdentifier() {
                return new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519);
            }

            @Override
            public OutputStream getOutputStream() {
                return content;
            }

            @Override
            public byte[] getSignature() {
                return key.sign(content.toByteArray());
            }
        };
    }

    private static X509Certificate read(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new SigningException("the JDK cannot read the certificate", e);
        }
    }

    /**
     * A revocation list in DER, with all that an earlier one revoked.
     *
     * @param earlier null for the first one
     * @param serials what else is revoked
     */
    byte[] revoke(@Nullable X509CRLHolder earlier, Collection<BigInteger> serials, Instant now, Duration goodFor) {
        if (goodFor.compareTo(RevocationList.LONGEST) > 0 || goodFor.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new SigningException("a revocation list is good for 1 minute to 24 hours");
        }
        try {
            X509v2CRLBuilder builder = new X509v2CRLBuilder(issuerName(), Date.from(now));
            builder.setNextUpdate(Date.from(now.plus(goodFor)));
            BigInteger number = BigInteger.ONE;
            if (earlier != null) {
                builder.addCRL(earlier);
                number = CRLNumber.getInstance(
                                earlier.getExtension(Extension.cRLNumber).getParsedValue())
                        .getCRLNumber()
                        .add(BigInteger.ONE);
            }
            for (BigInteger serial : serials) {
                if (earlier == null || earlier.getRevokedCertificate(serial) == null) {
                    builder.addCRLEntry(serial, Date.from(now), CRLReason.unspecified);
                }
            }
            builder.addExtension(Extension.cRLNumber, false, new CRLNumber(number));
            return builder.build(signer()).getEncoded();
        } catch (IOException e) {
            throw new SigningException("the revocation list could not be written", e);
        }
    }
}
