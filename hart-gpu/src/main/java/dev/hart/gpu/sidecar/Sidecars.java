package dev.hart.gpu.sidecar;

import dev.hart.gpu.model.ModelLoader;
import dev.hart.gpu.model.RestartPolicy;
import dev.hart.gpu.process.ResidentMemory;
import dev.hart.gpu.time.Ticker;
import dev.hart.spi.TaskKeeper;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes of one application that serve its models. Asks each every ten seconds how it does, starts those again that crash,
 * and stops all when it is closed and when the JVM ends. A JVM that is killed cannot: what ran under a lease is stopped by the next
 * one that opens the same {@link dev.hart.spi.LeaseJournal}. Thread-safe.
 */
public final class Sidecars implements AutoCloseable {
    static final Duration HEALTH_INTERVAL = Duration.ofSeconds(10);
    private static final Logger log = LoggerFactory.getLogger(Sidecars.class);
    private static final int TOKEN_BYTES = 32;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final InstantSource clock;
    private final Map<String, String> environment;
    private final Executor executor;
    private final @Nullable ThreadPoolExecutor ownExecutor;
    private final ResidentMemory memory;
    private final HttpClient http;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Sidecar> byTool = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Ticker ticker;
    private final Thread atExit = new Thread(() -> all().forEach(Sidecar::kill), "hart-sidecars-at-exit");

    private Sidecars(Builder builder) {
        this.clock = builder.clock;
        this.environment = builder.environment;
        this.memory = builder.memory;
        Executor given = builder.executor;
        this.ownExecutor = given == null ? ownThreads() : null;
        this.executor = given == null ? java.util.Objects.requireNonNull(ownExecutor) : given;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        this.ticker = new Ticker(clock, heartbeat -> tickLogged(), this::nextDue);
    }

    private static ThreadPoolExecutor ownThreads() {
        return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
            Thread thread = new Thread(work, "hart-sidecar-restart");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** With everything at its default. */
    public static Sidecars open() {
        return configure().open();
    }

    /** Says what differs from the defaults. */
    public static Builder configure() {
        return new Builder();
    }

    /** Used by one thread, once. */
    public static final class Builder {
        private InstantSource clock = InstantSource.system();
        private Map<String, String> environment = System.getenv();
        private boolean background = true;
        private TaskKeeper keeper = TaskKeeper.threads();
        private ResidentMemory memory = ResidentMemory.ofThisMachine();
        private @Nullable Executor executor;

        private Builder() {}

        /** Where time comes from; the system's clock unless set. How long a start takes is measured by the system's all the same. */
        public Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /** What processes may inherit of; this JVM's variables unless set. */
        public Builder environment(Map<String, String> variables) {
            this.environment = Map.copyOf(variables);
            return this;
        }

        /** What keeps the thread going that looks at them; a plain thread unless set. */
        public Builder taskKeeper(TaskKeeper watching) {
            this.keeper = watching;
            return this;
        }

        /** Leaves time to the caller: what is due is done by {@link Sidecars#tick}. */
        public Builder withoutBackgroundThread() {
            this.background = false;
            return this;
        }

        /** What tells how much memory processes hold. */
        Builder memory(ResidentMemory source) {
            this.memory = source;
            return this;
        }

        /** What starts crashed ones again. */
        Builder executor(Executor restarts) {
            this.executor = restarts;
            return this;
        }

        public Sidecars open() {
            Sidecars sidecars = new Sidecars(this);
            Runtime.getRuntime().addShutdownHook(sidecars.atExit);
            if (background) {
                sidecars.ticker.start(keeper, "sidecar-time", Ticker.longestSilence(HEALTH_INTERVAL));
            }
            return sidecars;
        }
    }

    /**
     * The one sidecar of that tool.
     *
     * @throws IllegalStateException when there is one by another spec that is not stopped
     */
    public Sidecar sidecar(SidecarSpec spec) {
        return sidecar(spec, spec.restarts());
    }

    private Sidecar sidecar(SidecarSpec spec, RestartPolicy restarts) {
        requireOpen();
        return byTool.compute(spec.tool(), (tool, known) -> {
            if (known == null || (known.spec() != spec && known.isOver())) {
                return new Sidecar(this, spec, restarts);
            }
            if (known.spec() != spec) {
                throw new IllegalStateException(known + " by another spec: stop it first");
            }
            return known;
        });
    }

    /**
     * Loads it as a model: its process starts under the model's lease and ends with it, and a crash is the model's, with the
     * model's back-off.
     */
    public ModelLoader<SidecarRun> loader(SidecarSpec spec) {
        SidecarSpec unrestarted = spec.restarts(spec.restarts().withMaxRestarts(0));
        return (mode, lease) -> sidecar(unrestarted, unrestarted.restarts()).start(lease);
    }

    public Optional<Sidecar> find(String tool) {
        return Optional.ofNullable(byTool.get(tool));
    }

    List<Sidecar> all() {
        return List.copyOf(byTool.values());
    }

    // Time

    /** Looks at the memory of those whose time has come, asks them how they do, waits for their answers, and starts again what has crashed. */
    public void tick() {
        long now = clock.millis();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (Sidecar sidecar : all()) {
            SidecarRun run = sidecar.dueForCheck(now);
            if (run == null || isOverLimit(sidecar, run)) {
                continue;
            }
            if (sidecar.spec().healthPath().isPresent() && run.port != 0) {
                answers.add(isHealthy(run, sidecar.spec(), sidecar.spec().healthTimeout())
                        .thenAccept(healthy -> sidecar.checked(run, healthy)));
            }
        }
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).join();
        all().forEach(sidecar -> sidecar.restartIfDue(now));
    }

