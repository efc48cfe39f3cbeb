package dev.hart.gpu;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all probes at the same time, each on a daemon thread of its own, and keeps what was seen before in sight: a device that
 * is listed no more is lost, one whose driver does not answer degraded, after three times lost. A driver that hangs keeps its
 * thread and is not asked again before it has answered. Thread-safe.
 */
final class DeviceWatch {
    private static final Logger log = LoggerFactory.getLogger(DeviceWatch.class);
    private static final int FAILURES_UNTIL_LOST = 3;
    private static final int MAX_WARNINGS = 100;

    /** Is told on the reading's thread. */
    interface Listener {
        void readingBegins(Instant at);

        void readingEnded(List<Device> devices);
    }

    private final Listener listener;
    private final List<Source> sources;
    private final InstantSource clock;
    private final Duration limit;
    private final Set<String> warned = new HashSet<>();
    private volatile List<Device> devices = List.of();
    private @Nullable CompletableFuture<List<Device>> inFlight;

    /** A probe, and what it has told so far. Used by one reading at a time. */
    private static final class Source {
        final DeviceProbe probe;

        @Nullable
        CompletableFuture<ProbeReading> hanging;

        int failures;
        List<Device> seen = List.of();

        Source(DeviceProbe probe) {
            this.probe = probe;
        }
    }

    /** @param limit how long one probe is waited for */
    DeviceWatch(List<DeviceProbe> probes, InstantSource clock, Duration limit, Listener listener) {
        this.listener = listener;
        this.sources = probes.stream().map(Source::new).toList();
        this.clock = clock;
        this.limit = limit;
    }

    /** The newest reading; empty before the first. */
    List<Device> devices() {
        return devices;
    }

    /** A new reading; whoever asks while one is being made gets that one. Never completes exceptionally. */
    synchronized CompletableFuture<List<Device>> refresh() {
        CompletableFuture<List<Device>> running = inFlight;
        if (running == null) {
            running = new CompletableFuture<>();
            inFlight = running;
            CompletableFuture<List<Device>> mine = running;
            start("hart-gpu-reading", () -> {
                try {
                    finish(mine, readAll());
                } catch (RuntimeException e) {
                    log.error("devices could not be read", e);
                    finish(mine, devices);
                }
            });
        }
        return running;
    }

    private void finish(CompletableFuture<List<Device>> mine, List<Device> found) {
        devices = found;
        listener.readingEnded(found);
        synchronized (this) {
            inFlight = null;
        }
        mine.complete(found);
    }

    private List<Device> readAll() {
        Instant now = clock.instant();
        listener.readingBegins(now);
        for (Source source : sources) {
            if (source.hanging == null) {
                source.hanging = readOnItsThread(source.probe, now);
            }
        }
        long end = System.nanoTime() + limit.toNanos();
        Map<String, Device> all = new HashMap<>();
        for (Source source : sources) {
            source.seen = merge(source, await(source, end));
            source.seen.forEach(device -> all.putIfAbsent(device.uuid(), device));
        }
        return all.values().stream().sorted(Device.ORDER).toList();
    }

    private static CompletableFuture<ProbeReading> readOnItsThread(DeviceProbe probe, Instant now) {
        CompletableFuture<ProbeReading> reading = new CompletableFuture<>();
        start("hart-gpu-probe-" + probe.getClass().getSimpleName(), () -> {
            try {
                reading.complete(probe.read(now));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                reading.complete(new ProbeReading.Failed("it was interrupted"));
            } catch (RuntimeException | LinkageError e) {
                log.warn("a probe for devices failed", e);
                reading.complete(new ProbeReading.Failed(e.toString()));
            }
        });
        return reading;
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private ProbeReading await(Source source, long end) {
        CompletableFuture<ProbeReading> hanging = source.hanging;
        if (hanging == null) {
            return new ProbeReading.Failed("it was not asked");
        }
        try {
            ProbeReading reading = hanging.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            source.hanging = null;
            return reading;
        } catch (TimeoutException e) {
            return new ProbeReading.Failed("no answer within " + limit.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ProbeReading.Failed("it was interrupted");
        } catch (ExecutionException e) {
            return new ProbeReading.Failed(String.valueOf(e.getCause()));
        }
    }

    private List<Device> merge(Source source, ProbeReading reading) {
        if (reading instanceof ProbeReading.Failed failed) {
            source.failures++;
            warnOnce(source.probe.getClass().getSimpleName() + ": " + failed.reason());
            DeviceHealth health = source.failures < FAILURES_UNTIL_LOST ? DeviceHealth.DEGRADED : DeviceHealth.LOST;
            return source.seen.stream()
                    .map(device -> device.health() == DeviceHealth.LOST ? device : device.withHealth(health))
                    .toList();
        }
        ProbeReading.Found found = (ProbeReading.Found) reading;
        source.failures = 0;
        found.warnings().forEach(this::warnOnce);
        List<Device> merged = new ArrayList<>(found.devices());
        Set<String> listed = new HashSet<>();
        found.devices().forEach(device -> listed.add(device.uuid()));
        for (Device before : source.seen) {
            if (!listed.contains(before.uuid())) {
                merged.add(before.withHealth(DeviceHealth.LOST));
            }
        }
        return merged;
    }

    private synchronized void warnOnce(String text) {
        if (warned.size() < MAX_WARNINGS && warned.add(text)) {
            log.warn("{}", text);
        } else {
            log.debug("{}", text);
        }
    }
}
