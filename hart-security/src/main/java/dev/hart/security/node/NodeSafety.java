package dev.hart.security.node;

import static java.util.Objects.requireNonNull;

import dev.hart.Hart;
import dev.hart.HartClock;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.security.Guardrails;
import dev.hart.security.NodeKey;
import dev.hart.security.audit.AuditEvent;
import dev.hart.security.audit.AuditLog;
import dev.hart.security.rules.Constitution;
import dev.hart.security.rules.RuleVectors;
import dev.hart.security.trust.BootReport;
import dev.hart.security.trust.BootVerifier;
import dev.hart.security.trust.CircuitBreaker;
import dev.hart.security.trust.CircuitBreakerBuilder;
import dev.hart.security.trust.Enforcement;
import dev.hart.security.trust.HaltAnswer;
import dev.hart.security.trust.IntegrityMonitor;
import dev.hart.security.trust.TrustAnchors;
import dev.hart.spi.Signer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What watches over one node, put together: its kill switch, the checks of its start, the monitor that repeats them, and the
 * watchdog of its tasks. {@code hart serve} uses it; an application that embeds a runtime does the same:
 *
 * <pre>{@code
 * try (NodeSafety safety = NodeSafety.in(data).trust(anchors).release(folder).open();
 *         Hart hart = Hart.configure().dataDirectory(data)
 *                 .haltSwitch(safety.breaker()).taskKeeper(safety.watchdog()).create()) {
 *     if (!safety.verify(hart).allowsAgents()) { … }
 *     safety.watch();
 * }
 * }</pre>
 *
 * <p>Opened and verified by one thread; what it gives is thread-safe.
 */
public final class NodeSafety implements AutoCloseable {
    /** The signed manifest of a release, in its folder. */
    public static final String MANIFEST = "release_manifest.json";
    /** The list of files that it signs. */
    public static final String FILES = "release_files.txt";

    private static final Logger LOG = LoggerFactory.getLogger(NodeSafety.class);

    private final Settings settings;
    private final Signer nodeKey;
    private final CircuitBreaker breaker;
    private final Watchdog watchdog;
    private volatile @Nullable Hart hart;
    private volatile @Nullable BootReport report;
    private volatile String guardrailHash = "";
    private @Nullable IntegrityMonitor monitor;

    /** Says what differs from a node that trusts nobody. Not thread-safe. */
    public static final class Settings {
        private final Path directory;
        private @Nullable TrustAnchors anchors;
        private @Nullable TrustAnchors operators;
        private @Nullable String region;
        private Enforcement enforcement = Enforcement.HARD;
        private @Nullable Path release;
        private @Nullable Map<String, Path> artifacts;
        private @Nullable Signer nodeKey;
        private HartClock clock = HartClock.system();
        private Consumer<List<String>> onTamper = found -> {};

        private Settings(Path directory) {
            this.directory = requireNonNull(directory);
        }

        /** Whose orders and releases the node believes; nobody's unless set. */
        public Settings trust(TrustAnchors anchors) {
            this.anchors = requireNonNull(anchors);
            return this;
        }

        /** The people who may end an emergency stop, see {@link CircuitBreakerBuilder#operators}; nobody unless set. */
        public Settings operators(TrustAnchors operators) {
            this.operators = requireNonNull(operators);
            return this;
        }

        /** The node's region; none unless set. */
        public Settings region(String region) {
            this.region = requireNonNull(region);
            return this;
        }

        /** What a failed check means; {@link Enforcement#HARD} unless set. */
        public Settings enforcement(Enforcement enforcement) {
            this.enforcement = requireNonNull(enforcement);
            return this;
        }

        /**
         * The folder with {@value #MANIFEST} and {@value #FILES} of the release that the node must be; what is on the class
         * path and the module path is compared with it. Needs {@link #trust}.
         */
        public Settings release(Path folder) {
            this.release = requireNonNull(folder);
            this.artifacts = null;
            return this;
        }

        /** The same with other places of the jars, by their names in the manifest. */
        public Settings release(Path folder, Map<String, Path> artifacts) {
            this.release = requireNonNull(folder);
            this.artifacts = Map.copyOf(artifacts);
            return this;
        }

        /** The node's key; the one in the data directory unless set. */
        public Settings nodeKey(Signer key) {
            this.nodeKey = requireNonNull(key);
            return this;
        }

        /** The system's clock unless set. */
        public Settings clock(HartClock clock) {
            this.clock = requireNonNull(clock);
            return this;
        }

