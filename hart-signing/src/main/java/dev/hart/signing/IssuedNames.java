package dev.hart.signing;

import dev.hart.security.trust.CertificateClaims;
import dev.hart.security.trust.CertificateTier;
import dev.hart.security.trust.MalformedException;
import dev.hart.security.trust.NodeIdentity;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/** What an issuer's own certificate says of it. */
record IssuedNames(NodeIdentity identity, CertificateClaims claims) {

    static IssuedNames of(X509Certificate certificate) {
        try {
            CertificateClaims claims = CertificateClaims.of(certificate);
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            String dns = names == null
                    ? ""
                    : names.stream()
                            .filter(name -> name.get(0).equals(2))
                            .map(name -> String.valueOf(name.get(1)))
                            .findFirst()
                            .orElse("");
            boolean regional = claims.tier() == CertificateTier.REGIONAL || claims.tier() == CertificateTier.LOCAL;
            String[] labels = dns.split("\\.", regional ? 3 : 2);
            if (labels.length < (regional ? 3 : 2)) {
                throw new SigningException("the issuer's certificate has no name of this network");
            }
            return new IssuedNames(
                    new NodeIdentity(labels[0], regional ? labels[1] : null, labels[labels.length - 1]), claims);
        } catch (MalformedException | CertificateParsingException | IllegalArgumentException e) {
            throw new SigningException("the issuer's certificate is none of HART's: " + e.getMessage(), e);
        }
    }
}
