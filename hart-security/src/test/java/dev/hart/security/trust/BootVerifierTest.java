package dev.hart.security.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.trust.BootReport.Outcome;
import dev.hart.security.trust.BootReport.Posture;
import dev.hart.security.trust.BootReport.Step;
import dev.hart.spi.HaltCause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BootVerifierTest {
    private static final String RULES = "ab".repeat(32);

    @TempDir
    Path folder;

    private final TestKey one = TestKey.rfc8032();
    private final TestKey two = TestKey.fresh();
    private final TestKey node = TestKey.fresh();
    private final TrustAnchors anchors = TrustAnchors.of(2, List.of(one.publicKey(), two.publicKey()));
    private final MovedClock clock = new MovedClock("2026-01-02T00:00:00Z");
    private Path jar;

    @BeforeEach
    void release() throws IOException {
        jar = folder.resolve("hart-x.jar");
        writeJar(jar, "a rule");
        writeManifest(1);
    }

    private static void writeJar(Path jar, String content) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String name : List.of("dev/hart/security/Rules.class", "dev/hart/security/words.txt")) {
                ZipEntry entry = new ZipEntry(name);
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write((name + content).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
    }

    private void writeManifest(long number) throws IOException {
        FileList list = FileList.of(Map.of("hart-x.jar", jar));
        Files.write(folder.resolve("release_files.txt"), list.toBytes());
        ReleaseManifest manifest = new ReleaseManifest(
                "1.0.0",
                "c".repeat(40),
                list.hash(),
                RULES,
                Instant.parse("2026-01-01T00:00:00Z"),
                Instant.parse("2026-06-30T00:00:00Z"),
                number,
                new TreeMap<>(Map.of("hart-x.jar", FileList.sha256(jar))));
        Files.write(
                folder.resolve("release_manifest.json"),
                manifest.toEnvelope().signedBy(one).signedBy(two).toBytes());
    }

    private BootVerifier verifier(Enforcement enforcement) {
        return new BootVerifier(enforcement)
                .anchors(() -> anchors)
                .release(
                        folder.resolve("release_manifest.json"),
                        folder.resolve("release_files.txt"),
                        Map.of("hart-x.jar", jar),
                        folder)
                .guardrails(() -> RULES, () -> {})
                .posture(() -> JvmPosture.of(List.of(), true))
                .nodeKey(() -> node)
                .clock(clock);
    }

    private static Step failed(BootReport report) {
        assertThat(report.passed()).isFalse();
        return report.steps().stream()
                .filter(step -> step.outcome() == Outcome.FAILED)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aWholeNodePassesEveryStepInTheSheetsOrder() {
        BootReport report = verifier(Enforcement.HARD)
                .further("capability-probe", () -> "standard")
                .run();
        assertThat(report.steps())
                .extracting(Step::name)
                .containsExactly(
                        "configuration",
                        "ed25519",
                        "anchors",
                        "manifest",
                        "artifacts",
                        "guardrails",
                        "jvm",
                        "node-key",
                        "certificates",
                        "halt-state",
                        "audit-log",
                        "capability-probe");
        assertThat(report.posture()).isEqualTo(Posture.VERIFIED);
        assertThat(report.passed()).isTrue();
        assertThat(report.allowsNetwork()).isTrue();
        assertThat(report.step("certificates").orElseThrow())
                .isEqualTo(
                        new Step("certificates", Outcome.SKIPPED, "a flat node: a key, no certificate, no authority"));
        assertThat(report.manifest().version()).isEqualTo("1.0.0");
    }

    @Test
    void withoutAnchorsANodeIsLocalWithGuardrailsAndNoNetwork() {
        AtomicInteger vectors = new AtomicInteger();
        BootReport report = new BootVerifier(Enforcement.HARD)
                .guardrails(() -> RULES, vectors::incrementAndGet)
                .run();
        assertThat(report.posture()).isEqualTo(Posture.LOCAL);
        assertThat(report.allowsNetwork()).isFalse();
        assertThat(report.allowsAgents()).isTrue();
        assertThat(vectors).hasValue(1);
        assertThat(report.step("manifest").orElseThrow().outcome()).isEqualTo(Outcome.SKIPPED);
    }

    @ParameterizedTest
    @EnumSource(Enforcement.class)
    void aFailedStepRefusesTheNetworkInEveryModeAndAgentsInSoftAndHard(Enforcement mode) {
        BootReport report = verifier(mode)
                .guardrails(() -> RULES, () -> {
                    throw new IllegalStateException("vector 7 was let through");
                })
                .run();
        assertThat(failed(report)).isEqualTo(new Step("guardrails", Outcome.FAILED, "vector 7 was let through"));
        assertThat(report.posture()).isEqualTo(Posture.REFUSED);
        assertThat(report.allowsNetwork()).isFalse();
        assertThat(report.allowsAgents()).isEqualTo(mode == Enforcement.OFF || mode == Enforcement.WARN);
    }

    @Test
    void aClassReplacedInAJarIsNamed() throws Exception {
        writeJar(jar, "no rule");
        assertThat(failed(verifier(Enforcement.HARD).run()).detail())
                .isEqualTo("hart-x.jar is not the jar that was released");
        writeJar(jar, "a rule");
        Path classes = Files.createDirectories(folder.resolve("classes/dev/hart/security"));
        try (var zip = new java.util.zip.ZipFile(jar.toFile())) {
            for (var entry : java.util.Collections.list(zip.entries())) {
                Files.write(
                        folder.resolve("classes").resolve(entry.getName()),
                        zip.getInputStream(entry).readAllBytes());
            }
        }
        jar = folder.resolve("classes");
        assertThat(verifier(Enforcement.HARD).run().passed()).isTrue();
        Files.writeString(classes.resolve("Rules.class"), "replaced");
        Files.writeString(classes.resolve("Backdoor.class"), "new");
        Files.delete(classes.resolve("words.txt"));
        assertThat(failed(verifier(Enforcement.HARD).run()).detail())
                .isEqualTo("the code is not what was released: changed hart-x.jar!/dev/hart/security/Rules.class,"
                        + " missing hart-x.jar!/dev/hart/security/words.txt,"
                        + " new hart-x.jar!/dev/hart/security/Backdoor.class");
    }

    @Test
    void noBitOfTheManifestOrItsListCanBeFlippedUnseen() throws Exception {
        for (String name : List.of("release_manifest.json", "release_files.txt")) {
            Path file = folder.resolve(name);
            byte[] whole = Files.readAllBytes(file);
            for (int bit = 0; bit < whole.length * 8; bit += 13) {
                byte[] flipped = whole.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                Files.write(file, flipped);
                assertThat(verifier(Enforcement.OFF).run().posture())
                        .as(name + " bit " + bit)
                        .isEqualTo(Posture.REFUSED);
            }
            Files.write(file, whole);
        }
        assertThat(verifier(Enforcement.OFF).run().passed()).isTrue();
    }

    @Test
    void aReleaseExpires() {
        clock.set("2026-06-30T00:00:00Z");
        assertThat(verifier(Enforcement.HARD).run().passed()).isTrue();
        clock.set("2026-06-30T00:00:00.001Z");
        assertThat(failed(verifier(Enforcement.HARD).run()).detail())
                .isEqualTo("the release manifest expired at 2026-06-30T00:00:00Z");
    }

    @Test
    void noOlderReleaseIsTakenAfterANewerOne() throws Exception {
        byte[] old = Files.readAllBytes(folder.resolve("release_manifest.json"));
        writeManifest(2);
        assertThat(verifier(Enforcement.HARD).run().passed()).isTrue();
        assertThat(verifier(Enforcement.HARD).run().passed())
                .as("the same again")
                .isTrue();
        Files.write(folder.resolve("release_manifest.json"), old);
        assertThat(failed(verifier(Enforcement.HARD).run()))
                .isEqualTo(new Step(
                        "manifest",
                        Outcome.FAILED,
                        "release manifest 1 is older than 2, which this node has seen already"));
        Files.writeString(folder.resolve("release-version"), "x");
        assertThat(failed(verifier(Enforcement.HARD).run()).name()).isEqualTo("manifest");
    }

    @Test
    void tooFewAnchorsAreNotEnough() throws Exception {
        Envelope both = Envelope.parse(Files.readAllBytes(folder.resolve("release_manifest.json")));
        Envelope twice = new Envelope(
                both.type(),
                both.payload(),
                List.of(both.signatures().get(0), both.signatures().get(0)));
        Files.write(folder.resolve("release_manifest.json"), twice.toBytes());
        assertThat(failed(verifier(Enforcement.HARD).run()).detail())
                .isEqualTo("the release manifest is signed by 1 of the trust anchors, and 2 are needed");
    }

    @Test
    void rulesOfAnotherReleaseAreRefused() {
        BootReport report = verifier(Enforcement.HARD)
                .guardrails(() -> "cd".repeat(32), () -> {})
                .run();
        assertThat(failed(report).name()).isEqualTo("guardrails");
    }

    @Test
    void aJvmThatIsOpenToChangeFailsInHardAndIsNamedElsewhere() {
        JvmPosture open = JvmPosture.of(List.of("-javaagent:x.jar"), true);
        BootReport hard = verifier(Enforcement.HARD).posture(() -> open).run();
        assertThat(failed(hard).detail()).startsWith("the JVM is open to change: AGENT (-javaagent:x.jar)");
        BootReport soft = verifier(Enforcement.SOFT).posture(() -> open).run();
        assertThat(soft.passed()).isTrue();
        assertThat(soft.step("jvm").orElseThrow().detail()).contains("AGENT");
    }

    @Test
    void whateverIsThrownIsAFailedStepAndTheOthersAreMade() {
        BootReport report = verifier(Enforcement.HARD)
                .anchors(() -> TrustAnchors.ofHex(1, List.of("01" + "00".repeat(31))))
                .nodeKey(() -> {
                    throw new NoClassDefFoundError("x");
                })
                .auditTail(() -> {
                    throw new IOException("BROKEN at 7");
                })
                .run();
        assertThat(failed(report).name()).isEqualTo("anchors");
        assertThat(report.step("node-key").orElseThrow().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.step("audit-log").orElseThrow().detail()).isEqualTo("BROKEN at 7");
        assertThat(report.steps()).hasSize(11);
    }

    @Test
    void aBrokenAuditLogFailsTheBootAndLeavesTheNetwork() {
        BootReport report = verifier(Enforcement.HARD)
                .auditTail(() -> {
                    throw new IOException("TAIL_MISSING");
                })
                .run();
        assertThat(report.passed()).isFalse();
        assertThat(report.posture()).isEqualTo(Posture.VERIFIED);
    }

    @Test
    void tamperOfAnEarlierProcessEndsWithABootThatPassesAndOnlyThen() throws Exception {
        try (CircuitBreaker breaker = CircuitBreaker.in(folder).open()) {
            breaker.tampered("a class was replaced");
        }
        try (CircuitBreaker breaker = CircuitBreaker.in(folder).open()) {
            verifier(Enforcement.HARD).nodeKey(() -> null).haltState(breaker).run();
            assertThat(breaker.causes()).extracting(HaltCause::kind).containsExactly(HaltCause.Kind.TAMPER);
            BootReport report = verifier(Enforcement.HARD).haltState(breaker).run();
            assertThat(report.passed()).isTrue();
            assertThat(breaker.isHalted()).isFalse();
        }
        Files.writeString(folder.resolve("halt-state"), "torn");
        try (CircuitBreaker breaker = CircuitBreaker.in(folder).open()) {
            assertThat(failed(verifier(Enforcement.HARD).haltState(breaker).run())
                            .name())
                    .isEqualTo("halt-state");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HARD", "strict", "hard "})
    void anUnknownModeIsAStartUpError(String word) {
        assertThatThrownBy(() -> Enforcement.parse(word))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessage("there is no enforcement mode '" + word + "'; it is one of off, warn, soft, hard");
        assertThat(Enforcement.parse("hard")).isEqualTo(Enforcement.HARD);
    }

    @Test
    void aManifestIsNotTakenForMoreThanItSays() {
        assertThatThrownBy(() -> ReleaseManifest.verified(
                        new HaltCommand(
                                        HaltCommand.Action.HALT,
                                        java.util.UUID.randomUUID(),
                                        Instant.EPOCH,
                                        Instant.EPOCH.plus(Duration.ofHours(1)),
                                        "r",
                                        new HaltScope.Network(),
                                        1)
                                .toEnvelope()
                                .signedBy(one)
                                .signedBy(two)
                                .toBytes(),
                        anchors,
                        Instant.EPOCH))
                .hasMessage("the envelope holds no release manifest");
    }
}
