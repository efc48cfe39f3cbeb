package dev.hart.gpu.model;

import dev.hart.error.GpuException;
import dev.hart.error.HartException;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
import dev.hart.gpu.DeviceStatus;
import dev.hart.gpu.GpuStatus;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.Listening;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.probe.SystemProbes;
import dev.hart.gpu.time.Ticker;
import dev.hart.spi.HaltSwitch;
import dev.hart.spi.TaskKeeper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of one {@link Gpus}: loads them when they are needed, unloads those that nobody uses or that others need the memory
 * of, and starts those again that crash. Close it before the {@code Gpus}. Thread-safe.
 */
public final class Models implements AutoCloseable {
    /** The name by which a {@link TaskKeeper} knows the background thread. */
    public static final String TASK = "model-lifecycle";

    private static final Logger log = LoggerFactory.getLogger(Models.class);
    private static final Duration TOLD_AGAIN = Duration.ofSeconds(60);
    /** How long {@link #close} waits for calls that go on. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Gpus gpus;
    private final InstantSource clock;
    private final ModelLimits limits;
    private final HaltSwitch halt;
    private final Supplier<MachineLoad> machine;
    private final List<Consumer<ModelEvent>> listeners;
    private final Executor executor;
    private final @Nullable ThreadPoolExecutor ownExecutor;
    private final Map<String, Model<?>> byId = new ConcurrentSkipListMap<>();
    private final SwapQueue swaps = new SwapQueue();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Ticker ticker;

    // Used by one tick at a time.
    private final PressureGauge gauge;
    private final Relief relief;
    private final Map<String, Long> toldAt = new HashMap<>();
    private final Set<String> lost = new HashSet<>();

    private volatile @Nullable MachineLoad load;
    private volatile Pressure pressure = Pressure.NONE;
    private volatile Turn turn = new Turn();
    private volatile @Nullable Thread background;
    private volatile long nextTick;

    private Models(Builder builder) {
        this.gpus = builder.gpus;
        this.clock = builder.clock;
        this.limits = builder.limits;
        this.halt = builder.halt;
        this.machine = builder.machine;
        this.listeners = new CopyOnWriteArrayList<>(builder.listeners);
        Executor given = builder.executor;
        this.ownExecutor = given == null ? ownThreads() : null;
        this.executor = given == null ? java.util.Objects.requireNonNull(ownExecutor) : given;
        this.gauge = new PressureGauge(limits);
        this.relief = new Relief(this, gauge);
        this.nextTick = clock.millis() + limits.interval().toMillis();
        this.ticker = new Ticker(clock, this::doWhatIsDue, this::nextDue);
    }

    private static ThreadPoolExecutor ownThreads() {
        return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
            Thread thread = new Thread(work, "hart-model-load");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** With everything at its default. */
    public static Models of(Gpus gpus) {
        return configure(gpus).open();
    }

    /** Says what differs from the defaults. */
    public static Builder configure(Gpus gpus) {
        return new Builder(gpus);
    }

    /** Used by one thread, once. */
    public static final class Builder {
        private final Gpus gpus;
        private InstantSource clock = InstantSource.system();
        private ModelLimits limits = ModelLimits.defaults();
        private HaltSwitch halt = HaltSwitch.none();
        private @Nullable Supplier<MachineLoad> ownMachine;
        private Supplier<MachineLoad> machine = MachineLoad::unknown;
        private Path storage = Path.of("").toAbsolutePath();
        private final List<Consumer<ModelEvent>> listeners = new ArrayList<>();
        private boolean background = true;
        private TaskKeeper keeper = TaskKeeper.threads();
        private @Nullable Executor executor;

        private Builder(Gpus gpus) {
            this.gpus = gpus;
        }

        /** Where time comes from; the system's clock unless set. */
        public Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /** When the machine is under pressure; {@link ModelLimits#defaults} unless set. */
        public Builder limits(ModelLimits modelLimits) {
            this.limits = modelLimits;
            return this;
        }

        /** While it is thrown nothing is loaded and nothing started again; unloading goes on. Nobody can throw it unless set. */
        public Builder haltSwitch(HaltSwitch haltSwitch) {
            this.halt = haltSwitch;
            return this;
        }

        /** What tells how busy the machine is; the operating system unless set. */
        public Builder machine(Supplier<MachineLoad> load) {
            this.ownMachine = load;
            return this;
        }

        /** A folder on the disk that models are stored on; the working directory unless set. */
        public Builder storage(Path folder) {
            this.storage = folder.toAbsolutePath();
            return this;
        }

