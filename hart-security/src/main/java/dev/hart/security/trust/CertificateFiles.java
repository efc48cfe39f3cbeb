package dev.hart.security.trust;

import java.io.ByteArrayInputStream;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Certificates as they come: PEM, one behind the other, or one in DER. */
public final class CertificateFiles {
    private static final int MAX_BYTES = 65_536;

    private CertificateFiles() {}

    /**
     * Reads certificates. That they can be read says nothing about who signed them.
     *
     * @throws MalformedException when there is none, or more than 64 KiB
     */
    public static List<X509Certificate> parse(byte[] bytes) throws MalformedException {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedException("a chain has at most " + MAX_BYTES + " bytes, not " + bytes.length);
        }
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Certificate certificate : factory.generateCertificates(new ByteArrayInputStream(bytes))) {
                certificates.add((X509Certificate) certificate);
            }
        } catch (CertificateException | RuntimeException e) {
            // The JDK's reader throws even ArrayIndexOutOfBoundsException for an empty key.
            throw new MalformedException("it holds no X.509 certificates", e);
        }
        if (certificates.isEmpty()) {
            throw new MalformedException("it holds no X.509 certificates");
        }
        return certificates;
    }
}