        /** Told once what does not fit any more, after the node was halted. */
        public Settings onTamper(Consumer<List<String>> listener) {
            this.onTamper = requireNonNull(listener);
            return this;
        }

        /**
         * Makes the checks of a start without opening the kill switch, which another process may have: for a look at a node.
         *
         * @throws InvalidConfigurationException when settings do not fit together
         */
        public BootReport inspect(Hart hart) {
            requireAnchors();
            Signer key = nodeKey == null ? NodeKey.in(directory) : nodeKey;
            return checks(hart, key, Constitution.guardrailHash(hart.unwrap(Guardrails.class)))
                    .run();
        }

        private BootVerifier checks(Hart hart, Signer key, String hash) {
            BootVerifier boot = new BootVerifier(enforcement)
                    .clock(clock)
                    .guardrails(() -> hash, () -> requireRight(hart.unwrap(Guardrails.class)))
                    .nodeKey(() -> key)
                    .auditTail(() -> auditTail(hart.unwrap(AuditLog.class)))
                    .further(
                            "capabilities",
                            () -> "tier "
                                    + hart.unwrap(FeatureGates.class).tier().wireName());
            TrustAnchors trusted = anchors;
            Path folder = release;
            if (trusted != null && folder != null) {
                boot.anchors(() -> trusted)
                        .release(folder.resolve(MANIFEST), folder.resolve(FILES), places(), directory);
            }
            return boot;
        }

        private void requireAnchors() {
            if (anchors == null && (release != null || region != null)) {
                throw new InvalidConfigurationException(
                        "a release and a region mean nothing without a trust anchor: name one, or leave them out");
            }
        }

        /** Where each jar is that this JVM runs, by its name. */
        private Map<String, Path> places() {
            return artifacts == null ? ofThisJvm() : artifacts;
        }

        /**
         * Opens the kill switch with what it was told before, and a watchdog.
         *
         * @throws InvalidConfigurationException when settings do not fit together, or another process uses the folder
         * @throws StoreUnavailableException when the folder cannot be used
         */
        public NodeSafety open() {
            requireAnchors();
            try {
                Files.createDirectories(directory);
            } catch (IOException e) {
                throw new StoreUnavailableException("cannot create the data directory " + directory + ": " + e, e);
            }
            return new NodeSafety(this);
        }
    }

    private NodeSafety(Settings settings) {
        this.settings = settings;
        Signer given = settings.nodeKey;
        this.nodeKey = given == null ? NodeKey.in(settings.directory) : given;
        CircuitBreakerBuilder builder = CircuitBreaker.in(settings.directory)
                .clock(settings.clock)
                .node(nodeKey.keyId())
                .onRefused(this::refused);
        if (settings.anchors != null) {
            builder.anchors(settings.anchors);
        }
        if (settings.operators != null) {
            builder.operators(settings.operators);
        }
        if (settings.region != null) {
            builder.region(settings.region);
        }
        this.breaker = builder.open();
        this.watchdog = Watchdog.configure().clock(settings.clock).open();
    }

    /**
     * Settings of a node.
     *
     * @param dataDirectory the runtime's, made when it is missing
     */
    public static Settings in(Path dataDirectory) {
        return new Settings(dataDirectory);
    }

    /** The kill switch, for {@link dev.hart.HartBuilder#haltSwitch}. */
    public CircuitBreaker breaker() {
        return breaker;
    }

    /** The watchdog, for {@link dev.hart.HartBuilder#taskKeeper}. */
    public Watchdog watchdog() {
        return watchdog;
    }

    /** The node's key id. */
    public String nodeId() {
        return nodeKey.keyId();
    }

    /** What the checks of the start found; null before {@link #verify}. */
    public @Nullable BootReport report() {
        return report;
    }

    /** The hash of the rules that the node runs by, 64 hex digits; empty before {@link #verify}. */
    public String guardrailHash() {
        return guardrailHash;
    }

    /** Whom the node trusts; null when nobody. */
    public @Nullable TrustAnchors anchors() {
        return settings.anchors;
    }

    /**
     * Makes the checks of a start. The runtime is open and does nothing yet: it gives its rules, its audit log, and what the
     * hardware may run. Anchors without a release are for the kill switch alone: the node checks its rules and its own state,
     * and not its code.
     */
    public BootReport verify(Hart hart) {
        this.hart = hart;
        guardrailHash = Constitution.guardrailHash(hart.unwrap(Guardrails.class));
        BootReport found =
                settings.checks(hart, nodeKey, guardrailHash).haltState(breaker).run();
        report = found;
        return found;
    }

