package dev.hart.security.trust;

import dev.hart.HartClock;
import dev.hart.spi.TaskKeeper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again whether the node is still what its boot checks found. The first mismatch, or the third round in a row
 * with a check that could not be made, is tampering: the breaker is thrown, the callback is called once, and the monitor
 * stays tampered until the process ends. Thread-safe.
 */
public final class IntegrityMonitor implements AutoCloseable {
    /** Between two rounds. */
    public static final Duration INTERVAL = Duration.ofSeconds(300);

    private static final Logger LOG = LoggerFactory.getLogger(IntegrityMonitor.class);
    private static final int ERRORS = 3;

    private final Map<String, Callable<List<String>>> checks;
    private final CircuitBreaker breaker;
    private final Consumer<List<String>> onTamper;
    private final Runnable heartbeat;
    private final HartClock clock;
    /** The thread that goes round; guarded by this. */
    private @Nullable Thread thread;
    /** The task that goes round; guarded by this. */
    private TaskKeeper.@Nullable Kept kept;
    /** Which start a round belongs to: one that was stopped meanwhile is not heard. Guarded by this. */
    private long generation;

    private int errors;
    private @Nullable List<String> tampered;

    /**
     * A monitor that does not run yet.
     *
     * @param checks by name; each gives what does not fit, empty when all does, and may throw when it cannot say
     * @param onTamper told once what does not fit
     * @param heartbeat called before each check, for a watchdog
     */
    public IntegrityMonitor(
            Map<String, Callable<List<String>>> checks,
            CircuitBreaker breaker,
            Consumer<List<String>> onTamper,
            Runnable heartbeat,
            HartClock clock) {
        this.checks = new LinkedHashMap<>(checks);
        this.breaker = breaker;
        this.onTamper = onTamper;
        this.heartbeat = heartbeat;
        this.clock = clock;
    }

    /** The check that every class and resource is as the release's list says; a file that cannot be read is a mismatch. */
    public static Callable<List<String>> code(FileList released, Map<String, java.nio.file.Path> artifacts) {
        Map<String, java.nio.file.Path> places = Map.copyOf(artifacts);
        return () -> {
            try {
                return released.differences(FileList.of(places));
            } catch (java.io.IOException e) {
                return List.of("unreadable: " + e.getMessage());
            }
        };
    }

    /**
     * What of the code is not as the release says that the start has verified. The list of files is read again each time,
     * and is a mismatch itself when it is not the one that the release signs.
     *
     * @param start of a node that was verified
     */
    public static List<String> code(
            java.nio.file.Path fileList, BootReport start, Map<String, java.nio.file.Path> artifacts) {
        ReleaseManifest manifest = start.manifest();
        if (manifest == null) {
            return List.of("the start has verified no release");
        }
        try {
            return BootVerifier.differences(manifest, fileList, artifacts);
        } catch (java.io.IOException e) {
            return List.of("unreadable: " + e.getMessage());
        } catch (MalformedException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    /** The check that the JVM is no more open than it was at the start. */
    public static Callable<List<String>> posture(JvmPosture atStart) {
        return () -> JvmPosture.scan().findings().keySet().stream()
                .filter(finding -> !atStart.findings().containsKey(finding))
                .map(finding -> "since the start: " + finding)
                .toList();
    }

    /** Goes round on a thread of its own; does nothing when it does already, or has found tampering. */
    public synchronized void start() {
        if (thread != null || kept != null || tampered != null) {
            return;
        }
        long mine = ++generation;
        Thread next = new Thread(() -> goRound(mine), "hart-integrity");
        next.setDaemon(true);
        thread = next;
        next.start();
    }

    /**
     * Goes round as the task {@code integrity} of a keeper, such as a watchdog, until tampering is found or this is closed;
     * does nothing when it goes round already.
     */
    public synchronized void start(TaskKeeper keeper) {
        if (thread != null || kept != null || tampered != null) {
            return;
        }
        long mine = ++generation;
        kept = keeper.keep("integrity", INTERVAL, beat -> {
            if (!round(mine, beat)) {
                release();
            }
            return INTERVAL;
        });
    }

    private synchronized void release() {
        TaskKeeper.Kept old = kept;
        kept = null;
        if (old != null) {
            old.close();
        }
    }

    private void goRound(long mine) {
        try {
            while (round(mine, heartbeat)) {
                clock.sleep(INTERVAL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One round now; also for those who go round themselves. */
    public Optional<List<String>> check() {
        long mine;
        synchronized (this) {
            mine = generation;
        }
        round(mine, heartbeat);
        return report();
    }

    /** False when the monitor goes on no longer. */
    private boolean round(long mine, Runnable heartbeat) {
        List<String> found = new ArrayList<>();
        boolean failed = false;
        for (Map.Entry<String, Callable<List<String>>> check : checks.entrySet()) {
            heartbeat.run();
            try {
                check.getValue().call().forEach(what -> found.add(check.getKey() + ": " + what));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } catch (Exception | LinkageError e) {
                LOG.warn("integrity check {} could not be made", check.getKey(), e);
                failed = true;
            }
        }
        synchronized (this) {
            if (mine != generation || tampered != null) {
                return false;
            }
            errors = failed ? errors + 1 : 0;
            if (errors >= ERRORS) {
                found.add("a check could not be made " + ERRORS + " times in a row");
            }
            if (found.isEmpty()) {
                return true;
            }
            tampered = List.copyOf(found);
        }
        tell(List.copyOf(found));
        return false;
    }

    /** Each part is done whatever becomes of the other. */
    private void tell(List<String> found) {
        LOG.error("this node was changed while it ran: {}", found);
        try {
            breaker.tampered(found.get(0));
        } catch (RuntimeException e) {
            LOG.error("the node stands still, and that could not be made durable", e);
        }
        try {
            onTamper.accept(found);
        } catch (RuntimeException e) {
            LOG.error("the callback for tampering failed", e);
        }
    }

    /** What did not fit; empty while all does. */
    public synchronized Optional<List<String>> report() {
        return Optional.ofNullable(tampered);
    }

    /** Stops going round; what a round that is still going on finds is not heard. */
    @Override
    public synchronized void close() {
        generation++;
        Thread old = thread;
        thread = null;
        if (old != null) {
            old.interrupt();
        }
        release();
    }
}
