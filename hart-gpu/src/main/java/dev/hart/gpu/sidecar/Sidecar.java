package dev.hart.gpu.sidecar;

import dev.hart.error.HartException;
import dev.hart.error.SidecarStartException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.VramLease;
import dev.hart.gpu.model.ProcessExit;
import dev.hart.gpu.model.RestartPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tool that runs in a process of its own: started once, asked how it does, started again when it crashes, stopped with all that
 * it started. Made by {@link Sidecars#sidecar}. Thread-safe.
 *
 * <p>Its state changes under a lock of its own, which is never held while a process starts or ends, or is asked how it does. Who
 * starts or stops it first moves the state; everybody else waits for what comes of that.
 */
public final class Sidecar {
    private static final Logger log = LoggerFactory.getLogger(Sidecar.class);
    private static final int UNHEALTHY_AFTER = 3;
    /** The exit code of a process that was killed, as Unix tells it. */
    private static final int KILLED = 137;

    private static final int RESTART_AFTER = 6;
    private static final long FIRST_POLL_MILLIS = 500;
    private static final long LONGEST_POLL_MILLIS = 2000;

    private final Sidecars sidecars;
    private final SidecarSpec spec;
    private final RestartPolicy restarts;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private SidecarState state = SidecarState.STOPPED;
    private @Nullable SidecarRun run;
    private CompletableFuture<SidecarRun> starting = new CompletableFuture<>();
    private CompletableFuture<@Nullable Void> stopping = new CompletableFuture<>();
    private int crashes;
    private long restartAt;
    private @Nullable ProcessExit lastExit;
    private LeaseMode mode = LeaseMode.CPU;
    private @Nullable VramLease lease;

    Sidecar(Sidecars sidecars, SidecarSpec spec, RestartPolicy restarts) {
        this.sidecars = sidecars;
        this.spec = spec;
        this.restarts = restarts;
    }

    public String tool() {
        return spec.tool();
    }

    SidecarSpec spec() {
        return spec;
    }

    // Starting

    /**
     * Starts it without a GPU and waits until it is ready. Whoever asks while it starts or runs gets the same run.
     *
     * @throws SidecarStartException when it does not become ready; it is gone then
     * @throws InterruptedException when the thread is interrupted while it waits; what it has started is stopped
     */
    public SidecarRun start() throws InterruptedException {
        return start(LeaseMode.CPU, null);
    }

    /**
     * Starts it with the devices of a lease, in its mode, and waits until it is ready. Its process is noted with the lease: it is
     * stopped when that is taken back, and when this JVM was found dead.
     *
     * @throws IllegalStateException when it runs under another lease
     */
    public SidecarRun start(VramLease under) throws InterruptedException {
        return start(under.mode(), under);
    }

    private SidecarRun start(LeaseMode wantedMode, @Nullable VramLease under) throws InterruptedException {
        while (true) {
            CompletableFuture<SidecarRun> mine = null;
            CompletableFuture<?> wait;
            lock.lock();
            try {
                sidecars.requireOpen();
                SidecarRun now = run;
                if (state.isUp() && now != null) {
                    requireSame(under);
                    return now;
                }
                if (state == SidecarState.STARTING) {
                    requireSame(under);
                    wait = starting;
                } else if (state == SidecarState.STOPPING) {
                    wait = stopping;
                } else {
                    crashes = 0;
                    mode = wantedMode;
                    lease = under;
                    mine = beginStart();
                    wait = mine;
                }
            } finally {
                lock.unlock();
            }
            if (mine != null) {
                return startNow(mine, false);
            }
            Object result = get(wait);
            if (result instanceof SidecarRun same) {
                return same;
            }
        }
    }

    private void requireSame(@Nullable VramLease under) {
        if (lease != under) {
            throw new IllegalStateException("sidecar '%s' is %s under %s: stop it first"
                    .formatted(tool(), state, lease == null ? "no lease" : lease));
        }
    }

    private CompletableFuture<SidecarRun> beginStart() {
        move(SidecarState.STARTING);
        starting = new CompletableFuture<>();
        return starting;
    }

    private @Nullable Object get(CompletableFuture<?> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HartException failure) {
                throw failure;
            }
            throw new SidecarStartException(
                    "sidecar '%s' was not started: %s".formatted(tool(), e.getCause()),
                    OptionalInt.empty(),
                    "",
                    e.getCause());
        }
    }

    private SidecarRun startNow(CompletableFuture<SidecarRun> mine, boolean again) throws InterruptedException {
        SidecarRun now = null;
        try {
            long deadline = System.nanoTime() + spec.startTimeout().toNanos();
            now = launch(mine);
            awaitReady(now, deadline);
            lock.lock();
            try {
                if (!isStarting(mine)) {
                    throw failure(now, "was stopped while it started", OptionalInt.empty(), null);
                }
                move(SidecarState.READY);
                now.nextCheck = sidecars.millis() + Sidecars.HEALTH_INTERVAL.toMillis();
            } finally {
                lock.unlock();
            }
        } catch (Throwable e) { // whatever it is, it belongs to those who wait, too
            if (now != null) {
                now.child.kill();
            }
            failedToStart(mine, again, e);
            mine.completeExceptionally(e);
            throw e;
        }
        log.info("{} is ready", now);
        mine.complete(now);
        SidecarRun started = now;
        var unused = now.child.exitCode().thenAccept(code -> ended(started, code));
        return now;
    }

    /** Whether that start is still wanted. The lock is held. */
    private boolean isStarting(CompletableFuture<SidecarRun> mine) {
        return state == SidecarState.STARTING && starting == mine;
    }

    private SidecarRun launch(CompletableFuture<SidecarRun> mine) {
        String token = sidecars.newToken();
        VramLease under;
        LeaseMode startMode;
        lock.lock();
        try {
            under = lease;
            startMode = mode;
        } finally {
            lock.unlock();
        }
        Child child;
        try {
            child = Child.start(
                    tool(),
                    spec.command(),
                    ChildEnvironment.of(spec, startMode, under, token, sidecars.environment()),
                    spec.workingDirectory(),
                    spec.readyLine(),
                    ChildEnvironment.output(spec, token));
        } catch (IOException e) {
            throw new SidecarStartException(
                    "sidecar '%s' cannot be started: %s".formatted(tool(), e.getMessage()), OptionalInt.empty(), "", e);
        }
        SidecarRun now = new SidecarRun(this, child, token, under, sidecars.millis());
        boolean wanted;
        lock.lock();
        try {
            wanted = isStarting(mine);
            if (wanted) {
                run = now;
            }
        } finally {
            lock.unlock();
        }
        try {
            if (!wanted) {
                throw failure(now, "was stopped while it started", OptionalInt.empty(), null);
            }
            if (under != null) {
                under.child(child.handle());
            }
            return now;
        } catch (RuntimeException e) {
            child.kill();
            throw e;
        }
    }

    private void awaitReady(SidecarRun now, long deadline) throws InterruptedException {
        Child child = now.child;
        try {
            var unused = CompletableFuture.anyOf(child.port(), child.exitCode())
                    .get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (!child.port().isDone() || child.exitCode().isDone()) {
                throw ended(now);
            }
            int named = child.port().join();
            if (spec.port() != 0 && named != spec.port()) {
                throw failure(
                        now,
                        "named port %d and has to bind %d, as HART_SIDECAR_PORT says".formatted(named, spec.port()),
                        OptionalInt.empty(),
                        null);
            }
            now.port = named;
        } catch (TimeoutException e) {
            throw failure(
                    now,
                    "did not write its ready line (%s) within %s".formatted(spec.readyLine(), spec.startTimeout()),
                    OptionalInt.empty(),
                    e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw failure(
                    now, cause == null ? "failed" : String.valueOf(cause.getMessage()), OptionalInt.empty(), cause);
        }
        requireLoopbackOnly(now);
        if (spec.healthPath().isPresent()) {
            awaitHealth(now, deadline);
        }
    }

    private void requireLoopbackOnly(SidecarRun now) {
        Optional<InetAddress> open;
        try {
            open = LoopbackOnly.openAddress(now.port);
            if (!LoopbackOnly.answers(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), now.port)) {
                throw failure(
                        now, "does not listen on 127.0.0.1:%d, which it named".formatted(now.port), exitNow(now), null);
            }
        } catch (IOException e) {
            throw failure(now, "cannot be checked: this machine's addresses cannot be read", OptionalInt.empty(), e);
        }
        if (open.isPresent()) {
            throw failure(
                    now,
                    "listens on %s, too, where other machines can reach it: let it bind 127.0.0.1 only"
                            .formatted(open.get().getHostAddress()),
                    OptionalInt.empty(),
                    null);
        }
    }

    private void awaitHealth(SidecarRun now, long deadline) throws InterruptedException {
        long pause = FIRST_POLL_MILLIS;
        while (!sidecars.isHealthy(now, spec, Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))
                .join()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw failure(
                        now,
                        "did not answer 200 at %s within %s"
                                .formatted(spec.healthPath().orElse(""), spec.startTimeout()),
                        OptionalInt.empty(),
                        null);
            }
            try {
                var unused = now.child.exitCode().get(Math.min(pause, left), TimeUnit.MILLISECONDS);
                throw ended(now);
            } catch (TimeoutException e) {
                pause = Math.min(LONGEST_POLL_MILLIS, pause * 3 / 2);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private SidecarStartException ended(SidecarRun now) {
        int code = now.child.exitCode().join();
        String overLimit;
        lock.lock();
        try {
            overLimit = now.overLimit;
        } finally {
            lock.unlock();
        }
        if (overLimit != null) {
            return failure(now, "was " + overLimit + ", before it was ready", OptionalInt.of(KILLED), null);
        }
        return failure(now, "ended with exit code " + code + " before it was ready", OptionalInt.of(code), null);
    }

    private static OptionalInt exitNow(SidecarRun now) {
        return now.child.exitCode().isDone()
                ? OptionalInt.of(now.child.exitCode().join())
                : OptionalInt.empty();
    }

    private SidecarStartException failure(
            SidecarRun now, String what, OptionalInt exitCode, @Nullable Throwable cause) {
        String last = now.child.output().lastLine();
        return new SidecarStartException(
                "sidecar '%s' %s; its last line was: %s".formatted(tool(), what, last.isEmpty() ? "(none)" : last),
                exitCode,
                now.child.output().text(),
                cause);
    }

    private void failedToStart(CompletableFuture<SidecarRun> mine, boolean again, Throwable failure) {
        ProcessExit exit = failure instanceof SidecarStartException start
                ? new ProcessExit(start.exitCode())
                : ProcessExit.unknown();
        lock.lock();
        try {
            if (isStarting(mine)) {
                run = null;
                lastExit = exit;
                if (again) {
                    noteCrash();
                } else {
                    move(SidecarState.STOPPED);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    // Crashing

    private void ended(SidecarRun which, int code) {
        ProcessExit exit;
        lock.lock();
        try {
            exit = exitOf(which, code);
            if (run == which && state.isUp()) {
                run = null;
                lastExit = exit;
                if (sidecars.millis() - which.since >= RestartPolicy.PROVEN_AFTER.toMillis()) {
                    crashes = 0;
                }
                log.warn("{} has ended by itself with {}", which, exit);
                if (exit.kind() == ProcessExit.Kind.CLEAN && !restarts.afterCleanExit()) {
                    move(SidecarState.STOPPED);
                } else {
                    noteCrash();
                }
            }
        } finally {
            lock.unlock();
        }
        which.exit.complete(exit);
        sidecars.wake();
    }

    /** The lock is held. */
    private static ProcessExit exitOf(SidecarRun which, int code) {
        if (which.overLimit != null) {
            return new ProcessExit(OptionalInt.of(code), Optional.of(which.overLimit));
        }
        return which.killed ? ProcessExit.unknown() : ProcessExit.of(code);
    }

    private void noteCrash() {
        crashes++;
        if (restarts.restartsAfter(crashes) && (lease == null || lease.state().isLive())) {
            restartAt = sidecars.millis() + restarts.backOff(crashes).toMillis();
            move(SidecarState.RESTARTING);
        } else {
            move(SidecarState.FAILED);
        }
    }

    /** When it is to be started again; far in the future when it is not. */
    long restartAt() {
        lock.lock();
        try {
            return state == SidecarState.RESTARTING ? restartAt : Long.MAX_VALUE;
        } finally {
            lock.unlock();
        }
    }

    /** Starts it again if it is time to; does not wait for it. */
    void restartIfDue(long now) {
        CompletableFuture<SidecarRun> mine;
        lock.lock();
        try {
            if (state != SidecarState.RESTARTING || now < restartAt) {
                return;
            }
            if (lease != null && !lease.state().isLive()) {
                move(SidecarState.FAILED);
                return;
            }
            mine = beginStart();
        } finally {
            lock.unlock();
        }
        sidecars.execute(() -> {
            try {
                var unused = startNow(mine, true);
            } catch (HartException e) {
                log.warn("sidecar '{}' did not start again", tool(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    // How it does

    /** Its run if it is to be asked now. */
    @Nullable
    SidecarRun dueForCheck(long now) {
        lock.lock();
        try {
            SidecarRun which = run;
            boolean hasLimit = spec.memoryLimit().isPresent();
            if (which == null || now < which.nextCheck) {
                return null;
            }
            boolean wanted = state.isUp() ? hasLimit || spec.healthPath().isPresent() : isStarting() && hasLimit;
            if (!wanted) {
                return null;
            }
            which.nextCheck = now + Sidecars.HEALTH_INTERVAL.toMillis();
            return which;
        } finally {
            lock.unlock();
        }
    }

    private boolean isStarting() {
        return state == SidecarState.STARTING;
    }

    /** Kills it when that is more memory than it may hold; whether it was. */
    boolean measured(SidecarRun which, long bytes) {
        long limit = spec.memoryLimit().orElse(Long.MAX_VALUE);
        lock.lock();
        try {
            if (run != which || !(state.isUp() || isStarting())) {
                return false;
            }
            which.residentBytes = bytes;
            if (bytes <= limit) {
                return false;
            }
            which.overLimit = "killed, as it held %d MiB of memory and may hold %d".formatted(bytes >> 20, limit >> 20);
        } finally {
            lock.unlock();
        }
        log.warn("sidecar '{}', process {}: {}", tool(), which.pid(), which.overLimit);
        which.child.kill();
        return true;
    }

    void checked(SidecarRun which, boolean healthy) {
        boolean kill = false;
        lock.lock();
        try {
            if (run != which || !state.isUp()) {
                return;
            }
            if (healthy) {
                which.misses = 0;
                if (state == SidecarState.UNHEALTHY) {
                    move(SidecarState.READY);
                }
            } else {
                which.misses++;
                if (which.misses >= UNHEALTHY_AFTER && state == SidecarState.READY) {
                    move(SidecarState.UNHEALTHY);
                    log.warn("{} has not answered {} times in a row", which, which.misses);
                }
                kill = which.misses >= RESTART_AFTER;
                which.killed |= kill;
            }
        } finally {
            lock.unlock();
        }
        if (kill) {
            log.warn("{} has not answered {} times in a row and is killed", which, RESTART_AFTER);
            which.child.kill();
        }
    }

    // Stopping

    /** Stops it and what it started, and gives up a restart. Returns once it is gone. */
    public void stop() {
        SidecarRun which;
        lock.lock();
        try {
            which = run;
            if (state == SidecarState.RESTARTING || state == SidecarState.FAILED) {
                crashes = 0;
                move(SidecarState.STOPPED);
            }
            if (which == null && state == SidecarState.STARTING) {
                move(SidecarState.STOPPING); // before it has a process: that is killed as soon as it is there
                move(SidecarState.STOPPED);
            }
        } finally {
            lock.unlock();
        }
        if (which != null) {
            stop(which);
        }
    }

    /** After too many crashes: as if it had been stopped. Nothing happens in any other state. */
    public void reset() {
        lock.lock();
        try {
            if (state == SidecarState.FAILED) {
                crashes = 0;
                move(SidecarState.STOPPED);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops that very run. */
    void stop(SidecarRun which) {
        CompletableFuture<@Nullable Void> mine = null;
        lock.lock();
        try {
            if (run == which && (state.isUp() || state == SidecarState.STARTING)) {
                move(SidecarState.STOPPING);
                mine = new CompletableFuture<>();
                stopping = mine;
            }
        } finally {
            lock.unlock();
        }
        which.child.stop(spec.stopTimeout());
        if (mine != null) {
            lock.lock();
            try {
                run = null;
                crashes = 0;
                lease = null;
                move(SidecarState.STOPPED);
            } finally {
                lock.unlock();
            }
            mine.complete(null);
        }
    }

    /** Kills it at once: the JVM ends. */
    void kill() {
        SidecarRun which;
        lock.lock();
        try {
            which = run;
        } finally {
            lock.unlock();
        }
        if (which != null) {
            which.child.kill();
        }
    }

    // Looking

    public SidecarState state() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has no process and gets none by itself. */
    boolean isOver() {
        SidecarState now = state();
        return now == SidecarState.STOPPED || now == SidecarState.FAILED;
    }

    /** Its run while it can be called. */
    public Optional<SidecarRun> run() {
        lock.lock();
        try {
            return state.isUp() ? Optional.ofNullable(run) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    public SidecarStatus status() {
        lock.lock();
        try {
            return new SidecarStatus(
                    tool(),
                    state,
                    run == null ? OptionalLong.empty() : OptionalLong.of(run.pid()),
                    run == null || run.residentBytes < 0 ? OptionalLong.empty() : OptionalLong.of(run.residentBytes),
                    crashes,
                    Optional.ofNullable(lastExit),
                    state == SidecarState.RESTARTING ? Optional.of(Instant.ofEpochMilli(restartAt)) : Optional.empty());
        } finally {
            lock.unlock();
        }
    }

    private void move(SidecarState next) {
        state = state.to(next, tool());
    }

    @Override
    public String toString() {
        return "sidecar '%s', %s".formatted(tool(), state());
    }
}