    private static void requireRight(Guardrails gate) {
        List<String> wrong = wrongAnswers(gate);
        if (!wrong.isEmpty()) {
            throw new IllegalStateException("the rules do not answer as they must: " + String.join("; ", wrong));
        }
    }

    private static List<String> wrongAnswers(Guardrails gate) {
        List<String> wrong = new ArrayList<>(gate.selfTest());
        wrong.addAll(RuleVectors.selfTest(gate));
        return wrong;
    }

    private static String auditTail(AuditLog log) {
        log.damage().ifPresent(damage -> {
            throw new IllegalStateException("the audit log is " + damage.finding() + " from entry " + damage.firstBad()
                    + " on: look into it, then acknowledge it");
        });
        return "sound since the newest head";
    }

    private static Map<String, Path> ofThisJvm() {
        Map<String, Path> found = new LinkedHashMap<>();
        for (String property : new String[] {"java.class.path", "jdk.module.path"}) {
            for (String entry : System.getProperty(property, "").split(File.pathSeparator)) {
                if (!entry.isEmpty()) {
                    Path place = Path.of(entry).toAbsolutePath().normalize();
                    String name = String.valueOf(place.getFileName());
                    Path other = found.putIfAbsent(name, place);
                    if (other != null && !other.equals(place)) {
                        found.put(place.toString(), place); // no release has it: the check says so
                    }
                }
            }
        }
        return found;
    }

    /**
     * Begins to look every five minutes whether code, rules and JVM are still what {@link #verify} found. Only a node that
     * was verified by a release is looked at; on any other this does nothing.
     */
    public synchronized void watch() {
        BootReport start = report;
        Hart watched = hart;
        Path folder = settings.release;
        if (monitor != null
                || start == null
                || watched == null
                || folder == null
                || start.posture() != BootReport.Posture.VERIFIED) {
            return;
        }
        Map<String, Callable<List<String>>> checks = new LinkedHashMap<>();
        Map<String, Path> places = settings.places();
        checks.put("code", () -> IntegrityMonitor.code(folder.resolve(FILES), start, places));
        checks.put("rules", () -> rulesSince(watched.unwrap(Guardrails.class)));
        if (start.jvm() != null) {
            checks.put("jvm", IntegrityMonitor.posture(start.jvm()));
        }
        checks.put(
                "audit",
                () -> watched.unwrap(AuditLog.class)
                        .damage()
                        .map(damage -> List.of("audit log " + damage.finding()))
                        .orElse(List.of()));
        monitor = new IntegrityMonitor(checks, breaker, this::tampered, () -> {}, settings.clock);
        monitor.start(watchdog);
    }

    /** One round of the monitor now; nothing when it does not run. */
    public synchronized void checkNow() {
        if (monitor != null) {
            monitor.check();
        }
    }

    /** Whether the monitor goes round, and has found nothing. */
    public synchronized boolean isWatched() {
        return monitor != null && monitor.report().isEmpty();
    }

    private List<String> rulesSince(Guardrails gate) {
        String now = Constitution.guardrailHash(gate);
        return now.equals(guardrailHash)
                ? wrongAnswers(gate)
                : List.of("the hash was " + guardrailHash + ", is " + now);
    }

    private void tampered(List<String> found) {
        List<String> first = found.stream()
                .limit(20)
                .map(what -> what.length() > 500 ? what.substring(0, 500) : what)
                .toList();
        audit(new AuditEvent("integrity", "hart", nodeId(), "tampered", Map.of("found", first)));
        settings.onTamper.accept(found);
    }

    private void refused(String source, HaltAnswer.Refused refused) {
        audit(AuditEvent.of("order", source, nodeId(), "refused: " + refused.reason()));
    }

    /** What is noted here has happened already; a log that cannot take it changes nothing about that. */
    private void audit(AuditEvent event) {
        Hart open = hart;
        if (open == null) {
            return;
        }
        try {
            open.unwrap(AuditLog.class).record(event);
        } catch (RuntimeException e) {
            LOG.error("{} could not be noted in the audit log", event, e);
        }
    }

    /** Ends the monitor and the watchdog, and gives the folder free. Close the runtime first. Idempotent. */
    @Override
    public synchronized void close() {
        if (monitor != null) {
            monitor.close();
        }
        watchdog.close();
        breaker.close();
    }
}
