package dev.hart.gpu.machine;

import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.Listening;
import dev.hart.gpu.event.Audience;
import dev.hart.gpu.model.MachineLoad;
import dev.hart.gpu.probe.SystemProbes;
import dev.hart.gpu.time.Ticker;
import dev.hart.spi.TaskKeeper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how much of the machine work in the background may take, so that whoever sits at it does not notice. It changes nothing by
 * itself, neither priorities nor limits: whoever begins such work asks it first. Until {@link #start} everything is allowed.
 *
 * <p>HART watches neither keyboard nor mouse. An application that knows that it is used says so by {@link #userActive}. Thread-safe;
 * no getter waits.
 */
public final class Governor implements AutoCloseable {
    /** The name by which a {@link TaskKeeper} knows the background thread. */
    public static final String TASK = "resource-governor";

    private static final Logger log = LoggerFactory.getLogger(Governor.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Duration USED_FOR = Duration.ofSeconds(120);
    /** Somebody may sit there: what is known before the machine has been read. */
    private static final GovernorStatus BEGINNING = GovernorRules.decide(MachineLoad.unknown(), true, List.of());

    private final Supplier<List<DeviceMemory>> gpus;
    private final InstantSource clock;
    private final Supplier<MachineLoad> machine;
    private final TaskKeeper keeper;
    private final boolean background;
    private final Audience<GovernorEvent> audience = new Audience<>("hart-governor-events");
    private volatile GovernorStatus status = GovernorStatus.NOT_RUNNING;
    private volatile long nextTick;

    /** Guarded by this, as is what follows. */
    private @Nullable Ticker ticker;

    private @Nullable Long usedAt;
    private @Nullable MachineLoad load;
    private List<DeviceMemory> gpuMemory = List.of();
    private boolean running;
    private boolean closed;

    private Governor(Builder builder) {
        this.gpus = builder.gpus;
        this.clock = builder.clock;
        Supplier<MachineLoad> own = builder.machine;
        this.machine = own == null ? SystemProbes.machineLoad(Path.of("").toAbsolutePath()) : own;
        this.keeper = builder.keeper;
        this.background = builder.background;
    }

    /** Says what differs from the defaults. */
    public static Builder configure(Gpus gpus) {
        return new Builder(() -> UsableGpus.memory(gpus));
    }

    /** Used by one thread, once. */
    public static final class Builder {
        private final Supplier<List<DeviceMemory>> gpus;
        private InstantSource clock = InstantSource.system();
        private @Nullable Supplier<MachineLoad> machine;
        private TaskKeeper keeper = TaskKeeper.threads();
        private boolean background = true;

        private Builder(Supplier<List<DeviceMemory>> gpus) {
            this.gpus = gpus;
        }

        /** Where time comes from; the system's clock unless set. */
        public Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /** What tells how busy the machine is and what it runs on; the operating system unless set. */
        public Builder machine(Supplier<MachineLoad> load) {
            this.machine = load;
            return this;
        }

        /** Keeps the background thread going, as the task {@value Governor#TASK}; a thread that nobody watches unless set. */
        public Builder taskKeeper(TaskKeeper taskKeeper) {
            this.keeper = taskKeeper;
            return this;
        }

        /** Leaves time to the caller: the machine is read by {@link Governor#tick}. */
        public Builder withoutBackgroundThread() {
            this.background = false;
            return this;
        }

        /** One that does not run yet; returns at once. */
        public Governor open() {
            return new Governor(this);
        }
    }

    /**
     * Begins to read the machine every five seconds, and returns at once. Until the first reading it is taken for one that is used.
     * Idempotent.
     *
     * @throws IllegalStateException once it is closed
     */
    public synchronized void start() {
        if (closed) {
            throw new IllegalStateException("this governor is closed: open another one");
        }
        if (running) {
            return;
        }
        load = null;
        nextTick = clock.millis();
        if (background) {
            Ticker begun = new Ticker(clock, heartbeat -> tick(), () -> nextTick);
            begun.start(keeper, TASK, Ticker.longestSilence(INTERVAL));
            ticker = begun;
        }
        running = true; // its first tick waits for this method
        become(BEGINNING);
    }

    /** Ends that: everything is allowed again. Idempotent. */
    public synchronized void stop() {
        if (running) {
            running = false;
            Ticker mine = ticker;
            ticker = null;
            if (mine != null) {
                mine.stop();
            }
            become(GovernorStatus.NOT_RUNNING);
        }
    }

    public synchronized boolean isRunning() {
        return running;
    }

    /** Reads the machine now; does nothing unless it runs. A machine that cannot be read leaves everything as it is. */
    public void tick() {
        if (!isRunning()) {
            return;
        }
        MachineLoad read = null;
        List<DeviceMemory> memory = List.of();
        try {
            read = machine.get();
            memory = gpus.get();
        } catch (RuntimeException e) {
            log.error("the machine cannot be read", e);
        }
        synchronized (this) {
            nextTick = clock.millis() + INTERVAL.toMillis();
            if (running && read != null) {
                load = read;
                gpuMemory = memory;
                decide(read);
            }
        }
    }

    /**
     * Somebody uses the machine now. It is {@code ACTIVE} at once and for 120 seconds, unless it runs on a battery that is nearly
     * empty.
     */
    public synchronized void userActive() {
        usedAt = clock.millis();
        MachineLoad last = load;
        if (running && last != null) {
            decide(last);
        }
    }

    private void decide(MachineLoad read) {
        Long used = usedAt;
        boolean userActive = used != null && clock.millis() - used < USED_FOR.toMillis();
        become(GovernorRules.decide(read, userActive, gpuMemory));
    }

    private void become(GovernorStatus now) {
        GovernorStatus before = status;
        status = now;
        if (!before.mode().equals(now.mode())) {
            log.debug("mode {} after {}", now.mode(), before.mode());
            audience.tell(new GovernorEvent.ModeChanged(before.mode(), now.mode()));
        }
    }

    /** Everything at one moment. */
    public GovernorStatus status() {
        return status;
    }

    /** Empty while it does not run. */
    public Optional<GovernorMode> mode() {
        return status.mode();
    }

    /** The share of its usual pace that work in the background should go at, 0 to 1; 1 while this does not run. */
    public double throttle() {
        return status.throttle();
    }

    /** Whether such work may be begun; everything may while this does not run. */
    public boolean allows(GovernedWork work) {
        return status.allows(work);
    }

    /** Has a listener told of what happens from now on, on a thread of its own: it may be slow, and what it throws is logged. */
    public Listening listen(Consumer<? super GovernorEvent> listener) {
        return audience.listen(listener);
    }

    /** Stops it for good. Idempotent. */
    @Override
    public synchronized void close() {
        stop();
        closed = true;
    }
}
