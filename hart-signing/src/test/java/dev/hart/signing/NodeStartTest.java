package dev.hart.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.security.NodeKey;
import dev.hart.security.trust.BootReport;
import dev.hart.security.trust.BootVerifier;
import dev.hart.security.trust.CertificateFiles;
import dev.hart.security.trust.CertificateTier;
import dev.hart.security.trust.ChainVerifier;
import dev.hart.security.trust.CircuitBreaker;
import dev.hart.security.trust.Enforcement;
import dev.hart.security.trust.FileList;
import dev.hart.security.trust.HaltCommand;
import dev.hart.security.trust.HaltScope;
import dev.hart.security.trust.ReleaseManifest;
import dev.hart.security.trust.RevocationList;
import dev.hart.security.trust.TrustAnchors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that starts with a release, a key, a chain and a kill switch: every step real. */
class NodeStartTest {
    private static final String RULES = "ab".repeat(32);

    @TempDir
    Path folder;

    private final Network net = new Network();
    private final InstantSource clock = InstantSource.fixed(net.now.plusSeconds(60));
    private Path data;
    private Path jar;
    private NodeKey key;

    NodeStartTest() throws Exception {}

    @BeforeEach
    void publish() throws Exception {
        data = Files.createDirectory(folder.resolve("data"));
        key = NodeKey.in(data);
        jar = folder.resolve("hart-x.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("dev/hart/X.class"));
            zip.write(new byte[] {1, 2, 3});
        }
        FileList list = FileList.of(Map.of("hart-x.jar", jar));
        String digest = java.util.HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
        ReleaseManifest manifest = new ReleaseManifest(
                "1.0.0",
                "c".repeat(40),
                list.hash(),
                RULES,
                net.now,
                net.now.plus(Duration.ofDays(180)),
                1,
                new TreeMap<>(Map.of("hart-x.jar", digest)));
        NewFile.write(folder.resolve("release_files.txt"), list.toBytes());
        NewFile.write(
                folder.resolve("release_manifest.json"),
                manifest.toEnvelope().signedBy(net.rootKey).toBytes());
        X509Certificate own = net.issuer(net.regionalKey, net.regional)
                .issue(net.wish(CertificateTier.LOCAL, key.publicKey(), "us-east-1", Duration.ofDays(2)));
        NewFile.write(folder.resolve("local.pem"), NewFile.pem(List.of(own, net.regional, net.central)));
        NewFile.write(folder.resolve("root.pem"), NewFile.pem(List.of(net.root)));
        NewFile.write(folder.resolve("root.crl"), crl(net.rootKey, net.root));
        NewFile.write(folder.resolve("central.crl"), crl(net.centralKey, net.central));
        NewFile.write(folder.resolve("regional.crl"), crl(net.regionalKey, net.regional));
    }

    private byte[] crl(SecretKey issuerKey, X509Certificate issuer) {
        return net.issuer(issuerKey, issuer).revoke(null, List.of(), net.now, Duration.ofHours(24));
    }

    private BootReport start(CircuitBreaker breaker, TrustAnchors anchors, Enforcement enforcement) throws Exception {
        // tag::start[]
        Instant now = clock.instant();
        List<X509Certificate> chain = CertificateFiles.parse(Files.readAllBytes(folder.resolve("local.pem")));
        X509Certificate root = CertificateFiles.parse(Files.readAllBytes(folder.resolve("root.pem")))
                .get(0);
        RevocationList revocations = new RevocationList();
        revocations.offer(Files.readAllBytes(folder.resolve("root.crl")), root, now);
        revocations.offer(Files.readAllBytes(folder.resolve("central.crl")), chain.get(2), now);
        revocations.offer(Files.readAllBytes(folder.resolve("regional.crl")), chain.get(1), now);

        BootReport report = new BootVerifier(enforcement)
                .anchors(() -> anchors)
                .release(
                        folder.resolve("release_manifest.json"),
                        folder.resolve("release_files.txt"),
                        Map.of("hart-x.jar", jar),
                        data)
                .guardrails(() -> RULES, () -> {})
                .nodeKey(() -> NodeKey.in(data))
                .certificates(
                        CertificateTier.LOCAL,
                        () -> chain,
                        () -> new ChainVerifier(
                                anchors, List.of(root), Network.DOMAIN, revocations, enforcement, System.out::println))
                .haltState(breaker)
                .clock(clock)
                .run();
        // end::start[]
        return report;
    }

    @Test
    void aWholeNodeMaySpeakToOthersAndOneWhoseJarWasChangedMayNot() throws Exception {
        try (CircuitBreaker breaker = CircuitBreaker.in(data)
                .anchors(net.anchors)
                .node(key.keyId())
                .clock(clock)
                .open()) {
            // SOFT: a test's JVM is opened to its tools.
            BootReport report = start(breaker, net.anchors, Enforcement.SOFT);
            assertThat(report.steps()).noneMatch(step -> step.outcome() == BootReport.Outcome.FAILED);
            assertThat(report.posture()).isEqualTo(BootReport.Posture.VERIFIED);
            assertThat(report.credential().nodeId()).as("one id for all").isEqualTo(key.keyId());

            HaltCommand halt = new HaltCommand(
                    HaltCommand.Action.HALT,
                    UUID.randomUUID(),
                    net.now,
                    net.now.plus(Duration.ofHours(1)),
                    "drill",
                    new HaltScope.Node(key.keyId()),
                    1);
            breaker.accept(halt.toEnvelope().signedBy(net.rootKey).toBytes(), "test");
            assertThat(start(breaker, net.anchors, Enforcement.SOFT)
                            .step("halt-state")
                            .orElseThrow()
                            .detail())
                    .startsWith("halted: [node:" + key.keyId() + ": drill]");

            Files.write(jar, new byte[] {0}, java.nio.file.StandardOpenOption.APPEND);
            BootReport changed = start(breaker, net.anchors, Enforcement.SOFT);
            assertThat(changed.posture()).isEqualTo(BootReport.Posture.REFUSED);
            assertThat(changed.allowsNetwork()).isFalse();
            assertThat(changed.allowsAgents()).isFalse();
        }
    }

    @Test
    void aCertificateOfAnotherKeyIsNotThisNodes() throws Exception {
        Files.delete(folder.resolve("local.pem"));
        NewFile.write(folder.resolve("local.pem"), NewFile.pem(List.of(net.local, net.regional, net.central)));
        try (CircuitBreaker breaker = CircuitBreaker.in(data).clock(clock).open()) {
            BootReport report = start(breaker, net.anchors, Enforcement.SOFT);
            assertThat(report.step("certificates").orElseThrow().detail())
                    .isEqualTo("the certificate is of another key than the node's");
        }
    }

    @Test
    void aNodeIsOfTheTierThatItIsConfiguredAs() {
        BootReport report = new BootVerifier(Enforcement.SOFT)
                .anchors(() -> net.anchors)
                .nodeKey(() -> net.localKey)
                .certificates(
                        CertificateTier.CENTRAL,
                        () -> List.of(net.local, net.regional, net.central),
                        () -> net.verifier(Enforcement.HARD))
                .clock(clock)
                .run();
        assertThat(report.step("certificates").orElseThrow().detail())
                .isEqualTo("the node is configured as central, and its certificate is local");
        assertThat(report.credential()).isNull();
    }
}
