package dev.hart.server;

import dev.hart.error.InvalidConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** The certificate that the server shows, with its private key. */
final class ServerCertificate {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "Ed25519", "Ed25519");
    private static final int MAX_FILE = 1 << 20;

    private final KeyStore store;
    private final String password;

    private ServerCertificate(KeyStore store, String password) {
        this.store = store;
        this.password = password;
    }

    static ServerCertificate ofPem(Path chainFile, Path keyFile) {
        requirePrivate(keyFile);
        try {
            Collection<? extends Certificate> chain;
            try (InputStream in = Files.newInputStream(chainFile)) {
                chain = CertificateFactory.getInstance("X.509").generateCertificates(in);
            }
            if (chain.isEmpty()) {
                throw new InvalidConfigurationException("there is no certificate in " + chainFile);
            }
            List<Certificate> certificates = new ArrayList<>(chain);
            PrivateKey key = key(keyFile, certificates.get(0).getPublicKey());
            byte[] secret = new byte[16];
            new SecureRandom().nextBytes(secret);
            String password = HexFormat.of().formatHex(secret);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key, password.toCharArray(), certificates.toArray(Certificate[]::new));
            return new ServerCertificate(store, password);
        } catch (IOException | GeneralSecurityException e) {
            throw new InvalidConfigurationException(
                    "cannot read the certificate " + chainFile + ": " + e.getMessage(), e);
        }
    }

    private static PrivateKey key(Path file, PublicKey publicKey) throws IOException {
        String text;
        try (InputStream in = Files.newInputStream(file)) {
            text = new String(in.readNBytes(MAX_FILE), StandardCharsets.ISO_8859_1);
        }
        Matcher section = KEY.matcher(text);
        String algorithm = publicKey.getAlgorithm().equals("EdDSA") ? "Ed25519" : publicKey.getAlgorithm();
        String signature = SIGNATURES.get(algorithm);
        if (!section.find() || signature == null) {
            // Without what the file holds.
            throw new InvalidConfigurationException("the key " + file
                    + " must be a private key in PKCS#8 (BEGIN PRIVATE KEY), RSA, EC or Ed25519; convert another with:"
                    + " openssl pkcs8 -topk8 -nocrypt");
        }
        try {
            PrivateKey key = KeyFactory.getInstance(algorithm)
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(section.group(1))));
            Signature pair = Signature.getInstance(signature);
            pair.initSign(key);
            byte[] signed = pair.sign();
            pair.initVerify(publicKey);
            if (pair.verify(signed)) {
                return key;
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new InvalidConfigurationException(
                    "the key " + file + " is none of the certificate's kind, " + algorithm);
        }
        throw new InvalidConfigurationException("the key " + file + " is not that of the certificate");
    }

    static ServerCertificate ofKeyStore(Path file, String password) {
        requirePrivate(file);
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password.toCharArray());
            boolean hasKey = false;
            for (String alias : Collections.list(store.aliases())) {
                hasKey |= store.isKeyEntry(alias);
            }
            if (!hasKey) {
                throw new InvalidConfigurationException("there is no private key in " + file);
            }
            return new ServerCertificate(store, password);
        } catch (IOException | GeneralSecurityException e) {
            throw new InvalidConfigurationException(
                    "cannot open the key store " + file + ": it is no PKCS#12 file, or the password is wrong", e);
        }
    }

    private static void requirePrivate(Path file) {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        try {
            Set<PosixFilePermission> open = EnumSet.copyOf(Files.getPosixFilePermissions(file));
            open.retainAll(EnumSet.of(
                    PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.OTHERS_READ,
                    PosixFilePermission.OTHERS_WRITE));
            if (!open.isEmpty()) {
                throw new InvalidConfigurationException(
                        "the private key in " + file + " is open to others (" + open + "): run chmod 600 on it");
            }
        } catch (IOException e) {
            throw new InvalidConfigurationException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** TLS 1.2 and 1.3 with this certificate. */
    SslContextFactory.Server context() {
        SslContextFactory.Server context = new SslContextFactory.Server();
        context.setKeyStore(store);
        context.setKeyStorePassword(password);
        context.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        context.setSniRequired(false);
        return context;
    }
}
