package dev.hart.gpu;

import dev.hart.error.GpuException;
import dev.hart.error.HartException;
import dev.hart.gpu.VramBook.Waiter;
import dev.hart.gpu.event.Audience;
import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import dev.hart.spi.LeaseJournal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The compute devices of this machine, and leases on their memory. One for each process is enough: two see each other's leases
 * only as memory that somebody uses, unless they share a {@link LeaseJournal}.
 *
 * <p>{@link #open} returns at once; devices are read on a thread of its own, every 30 seconds. Thread-safe.
 */
public final class Gpus implements AutoCloseable {
    /** The tenant of work for other nodes, which gets a part of each GPU at most. */
    public static final String HIVE = "hive";

    static final Duration TTL = Duration.ofSeconds(60);
    static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration RENEWAL = Duration.ofSeconds(20);
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(10);
    private static final Logger log = LoggerFactory.getLogger(Gpus.class);

    private final InstantSource clock;
    private final LeaseLog leaseLog;
    private final Processes processes;
    private final ModelRequirements requirements;
    private final Duration refreshEvery;
    private final long loadTimeout;
    private final VramBook book;
    private final DeviceWatch watch;
    private final Executor executor;
    private final @Nullable ThreadPoolExecutor ownExecutor;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final OtherProcesses others;
    private final Audience<GpuEvent> audience = new Audience<>("hart-gpu-events");
    /** Devices that were told to be lost; used by one reading at a time. */
    private final Set<String> lost = new HashSet<>();

    private volatile boolean isReady;
    private @Nullable CompletableFuture<Void> beginning;
    private long nextRefresh;
    private long nextRenewal;

    private Gpus(Builder builder) {
        builder.listeners.forEach(audience::listen);
        this.clock = builder.clock;
        this.processes = builder.processes;
        this.leaseLog = new LeaseLog(builder.journal, processes.current(), clock);
        this.requirements = builder.requirements;
        this.refreshEvery = builder.refreshEvery;
        this.nextRefresh = clock.millis() + refreshEvery.toMillis();
        this.loadTimeout = builder.loadTimeout.toMillis();
        this.book = new VramBook(this, builder.maxHivePct, builder.halted);
        this.watch = new DeviceWatch(builder.probes, clock, PROBE_LIMIT, new DeviceWatch.Listener() {
            @Override
            public void readingBegins(Instant at) {
                locked(() -> {
                    book.readingBegins(at);
                    return true;
                });
            }

            @Override
            public void readingEnded(List<Device> devices) {
                tellLost(devices);
                locked(() -> {
                    book.observe(devices, 2 * refreshEvery.toMillis(), clock.millis());
                    return true;
                });
            }
        });
        this.others = new OtherProcesses(
                builder.journal,
                processes,
                clock,
                (grants, sign) -> locked(() -> {
                    book.foreign(grants, sign);
                    return true;
                }),
                over -> {
                    if (!audience.isEmpty()) {
                        audience.tell(new GpuEvent.LeaseRecovered(LeaseFacts.of(over)));
                    }
                });
        Executor given = builder.executor;
        this.ownExecutor = given == null ? ownThreads() : null;
        this.executor = given == null ? java.util.Objects.requireNonNull(ownExecutor) : given;
    }

    private static ThreadPoolExecutor ownThreads() {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(4, 4, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "hart-gpu-errand");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** Everything at its default: this machine's devices, leases noted in memory. */
    public static Gpus open() {
        return configure().open();
    }

    /** Says what differs from the defaults. */
    public static Builder configure() {
        return new Builder();
    }

    /** Used by one thread, once. */
    public static final class Builder {
        private List<DeviceProbe> probes = DeviceProbe.ofThisMachine();
        private InstantSource clock = InstantSource.system();
        private LeaseJournal journal = new MemoryJournal();
        private ModelRequirements requirements = ModelRequirements.known();
        private Duration refreshEvery = Duration.ofSeconds(30);
        private Duration loadTimeout = Duration.ofMinutes(10);
        private int maxHivePct = 50;
        private BooleanSupplier halted = () -> false;
        private boolean background = true;
        private Processes processes = Processes.ofThisMachine();
        private final List<Consumer<? super GpuEvent>> listeners = new ArrayList<>();
        private @Nullable Executor executor;

        private Builder() {}

        /** What reads the devices; {@link DeviceProbe#ofThisMachine} unless set. */
        public Builder probes(List<? extends DeviceProbe> probes) {
            this.probes = List.copyOf(probes);
            return this;
        }

        /** Where time comes from; the system's clock unless set. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** Where leases are noted; in memory unless set. */
        public Builder journal(LeaseJournal journal) {
            this.journal = journal;
            return this;
        }

        /** What models take; {@link ModelRequirements#known} unless set. */
        public Builder requirements(ModelRequirements requirements) {
            this.requirements = requirements;
            return this;
        }

        /** How often devices are read; 30 seconds unless set. At least one second. */
        public Builder refreshEvery(Duration interval) {
            this.refreshEvery = atLeastASecond("refreshEvery", interval);
            return this;
        }

        /** How long a lease may stay without {@link VramLease#activate}; 10 minutes unless set. At least one second. */
        public Builder loadTimeout(Duration timeout) {
            this.loadTimeout = atLeastASecond("loadTimeout", timeout);
            return this;
        }

        /** How much of each GPU the tenant {@link Gpus#HIVE} may have, 0 to 100; 50 unless set. */
        public Builder maxHivePct(int percent) {
            if (percent < 0 || percent > 100) {
                throw new IllegalArgumentException("maxHivePct must be 0 to 100, was " + percent);
            }
            this.maxHivePct = percent;
            return this;
        }

        /**
         * While this is true no lease is given, and requests wait; leases are closed and taken back as ever. Asked often, so it
         * should only read a flag.
         */
        public Builder haltedWhile(BooleanSupplier halted) {
            this.halted = halted;
            return this;
        }

        /** Is told what happens, from the beginning on; otherwise as {@link Gpus#listen}. */
        public Builder listener(Consumer<? super GpuEvent> listener) {
            listeners.add(listener);
            return this;
        }

        /** Leaves time to the caller: devices are read by {@link Gpus#refresh}, and what is due is done by {@link Gpus#tick}. */
        public Builder withoutBackgroundThread() {
            this.background = false;
            return this;
        }

        Builder processes(Processes processes) {
            this.processes = processes;
            return this;
        }

        /** What hands leases over and tells holders. */
        Builder executor(Executor executor) {
            this.executor = executor;
            return this;
        }

        private static Duration atLeastASecond(String name, Duration duration) {
            if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException(name + " must be at least one second, was " + duration);
            }
            return duration;
        }

        /** Begins to read the devices and the journal, and returns at once. */
        public Gpus open() {
            Gpus gpus = new Gpus(this);
            var unused = gpus.begin();
            if (background) {
                Thread thread = new Thread(gpus::keepTime, "hart-gpu-time");
                thread.setDaemon(true);
                thread.start();
            }
            return gpus;
        }
    }

    // Devices

    /** The devices as they were read last, lost ones included; waits for the first reading, ten seconds at most. */
    public List<Device> devices() throws InterruptedException {
        if (watch.devices().isEmpty()) {
            awaitReady();
        }
        return watch.devices();
    }

    /** Reads the devices now; whoever asks at the same time gets the same reading. */
    public List<Device> refresh() throws InterruptedException {
        awaitReady();
        List<Device> devices = get(watch.refresh());
        checkOthersLogged();
        return devices;
    }

    /** Devices, leases and how many wait, at one moment. */
    public GpuStatus status() throws InterruptedException {
        awaitReady();
        return locked(() -> new GpuStatus(
                book.status(clock.millis()),
                List.copyOf(book.live()),
                book.waiters().size()));
    }

    /** What the operating system lists as graphics cards, whether or not HART can use them. Takes a while. */
    public List<GraphicsCard> graphicsCards() {
        return dev.hart.gpu.probe.SystemProbes.graphicsCards();
    }

    /** What is known about models' memory; may be added to. */
    public ModelRequirements requirements() {
        return requirements;
    }

    // Events

    /**
     * Has a listener told what happens from now on, on a thread of its own, in the order in which it happened: it may be slow, and
     * what it throws is logged. One behind which 10,000 events wait loses further ones.
     */
    public Listening listen(Consumer<? super GpuEvent> listener) {
        return audience.listen(listener);
    }

    private void tellLost(List<Device> devices) {
        for (Device device : devices) {
            if (device.health() != DeviceHealth.LOST) {
                lost.remove(device.uuid());
            } else if (lost.add(device.uuid())) {
                audience.tell(new GpuEvent.DeviceLost(device.id(), device.uuid()));
            }
        }
    }

    /** The fast path makes no event when nobody listens. */
    private void tell(VramLease lease, Function<LeaseFacts, GpuEvent> event) {
        if (!audience.isEmpty()) {
            audience.tell(event.apply(LeaseFacts.of(lease)));
        }
    }

    void tellUnserved(LeaseRequest request, LeaseState state) {
        if (!audience.isEmpty()) {
            audience.tell(new GpuEvent.LeaseUnserved(request.tool, request.tenant, state));
        }
    }

    // Leases

    /** Begins a request for a model, or anything else that takes device memory. 1 to 255 of letters, digits, {@code . _ : ~ -}. */
    public LeaseRequest request(String tool) {
        return new LeaseRequest(this, tool, requirements.find(tool).orElse(null));
    }

    /** The lease of that id, while it holds memory. */
    public Optional<VramLease> lease(String leaseId) {
        return locked(() -> Optional.ofNullable(book.find(leaseId)));
    }

    /**
     * The lease of that id, for one who proves to be its holder.
     *
     * @throws GpuException GPU_LEASE_STALE when it is over, or the token is not its own
     */
    public VramLease require(String leaseId, long fencingToken) {
        return lease(leaseId)
                .filter(lease -> lease.fencingToken == fencingToken)
                .orElseThrow(() -> new GpuException(
                        "GPU_LEASE_STALE",
                        "there is no lease %s with fencing token %d any more: acquire a new one"
                                .formatted(leaseId, fencingToken)));
    }

    VramLease acquire(LeaseRequest request) throws InterruptedException {
        request.needed();
        awaitReady();
        VramLease lease = locked(() -> {
            requireOpen();
            return book.tryGrant(request, clock.millis());
        });
        return journalGrant(lease == null ? await(request) : lease);
    }

    private VramLease await(LeaseRequest request) throws InterruptedException {
        Waiter waiter = enqueue(request, true);
        if (request.timeout.isZero()) {
            tick(); // its time is over already
        }
        try {
            return get(waiter.future);
        } catch (InterruptedException e) {
            if (locked(() -> book.withdraw(waiter, clock.millis()))) {
                tellUnserved(request, LeaseState.CANCELLED);
            } else if (!waiter.future.isCompletedExceptionally()) {
                var unused = waiter.future.thenAccept(this::undo); // it was served just now
            }
            throw e;
        }
    }

    LeaseAnswer tryAcquire(LeaseRequest request) throws InterruptedException {
        VramLease lease;
        try {
            request.needed();
            awaitReady();
            VramLease now = locked(() -> {
                requireOpen();
                return book.tryGrant(request, clock.millis());
            });
            lease = now == null ? orNull(request) : now;
        } catch (GpuException e) {
            return new LeaseAnswer.Refused(e.code(), String.valueOf(e.getMessage()));
        }
        return lease == null
                ? new LeaseAnswer.Refused(
                        "NOT_NOW",
                        "%s for '%s' are not free now"
                                .formatted(Sizes.text(request.needed().peakBytes()), request.tool))
                : new LeaseAnswer.Granted(journalGrant(lease));
    }

    /** The same when others wait: it must come before them in order. */
    private @Nullable VramLease orNull(LeaseRequest request) throws InterruptedException {
        Waiter waiter = enqueue(request, false);
        return locked(() -> book.withdraw(waiter, clock.millis())) ? null : get(waiter.future);
    }

    CompletableFuture<VramLease> acquireAsync(LeaseRequest request) {
        request.needed();
        CompletableFuture<VramLease> result = new CompletableFuture<>();
        if (isReady) {
            acquireAsync(request, result);
        } else {
            var unused = begin().whenCompleteAsync(
                            (ready, failure) -> {
                                if (failure == null) {
                                    acquireAsync(request, result);
                                } else {
                                    result.completeExceptionally(failure);
                                }
                            },
                            executor);
        }
        return result;
    }

    private void acquireAsync(LeaseRequest request, CompletableFuture<VramLease> result) {
        Waiter waiter;
        try {
            waiter = enqueue(request, true);
        } catch (GpuException | IllegalStateException e) {
            result.completeExceptionally(e);
            return;
        }
        var unusedHandOver = waiter.future.whenCompleteAsync(
                (lease, failure) -> {
                    if (failure != null) {
                        result.completeExceptionally(failure);
                        return;
                    }
                    try {
                        if (!result.complete(journalGrant(lease))) {
                            lease.close();
                        }
                    } catch (HartException e) {
                        result.completeExceptionally(e);
                    }
                },
                executor);
        var unusedWithdrawal = result.whenComplete((lease, failure) -> {
            if (result.isCancelled() && locked(() -> book.withdraw(waiter, clock.millis()))) {
                tellUnserved(request, LeaseState.CANCELLED);
            }
        });
    }

    boolean wouldFit(LeaseRequest request, Collection<VramLease> closed) throws InterruptedException {
        request.needed();
        awaitReady();
        return locked(() -> book.wouldFit(request, List.copyOf(closed), clock.millis()));
    }

    private Waiter enqueue(LeaseRequest request, boolean mayEvict) {
        return locked(() -> {
            requireOpen();
            Waiter waiter = book.enqueue(request, clock.millis(), mayEvict);
            if (mayEvict && !audience.isEmpty() && book.waiters().contains(waiter)) {
                audience.tell(new GpuEvent.LeaseQueued(
                        request.tool,
                        request.tenant,
                        request.priority,
                        request.needed().peakBytes(),
                        request.devices));
            }
            return waiter;
        });
    }

    /** A grant counts once it is durable; if it cannot be made so, it is undone. */
    private VramLease journalGrant(VramLease lease) {
        try {
            leaseLog.note(LeaseEntry.Kind.GRANTED, lease);
            if (!audience.isEmpty()) {
                audience.tell(new GpuEvent.LeaseGranted(LeaseFacts.of(lease), lease.priority(), lease.mode()));
            }
            return lease;
        } catch (RuntimeException e) {
            undo(lease);
            throw e;
        }
    }

    private void undo(VramLease lease) {
        locked(() -> book.end(lease, LeaseState.RELEASED, clock.millis()));
    }

    void activate(VramLease lease) {
        boolean isNew = locked(() -> {
            boolean loaded = lease.state == LeaseState.ACTIVE;
            if (!loaded) {
                book.activate(lease);
            }
            return !loaded;
        });
        if (isNew) {
            leaseLog.note(LeaseEntry.Kind.ACTIVATED, lease);
            tell(lease, GpuEvent.LeaseActive::new);
        }
    }

    void resize(VramLease lease, long bytesPerDevice) {
        locked(() -> {
            book.resize(lease, bytesPerDevice, clock.millis());
            return true;
        });
        leaseLog.note(LeaseEntry.Kind.RESIZED, lease);
    }

    void child(VramLease lease, ProcessHandle process) {
        lease.child = processes.identify(process);
        leaseLog.note(lease.state == LeaseState.RESERVED ? LeaseEntry.Kind.RESIZED : LeaseEntry.Kind.ACTIVATED, lease);
    }

    VramLease.Use use(VramLease lease) {
        locked(() -> {
            book.beginUse(lease);
            return true;
        });
        AtomicBoolean over = new AtomicBoolean();
        return () -> {
            if (over.compareAndSet(false, true)) {
                locked(() -> {
                    book.endUse(lease, clock.millis());
                    return true;
                });
            }
        };
    }

    void close(VramLease lease) {
        if (locked(() -> book.end(lease, LeaseState.RELEASED, clock.millis()))) {
            leaseLog.noteEnd(lease);
            tell(lease, GpuEvent.LeaseReleased::new);
        }
    }

    // Errands of the book

    void handOver(Waiter waiter, VramLease lease) {
        if (!waiter.future.complete(lease)) {
            undo(lease);
        }
    }

    void tellRevoked(VramLease lease) {
        tell(lease, GpuEvent.LeaseRevoked::new);
        executor.execute(() -> {
            leaseLog.noteOrLog(LeaseEntry.Kind.REVOKED, lease);
            tellHolder(lease);
        });
    }

    void tellEnded(VramLease lease) {
        LeaseState last = lease.state;
        tell(lease, facts -> switch (last) {
            case LOST -> new GpuEvent.LeaseLost(facts);
            case RECOVERED -> new GpuEvent.LeaseRecovered(facts);
            default -> new GpuEvent.LeaseReleased(facts);
        });
        executor.execute(() -> {
            leaseLog.noteEnd(lease);
            tellHolder(lease);
        });
    }

    void tellNotLoaded(VramLease lease) {
        log.warn("{} was not activated within {} ms and has been given back", lease, loadTimeout);
        tellEnded(lease);
    }

    void stopChild(VramLease lease) {
        log.warn("{} was not closed within {} s of being taken back", lease, GRACE.toSeconds());
        ProcessIdentity child = lease.child;
        if (child != null) {
            processes.stop(child);
        }
    }

    private static void tellHolder(VramLease lease) {
        try {
            lease.request.onTakenBack.accept(lease);
        } catch (RuntimeException e) {
            log.error("the holder of {} failed when it was told", lease, e);
        }
    }

    // Beginning: what earlier processes left, and the first reading

    private synchronized CompletableFuture<Void> begin() {
        CompletableFuture<Void> running = beginning;
        if (running == null || running.isCompletedExceptionally()) {
            running = new CompletableFuture<>();
            beginning = running;
            CompletableFuture<Void> mine = running;
            Thread thread = new Thread(
                    () -> {
                        try {
                            others.recover();
                            watch.refresh().join();
                            isReady = true;
                            mine.complete(null);
                        } catch (RuntimeException e) {
                            log.error("leases of earlier processes could not be read", e);
                            mine.completeExceptionally(e);
                        }
                    },
                    "hart-gpu-begin");
            thread.setDaemon(true);
            thread.start();
        }
        return running;
    }

    private void awaitReady() throws InterruptedException {
        if (!isReady) {
            get(begin());
        }
    }

    // Time

    /** Does what is due: ends waits and loads that took too long, and leases that were to be given back. */
    public void tick() {
        long now = clock.millis();
        locked(() -> {
            book.tick(now, loadTimeout);
            return true;
        });
        if (now >= nextRenewal) {
            nextRenewal = now + RENEWAL.toMillis();
            renew(now);
        }
    }

    private void renew(long now) {
        for (VramLease lease : locked(book::live)) {
            ProcessIdentity child = lease.child;
            if (child == null || processes.isAlive(child)) {
                lease.expiresAt = now + TTL.toMillis();
            } else if (now >= lease.expiresAt && locked(() -> book.end(lease, LeaseState.RECOVERED, clock.millis()))) {
                log.warn("{} is over: its process {} has ended", lease, child.pid());
            }
        }
    }

    private void keepTime() {
        try {
            while (!closed.get()) {
                tickLogged();
                long now = clock.millis();
                if (isReady && now >= nextRefresh) {
                    nextRefresh = now + refreshEvery.toMillis();
                    var unused = watch.refresh();
                    executor.execute(this::checkOthersLogged);
                }
                book.lock.lock();
                try {
                    long due = Math.min(
                            Math.min(book.nextDeadline(loadTimeout), nextRenewal), isReady ? nextRefresh : now + 1000);
                    long wait = Math.max(1, due - clock.millis());
                    var unused = book.changed.await(wait, TimeUnit.MILLISECONDS);
                } finally {
                    book.lock.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tickLogged() {
        try {
            tick();
        } catch (RuntimeException e) {
            log.error("what was due could not be done; it is tried again", e);
        }
    }

    private void checkOthersLogged() {
        try {
            others.check();
        } catch (HartException e) {
            log.error("leases of other processes could not be read", e);
        }
    }

    /** Idempotent. Ends all leases and waits; their holders are not told. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        List<Waiter> waiters = locked(() -> {
            long now = clock.millis();
            List<Waiter> all = book.waiters();
            all.forEach(waiter -> book.withdraw(waiter, now));
            book.changed.signalAll();
            return all;
        });
        for (Waiter waiter : waiters) {
            tellUnserved(waiter.request, LeaseState.CANCELLED);
            waiter.future.completeExceptionally(new GpuException("NOT_NOW", "Gpus was closed meanwhile"));
        }
        locked(book::live).forEach(this::close);
        if (ownExecutor != null) {
            ownExecutor.shutdown();
        }
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("Gpus is closed");
        }
    }

    /** Runs it under the book's lock, then the errands that it left. */
    private <T extends @Nullable Object> T locked(Supplier<T> work) {
        List<Runnable> errands;
        T result;
        book.lock.lock();
        try {
            result = work.get();
        } finally {
            errands = book.takeErrands();
            book.lock.unlock();
        }
        for (Runnable errand : errands) {
            errand.run();
        }
        return result;
    }

    private static <T extends @Nullable Object> T get(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
