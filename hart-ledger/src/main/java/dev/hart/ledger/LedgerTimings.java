package dev.hart.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How long tasks took, from the history of a ledger. Immutable, thread-safe; {@link Ledger#timings} reads it. The present
 * status of a task that has not ended counts until the moment of reading.
 */
public final class LedgerTimings {

    /**
     * Durations of several tasks.
     *
     * @param count how many there are; with none, the others are zero
     * @param p50 half of them were not longer: the smallest one of which that is true
     * @param p95 95 of 100 were not longer
     */
    public record Spread(int count, Duration total, Duration mean, Duration p50, Duration p95, Duration max) {
        static Spread of(List<Long> millis) {
            if (millis.isEmpty()) {
                return new Spread(0, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
            }
            List<Long> sorted = new ArrayList<>(millis);
            Collections.sort(sorted);
            long total = sorted.stream().mapToLong(Long::longValue).sum();
            return new Spread(
                    sorted.size(),
                    Duration.ofMillis(total),
                    Duration.ofMillis(total / sorted.size()),
                    Duration.ofMillis(rank(sorted, 50)),
                    Duration.ofMillis(rank(sorted, 95)),
                    Duration.ofMillis(sorted.get(sorted.size() - 1)));
        }

        /** The nearest rank. */
        private static long rank(List<Long> sorted, int percent) {
            return sorted.get((int) ((sorted.size() * (long) percent + 99) / 100) - 1);
        }
    }

    /** What is known of one task. */
    private static final class Times {
        private final EnumMap<TaskStatus, Long> inStatus = new EnumMap<>(TaskStatus.class);
        private final long createdAt;
        private TaskStatus status;
        private long since;
        private final boolean container;
        private @Nullable Long firstStart;
        private int attempts;
        private int retries;
        private @Nullable Long endedAt;

        Times(long createdAt, TaskStatus status, boolean container) {
            this.createdAt = createdAt;
            this.since = createdAt;
            this.status = status;
            this.container = container;
        }

        void become(TaskStatus to, long at) {
            inStatus.merge(status, at - since, Long::sum);
            if (to.isTerminal() && !status.isTerminal()) {
                endedAt = at;
            }
            status = to;
            since = at;
            if (to == TaskStatus.IN_PROGRESS && firstStart == null) {
                firstStart = at;
            }
        }
    }

    private final Map<String, Times> tasks = new HashMap<>();
    private final long now;

    LedgerTimings(long now) {
        this.now = now;
    }

    void add(LedgerTables.EventRow event) {
        if (!Projection.concerns(event.type())) {
            return;
        }
        Map<String, @Nullable Object> payload = CanonicalJson.readObject(event.payload());
        if (event.type().equals(Projection.CREATED)) {
            TaskStatus status =
                    payload.get("status") instanceof String name ? TaskStatus.ofWireName(name) : TaskStatus.PENDING;
            tasks.put(event.taskId(), new Times(event.at(), status, Boolean.TRUE.equals(payload.get("container"))));
            return;
        }
        Times times = tasks.get(event.taskId());
        if (times == null) {
            return;
        }
        if (event.type().equals(Projection.IMPORTED)) {
            // Its times belong to another ledger; what happens from now on is measured.
            times.status = payload.get("status") instanceof String name ? TaskStatus.ofWireName(name) : times.status;
        } else if (payload.get("to") instanceof String to) {
            if (payload.containsKey("retry_count")) {
                times.retries++;
            }
            times.become(TaskStatus.ofWireName(to), event.at());
            if (times.status == TaskStatus.IN_PROGRESS && !"resuming".equals(payload.get("from"))) {
                times.attempts++;
            }
        }
    }

    private Spread spread(ToLongFunction<Times> millis) {
        List<Long> all = new ArrayList<>();
        for (Times times : tasks.values()) {
            long value = times.container ? -1 : millis.applyAsLong(times);
            if (value >= 0) {
                all.add(value);
            }
        }
        return Spread.of(all);
    }

    /** How long tasks were in each status, all stays of a task together; ended tasks count in no status that they ended in. */
    public Map<TaskStatus, Spread> inStatus() {
        Map<TaskStatus, List<Long>> all = new EnumMap<>(TaskStatus.class);
        for (Times times : tasks.values()) {
            Map<TaskStatus, Long> stays = new EnumMap<>(TaskStatus.class);
            stays.putAll(times.inStatus);
            if (!times.status.isTerminal()) {
                stays.merge(times.status, Math.max(0, now - times.since), Long::sum);
            }
            stays.forEach((status, millis) ->
                    all.computeIfAbsent(status, s -> new ArrayList<>()).add(millis));
        }
        Map<TaskStatus, Spread> spreads = new EnumMap<>(TaskStatus.class);
        all.forEach((status, millis) -> spreads.put(status, Spread.of(millis)));
        return Collections.unmodifiableMap(spreads);
    }

    /** How long one task was in each status, the present one until now. */
    public Optional<Map<TaskStatus, Duration>> inStatus(String taskId) {
        return Optional.ofNullable(tasks.get(taskId)).map(times -> {
            Map<TaskStatus, Duration> stays = new EnumMap<>(TaskStatus.class);
            times.inStatus.forEach((status, millis) -> stays.put(status, Duration.ofMillis(millis)));
            if (!times.status.isTerminal()) {
                stays.merge(times.status, Duration.ofMillis(Math.max(0, now - times.since)), Duration::plus);
            }
            return stays;
        });
    }

    /** From creation to first start, of tasks that were started; containers left out. */
    public Spread queueWait() {
        return spread(times -> times.firstStart == null ? -1 : times.firstStart - times.createdAt);
    }

    /** From first start to the end, of tasks that were started and have ended; containers left out. */
    public Spread cycleTime() {
        return spread(
                times -> times.firstStart == null || times.endedAt == null ? -1 : times.endedAt - times.firstStart);
    }

    /** Attempts that failed and were repeated as a share of all attempts, 0 to 1; 0 without attempts. */
    public double retryRate() {
        long attempts = 0;
        long retries = 0;
        for (Times times : tasks.values()) {
            if (!times.container) {
                attempts += times.attempts;
                retries += times.retries;
            }
        }
        return attempts == 0 ? 0 : (double) retries / attempts;
    }
}
