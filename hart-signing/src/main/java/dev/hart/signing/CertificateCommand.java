package dev.hart.signing;

import dev.hart.security.trust.CertificateFiles;
import dev.hart.security.trust.CertificateTier;
import dev.hart.security.trust.Ed25519;
import dev.hart.security.trust.MalformedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bouncycastle.cert.X509CRLHolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Issues and revokes certificates. */
@Command(name = "certificate", description = "Issues and revokes certificates.", mixinStandardHelpOptions = true)
final class CertificateCommand {
    private final PrintWriter out;
    private final InstantSource clock;
    private final SecureRandom random;

    CertificateCommand(PrintWriter out, InstantSource clock, SecureRandom random) {
        this.out = out;
        this.clock = clock;
        this.random = random;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    @Command(name = "root", description = "Makes the self-signed certificate of a root. Keep its key offline.")
    int root(
            @Mixin KeyOptions key,
            @Option(names = "--trust-domain", required = true, description = "a DNS name that you own")
                    String trustDomain,
            @Option(
                            names = "--capability",
                            required = true,
                            split = ",",
                            description = "all that nodes below may be allowed, such as agent_host,gossip_hub")
                    Set<String> capabilities,
            @Option(names = "--days", defaultValue = "3650", description = "its life (${DEFAULT-VALUE})") int days,
            @Option(names = "--out", required = true, paramLabel = "FILE") Path file)
            throws IOException {
        X509Certificate root =
                CertificateIssuer.root(key.read(), trustDomain, capabilities, now(), Duration.ofDays(days), random);
        write(file, List.of(root));
        return 0;
    }

    @Command(name = "issue", description = "Issues a certificate; the file holds the chain up to below the root.")
    int issue(
            @Mixin KeyOptions key,
            @Option(
                            names = "--certificate",
                            required = true,
                            paramLabel = "FILE",
                            description = "the issuer's own certificate or chain")
                    Path issuerFile,
            @Option(names = "--tier", required = true, description = "central, regional or local") CertificateTier tier,
            @Option(
                            names = "--subject",
                            required = true,
                            paramLabel = "HEX",
                            description = "the node's public key, 64 hex digits")
                    String subject,
            @Option(names = "--region", description = "for a regional or local") @Nullable String region,
            @Option(names = "--capability", required = true, split = ",", description = "what the node may do")
                    Set<String> capabilities,
            @Option(names = "--hours", required = true, description = "its life") int hours,
            @Option(names = "--out", required = true, paramLabel = "FILE") Path file)
            throws IOException, MalformedException {
        List<X509Certificate> issuerChain = CertificateFiles.parse(Files.readAllBytes(issuerFile));
        CertificateIssuer issuer = CertificateIssuer.of(key.read(), issuerChain.get(0), random);
        X509Certificate certificate = issuer.issue(new CertificateIssuer.Wish(
                tier, Ed25519.publicKey(subject), region, capabilities, now(), Duration.ofHours(hours)));
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        for (X509Certificate above : issuerChain) {
            if (IssuedNames.of(above).claims().tier() != CertificateTier.ROOT) {
                chain.add(above);
            }
        }
        write(file, chain);
        return 0;
    }

    @Command(
            name = "revoke",
            description =
                    "Makes the issuer's next revocation list. One is needed every 24 hours, also when nothing is revoked.")
    int revoke(
            @Mixin KeyOptions key,
            @Option(names = "--certificate", required = true, paramLabel = "FILE", description = "the issuer's own")
                    Path issuerFile,
            @Option(names = "--previous", paramLabel = "FILE", description = "the list before, whose entries stay")
                    @Nullable
                    Path previous,
            @Option(names = "--revoke", paramLabel = "FILE", description = "a certificate to revoke; may be repeated")
                    @Nullable
                    List<Path> revoked,
            @Option(names = "--hours", defaultValue = "24", description = "how long it is good (${DEFAULT-VALUE})")
                    int hours,
            @Option(names = "--out", required = true, paramLabel = "FILE") Path file)
            throws IOException, MalformedException {
        X509Certificate own =
                CertificateFiles.parse(Files.readAllBytes(issuerFile)).get(0);
        CertificateIssuer issuer = CertificateIssuer.of(key.read(), own, random);
        List<BigInteger> serials = new ArrayList<>();
        for (Path each : revoked == null ? List.<Path>of() : revoked) {
            X509Certificate certificate =
                    CertificateFiles.parse(Files.readAllBytes(each)).get(0);
            if (!certificate.getIssuerX500Principal().equals(own.getSubjectX500Principal())) {
                throw new SigningException(each + " was issued by another issuer, which must revoke it");
            }
            serials.add(certificate.getSerialNumber());
        }
        X509CRLHolder earlier = previous == null ? null : new X509CRLHolder(Files.readAllBytes(previous));
        NewFile.write(file, issuer.revoke(earlier, serials, now(), Duration.ofHours(hours)));
        out.println(
                "revoked " + serials.size() + " more, good until " + now().plus(Duration.ofHours(hours)) + ": " + file);
        return 0;
    }

    private void write(Path file, List<X509Certificate> chain) throws IOException {
        NewFile.write(file, NewFile.pem(chain));
        X509Certificate certificate = chain.get(0);
        IssuedNames names = IssuedNames.of(certificate);
        out.println("node     " + names.identity().nodeId());
        out.println("tier     " + names.claims().tier().word());
        out.println("uri      " + names.identity().uri());
        out.println("serial   " + certificate.getSerialNumber().toString(16));
        out.println("until    " + certificate.getNotAfter().toInstant());
        out.println("chain    " + chain.size() + " certificates in " + file);
    }
}
