package dev.hart.gpu.model;

import dev.hart.error.GpuException;
import dev.hart.error.HartException;
import dev.hart.error.SidecarStartException;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.LeaseRequest;
import dev.hart.gpu.LeaseState;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.VramLease;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that can be loaded when it is needed, and gives way when it is not. Made by {@link Models#register}. Thread-safe.
 *
 * <p>Its phase changes under a lock of its own, which is never held while a lease is asked for, a loader runs, a model is closed
 * or a listener is told. Who loads or unloads it first moves the phase; everybody else waits for what comes of that. So a loader
 * is never run twice at a time, and a model is closed once.
 *
 * @param <T> what its loader makes
 */
public final class Model<T extends AutoCloseable> {
    private static final Logger log = LoggerFactory.getLogger(Model.class);
    private static final Duration DEFAULT_PIN = Duration.ofHours(1);
    /** How often a model that gave way just then is loaded again for one call. */
    private static final int MAX_LOADS_FOR_ONE_USE = 10;

    private final Models models;
    private final String id;
    private final ModelRequirement requirement;
    private final ModelSettings settings;
    private final ModelLoader<T> loader;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition usesEnded = lock.newCondition();

    // Guarded by lock.
    private ModelPhase phase = ModelPhase.UNLOADED;
    private @Nullable Loaded<T> loaded;
    private CompletableFuture<Loaded<T>> loading = new CompletableFuture<>();
    private CompletableFuture<@Nullable Void> unloading = new CompletableFuture<>();
    private @Nullable Thread loadingThread;
    private final Usage usage = new Usage();
    private final Crashes crashes = new Crashes();
    private @Nullable String error;

    /** Why it is loaded. */
    private enum Cause {
        /** A call needs it. */
        CALL,
        ASKED,
        /** It crashed, and its back-off is over. */
        RESTART,
        /** It gave way, or was moved. */
        AGAIN
    }

    Model(Models models, String id, ModelRequirement requirement, ModelSettings settings, ModelLoader<T> loader) {
        this.models = models;
        this.id = id;
        this.requirement = requirement;
        this.settings = settings;
        this.loader = loader;
        var unused = request(LeaseMode.GPU); // refuses what cannot be asked for
    }

    public String id() {
        return id;
    }

    public ModelRequirement requirement() {
        return requirement;
    }

    public ModelSettings settings() {
        return settings;
    }

    // Using and loading

    /**
     * Begins one call, and loads the model first if need be. Close the result on every path.
     *
     * @throws GpuException NOT_NOW while it waits to be started again after a crash, MODEL_FAILED when it crashed too often, and
     *     whatever {@link #load} throws
     * @throws dev.hart.error.HaltedException when it would have to be loaded and the node stands still
     * @throws InterruptedException when the thread is interrupted while it waits; a load that has begun goes on
     */
    public ModelUse<T> use() throws InterruptedException {
        for (int i = 0; i < MAX_LOADS_FOR_ONE_USE; i++) {
            Loaded<T> now = get(begin(Cause.CALL, LeaseMode.GPU));
            ModelUse<T> use = beginUse(now);
            if (use != null) {
                return use;
            }
        }
        throw new GpuException(
                "NOT_NOW",
                "model '%s' had to give way %d times before the call began: others need its memory more"
                        .formatted(id, MAX_LOADS_FOR_ONE_USE));
    }

    private @Nullable ModelUse<T> beginUse(Loaded<T> which) {
        VramLease.Use leaseUse;
        try {
            leaseUse = which.lease.use();
        } catch (IllegalStateException e) {
            log.debug("model '{}' is to give way", id, e);
            takenBack(which.lease);
            return null;
        }
        boolean begun;
        lock.lock();
        try {
            begun = loaded == which;
            if (begun) {
                which.uses++;
                usage.began(models.millis());
            }
        } finally {
            lock.unlock();
        }
        if (!begun) {
            leaseUse.close();
            return null;
        }
        return new ModelUse<>(this, which, leaseUse);
    }

    void endUse(Loaded<T> which) {
        boolean close;
        lock.lock();
        try {
            which.uses--;
            if (!which.retired) {
                usage.ended(models.millis());
            }
            close = which.retired && which.uses == 0;
            usesEnded.signalAll();
        } finally {
            lock.unlock();
        }
        if (close) {
            which.close(id);
        }
    }

    void proven(Loaded<T> which) {
        lock.lock();
        try {
            if (loaded == which) {
                which.proven = true;
                crashes.proven();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Loads it: in the best mode that fits now, on a thread of HART's. Returns at once when it is loaded; who asks while it is being
     * loaded waits for the same result. Earlier crashes are forgotten.
     *
     * @throws GpuException that of its lease; MODEL_LOAD with the cause when the loader fails; SIDECAR_START
     * @throws dev.hart.error.HaltedException when the node stands still
     * @throws InterruptedException when the thread is interrupted while it waits; the load goes on
     */
    public void load() throws InterruptedException {
        models.swapsForget(id);
        get(begin(Cause.ASKED, LeaseMode.GPU));
    }

    /** For a model that gave way: loads it again where it was. */
    CompletableFuture<Loaded<T>> loadAgain(LeaseMode best) {
        return begin(Cause.AGAIN, best);
    }

    private CompletableFuture<Loaded<T>> begin(Cause cause, LeaseMode best) {
        CompletableFuture<Loaded<T>> mine = new CompletableFuture<>();
        lock.lock();
        try {
            if (phase == ModelPhase.LOADED) {
                return CompletableFuture.completedFuture(Objects.requireNonNull(loaded));
            }
            if (phase == ModelPhase.LOADING) {
                return loading;
            }
            models.requireMayLoad();
            if (phase == ModelPhase.UNLOADING) {
                return unloading.thenCompose(done -> begin(cause, best));
            }
            if (cause == Cause.CALL) {
                requireNotCrashed();
            } else if (cause == Cause.ASKED) {
                crashes.forget();
            }
            move(ModelPhase.LOADING);
            loading = mine;
        } finally {
            lock.unlock();
        }
        models.execute(() -> loadNow(cause, best, mine));
        return mine;
    }

    private void requireNotCrashed() {
        if (phase == ModelPhase.CRASHED) {
            throw new GpuException(
                    "NOT_NOW",
                    "model '%s' has crashed %d time(s) and is started again in %d s"
                            .formatted(
                                    id,
                                    crashes.count(),
                                    Math.max(0, (crashes.restartAt() - models.millis() + 999) / 1000)));
        }
        if (phase == ModelPhase.FAILED) {
            throw new GpuException(
                    "MODEL_FAILED",
                    "model '%s' has crashed %d times and is not started again by itself (%s): load() it when the cause is gone"
                            .formatted(
                                    id,
                                    crashes.count(),
                                    error != null
                                            ? error
                                            : crashes.exit()
                                                    .map(ProcessExit::toString)
                                                    .orElse("no exit code")));
        }
    }

    private void loadNow(Cause cause, LeaseMode best, CompletableFuture<Loaded<T>> mine) {
        Loaded<T> now;
        try {
            now = bring(cause, best);
        } catch (Throwable e) { // whatever it is, it belongs to those who wait
            failedToLoad(cause, best, asHartException(e, best), mine);
            return;
        }
        int before;
        lock.lock();
        try {
            loadingThread = null;
            move(ModelPhase.LOADED);
            loaded = now;
            error = null;
            before = crashes.count();
            crashes.loadedIn(now.lease.mode());
        } finally {
            lock.unlock();
        }
        applyPin();
        models.tell(
                cause == Cause.RESTART
                        ? new ModelEvent.Restarted(id, now.lease.mode(), before)
                        : new ModelEvent.Loaded(id, now.lease.mode(), now.lease.id()));
        mine.complete(now);
        if (now.instance instanceof ModelProcess process) {
            var unused = process.exit()
                    .whenComplete((exit, failure) ->
                            models.execute(() -> crashed(now, failure == null ? exit : ProcessExit.unknown())));
        }
        if (now.lease.state() != LeaseState.ACTIVE) {
            takenBack(now.lease); // it was to give way before it could be told
        }
        if (models.isClosed()) {
            end(now, UnloadReason.CLOSED);
        }
    }

    private Loaded<T> bring(Cause cause, LeaseMode best) throws Exception {
        lock.lock();
        try {
            loadingThread = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        models.requireMayLoad();
        VramLease lease = request(best).acquire();
        T instance;
        try {
            instance = Objects.requireNonNull(loader.load(lease.mode(), lease), "the loader gave nothing");
        } catch (Throwable e) {
            lease.close();
            throw e;
        }
        Loaded<T> now = new Loaded<>(instance, lease, models.millis());
        try {
            if (instance instanceof ModelProcess process) {
                process.process().ifPresent(lease::child);
            }
            lease.activate();
            if (cause == Cause.CALL) {
                lease.use().close(); // as warm as a model whose call has just ended, so that it lives to see its own
            }
            return now;
        } catch (Throwable e) {
            now.close(id);
            throw e;
        }
    }

    private HartException asHartException(Throwable failure, LeaseMode best) {
        if (failure instanceof HartException known) {
            return known;
        }
        return new GpuException(
                "MODEL_LOAD",
                "model '%s' could not be loaded%s: %s"
                        .formatted(id, best == LeaseMode.GPU ? "" : " with no more than " + best, failure),
                failure);
    }

    private void failedToLoad(Cause cause, LeaseMode best, HartException failure, CompletableFuture<Loaded<T>> mine) {
        boolean crashedAgain = cause == Cause.RESTART && !models.isClosed();
        ProcessExit exit = failure instanceof SidecarStartException start
                ? new ProcessExit(start.exitCode())
                : ProcessExit.unknown();
        ModelEvent.Crashed crash = null;
        lock.lock();
        try {
            loadingThread = null;
            error = failure.getMessage();
            if (crashedAgain) {
                crash = noteCrash(exit, best);
            } else {
                move(ModelPhase.UNLOADED);
            }
        } finally {
            lock.unlock();
        }
        models.tell(new ModelEvent.LoadFailed(id, String.valueOf(failure.getMessage())));
        if (crash != null) {
            tellCrash(crash);
        }
        mine.completeExceptionally(failure);
    }

    LeaseRequest request(LeaseMode best) {
        LeaseRequest request = models.gpus()
                .request(id)
                .requirement(requirement)
                .tenant(settings.tenant())
                .priority(settings.priority())
                .timeout(settings.longestWait())
                .onTakenBack(this::takenBack);
        if (!settings.pinned()) {
            request = request.evictable(settings.idleTimeout());
        }
        return settings.onProcessor()
                ? request.kind(DeviceKind.CPU)
                : request.allowOffload().noBetterThan(best);
    }

    private <R extends @Nullable Object> R get(CompletableFuture<R> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof HartException failure) {
                throw failure;
            }
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(cause);
        }
    }

    // Ending

    /**
     * Unloads it, and gives up a restart that it waits for. Waits while it is being loaded. Nothing happens when it is not loaded.
     *
     * @throws GpuException NOT_NOW while a call uses it; nothing is changed then
     */
    public void unload() throws InterruptedException {
        models.swapsForget(id);
        while (true) {
            CompletableFuture<?> wait;
            Loaded<T> which;
            lock.lock();
            try {
                which = loaded;
                wait = phase == ModelPhase.LOADING ? loading : phase == ModelPhase.UNLOADING ? unloading : null;
                if (phase == ModelPhase.CRASHED || phase == ModelPhase.FAILED) {
                    crashes.forget();
                    move(ModelPhase.UNLOADED);
                }
                if (wait == null && which == null) {
                    return;
                }
            } finally {
                lock.unlock();
            }
            if (wait != null) {
                awaitEither(wait);
            } else if (which != null && end(which, UnloadReason.ASKED)) {
                return;
            } else if (which != null) {
                requireUnused(which);
            }
        }
    }

    private void requireUnused(Loaded<T> which) {
        lock.lock();
        try {
            if (loaded == which && which.uses > 0) {
                throw new GpuException(
                        "NOT_NOW",
                        "model '%s' is used by %d call(s): unload it when they have ended".formatted(id, which.uses));
            }
        } finally {
            lock.unlock();
        }
    }

    private static void awaitEither(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.get();
        } catch (ExecutionException e) {
            log.debug("what was waited for has failed, which somebody else is told", e);
        }
    }

    /** Unloads that very load of it; false when it is used, or is loaded no more. */
    boolean end(Loaded<T> which, UnloadReason reason) {
        CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
        lock.lock();
        try {
            if (loaded != which || which.uses > 0) {
                return false;
            }
            move(ModelPhase.UNLOADING);
            loaded = null;
            unloading = mine;
        } finally {
            lock.unlock();
        }
        try {
            which.close(id);
        } finally {
            lock.lock();
            try {
                move(ModelPhase.UNLOADED);
                if (reason != UnloadReason.OFFLOADED) {
                    crashes.unloaded();
                }
            } finally {
                lock.unlock();
            }
            models.tell(new ModelEvent.Unloaded(id, reason));
            mine.complete(null);
        }
        return true;
    }

    boolean end(UnloadReason reason) {
        Loaded<T> which = loaded();
        return which != null && end(which, reason);
    }

    /** Its lease is to be closed, or is over. */
    private void takenBack(VramLease lease) {
        Loaded<T> which;
        lock.lock();
        try {
            which = loaded;
            if (which == null || which.lease != lease) {
                return;
            }
            if (lease.state() != LeaseState.REVOKING) {
                loaded = null;
                move(ModelPhase.UNLOADED);
            }
        } finally {
            lock.unlock();
        }
        if (lease.state() == LeaseState.REVOKING) {
            end(which, UnloadReason.EVICTED);
        } else if (retire(which)) {
            models.tell(new ModelEvent.Unloaded(id, UnloadReason.LEASE_ENDED));
        }
    }

    /** Closes what is no longer the model's, once the last call of it has ended; false when somebody did so before. */
    private boolean retire(Loaded<T> which) {
        boolean close;
        lock.lock();
        try {
            if (which.retired) {
                return false;
            }
            which.retired = true;
            close = which.uses == 0;
        } finally {
            lock.unlock();
        }
        if (close) {
            which.close(id);
        } else {
            which.lease.close();
        }
        return true;
    }

    // Crashing

    /** Its process has ended; nothing happens when it was told to. */
    private void crashed(Loaded<T> which, ProcessExit exit) {
        ModelEvent.Crashed crash = null;
        lock.lock();
        try {
            if (loaded != which) {
                return;
            }
            loaded = null;
            if (which.proven || hasProven(which)) {
                crashes.proven();
            }
            crashes.ended(exit);
            if (exit.kind() == ProcessExit.Kind.CLEAN && !settings.restarts().afterCleanExit()) {
                move(ModelPhase.UNLOADED);
            } else {
                crash = noteCrash(exit, which.lease.mode());
            }
        } finally {
            lock.unlock();
        }
        retire(which);
        if (crash == null) {
            models.tell(new ModelEvent.Unloaded(id, UnloadReason.CLEAN_EXIT));
        } else {
            tellCrash(crash);
        }
    }

    private boolean hasProven(Loaded<T> which) {
        return models.millis() - which.since >= RestartPolicy.PROVEN_AFTER.toMillis();
    }

    private ModelEvent.Crashed noteCrash(ProcessExit exit, LeaseMode mode) {
        LeaseMode lower = exit.kind() == ProcessExit.Kind.OUT_OF_MEMORY ? lower(mode) : null;
        Optional<Duration> backOff =
                crashes.note(exit, lower == null ? mode : lower, lower != null, settings.restarts(), models.millis());
        move(backOff.isPresent() ? ModelPhase.CRASHED : ModelPhase.FAILED);
        return new ModelEvent.Crashed(id, exit, crashes.count(), backOff);
    }

    private void tellCrash(ModelEvent.Crashed crash) {
        models.tell(crash);
        if (crash.restartIn().isEmpty()) {
            models.tell(new ModelEvent.RestartExhausted(id, crash.crashes()));
        } else {
            models.wake();
        }
    }

    /** The next mode below that the model has; null when there is none. */
    private @Nullable LeaseMode lower(LeaseMode mode) {
        if (settings.onProcessor() || requirement.ramBytes() == 0 || mode == LeaseMode.CPU) {
            return null;
        }
        return mode == LeaseMode.GPU && requirement.offloadGpuBytes() > 0 ? LeaseMode.CPU_OFFLOAD : LeaseMode.CPU;
    }

    /** When it is to be started again; far in the future when it is not. */
    long restartAt() {
        lock.lock();
        try {
            return phase == ModelPhase.CRASHED ? crashes.restartAt() : Long.MAX_VALUE;
        } finally {
            lock.unlock();
        }
    }

    /** Starts it again if it is time to. */
    void restartIfDue(long now) {
        LeaseMode mode;
        lock.lock();
        try {
            if (phase != ModelPhase.CRASHED || now < crashes.restartAt()) {
                return;
            }
            mode = crashes.restartMode();
        } finally {
            lock.unlock();
        }
        var unused = begin(Cause.RESTART, mode);
    }

    // Moving off the GPU

    /**
     * Moves it to the next mode below: from the GPU in part or whole into the machine's memory. Where that fails it is loaded again
     * as it was.
     *
     * @return where it runs now
     * @throws IllegalStateException when it is not loaded, or has no mode below
     * @throws GpuException NOT_NOW while a call uses it, or when there is no room for it there; nothing is changed then
     */
    public LeaseMode offload() throws InterruptedException {
        Loaded<T> which = loaded();
        if (which == null) {
            throw new IllegalStateException(
                    "model '%s' is %s: only a loaded model can be moved".formatted(id, phase()));
        }
        LeaseMode before = which.lease.mode();
        LeaseMode mode = lower(before);
        if (mode == null) {
            throw new IllegalStateException(
                    "model '%s' runs in mode %s and has none below: its requirement says no ramBytes for it"
                            .formatted(id, before));
        }
        if (!request(mode).wouldFitWithout(List.of(which.lease))) {
            throw new GpuException(
                    "NOT_NOW", "model '%s' stays in mode %s: there is no room for %s".formatted(id, before, mode));
        }
        if (!end(which, UnloadReason.OFFLOADED)) {
            requireUnused(which);
            return offload();
        }
        try {
            return get(begin(Cause.AGAIN, mode)).lease.mode();
        } catch (HartException e) {
            restore(before, e);
            throw e;
        }
    }

    /** Whether it would run in its best mode now, were that lease closed. */
    boolean wouldFitWhole(VramLease closed) throws InterruptedException {
        LeaseRequest whole = models.gpus().request(id).requirement(requirement).tenant(settings.tenant());
        return (settings.onProcessor() ? whole.kind(DeviceKind.CPU) : whole).wouldFitWithout(List.of(closed));
    }

    /** Loads it as it was; what comes of that is added to the failure that made it necessary. */
    void restore(LeaseMode before, HartException failure) throws InterruptedException {
        try {
            get(begin(Cause.AGAIN, before));
        } catch (HartException second) {
            failure.addSuppressed(second);
        }
    }

    /** Begins to move it off the GPU, and tells the mode that it will have; null when it cannot be moved. */
    @Nullable
    LeaseMode offloadForRelief() throws InterruptedException {
        Loaded<T> which = loaded();
        LeaseMode mode = which == null ? null : lower(which.lease.mode());
        if (which == null
                || mode == null
                || !settings.offloads()
                || models.isHalted()
                || !request(mode).wouldFitWithout(List.of(which.lease))
                || !end(which, UnloadReason.OFFLOADED)) {
            return null;
        }
        var unused = begin(Cause.AGAIN, mode);
        return mode;
    }

    // Keeping

    /** The same for an hour. */
    public void pin(ModelPriority priority) {
        pin(priority, DEFAULT_PIN);
    }

    /**
     * Gives it a priority by hand for a while, whenever it was used last. Pinned {@code WARM} it gives way to nobody.
     *
     * @param priority not ACTIVE, which only calls make
     * @param length longer than zero
     */
    public void pin(ModelPriority priority, Duration length) {
        if (priority == ModelPriority.ACTIVE) {
            throw new IllegalArgumentException("model '" + id + "' is ACTIVE while it is used: pin it WARM to keep it");
        }
        if (length.isZero() || length.isNegative()) {
            throw new IllegalArgumentException("length must be longer than zero, was " + length);
        }
        lock.lock();
        try {
            usage.pin(priority, models.millis() + length.toMillis());
        } finally {
            lock.unlock();
        }
        applyPin();
    }

    /** Ends a pin by hand. */
    public void unpin() {
        lock.lock();
        try {
            usage.unpin();
        } finally {
            lock.unlock();
        }
        applyPin();
    }

    /** Ends a pin whose time is over, and lets others take the memory accordingly. */
    void applyPin() {
        Loaded<T> which;
        boolean keeps;
        lock.lock();
        try {
            which = loaded;
            keeps = usage.isKept(models.millis());
        } finally {
            lock.unlock();
        }
        if (which != null) {
            which.keep(keeps);
        }
    }

    /**
     * What other nodes do with it. One that many of them use stays longer.
     *
     * @param peers how many there are; 0 forgets what was known
     * @param accessRates of those that have it loaded, each as {@link #accessRate} gives it
     */
    public void hint(int peers, List<Double> accessRates) {
        if (peers < accessRates.size()) {
            throw new IllegalArgumentException(
                    "there cannot be more rates than peers, were %d and %d".formatted(accessRates.size(), peers));
        }
        lock.lock();
        try {
            usage.hint(peers, accessRates);
        } finally {
            lock.unlock();
        }
    }

    /** Calls for each second of six intervals, counted since this was asked last. For other nodes. */
    public double accessRate() {
        lock.lock();
        try {
            return usage.takeRate(models.limits().interval());
        } finally {
            lock.unlock();
        }
    }

    // Looking

    public ModelPhase phase() {
        lock.lock();
        try {
            return phase;
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    Loaded<T> loaded() {
        lock.lock();
        try {
            return loaded;
        } finally {
            lock.unlock();
        }
    }

    public ModelStatus status() {
        long now = models.millis();
        lock.lock();
        try {
            Loaded<T> which = loaded;
            long idle = usage.last() == 0 ? 0 : now - usage.last();
            int inferences = which == null ? 0 : which.uses;
            return new ModelStatus(
                    id,
                    phase,
                    which == null ? Optional.empty() : Optional.of(which.lease.mode()),
                    usage.priority(now, inferences, settings.idleTimeout()),
                    instant(usage.last()),
                    which == null ? Optional.empty() : instant(which.since),
                    Duration.ofMillis(idle),
                    usage.calls(),
                    usage.callsInWindow(),
                    which == null ? 0 : bytes(which.lease, true),
                    which == null ? 0 : bytes(which.lease, false),
                    settings.idleTimeout(),
                    settings.pinned(),
                    instant(usage.pinnedUntil(now)),
                    usage.popularity(),
                    usage.isBoosted(),
                    inferences,
                    which != null && hasProven(which) ? 0 : crashes.count(),
                    instant(crashes.last()),
                    crashes.exit(),
                    phase == ModelPhase.CRASHED ? instant(crashes.restartAt()) : Optional.empty(),
                    crashes.isDowngraded(),
                    Optional.ofNullable(error));
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has not been used for longer than its idle timeout, since it was loaded. */
    boolean isIdleForTooLong(long now) {
        lock.lock();
        try {
            Loaded<T> which = loaded;
            return which != null
                    && which.uses == 0
                    && now - Math.max(usage.last(), which.since)
                            > settings.idleTimeout().toMillis();
        } finally {
            lock.unlock();
        }
    }

    private static Optional<Instant> instant(long millis) {
        return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    private static long bytes(VramLease lease, boolean ofGpus) {
        return lease.devices().stream()
                .filter(device -> device.kind().isGpu() == ofGpus)
                .mapToLong(device -> lease.grants().getOrDefault(device.uuid(), 0L))
                .sum();
    }

    private void move(ModelPhase next) {
        phase = phase.to(next, id);
    }

    // The end of it all

    /** Stops a load, lets calls end for a while, and unloads it. */
    void shutDown(long deadlineNanos) throws InterruptedException {
        CompletableFuture<?> wait;
        lock.lock();
        try {
            wait = phase == ModelPhase.LOADING ? loading : phase == ModelPhase.UNLOADING ? unloading : null;
            Thread thread = loadingThread;
            if (phase == ModelPhase.LOADING && thread != null) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
        if (wait != null) {
            try {
                wait.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                log.debug("the load of model '{}' was ended", id, e);
            } catch (java.util.concurrent.TimeoutException e) {
                log.warn("model '{}' is still being loaded or unloaded; it is left to itself", id);
                return;
            }
        }
        Loaded<T> which = loaded();
        if (which != null && awaitUnused(which, deadlineNanos) && end(which, UnloadReason.CLOSED)) {
            return;
        }
        if (which != null) {
            log.warn("model '{}' is still in use; it is unloaded when its last call ends", id);
            lock.lock();
            try {
                if (loaded != which) {
                    return;
                }
                loaded = null;
                move(ModelPhase.UNLOADED);
            } finally {
                lock.unlock();
            }
            retire(which);
        }
    }

    private boolean awaitUnused(Loaded<T> which, long deadlineNanos) throws InterruptedException {
        lock.lock();
        try {
            while (which.uses > 0) {
                if (usesEnded.awaitNanos(deadlineNanos - System.nanoTime()) <= 0) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "model '%s', %s".formatted(id, phase());
    }
}