        /** Is told what happens, on the thread where it happens, and should return soon. What it throws is logged. */
        public Builder listener(Consumer<ModelEvent> listener) {
            listeners.add(listener);
            return this;
        }

        /**
         * Keeps the background thread going, as the task {@value Models#TASK}; a thread that nobody watches unless set. It gets a
         * heartbeat between the phases of each look, at least every three intervals or every minute, whichever is longer. It stays
         * the caller's.
         */
        public Builder taskKeeper(TaskKeeper taskKeeper) {
            this.keeper = taskKeeper;
            return this;
        }

        /** Leaves time to the caller: what is due is done by {@link Models#tick}. */
        public Builder withoutBackgroundThread() {
            this.background = false;
            return this;
        }

        /** What loads models. */
        Builder executor(Executor loads) {
            this.executor = loads;
            return this;
        }

        public Models open() {
            Supplier<MachineLoad> own = ownMachine;
            this.machine = own == null ? SystemProbes.machineLoad(storage) : own;
            Models models = new Models(this);
            if (background) {
                models.ticker.start(keeper, TASK, Ticker.longestSilence(models.limits.interval()));
            }
            return models;
        }
    }

    // Which models there are

    /**
     * A model that can be loaded from now on.
     *
     * @param id 1 to 255 of letters, digits, {@code . _ : ~ -}; not that of another one
     * @param requirement what it needs
     * @param loader brings it into memory
     */
    public <T extends AutoCloseable> Model<T> register(
            String id, ModelRequirement requirement, ModelSettings settings, ModelLoader<T> loader) {
        requireOpen();
        Model<T> model = new Model<>(this, id, requirement, settings, loader);
        if (byId.putIfAbsent(id, model) != null) {
            throw new IllegalArgumentException("there is a model '" + id + "' already: unregister it first");
        }
        return model;
    }

    /**
     * Forgets a model, which has to be unloaded; nothing happens when there is none.
     *
     * @throws IllegalStateException while it is loaded or being loaded
     */
    public void unregister(String id) {
        Model<?> model = byId.get(id);
        if (model == null) {
            return;
        }
        if (model.phase() != ModelPhase.UNLOADED) {
            throw new IllegalStateException(model + ": unload it first");
        }
        swaps.forget(id);
        byId.remove(id, model);
    }

    public Optional<Model<?>> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** All of them, by id. */
    public Collection<Model<?>> all() {
        return List.copyOf(byId.values());
    }

    /** All of them at this moment, by id. */
    public List<ModelStatus> status() {
        return byId.values().stream().<ModelStatus>map(Model::status).toList();
    }

    /** Models that made place for others and are loaded again when there is room, the one that is next first. */
    public List<String> swappedOut() {
        return swaps.models();
    }

    /** What ran short at the last {@link #tick}; nothing before the first. */
    public Pressure pressure() {
        return pressure;
    }

