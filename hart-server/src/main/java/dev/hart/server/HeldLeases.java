package dev.hart.server;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.hart.HartClock;
import dev.hart.gpu.LeaseRequest;
import dev.hart.gpu.VramLease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The leases on device memory that callers hold, and those that they wait for. A caller can be gone without a word, so a lease that is
 * not renewed for a minute is given back. Thread-safe.
 */
final class HeldLeases implements AutoCloseable {
    static final Duration TTL = Duration.ofSeconds(60);
    private static final int MOST = 1_000;

    private final HartClock clock;
    /** Guarded by this. */
    private final Map<String, Held> held = new LinkedHashMap<>();

    HeldLeases(HartClock clock) {
        this.clock = clock;
    }

    /** What one caller asked for. */
    static final class Held {
        private final String id;
        private final String tool;
        private final CompletableFuture<VramLease> lease;
        private final AtomicBoolean hasBegun = new AtomicBoolean();
        private volatile Instant renewedAt;

        private Held(String id, String tool, CompletableFuture<VramLease> lease, Instant askedAt) {
            this.id = id;
            this.tool = tool;
            this.lease = lease;
            this.renewedAt = askedAt;
        }

        String id() {
            return id;
        }

        String tool() {
            return tool;
        }

        /** Completes with the lease, or with why there is none. */
        CompletableFuture<VramLease> lease() {
            return lease;
        }

        Optional<VramLease> granted() {
            return lease.isDone() && !lease.isCompletedExceptionally() ? Optional.of(lease.join()) : Optional.empty();
        }

        /** When it is given back unless it is renewed before. */
        Instant expiresAt() {
            return renewedAt.plus(TTL);
        }
    }

    /** Asks for a lease; it may have to wait. */
    Held ask(String tool, LeaseRequest request) {
        giveBackWhatIsForgotten();
        Held asked =
                new Held(UuidCreator.getTimeOrderedEpoch().toString(), tool, request.acquireAsync(), clock.instant());
        synchronized (this) {
            if (held.size() >= MOST) {
                end(asked);
                throw new Refused(
                        503,
                        "too_many_leases",
                        MOST + " leases are held or waited for over HTTP; give some back",
                        Map.of("Retry-After", "5"));
            }
            held.put(asked.id, asked);
        }
        asked.lease.whenComplete((lease, failure) -> {
            begin(asked);
        });
        return asked;
    }

    /** By the id that {@link #ask} gave, or by that of the lease. */
    Optional<Held> find(String id) {
        giveBackWhatIsForgotten();
        synchronized (this) {
            Held byId = held.get(id);
            return byId != null
                    ? Optional.of(byId)
                    : held.values().stream()
                            .filter(each -> each.granted()
                                    .filter(lease -> lease.id().equals(id))
                                    .isPresent())
                            .findFirst();
        }
    }

    /** Those that wait, and those whose lease was not given and who may still ask why. */
    List<Held> withoutLease() {
        giveBackWhatIsForgotten();
        synchronized (this) {
            return held.values().stream()
                    .filter(each -> each.granted().isEmpty())
                    .toList();
        }
    }

    /** The minute of a lease that was just given begins; once, whoever sees first that it was given. */
    void begin(Held lease) {
        if (lease.hasBegun.compareAndSet(false, true)) {
            renew(lease);
        }
    }

    void renew(Held lease) {
        lease.renewedAt = clock.instant();
        CompletableFuture.delayedExecutor(TTL.toMillis(), TimeUnit.MILLISECONDS).execute(this::giveBackWhatIsForgotten);
    }

    void giveBack(Held lease) {
        synchronized (this) {
            held.remove(lease.id);
        }
        end(lease);
    }

    /** A request leaves the queue; a lease, also one that comes at this moment, is closed. */
    private static void end(Held lease) {
        lease.lease.whenComplete((given, failure) -> {
            if (given != null) {
                given.close();
            }
        });
        lease.lease.cancel(true);
    }

    private void giveBackWhatIsForgotten() {
        Instant now = clock.instant();
        List<Held> forgotten;
        synchronized (this) {
            forgotten = held.values().stream()
                    .filter(each -> each.lease.isDone() && !now.isBefore(each.expiresAt()))
                    .toList();
            forgotten.forEach(each -> held.remove(each.id));
        }
        forgotten.forEach(HeldLeases::end);
    }

    @Override
    public void close() {
        List<Held> all;
        synchronized (this) {
            all = new ArrayList<>(held.values());
            held.clear();
        }
        all.forEach(HeldLeases::end);
    }
}
