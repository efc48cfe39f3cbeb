package dev.hart.security.node;

import dev.hart.spi.TaskKeeper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts long-running tasks anew when they freeze.
 *
 * <p>A task sends heartbeats. It counts as frozen when the last one is older than ten times its interval, or than 900 seconds while
 * it calls a model. Then its thread is interrupted and waited for, at most 10 seconds, and abandoned if it does not end; the task
 * is started again as a new {@link Incarnation}, and what is left of the old one is refused. After 5 starts in a row that fail, or
 * when it freezes after 3 restarts in a short time, it is dead until an operator revives it.
 *
 * <p>Time is monotonic, so setting the machine's clock freezes nothing. A second thread sees to it that the checks go on.
 * Thread-safe; callbacks are called without a lock.
 */
public final class Watchdog implements TaskKeeper, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
    private static final int INTERVALS = 10;
    private static final int MAX_FAILURES = 5;
    private static final int MAX_RESTARTS = 3;
    private static final Duration BRAKE = Duration.ofSeconds(300);
    private static final int EVENTS_KEPT = 20;
    private static final int ROUNDS_LATE = 3;

    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Duration checkEvery;
    private final Duration grace;
    private final Duration modelCallLimit;
    private final Duration joinFor;
    private final Consumer<WatchdogEvent> listener;
    private final boolean ownThreads;
    /** Guarded by this, as is everything below and inside. */
    private final Map<String, Watched> tasks = new LinkedHashMap<>();

    /** The last generation of each task that is watched no longer, so that no later one of that name is taken for it. */
    private final Map<String, Long> retired = new LinkedHashMap<>();

    private final Deque<WatchdogEvent> recent = new ArrayDeque<>();
    private long lastRound;
    private long checkerGeneration;
    private @Nullable Thread checker;
    private @Nullable Thread deadline;
    private boolean closed;

    /** Starts a task. */
    @FunctionalInterface
    public interface Start {
        /**
         * The thread that the task runs in, started.
         *
         * @param incarnation takes the heartbeats
         */
        Thread start(Incarnation incarnation) throws Exception;
    }

    private static final class Watched {
        final String name;
        final Duration interval;
        final Start start;
        final Runnable stop;
        final Deque<Long> restartTimes = new ArrayDeque<>();
        TaskHealth.Status status = TaskHealth.Status.RESTARTING;
        long generation;

        @Nullable
        Thread thread;

        long lastBeat;
        Instant lastBeatAt;
        int modelCalls;
        int restarts;
        int consecutiveFailures;
        int abandoned;

        @Nullable
        Instant lastRestartAt;

        Watched(String name, Duration interval, Start start, Runnable stop, long now, Instant at) {
            this.name = name;
            this.interval = interval;
            this.start = start;
            this.stop = stop;
            this.lastBeat = now;
            this.lastBeatAt = at;
        }
    }

    /** Says what differs from the defaults. Not thread-safe. */
    public static final class Builder {
        private LongSupplier nanoTime = System::nanoTime;
        private InstantSource clock = InstantSource.system();
        private Duration checkEvery = Duration.ofSeconds(30);
        private Duration grace = Duration.ofSeconds(60);
        private Duration modelCallLimit = Duration.ofSeconds(900);
        private Duration joinFor = Duration.ofSeconds(10);
        private Consumer<WatchdogEvent> listener = event -> {};
        private boolean ownThreads = true;

        private Builder() {}

        /** Monotonic nanoseconds; {@link System#nanoTime} unless set. */
        public Builder nanoTime(LongSupplier source) {
            this.nanoTime = source;
            return this;
        }

        /** The time that events and health show; the system's clock unless set. */
        public Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /** How often tasks are looked at; every 30 seconds unless set. Longer than zero. */
        public Builder checkEvery(Duration interval) {
            this.checkEvery = positive("checkEvery", interval);
            return this;
        }

        /** How long after a start the first heartbeat is not missed; 60 seconds unless set. Longer than zero. */
        public Builder grace(Duration time) {
            this.grace = positive("grace", time);
            return this;
        }

        /** The longest model call; 900 seconds unless set. Longer than zero. */
        public Builder modelCallLimit(Duration time) {
            this.modelCallLimit = positive("modelCallLimit", time);
            return this;
        }

        /** How long an interrupted thread may take to end; 10 seconds unless set. Longer than zero. */
        public Builder joinFor(Duration time) {
            this.joinFor = positive("joinFor", time);
            return this;
        }

        /** Is told of every event, in the order in which they happen; what it throws is logged. */
        public Builder listener(Consumer<WatchdogEvent> consumer) {
            this.listener = consumer;
            return this;
        }

        /** Leaves time to the caller, who calls {@link Watchdog#check}. */
        public Builder withoutThreads() {
            this.ownThreads = false;
            return this;
        }

        private static Duration positive(String name, Duration duration) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException(name + " must be longer than zero, was " + duration);
            }
            return duration;
        }

        /** Begins to watch. */
        public Watchdog open() {
            Watchdog watchdog = new Watchdog(this);
            watchdog.begin();
            return watchdog;
        }
    }

    private Watchdog(Builder settings) {
        this.nanoTime = settings.nanoTime;
        this.clock = settings.clock;
        this.checkEvery = settings.checkEvery;
        this.grace = settings.grace;
        this.modelCallLimit = settings.modelCallLimit;
        this.joinFor = settings.joinFor;
        this.listener = settings.listener;
        this.ownThreads = settings.ownThreads;
        this.lastRound = nanoTime.getAsLong();
    }

    /** Says what differs from the defaults. */
    public static Builder configure() {
        return new Builder();
    }

    private synchronized void begin() {
        if (ownThreads) {
            startChecker();
            deadline = daemon("hart-watchdog-deadline", () -> repeat(-1, this::checkDeadline));
            deadline.start();
        }
    }

    private synchronized void startChecker() {
        long mine = ++checkerGeneration;
        Thread thread = daemon("hart-watchdog", () -> repeat(mine, this::check));
        checker = thread;
        thread.start();
    }

    private static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** @param generation of the checker; -1 for the deadline thread, which has no successor */
    private void repeat(long generation, Runnable round) {
        while (true) {
            try {
                TimeUnit.NANOSECONDS.sleep(checkEvery.toNanos());
            } catch (InterruptedException e) {
                return;
            }
            synchronized (this) {
                if (closed || (generation >= 0 && generation != checkerGeneration)) {
                    return;
                }
            }
            try {
                round.run();
            } catch (RuntimeException | LinkageError e) {
                LOG.error("a round of the watchdog failed; the next one comes", e);
            }
        }
    }

    /**
     * Starts a task and watches it from now on. A start that fails counts, and is tried again with the next check.
     *
     * @param name another one than all that are watched
     * @param interval how often it sends heartbeats, at least; longer than zero
     * @param stop asks the task to end before its thread is interrupted; what it throws is logged
     */
    public void register(String name, Duration interval, Start start, Runnable stop) {
        Builder.positive("the interval of " + name, interval);
        Watched task;
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("this watchdog is closed; open another one");
            }
            if (tasks.containsKey(name)) {
                throw new IllegalArgumentException("a task " + name + " is watched already");
            }
            task = new Watched(name, interval, start, stop, nanoTime.getAsLong(), clock.instant());
            task.generation = retired.getOrDefault(name, 0L);
            tasks.put(name, task);
        }
        begin(task, false);
    }

    /**
     * Watches rounds on a thread {@code hart-<name>}, with a heartbeat before and after each.
     *
     * @throws IllegalArgumentException when a task of that name is watched already
     */
    @Override
    public Kept keep(String name, Duration longest, Round round) {
        register(
                name,
                longest,
                incarnation -> {
                    Thread thread = daemon("hart-" + name, () -> goRound(incarnation, longest, round));
                    thread.start();
                    return thread;
                },
                () -> {});
        return () -> unregister(name);
    }

    private static void goRound(Incarnation incarnation, Duration longest, Round round) {
        try {
            while (true) {
                incarnation.heartbeat();
                Duration wait = round.make(incarnation::heartbeat);
                incarnation.heartbeat();
                TimeUnit.NANOSECONDS.sleep((wait.compareTo(longest) < 0 ? wait : longest).toNanos());
            }
        } catch (InterruptedException | CancellationException e) {
            LOG.debug("{} {} ends", incarnation.task(), incarnation.generation(), e);
        }
    }

    /** Watches a task no longer; asks it to stop and interrupts its thread without waiting. Nothing when there is none. */
    public void unregister(String name) {
        Watched task;
        Thread thread;
        synchronized (this) {
            task = tasks.remove(name);
            if (task == null) {
                return;
            }
            retired.put(name, ++task.generation);
            task.status = TaskHealth.Status.DEAD;
            thread = task.thread;
        }
        stop(task);
        if (thread != null) {
            thread.interrupt();
        }
    }

    private static void stop(Watched task) {
        try {
            task.stop.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("asking task {} to stop failed; its thread is interrupted all the same", task.name, e);
        }
    }

    /** Starts the next incarnation, unless somebody else has begun to. */
    private void begin(Watched task, boolean again) {
        Incarnation incarnation;
        synchronized (this) {
            if (tasks.get(task.name) != task) {
                return; // watched no longer
            }
            task.status = TaskHealth.Status.RESTARTING;
            task.modelCalls = 0;
            task.lastBeat = nanoTime.getAsLong() + grace.toNanos();
            task.lastBeatAt = clock.instant().plus(grace);
            incarnation = new Incarnation(this, task.name, ++task.generation);
        }
        Thread thread;
        try {
            thread = task.start.start(incarnation);
        } catch (Exception | LinkageError e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            startFailed(task, incarnation, e);
            return;
        }
        boolean taken;
        synchronized (this) {
            taken = !closed && incarnation.generation() == task.generation;
            if (taken) {
                task.thread = thread;
                task.status = TaskHealth.Status.HEALTHY;
                task.consecutiveFailures = 0;
                task.lastBeat = nanoTime.getAsLong() + grace.toNanos();
                task.lastBeatAt = clock.instant().plus(grace);
                if (again) {
                    task.restarts++;
                    task.restartTimes.addLast(nanoTime.getAsLong());
                    task.lastRestartAt = clock.instant();
                }
            }
        }
        if (!taken) {
            thread.interrupt();
        } else if (again) {
            tell(WatchdogEvent.Kind.RESTARTED, task.name, "incarnation " + incarnation.generation() + " runs");
        }
    }

    private void startFailed(Watched task, Incarnation incarnation, Throwable failure) {
        LOG.error("task {} could not be started", task.name, failure);
        boolean dead;
        int failures;
        synchronized (this) {
            if (incarnation.generation() != task.generation) {
                return;
            }
            failures = ++task.consecutiveFailures;
            dead = failures >= MAX_FAILURES;
            task.status = dead ? TaskHealth.Status.DEAD : TaskHealth.Status.FROZEN;
        }
        tell(WatchdogEvent.Kind.START_FAILED, task.name, "failure " + failures + " in a row: " + failure);
        if (dead) {
            tell(WatchdogEvent.Kind.DEAD, task.name, failures + " starts in a row have failed");
        }
    }

    /** Looks at every task, and starts those that are frozen anew. Returns when that is done. */
    public void check() {
        List<Watched> all;
        synchronized (this) {
            lastRound = nanoTime.getAsLong();
            all = new ArrayList<>(tasks.values());
        }
        for (Watched task : all) {
            check(task);
        }
        synchronized (this) {
            lastRound = nanoTime.getAsLong();
        }
    }

    private void check(Watched task) {
        Thread old;
        long generation;
        boolean braked;
        String why;
        synchronized (this) {
            boolean late = task.status == TaskHealth.Status.HEALTHY
                    && age(task) > limit(task).toNanos();
            if (closed || !(late || task.status == TaskHealth.Status.FROZEN)) {
                return;
            }
            why = late
                    ? "no heartbeat for " + TimeUnit.NANOSECONDS.toSeconds(age(task)) + " s"
                    : "the last start has failed";
            braked = late && restartsOfLate(task) >= MAX_RESTARTS;
            task.status = braked ? TaskHealth.Status.DEAD : TaskHealth.Status.RESTARTING;
            generation = ++task.generation; // what the old incarnation does from here on is refused
            old = task.thread;
            task.thread = null;
        }
        tell(WatchdogEvent.Kind.FROZEN, task.name, why);
        end(task, old);
        if (braked) {
            tell(WatchdogEvent.Kind.DEAD, task.name, MAX_RESTARTS + " restarts in a short time did not help");
            return;
        }
        synchronized (this) {
            if (closed || generation != task.generation) {
                return;
            }
        }
        begin(task, true);
    }

    private long age(Watched task) {
        return nanoTime.getAsLong() - task.lastBeat;
    }

    private Duration limit(Watched task) {
        return task.modelCalls > 0 ? modelCallLimit : task.interval.multipliedBy(INTERVALS);
    }

    /** How often it was started again in a time in which it could have frozen four times. */
    private int restartsOfLate(Watched task) {
        Duration cycles = grace.plus(task.interval.multipliedBy(INTERVALS)).multipliedBy(MAX_RESTARTS + 1L);
        long window = (cycles.compareTo(BRAKE) > 0 ? cycles : BRAKE).toNanos();
        long now = nanoTime.getAsLong();
        while (!task.restartTimes.isEmpty() && now - task.restartTimes.getFirst() > window) {
            task.restartTimes.removeFirst();
        }
        return task.restartTimes.size();
    }

    /** Asks, interrupts, waits, and leaves alone what does not end. */
    private void end(Watched task, @Nullable Thread old) {
        stop(task);
        if (old == null || !old.isAlive()) {
            return;
        }
        old.interrupt();
        try {
            old.join(Math.max(1, joinFor.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (old.isAlive()) {
            synchronized (this) {
                task.abandoned++;
            }
            tell(
                    WatchdogEvent.Kind.ABANDONED,
                    task.name,
                    "thread " + old.getName() + " did not end in " + joinFor.toMillis() + " ms and is left alone");
        }
    }

    /** Replaces the checker when its round takes longer than it can; a start that hangs counts as one that failed. */
    void checkDeadline() {
        List<Watched> hanging = new ArrayList<>();
        Thread stuck;
        synchronized (this) {
            long allowed = checkEvery
                    .multipliedBy(ROUNDS_LATE)
                    .plus(joinFor.multipliedBy(tasks.size()))
                    .toNanos();
            if (closed || nanoTime.getAsLong() - lastRound <= allowed) {
                return;
            }
            lastRound = nanoTime.getAsLong();
            stuck = checker;
            for (Watched task : tasks.values()) {
                if (task.status == TaskHealth.Status.RESTARTING) {
                    task.generation++;
                    task.consecutiveFailures++;
                    task.status = task.consecutiveFailures >= MAX_FAILURES
                            ? TaskHealth.Status.DEAD
                            : TaskHealth.Status.FROZEN;
                    hanging.add(task);
                }
            }
            if (ownThreads) {
                startChecker();
            }
        }
        if (stuck != null) {
            stuck.interrupt();
        }
        tell(WatchdogEvent.Kind.CHECKER_REPLACED, "", "the thread that checks was stuck");
        for (Watched task : hanging) {
            tell(WatchdogEvent.Kind.START_FAILED, task.name, "stopping or starting it did not return");
            if (health(task).status() == TaskHealth.Status.DEAD) {
                tell(WatchdogEvent.Kind.DEAD, task.name, MAX_FAILURES + " starts in a row have failed");
            }
        }
    }

    /**
     * Starts a dead task again, with its failures forgotten.
     *
     * @throws IllegalArgumentException when no such task is watched
     * @throws IllegalStateException when it is not dead
     */
    public void revive(String name) {
        Watched task;
        synchronized (this) {
            task = tasks.get(name);
            if (task == null) {
                throw new IllegalArgumentException(
                        "no task " + name + " is watched; the tasks are " + String.join(", ", tasks.keySet()));
            }
            if (task.status != TaskHealth.Status.DEAD) {
                throw new IllegalStateException(
                        "task " + name + " is " + task.status.wireName() + "; only a dead one is revived");
            }
            task.consecutiveFailures = 0;
            task.restartTimes.clear();
            task.status = TaskHealth.Status.RESTARTING;
        }
        tell(WatchdogEvent.Kind.REVIVED, name, "an operator has it started again");
        begin(task, true);
    }

    synchronized boolean isCurrent(Incarnation incarnation) {
        Watched task = tasks.get(incarnation.task());
        return !closed && task != null && task.generation == incarnation.generation();
    }

    synchronized void heartbeat(Incarnation incarnation) {
        beat(incarnation);
    }

    synchronized void beginModelCall(Incarnation incarnation) {
        beat(incarnation).modelCalls++;
    }

    /** Never throws: it is called while another exception may be on its way. */
    synchronized void endModelCall(Incarnation incarnation) {
        if (isCurrent(incarnation)) {
            beat(incarnation).modelCalls--;
        }
    }

    private Watched beat(Incarnation incarnation) {
        Watched task = tasks.get(incarnation.task());
        if (task == null || !isCurrent(incarnation)) {
            throw incarnation.over();
        }
        task.lastBeat = nanoTime.getAsLong();
        task.lastBeatAt = clock.instant();
        return task;
    }

    /** How every task is, in the order in which they were registered. */
    public synchronized List<TaskHealth> health() {
        return tasks.values().stream().map(this::health).toList();
    }

    private synchronized TaskHealth health(Watched task) {
        long tenths = Math.max(0, age(task)) / 100_000_000;
        return new TaskHealth(
                task.name,
                task.status,
                Duration.ofMillis(100 * tenths),
                task.lastBeatAt,
                task.interval,
                task.modelCalls > 0,
                task.restarts,
                task.consecutiveFailures,
                task.abandoned,
                Optional.ofNullable(task.lastRestartAt));
    }

    /** Whether no task is dead. */
    public synchronized boolean isHealthy() {
        return tasks.values().stream().noneMatch(task -> task.status == TaskHealth.Status.DEAD);
    }

    /** The newest 20 events, oldest first. */
    public synchronized List<WatchdogEvent> recentEvents() {
        return List.copyOf(recent);
    }

    private void tell(WatchdogEvent.Kind kind, String task, String detail) {
        WatchdogEvent event = new WatchdogEvent(kind, task, clock.instant(), detail);
        LOG.warn("watchdog: {} {}: {}", kind, task, detail);
        synchronized (this) {
            recent.addLast(event);
            if (recent.size() > EVENTS_KEPT) {
                recent.removeFirst();
            }
        }
        try {
            listener.accept(event);
        } catch (RuntimeException e) {
            LOG.error("who listens to the watchdog failed at {}", event, e);
        }
    }

    /** Ends watching, and asks and interrupts every task without waiting for it. Idempotent. */
    @Override
    public void close() {
        List<Watched> all;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            all = new ArrayList<>(tasks.values());
            if (checker != null) {
                checker.interrupt();
            }
            if (deadline != null) {
                deadline.interrupt();
            }
        }
        for (Watched task : all) {
            stop(task);
            Thread thread;
            synchronized (this) {
                thread = task.thread;
            }
            if (thread != null) {
                thread.interrupt();
            }
        }
    }
}