    /** Has a listener told what happens from now on, on the thread where it happens. What it throws is logged. */
    public Listening listen(Consumer<ModelEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    // Swapping

    /**
     * Loads one model in the place of another: unloads that only if the device then has room enough, and loads it again if the new
     * one fails. Nothing happens when the new one is loaded already.
     *
     * @throws NoSuchElementException when there is no such model
     * @throws GpuException NOT_NOW when the old one is not loaded, pinned or used, or does not free enough; nothing is changed then.
     *     Otherwise why the new one could not be loaded, with a failure to load the old one again among its suppressed exceptions
     * @throws InterruptedException when the thread is interrupted while it waits; the load goes on
     */
    public void swap(String oldId, String newId) throws InterruptedException {
        Model<?> old = require(oldId);
        Model<?> replacement = require(newId);
        if (old == replacement) {
            throw new IllegalArgumentException("model '" + oldId + "' cannot take its own place");
        }
        if (replacement.phase() != ModelPhase.LOADED) {
            swap(old, replacement);
        }
    }

    private <T extends AutoCloseable> void swap(Model<T> old, Model<?> replacement) throws InterruptedException {
        halt.requireRunning();
        Loaded<T> place = old.loaded();
        if (place == null) {
            throw notNow(old, replacement, "it is " + old.phase());
        }
        if (old.settings().pinned() || old.status().pinnedUntil().isPresent()) {
            throw notNow(old, replacement, "it is pinned");
        }
        LeaseMode mode = place.lease.mode();
        if (!replacement.wouldFitWhole(place.lease)) {
            throw notNow(old, replacement, "its memory would not be enough");
        }
        if (!old.end(place, UnloadReason.SWAPPED)) {
            throw notNow(old, replacement, "it is being used");
        }
        swaps.add(new SwapQueue.Entry(old, mode, replacement.id(), clock.millis()));
        try {
            replacement.load();
        } catch (HartException e) {
            swaps.forget(old.id());
            old.restore(mode, e);
            throw e;
        }
        tell(new ModelEvent.Swapped(old.id(), replacement.id()));
    }

    private static GpuException notNow(Model<?> old, Model<?> replacement, String why) {
        return new GpuException(
                "NOT_NOW", "model '%s' cannot take the place of '%s': %s".formatted(replacement.id(), old.id(), why));
    }

    private Model<?> require(String id) {
        return find(id).orElseThrow(() -> new NoSuchElementException(
                "there is no model '" + id + "': register it first; there are " + byId.keySet()));
    }

    // Time

    /**
     * Looks at the machine and does what is due: relieves pressure, unloads what nobody uses, starts again what has crashed, loads
     * again what made place for others. A phase that fails is logged and does not keep the others from being done.
     */
    public void tick() throws InterruptedException {
        tick(() -> {});
    }

    /** @param heartbeat between phases; throws when another thread has taken over */
    private void tick(Runnable heartbeat) throws InterruptedException {
        Turn mine = turn;
        mine.lockInterruptibly();
        try {
            phase(heartbeat, "devices", this::readDevices);
            phase(heartbeat, "machine", this::readMachine);
            phase(heartbeat, "pressure", this::readPressure);
            phase(heartbeat, "pins", () -> all().forEach(Model::applyPin));
            phase(heartbeat, "relief of GPU memory", relief::relieveVram);
            phase(heartbeat, "relief of memory", () -> relief.relieveRam(machine));
            phase(heartbeat, "relief of the processor", this::relieveCpu);
            phase(heartbeat, "idle models", this::unloadOverdue);
            phase(heartbeat, "restarts", this::restartDue);
            phase(heartbeat, "swapped models", this::loadAgain);
            phase(heartbeat, "alerts", this::tellPressure);
        } finally {
            mine.unlock();
        }
    }

    /** One tick at a time has it. */
    private static final class Turn extends ReentrantLock {
        private static final long serialVersionUID = 1;

        boolean isHeldBy(@Nullable Thread thread) {
            return thread != null && getOwner() == thread;
        }
    }

    /**
     * Unloads every model that has not been used for half of its idle timeout, or never; pinned ones and those in use stay.
     *
     * @return their ids
     */
    public List<String> unloadIdle() {
        List<String> unloaded = new ArrayList<>();
        for (Model<?> model : all()) {
            if (!model.settings().pinned()
                    && model.phase() == ModelPhase.LOADED
                    && model.status().priority().compareTo(ModelPriority.IDLE) >= 0
                    && model.end(UnloadReason.OPTIMIZED)) {
                unloaded.add(model.id());
            }
        }
        return unloaded;
    }

    private interface Phase {
        void run() throws InterruptedException;
    }

    private static void phase(Runnable heartbeat, String name, Phase phase) throws InterruptedException {
        heartbeat.run();
        try {
            phase.run();
        } catch (RuntimeException e) {
            log.error("a look at models failed at: {}", name, e);
        }
    }

    private void readDevices() throws InterruptedException {
        gpus.refresh();
        GpuStatus status = gpus.status();
        relief.read(status);
        for (DeviceStatus account : status.devices()) {
            Device device = account.device();
            if (device.health() != DeviceHealth.LOST) {
                lost.remove(device.uuid());
            } else if (lost.add(device.uuid())) {
                tell(new ModelEvent.DeviceLost(device.uuid()));
            }
            if (device.health() == DeviceHealth.OK && account.isDriftSuspicious()) {
                tellOften(
                        "drift of " + device.uuid(),
                        new ModelEvent.Drift(device.uuid(), account.driftBytes(), account.driftPct()));
            }
        }
    }

    /** A phase of its own, so that a thread that hung in it meets a heartbeat before it changes anything else. */
    private void readMachine() {
        load = null;
        load = machine.get();
    }

    private void readPressure() {
        MachineLoad read = load;
        if (read != null) {
            setPressure(gauge.read(relief.vramPct(), read));
        }
    }

    private void setPressure(Pressure now) {
        Pressure before = pressure;
        pressure = now;
        if (before.level() != now.level()) {
            tell(new ModelEvent.LevelChanged(before.level(), now.level(), now.throttle()));
        }
        for (Pressure.Kind kind : Pressure.Kind.values()) {
            if (before.is(kind) && !now.is(kind)) {
                toldAt.remove(kind.name());
                tell(new ModelEvent.PressureTold(kind, false));
            } else if (!before.is(kind) && now.is(kind)) {
                tellOften(kind.name(), new ModelEvent.PressureTold(kind, true));
            }
        }
    }

    private void relieveCpu() {
        if (pressure.cpu()) {
            relief.relieveCpu();
        }
    }

    private void unloadOverdue() {
        long now = clock.millis();
        for (Model<?> model : all()) {
            if (!model.settings().pinned()
                    && model.status().priority() == ModelPriority.EVICTABLE
                    && model.isIdleForTooLong(now)) {
                model.end(UnloadReason.IDLE);
            }
        }
    }

    private void restartDue() {
        if (!isHalted()) {
            long now = clock.millis();
            all().forEach(model -> model.restartIfDue(now));
        }
    }

    /** One at each look, and only into memory that is free. */
    private void loadAgain() throws InterruptedException {
        Optional<SwapQueue.Entry> oldest = swaps.oldest();
        if (oldest.isEmpty() || isHalted() || gauge.now().vram()) {
            return;
        }
        Model<?> model = oldest.get().model();
        if (model.phase() != ModelPhase.UNLOADED) {
            swaps.forget(model.id());
        } else if (model.request(oldest.get().mode()).wouldFitWithout(List.of())) {
            swaps.forget(model.id());
            var unused = model.loadAgain(oldest.get().mode());
        }
    }

    /** After relief, and again while it lasts. */
    private void tellPressure() {
        setPressure(gauge.now());
        for (Pressure.Kind kind : Pressure.Kind.values()) {
            if (pressure.is(kind)) {
                tellOften(kind.name(), new ModelEvent.PressureTold(kind, true));
            }
        }
    }

    private void tellOften(String what, ModelEvent event) {
        long now = clock.millis();
        Long before = toldAt.get(what);
        if (before == null || now - before >= TOLD_AGAIN.toMillis()) {
            toldAt.put(what, now);
            tell(event);
        }
    }

    private void doWhatIsDue(Runnable heartbeat) throws InterruptedException {
        takeOver();
        if (clock.millis() >= nextTick) {
            tick(heartbeat);
            nextTick = clock.millis() + limits.interval().toMillis();
        } else {
            phase(heartbeat, "restarts", this::restartDue);
        }
    }

    /** The thread before this one was given up: its turn, if it hangs in it, is over, and its next heartbeat ends it. */
    private void takeOver() {
        Thread before = background;
        Thread now = Thread.currentThread();
        if (before != now) {
            background = now;
            if (turn.isHeldBy(before)) {
                turn = new Turn();
            }
        }
    }

    private long nextDue() {
        long next = nextTick;
        if (!isHalted()) {
            for (Model<?> model : all()) {
                next = Math.min(next, model.restartAt());
            }
        }
        return next;
    }

    // For the models

    /** Something may be due earlier than before. */
    void wake() {
        ticker.wake();
    }

    Gpus gpus() {
        return gpus;
    }

    ModelLimits limits() {
        return limits;
    }

    long millis() {
        return clock.millis();
    }

    boolean isHalted() {
        return halt.isHalted();
    }

    boolean isClosed() {
        return closed.get();
    }

    void swapsForget(String model) {
        swaps.forget(model);
    }

    void execute(Runnable work) {
        executor.execute(work);
    }

    /** @throws dev.hart.error.HaltedException when the node stands still */
    void requireMayLoad() {
        requireOpen();
        halt.requireRunning();
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("Models is closed");
        }
    }

    void tell(ModelEvent event) {
        log.debug("{}", event);
        for (Consumer<ModelEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                log.error("a listener failed when it was told of {}", event, e);
            }
        }
    }

    /**
     * Unloads all models. Calls that go on may end first, for ten seconds; a model that is used for longer is unloaded when its last
     * call ends. Idempotent.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        ticker.stop();
        long deadline = System.nanoTime() + GRACE.toNanos();
        boolean interrupted = false;
        for (Model<?> model : all()) {
            try {
                model.shutDown(deadline);
            } catch (InterruptedException e) {
                interrupted = true;
                deadline = System.nanoTime();
            }
        }
        if (ownExecutor != null) {
            ownExecutor.shutdown();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