    private boolean isOverLimit(Sidecar sidecar, SidecarRun run) {
        OptionalLong held =
                sidecar.spec().memoryLimit().isPresent() ? memory.of(run.child.handle()) : OptionalLong.empty();
        return held.isPresent() && sidecar.measured(run, held.getAsLong());
    }

    /** Whether it answers 200 in time, which is that of its spec at most; never completes exceptionally. */
    CompletableFuture<Boolean> isHealthy(SidecarRun run, SidecarSpec spec, Duration most) {
        Duration limit = most.compareTo(spec.healthTimeout()) < 0 ? most : spec.healthTimeout();
        try {
            return http.sendAsync(
                            run.request(spec.healthPath().orElse("/"))
                                    .timeout(limit)
                                    .GET()
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .orTimeout(limit.toMillis() + 100, TimeUnit.MILLISECONDS)
                    .handle((response, failure) -> failure == null && response.statusCode() == 200);
        } catch (IllegalArgumentException e) {
            log.warn("{} cannot be asked how it does", run, e);
            return CompletableFuture.completedFuture(false);
        }
    }

    private void tickLogged() {
        try {
            tick();
        } catch (RuntimeException e) {
            log.error("sidecars could not be asked how they do; they are asked again", e);
        }
    }

    private long nextDue() {
        long next = clock.millis() + LONGEST_WAIT.toMillis();
        for (Sidecar sidecar : all()) {
            next = Math.min(next, sidecar.restartAt());
        }
        return next;
    }

    // For the sidecars

    void wake() {
        ticker.wake();
    }

    long millis() {
        return clock.millis();
    }

    Map<String, String> environment() {
        return environment;
    }

    void execute(Runnable work) {
        executor.execute(work);
    }

    /** 256 random bits. */
    String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("Sidecars is closed");
        }
    }

    /** Stops all of them. Idempotent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        ticker.stop();
        all().forEach(Sidecar::stop);
        if (ownExecutor != null) {
            ownExecutor.shutdownNow();
        }
        try {
            var unused = Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            log.debug("the JVM is ending, and the hook runs", e);
        }
    }
}
