package dev.hart.gpu.machine;

import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.Listening;
import dev.hart.gpu.event.Audience;
import dev.hart.gpu.machine.Advice.Outcome;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.probe.SystemProbes;
import dev.hart.gpu.time.Ticker;
import dev.hart.spi.TaskKeeper;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the machine is, and what would relieve it. It advises; it does only what {@link Builder#apply} names, and nothing to other
 * programs, files or the system's caches. Looks when asked, and after {@link #start} every 15 seconds. Thread-safe; one look at a
 * time.
 */
public final class SystemHealth implements AutoCloseable {
    /** The name by which a {@link TaskKeeper} knows the background thread. */
    public static final String TASK = "system-health";

    /** How many snapshots are kept. */
    public static final int SNAPSHOTS_KEPT = 60;
    /** How much advice is kept. */
    public static final int ADVICE_KEPT = 200;

    private static final Logger log = LoggerFactory.getLogger(SystemHealth.class);

    private final Models models;
    private final InstantSource clock;
    private final HealthLimits limits;
    private final Supplier<SystemSnapshot> machine;
    private final Set<Optimization> applied;
    private final TaskKeeper keeper;
    private final Audience<HealthEvent> audience = new Audience<>("hart-health-events");

    /** Guarded by {@code kept}, as is what follows. */
    private final Deque<HealthReport> kept = new ArrayDeque<>();

    private final Deque<Advice> history = new ArrayDeque<>();
    private long applications;

    /** Guarded by this, as is what follows. */
    private final Map<Optimization, Instant> advisedAt = new EnumMap<>(Optimization.class);

    private volatile long nextLook;
    private final Object lifeCycle = new Object();
    private @Nullable Ticker ticker;
    private boolean closed;

    private SystemHealth(Builder builder) {
        this.models = builder.models;
        this.clock = builder.clock;
        this.limits = builder.limits;
        Supplier<SystemSnapshot> own = builder.machine;
        this.machine =
                own == null ? SystemProbes.snapshots(builder.storage, builder.clock, () -> memory(builder.gpus)) : own;
        this.applied = Collections.unmodifiableSet(EnumSet.copyOf(builder.applied));
        this.keeper = builder.keeper;
    }

    /** Says what differs from the defaults. */
    public static Builder configure(Gpus gpus, Models models) {
        return new Builder(gpus, models);
    }

    /** Used by one thread, once. */
    public static final class Builder {
        private final Gpus gpus;
        private final Models models;
        private final Set<Optimization> applied = EnumSet.noneOf(Optimization.class);
        private InstantSource clock = InstantSource.system();
        private HealthLimits limits = HealthLimits.defaults();
        private Path storage = Path.of("").toAbsolutePath();
        private @Nullable Supplier<SystemSnapshot> machine;
        private TaskKeeper keeper = TaskKeeper.threads();

        private Builder(Gpus gpus, Models models) {
            this.gpus = gpus;
            this.models = models;
        }

        /** Where time comes from; the system's clock unless set. */
        public Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /** From where on the machine runs short of something; {@link HealthLimits#defaults} unless set. */
        public Builder limits(HealthLimits healthLimits) {
            this.limits = healthLimits;
            return this;
        }

        /** A folder on the disk that is looked at; the working directory unless set. */
        public Builder storage(Path folder) {
            this.storage = folder.toAbsolutePath();
            return this;
        }

        /** What reads the machine; the operating system unless set. */
        public Builder machine(Supplier<SystemSnapshot> snapshots) {
            this.machine = snapshots;
            return this;
        }

        /**
         * Has HART do that by itself when it is due; nothing unless named here.
         *
         * @throws IllegalArgumentException when HART can only advise it
         */
        public Builder apply(Optimization optimization) {
            if (!optimization.isAppliable()) {
                throw new IllegalArgumentException(
                        "%s can only be advised; HART can do %s".formatted(optimization, Optimization.appliable()));
            }
            applied.add(optimization);
            return this;
        }

        /** Keeps the background thread going, as the task {@value SystemHealth#TASK}; a thread that nobody watches unless set. */
        public Builder taskKeeper(TaskKeeper taskKeeper) {
            this.keeper = taskKeeper;
            return this;
        }

        /** One that looks only when it is asked; returns at once. */
        public SystemHealth open() {
            return new SystemHealth(this);
        }
    }

    private static Optional<DeviceMemory> memory(Gpus gpus) {
        List<DeviceMemory> usable = UsableGpus.memory(gpus);
        return usable.isEmpty()
                ? Optional.empty()
                : Optional.of(new DeviceMemory(
                        usable.stream().mapToLong(DeviceMemory::totalBytes).sum(),
                        usable.stream().mapToLong(DeviceMemory::freeBytes).sum()));
    }

    /** Looks at the machine now, and at what would relieve it. */
    public synchronized HealthReport look() {
        SystemSnapshot snapshot = machine.get();
        List<Advice> advice = new ArrayList<>();
        for (Optimization optimization : Optimization.values()) {
            OptionalDouble percent = snapshot.percent(optimization.relieves());
            if (percent.isPresent() && percent.getAsDouble() > limits.percent(optimization.relieves())) {
                advice.add(advise(optimization, percent.getAsDouble()));
            }
        }
        HealthReport report = new HealthReport(snapshot, snapshot.healthScore(), advice);
        keep(report);
        audience.tell(new HealthEvent.Looked(report));
        return report;
    }

    private Advice advise(Optimization optimization, double percent) {
        Instant now = clock.instant();
        Instant before = advisedAt.get(optimization);
        if (before != null && now.isBefore(before.plus(optimization.coolDown()))) {
            return advice(optimization, percent, Outcome.REPEATED, "it was advised at " + before);
        }
        advisedAt.put(optimization, now);
        Advice advice = applied.contains(optimization)
                ? apply(optimization, percent)
                : advice(
                        optimization,
                        percent,
                        Outcome.ADVISED,
                        optimization.isAppliable() ? "HART may not do it by itself here" : "HART cannot do it");
        if (advice.outcome() == Outcome.APPLIED) {
            audience.tell(new HealthEvent.OptimizationApplied(advice));
        }
        return advice;
    }

    /** The only one there is to do. */
    private Advice apply(Optimization optimization, double percent) {
        try {
            List<String> unloaded = models.unloadIdle();
            return unloaded.isEmpty()
                    ? advice(optimization, percent, Outcome.ADVISED, "no model is idle")
                    : advice(optimization, percent, Outcome.APPLIED, "unloaded " + String.join(", ", unloaded));
        } catch (RuntimeException e) {
            log.error("{} failed", optimization, e);
            return advice(optimization, percent, Outcome.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private Advice advice(Optimization optimization, double percent, Outcome outcome, String detail) {
        Resource resource = optimization.relieves();
        return new Advice(clock.instant(), resource, percent, limits.percent(resource), optimization, outcome, detail);
    }

    private void keep(HealthReport report) {
        synchronized (kept) {
            kept.addLast(report);
            if (kept.size() > SNAPSHOTS_KEPT) {
                kept.removeFirst();
            }
            for (Advice advice : report.advice()) {
                if (advice.outcome() != Outcome.REPEATED) {
                    history.addLast(advice);
                    applications += advice.outcome() == Outcome.APPLIED ? 1 : 0;
                }
            }
            while (history.size() > ADVICE_KEPT) {
                history.removeFirst();
            }
        }
    }

    /** The newest look, or a new one when that is older than the interval. */
    public synchronized HealthReport report() {
        HealthReport newest = newest();
        return newest == null
                        || !clock.instant().isBefore(newest.snapshot().at().plus(limits.interval()))
                ? look()
                : newest;
    }

    private @Nullable HealthReport newest() {
        synchronized (kept) {
            return kept.peekLast();
        }
    }

    /** The score of the newest snapshot; 1 before the first. */
    public BigDecimal score() {
        HealthReport newest = newest();
        return newest == null ? BigDecimal.ONE.setScale(3) : newest.score();
    }

    /** The last {@value #SNAPSHOTS_KEPT}, oldest first. */
    public List<SystemSnapshot> snapshots() {
        synchronized (kept) {
            return kept.stream().map(HealthReport::snapshot).toList();
        }
    }

    /** The last {@value #ADVICE_KEPT}, without what was repeated, oldest first. */
    public List<Advice> history() {
        synchronized (kept) {
            return List.copyOf(history);
        }
    }

    /** How often HART has done something by itself. */
    public long applications() {
        synchronized (kept) {
            return applications;
        }
    }

    public HealthLimits limits() {
        return limits;
    }

    /** What HART does by itself. */
    public Set<Optimization> applied() {
        return applied;
    }

    /** Has a listener told of what happens from now on, on a thread of its own: it may be slow, and what it throws is logged. */
    public Listening listen(Consumer<? super HealthEvent> listener) {
        return audience.listen(listener);
    }

    /**
     * Begins to look every 15 seconds, or as the limits say, and returns at once. Idempotent.
     *
     * @throws IllegalStateException once it is closed
     */
    public void start() {
        synchronized (lifeCycle) {
            if (closed) {
                throw new IllegalStateException("this health check is closed: open another one");
            }
            if (ticker == null) {
                Ticker begun = new Ticker(clock, heartbeat -> lookLogged(), () -> nextLook);
                begun.start(keeper, TASK, Ticker.longestSilence(limits.interval()));
                ticker = begun;
            }
        }
    }

    private void lookLogged() {
        nextLook = clock.millis() + limits.interval().toMillis();
        try {
            look();
        } catch (RuntimeException e) {
            log.error("the machine cannot be looked at", e);
        }
    }

    /** Looks only when asked from now on. Idempotent. */
    public void stop() {
        synchronized (lifeCycle) {
            Ticker mine = ticker;
            ticker = null;
            if (mine != null) {
                mine.stop();
            }
        }
    }

    /** Stops it for good. Idempotent. */
    @Override
    public void close() {
        synchronized (lifeCycle) {
            stop();
            closed = true;
        }
    }
}
