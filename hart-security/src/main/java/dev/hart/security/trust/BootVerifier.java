package dev.hart.security.trust;

import static java.util.Objects.requireNonNull;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.trust.BootReport.Outcome;
import dev.hart.security.trust.BootReport.Posture;
import dev.hart.security.trust.BootReport.Step;
import dev.hart.spi.Signer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checks of a node's start, always in the same order: the JVM's Ed25519, the anchors, the release manifest, the jars, the
 * rules, the JVM, the node's key, its certificates, the halt state, the audit log, and what the host adds. Whatever is thrown
 * is a failed step, and the steps behind it are made all the same, so that one report says everything.
 *
 * <p>Without anchors the node is {@link Posture#LOCAL}: only what needs no trust is checked. Set up by one thread.
 */
public final class BootVerifier {
    private static final Logger LOG = LoggerFactory.getLogger(BootVerifier.class);
    private static final String VERSION_FILE = "release-version";

    private final Enforcement enforcement;
    private @Nullable Callable<TrustAnchors> anchors;
    private @Nullable Path manifestFile;
    private @Nullable Path fileListFile;
    private Map<String, Path> artifacts = Map.of();
    private @Nullable Path stateDirectory;
    private @Nullable Supplier<String> guardrailHash;
    private Runnable guardrailVectors = () -> {};
    private Supplier<JvmPosture> posture = JvmPosture::scan;
    private @Nullable Callable<? extends Signer> nodeKey;
    private @Nullable CertificateTier tier;
    private @Nullable Callable<List<X509Certificate>> chain;
    private @Nullable Callable<ChainVerifier> verifier;
    private @Nullable CircuitBreaker breaker;
    private @Nullable Callable<String> auditTail;
    private final Map<String, Callable<String>> further = new LinkedHashMap<>();
    private InstantSource clock = InstantSource.system();

    /** @param enforcement what a failed step means */
    public BootVerifier(Enforcement enforcement) {
        this.enforcement = requireNonNull(enforcement);
    }

    /** Whom the node trusts; unless set it is LOCAL. What this throws is a failed step. */
    public BootVerifier anchors(Callable<TrustAnchors> anchors) {
        this.anchors = requireNonNull(anchors);
        return this;
    }

    /**
     * The signed release.
     *
     * @param manifest the envelope's file, {@code release_manifest.json}
     * @param fileList the list of classes and resources that it signs
     * @param artifacts where each jar is, by its name in the manifest
     * @param stateDirectory keeps the highest release seen
     */
    public BootVerifier release(Path manifest, Path fileList, Map<String, Path> artifacts, Path stateDirectory) {
        this.manifestFile = requireNonNull(manifest);
        this.fileListFile = requireNonNull(fileList);
        this.artifacts = Map.copyOf(artifacts);
        this.stateDirectory = requireNonNull(stateDirectory);
        return this;
    }

    /**
     * The rules that the node runs by.
     *
     * @param hash 64 hex digits, as the release names them
     * @param vectors throws when the rules do not judge known texts as they should
     */
    public BootVerifier guardrails(Supplier<String> hash, Runnable vectors) {
        this.guardrailHash = requireNonNull(hash);
        this.guardrailVectors = requireNonNull(vectors);
        return this;
    }

    BootVerifier posture(Supplier<JvmPosture> posture) {
        this.posture = posture;
        return this;
    }

    /** The node's key. */
    public BootVerifier nodeKey(Callable<? extends Signer> nodeKey) {
        this.nodeKey = requireNonNull(nodeKey);
        return this;
    }

    /** The node's certificates; unless set the node is flat: a key and no certificate, and so no authority. */
    public BootVerifier certificates(
            CertificateTier tier, Callable<List<X509Certificate>> chain, Callable<ChainVerifier> verifier) {
        if (tier == CertificateTier.ROOT) {
            throw new InvalidConfigurationException("the root stays offline; a node is central, regional or local");
        }
        this.tier = tier;
        this.chain = requireNonNull(chain);
        this.verifier = requireNonNull(verifier);
        return this;
    }

    /** The node's kill switch: a TAMPER of an earlier process is taken back when every step has passed. */
    public BootVerifier haltState(CircuitBreaker breaker) {
        this.breaker = requireNonNull(breaker);
        return this;
    }

    /** Verifies the end of the audit log, and says how it stands; throws when that is broken. */
    public BootVerifier auditTail(Callable<String> auditTail) {
        this.auditTail = requireNonNull(auditTail);
        return this;
    }

    /** A step of the host behind all others, such as the capability probe. */
    public BootVerifier further(String name, Callable<String> step) {
        further.put(name, requireNonNull(step));
        return this;
    }

    /** The system's clock unless set. */
    public BootVerifier clock(InstantSource clock) {
        this.clock = requireNonNull(clock);
        return this;
    }

    /** What the steps have found on the way. Used by one thread. */
    private final class Boot {
        private final List<Step> steps = new ArrayList<>();
        private @Nullable TrustAnchors trusted;
        private @Nullable ReleaseManifest manifest;
        private @Nullable JvmPosture jvm;
        private @Nullable Signer key;
        private @Nullable NodeCredential credential;
        private boolean trustFailed;

        private void step(String name, Callable<String> check) {
            Step step;
            try {
                step = new Step(name, Outcome.PASSED, check.call());
            } catch (Skipped e) {
                step = new Step(name, Outcome.SKIPPED, String.valueOf(e.getMessage()));
            } catch (Exception | LinkageError e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                step = new Step(name, Outcome.FAILED, e.getMessage() == null ? e.toString() : e.getMessage());
                if (enforcement != Enforcement.OFF) {
                    LOG.warn("boot step {} failed: {}", name, step.detail());
                    LOG.debug("boot step {}", name, e);
                }
            }
            steps.add(step);
        }

        private BootReport report() {
            Posture posture = trustFailed ? Posture.REFUSED : anchors == null ? Posture.LOCAL : Posture.VERIFIED;
            return new BootReport(posture, enforcement, steps, manifest, jvm, credential);
        }
    }

    private static final class Skipped extends Exception {
        private static final long serialVersionUID = 1;

        Skipped(String why) {
            super(why);
        }
    }

    /** Makes the checks. */
    public BootReport run() {
        Boot boot = new Boot();
        boot.step("configuration", () -> "enforcement " + enforcement);
        boot.step("ed25519", () -> {
            Ed25519.selfTest();
            return "answers as RFC 8032 says";
        });
        boot.step("anchors", () -> anchors(boot));
        boot.step("manifest", () -> manifest(boot));
        boot.step("artifacts", () -> artifacts(boot));
        boot.step("guardrails", () -> guardrails(boot));
        boot.step("jvm", () -> jvm(boot));
        boot.step("node-key", () -> nodeKey(boot));
        boot.step("certificates", () -> certificates(boot));
        boot.trustFailed = boot.steps.stream().anyMatch(step -> step.outcome() == Outcome.FAILED);
        boot.step("halt-state", () -> haltState(boot));
        boot.step("audit-log", () -> auditTail == null ? skip("no audit log was given") : auditTail.call());
        further.forEach(boot::step);
        BootReport report = boot.report();
        if (breaker != null && report.passed()) {
            breaker.verifiedBoot();
        }
        return report;
    }

    private static String skip(String why) throws Skipped {
        throw new Skipped(why);
    }

    private TrustAnchors trusted(Boot boot) throws Skipped {
        if (anchors == null) {
            throw new Skipped("nobody said whom to trust");
        }
        if (boot.trusted == null) {
            throw new IllegalStateException("there are no anchors to check it against");
        }
        return boot.trusted;
    }

    private String anchors(Boot boot) throws Exception {
        if (anchors == null) {
            return skip("nobody said whom to trust");
        }
        boot.trusted = anchors.call();
        return boot.trusted.toString();
    }

    private String manifest(Boot boot) throws Exception {
        TrustAnchors trusted = trusted(boot);
        if (manifestFile == null || stateDirectory == null) {
            throw new IllegalStateException("no release manifest was given; a node that trusts anchors needs one");
        }
        ReleaseManifest manifest = ReleaseManifest.verified(read(manifestFile), trusted, clock.instant());
        Path file = stateDirectory.resolve(VERSION_FILE);
        long highest = Files.exists(file)
                ? Long.parseLong(new String(Files.readAllBytes(file), StandardCharsets.US_ASCII).strip())
                : 0;
        if (manifest.manifestVersion() < highest) {
            throw new IllegalStateException("release manifest %d is older than %d, which this node has seen already"
                    .formatted(manifest.manifestVersion(), highest));
        }
        if (manifest.manifestVersion() > highest) {
            DurableFile.replace(file, (manifest.manifestVersion() + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        boot.manifest = manifest;
        return "release " + manifest.version() + ", manifest " + manifest.manifestVersion();
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.size(file) > Envelope.MAX_BYTES) {
            throw new IOException(file + " is larger than a release manifest");
        }
        return Files.readAllBytes(file);
    }

    private String artifacts(Boot boot) throws Exception {
        trusted(boot);
        ReleaseManifest manifest = boot.manifest;
        if (manifest == null || fileListFile == null) {
            throw new IllegalStateException("there is no verified manifest to check the jars against");
        }
        for (Map.Entry<String, String> artifact : manifest.artifacts().entrySet()) {
            Path jar = artifacts.get(artifact.getKey());
            if (jar != null && Files.isRegularFile(jar) && !FileList.sha256(jar).equals(artifact.getValue())) {
                throw new IllegalStateException(artifact.getKey() + " is not the jar that was released");
            }
        }
        requireNothingElse(artifacts.keySet(), manifest);
        List<String> differences = differences(manifest, fileListFile, artifacts);
        if (!differences.isEmpty()) {
            throw new IllegalStateException("the code is not what was released: " + String.join(", ", differences));
        }
        return artifacts.size() + " artifacts as released";
    }

    private static void requireNothingElse(Iterable<String> names, ReleaseManifest manifest) {
        for (String name : names) {
            if (!manifest.artifacts().containsKey(name)) {
                throw new IllegalStateException(name + " is not part of the release");
            }
        }
        for (String name : manifest.artifacts().keySet()) {
            boolean given = false;
            for (String each : names) {
                given |= each.equals(name);
            }
            if (!given) {
                throw new IllegalStateException(name + " is part of the release, and where it is was not given");
            }
        }
    }

    /** What of the code is not as the list says that the manifest signs. */
    static List<String> differences(ReleaseManifest manifest, Path fileListFile, Map<String, Path> artifacts)
            throws IOException, MalformedException {
        FileList list = FileList.parse(Files.readAllBytes(fileListFile));
        if (!list.hash().equals(manifest.fileManifestHash())) {
            throw new MalformedException("the file list is not the one that the release signs");
        }
        return list.differences(FileList.of(artifacts));
    }

    private String guardrails(Boot boot) throws Exception {
        guardrailVectors.run();
        ReleaseManifest manifest = boot.manifest;
        if (anchors == null) {
            return "the rules judge known texts as they should";
        }
        if (manifest == null || guardrailHash == null) {
            throw new IllegalStateException("there is no verified manifest, or no hash, to check the rules against");
        }
        String hash = guardrailHash.get();
        if (!hash.equals(manifest.guardrailHash())) {
            throw new IllegalStateException("the rules have hash " + hash + ", and the release has others");
        }
        return "hash " + hash;
    }

    private String jvm(Boot boot) {
        boot.jvm = posture.get();
        if (enforcement == Enforcement.HARD && anchors != null && !boot.jvm.isSound()) {
            throw new IllegalStateException("the JVM is open to change: " + boot.jvm);
        }
        return boot.jvm.toString();
    }

    private String nodeKey(Boot boot) throws Exception {
        if (nodeKey == null) {
            trusted(boot);
            throw new IllegalStateException("a node that trusts anchors needs a key of its own");
        }
        Signer key = nodeKey.call();
        Ed25519.raw(key.publicKey());
        byte[] message = "hart-boot".getBytes(StandardCharsets.US_ASCII);
        if (!Ed25519.verifies(key.publicKey(), message, key.sign(message))) {
            throw new IllegalStateException("what the node's key signs does not fit its public key");
        }
        boot.key = key;
        return "node " + Ed25519.keyId(key.publicKey());
    }

    private String certificates(Boot boot) throws Exception {
        if (tier == null || chain == null || verifier == null) {
            return skip("a flat node: a key, no certificate, no authority");
        }
        trusted(boot);
        if (boot.key == null) {
            throw new IllegalStateException("there is no node key that a certificate could be for");
        }
        ChainResult result = verifier.call().verify(chain.call(), Purpose.PEER_LINK, clock.instant());
        if (result instanceof ChainResult.Invalid invalid) {
            throw new IllegalStateException(invalid.failure() + ": " + invalid.message());
        }
        NodeCredential found = ((ChainResult.Valid) result).credential();
        if (found.tier() != tier) {
            throw new IllegalStateException("the node is configured as %s, and its certificate is %s"
                    .formatted(tier.word(), found.tier().word()));
        }
        if (!found.publicKey().equals(boot.key.publicKey())) {
            throw new IllegalStateException("the certificate is of another key than the node's");
        }
        boot.credential = found;
        return found.identity().uri() + " until " + found.notAfter();
    }

    private String haltState(Boot boot) throws Skipped {
        CircuitBreaker given = breaker;
        if (given == null) {
            return skip("no circuit breaker was given");
        }
        if (!given.isReadable()) {
            throw new IllegalStateException("the halt state cannot be read: the node stands still");
        }
        return given.isHalted() ? "halted: " + given.causes() : "running";
    }
}
