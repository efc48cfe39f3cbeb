package dev.hart.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.security.trust.CertificateFiles;
import dev.hart.security.trust.CertificateTier;
import dev.hart.security.trust.ChainResult;
import dev.hart.security.trust.ChainVerifier;
import dev.hart.security.trust.CircuitBreaker;
import dev.hart.security.trust.Enforcement;
import dev.hart.security.trust.FileList;
import dev.hart.security.trust.HaltAnswer;
import dev.hart.security.trust.MalformedException;
import dev.hart.security.trust.Purpose;
import dev.hart.security.trust.ReleaseManifest;
import dev.hart.security.trust.RevocationList;
import dev.hart.security.trust.TrustAnchors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line from the first key to what nodes verify. */
class SigningCommandTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private String said = "";

    private int run(String... arguments) {
        StringWriter out = new StringWriter();
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = arguments[i].replace("@", folder + "/");
        }
        PrintWriter writer = new PrintWriter(out, true);
        int code = SigningCommand.execute(writer, writer, InstantSource.fixed(NOW), arguments);
        said = out.toString();
        return code;
    }

    private String newKey(String name) {
        assertThat(run("key", "new", "@" + name, "--unencrypted")).as(said).isZero();
        return said.replaceAll("(?s).*public key  ([0-9a-f]{64}).*", "$1");
    }

    private void ok(String... arguments) {
        assertThat(run(arguments)).as(said).isZero();
    }

    private byte[] bytes(String name) throws IOException {
        return Files.readAllBytes(folder.resolve(name));
    }

    @Test
    void aChainAndItsRevocationListsAreMadeAndVerified() throws Exception {
        String root = newKey("root.key");
        String central = newKey("central.key");
        String regional = newKey("regional.key");
        String local = newKey("local.key");
        ok(
                "certificate",
                "root",
                "--key",
                "@root.key",
                "--trust-domain",
                "hive.example.org",
                "--capability",
                "agent_host,gossip_hub",
                "--out",
                "@root.pem");
        ok(
                "certificate",
                "issue",
                "--key",
                "@root.key",
                "--certificate",
                "@root.pem",
                "--tier",
                "central",
                "--subject",
                central,
                "--capability",
                "agent_host,gossip_hub",
                "--hours",
                "8760",
                "--out",
                "@central.pem");
        ok(
                "certificate",
                "issue",
                "--key",
                "@central.key",
                "--certificate",
                "@central.pem",
                "--tier",
                "regional",
                "--subject",
                regional,
                "--region",
                "us-east-1",
                "--capability",
                "agent_host",
                "--hours",
                "720",
                "--out",
                "@regional.pem");
        ok(
                "certificate",
                "issue",
                "--key",
                "@regional.key",
                "--certificate",
                "@regional.pem",
                "--tier",
                "local",
                "--subject",
                local,
                "--region",
                "us-east-1",
                "--capability",
                "agent_host",
                "--hours",
                "48",
                "--out",
                "@local.pem");
        assertThat(said).contains("tier     local", "chain    3 certificates");
        for (String issuer : List.of("root", "central", "regional")) {
            ok(
                    "certificate",
                    "revoke",
                    "--key",
                    "@" + issuer + ".key",
                    "--certificate",
                    "@" + issuer + ".pem",
                    "--out",
                    "@" + issuer + ".crl");
        }
        RevocationList revocations = new RevocationList();
        List<X509Certificate> chain = CertificateFiles.parse(bytes("local.pem"));
        X509Certificate rootCertificate =
                CertificateFiles.parse(bytes("root.pem")).get(0);
        assertThat(revocations.offer(bytes("root.crl"), rootCertificate, NOW)).isTrue();
        assertThat(revocations.offer(bytes("central.crl"), chain.get(2), NOW)).isTrue();
        assertThat(revocations.offer(bytes("regional.crl"), chain.get(1), NOW)).isTrue();
        ChainVerifier verifier = new ChainVerifier(
                TrustAnchors.ofHex(1, List.of(root)),
                List.of(rootCertificate),
                "hive.example.org",
                revocations,
                Enforcement.HARD,
                s -> {});
        ChainResult result = verifier.verify(chain, Purpose.PEER_LINK, NOW);
        assertThat(result).isInstanceOf(ChainResult.Valid.class);
        assertThat(((ChainResult.Valid) result).credential().tier()).isEqualTo(CertificateTier.LOCAL);
        assertThat(((ChainResult.Valid) result).credential().capabilities()).isEqualTo(Set.of("agent_host"));

        ok(
                "certificate",
                "revoke",
                "--key",
                "@regional.key",
                "--certificate",
                "@regional.pem",
                "--previous",
                "@regional.crl",
                "--revoke",
                "@local.pem",
                "--out",
                "@regional2.crl");
        assertThat(revocations.offer(bytes("regional2.crl"), chain.get(1), NOW)).isTrue();
        assertThat(((ChainResult.Invalid) verifier.verify(chain, Purpose.PEER_LINK, NOW)).failure())
                .isEqualTo(ChainResult.Failure.REVOKED);
    }

    @Test
    void anOrderOfTwoAnchorsHaltsAndResumesANode() throws Exception {
        List<String> anchors = List.of(newKey("a.key"), newKey("b.key"), newKey("c.key"));
        ok(
                "order",
                "--key",
                "@a.key",
                "--action",
                "halt",
                "--reason",
                "drill",
                "--sequence",
                "1",
                "--out",
                "@halt.json");
        ok(
                "order",
                "--key",
                "@a.key",
                "--action",
                "resume",
                "--reason",
                "over",
                "--sequence",
                "2",
                "--out",
                "@resume1.json");
        ok("sign", "@resume1.json", "--key", "@b.key", "--out", "@resume2.json");
        assertThat(said).contains("application/vnd.hart.command+json", "\"action\":\"RESUME\"", "2 signatures");
        assertThat(run("sign", "@resume2.json", "--key", "@b.key", "--out", "@resume3.json"))
                .isEqualTo(1);
        assertThat(said).contains("has signed it already, and counts once");
        try (CircuitBreaker breaker = CircuitBreaker.in(folder)
                .anchors(TrustAnchors.ofHex(2, anchors))
                .clock(InstantSource.fixed(NOW))
                .open()) {
            assertThat(breaker.accept(bytes("halt.json"), "t")).isInstanceOf(HaltAnswer.Accepted.class);
            assertThat(breaker.accept(bytes("resume1.json"), "t")).isInstanceOf(HaltAnswer.Refused.class);
            assertThat(breaker.isHalted()).isTrue();
            assertThat(breaker.accept(bytes("resume2.json"), "t")).isInstanceOf(HaltAnswer.Accepted.class);
            assertThat(breaker.isHalted()).isFalse();
        }
    }

    @Test
    void anOperatorsOrderEndsTheStopThatItNamesAndNoOther() throws Exception {
        String ann = newKey("ann.key");
        String node = "0123456789abcdef0123456789abcdef";
        try (CircuitBreaker breaker = CircuitBreaker.in(folder)
                .node(node)
                .operators(TrustAnchors.ofHex(1, List.of(ann)))
                .clock(InstantSource.fixed(NOW))
                .open()) {
            breaker.localHalt("smoke");
            ok("clear", "--key", "@ann.key", "--node", node, "--stopped", "2025-12-31T23:59:59Z", "--out", "@old.json");
            ok("clear", "--key", "@ann.key", "--node", node, "--stopped", NOW.toString(), "--out", "@clear.json");
            assertThat(said).contains("CLEAR_ESTOP", node);

            assertThat(breaker.clear(Files.readAllBytes(folder.resolve("old.json")), "test"))
                    .get()
                    .extracting(HaltAnswer.Refused::reason)
                    .isEqualTo(HaltAnswer.Reason.OLD_SEQUENCE);
            assertThat(breaker.clear(Files.readAllBytes(folder.resolve("clear.json")), "test"))
                    .isEmpty();
            assertThat(breaker.isHalted()).isFalse();
        }
        assertThat(run(
                        "clear",
                        "--key",
                        "@ann.key",
                        "--node",
                        node,
                        "--stopped",
                        NOW.toString(),
                        "--minutes",
                        "61",
                        "--out",
                        "@x.json"))
                .isEqualTo(1);
        assertThat(run("clear", "--key", "@ann.key", "--node", "me", "--stopped", NOW.toString(), "--out", "@x.json"))
                .isEqualTo(1);
        assertThat(folder.resolve("x.json")).doesNotExist();
    }

    @Test
    void aReleaseIsWhatItsJarsAre() throws Exception {
        String anchor = newKey("a.key");
        Path jars = Files.createDirectory(folder.resolve("jars"));
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jars.resolve("hart-x.jar")))) {
            zip.putNextEntry(new ZipEntry("dev/hart/X.class"));
            zip.write(new byte[] {1, 2, 3});
        }
        ok(
                "release",
                "--key",
                "@a.key",
                "--jars",
                "@jars",
                "--release",
                "1.0.0",
                "--git-sha",
                "a".repeat(40),
                "--guardrail-hash",
                "b".repeat(64),
                "--number",
                "1",
                "--out",
                "@");
        ReleaseManifest manifest =
                ReleaseManifest.verified(bytes("release_manifest.json"), TrustAnchors.ofHex(1, List.of(anchor)), NOW);
        FileList list = FileList.parse(bytes("release_files.txt"));
        assertThat(manifest.artifacts()).containsOnlyKeys("hart-x.jar");
        assertThat(manifest.fileManifestHash()).isEqualTo(list.hash());
        assertThat(list.differences(FileList.of(Map.of("hart-x.jar", jars.resolve("hart-x.jar")))))
                .isEmpty();
    }

    @Test
    void aKeyIsEncryptedItsOwnersAloneAndNeverShown() throws Exception {
        Files.writeString(folder.resolve("pass"), "correct horse battery\nsecond line\n");
        Files.writeString(folder.resolve("wrong"), "incorrect horse battery\n");
        Files.writeString(folder.resolve("short"), "12345678901\n");
        ok("key", "new", "@k.key", "--passphrase-file", "@pass");
        String shown = said;
        String file = Files.readString(folder.resolve("k.key"));
        assertThat(file).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("k.key"))))
                .isEqualTo("rw-------");
        ok("key", "show", "--key", "@k.key", "--passphrase-file", "@pass");
        assertThat(said).isEqualTo(shown).doesNotContain("PRIVATE", "horse");
        assertThat(run("key", "show", "--key", "@k.key", "--passphrase-file", "@wrong"))
                .isEqualTo(1);
        assertThat(said).contains("the passphrase does not open").doesNotContain("horse");
        assertThat(run("key", "new", "@k.key", "--passphrase-file", "@pass")).isEqualTo(1);
        assertThat(said).contains("a key is never written over");
        assertThat(run("key", "new", "@s.key", "--passphrase-file", "@short")).isEqualTo(1);
        assertThat(said).contains("12 characters or more");
        Files.setPosixFilePermissions(folder.resolve("k.key"), PosixFilePermissions.fromString("rw-r-----"));
        assertThat(run("key", "show", "--key", "@k.key", "--passphrase-file", "@pass"))
                .isEqualTo(1);
        assertThat(said).contains("is open to others ([GROUP_READ])");
    }

    @Test
    void misuseAndMissingFilesGiveOneClearLine() throws MalformedException {
        assertThat(run("key", "show", "--key", "@none.key")).isEqualTo(1);
        assertThat(said).startsWith("hart-signing: there is no file ").hasLineCount(1);
        assertThat(run()).isEqualTo(2);
        newKey("a.key");
        assertThat(run(
                        "order",
                        "--key",
                        "@a.key",
                        "--action",
                        "halt",
                        "--reason",
                        "x",
                        "--sequence",
                        "1",
                        "--minutes",
                        "1441",
                        "--out",
                        "@o.json"))
                .isEqualTo(1);
        assertThat(said).contains("1 to 1440 minutes");
        assertThat(run(
                        "order",
                        "--key",
                        "@a.key",
                        "--action",
                        "halt",
                        "--reason",
                        "x",
                        "--sequence",
                        "0",
                        "--out",
                        "@o.json"))
                .isEqualTo(1);
        assertThat(folder.resolve("o.json")).doesNotExist();
    }

    @Test
    void whatAnotherWroteDoesNotSteerTheTerminal() throws Exception {
        newKey("a.key");
        byte[] payload = "{\"x\":\"\u001b[2J\"}".getBytes(StandardCharsets.UTF_8);
        Files.write(
                folder.resolve("e.json"),
                dev.hart.security.trust.Envelope.of(dev.hart.security.trust.PayloadType.TASK, payload)
                        .toBytes());
        ok("sign", "@e.json", "--key", "@a.key", "--out", "@f.json");
        assertThat(said).contains("{\"x\":\"?[2J\"}").doesNotContain("\u001b");
    }
}
