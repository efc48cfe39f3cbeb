package dev.hart.gpu;

import dev.hart.error.GpuException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A wish for device memory. Begin with {@link Gpus#request} and name what differs; each method gives a new value, which may be
 * used again. Immutable.
 */
public final class LeaseRequest implements Cloneable {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(7);
    private static final int MAX_DEVICES = 256;

    private final Gpus gpus;
    final String tool;

    @Nullable
    ModelRequirement requirement;

    String tenant = "local";
    LeasePriority priority = LeasePriority.NORMAL;
    int devices = 1;

    @Nullable
    DeviceKind kind;

    Duration timeout = DEFAULT_TIMEOUT;
    boolean mayOffload;
    LeaseMode best = LeaseMode.GPU;
    PlacementRule placement = PlacementRule.BEST_FIT;

    @Nullable
    Duration idleTimeout;

    Consumer<VramLease> onTakenBack = lease -> {};

    LeaseRequest(Gpus gpus, String tool, @Nullable ModelRequirement requirement) {
        this.gpus = gpus;
        this.tool = Sizes.requireName("tool", tool);
        this.requirement = requirement;
    }

    /** How much it needs of each device; what is known about the tool unless set. More than 0. */
    public LeaseRequest bytes(long bytesPerDevice) {
        return with(r -> r.requirement = ModelRequirement.ofBytes(tool, bytesPerDevice));
    }

    /** What it needs, on a GPU and elsewhere; what is known about the tool unless set. */
    public LeaseRequest requirement(ModelRequirement requirement) {
        return with(r -> r.requirement = requirement);
    }

    /**
     * For whom; {@code local} unless set. 1 to 255 of letters, digits, {@code . _ : ~ -}. Tenant {@link Gpus#HIVE} is work for
     * other nodes.
     */
    public LeaseRequest tenant(String tenant) {
        Sizes.requireName("tenant", tenant);
        return with(r -> r.tenant = tenant);
    }

    /** {@link LeasePriority#NORMAL} unless set. */
    public LeaseRequest priority(LeasePriority priority) {
        return with(r -> r.priority = priority);
    }

    /** How many devices of one kind, each with the whole amount; 1 unless set, 1 to 256. All or none are given. */
    public LeaseRequest devices(int count) {
        if (count < 1 || count > MAX_DEVICES) {
            throw new IllegalArgumentException("devices must be 1 to " + MAX_DEVICES + ", was " + count);
        }
        return with(r -> r.devices = count);
    }

    /** Of which kind; unless set, the first kind of GPU that has room. */
    public LeaseRequest kind(DeviceKind kind) {
        return with(r -> r.kind = kind);
    }

    /** How long it may wait; 60 seconds unless set, at most 7 days, not negative. */
    public LeaseRequest timeout(Duration timeout) {
        if (timeout.isNegative() || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException("timeout must be from 0 to 7 days, was " + timeout);
        }
        return with(r -> r.timeout = timeout);
    }

    /** Takes less when the whole does not fit now: the GPU in part, else the machine's memory, as far as the model can. */
    public LeaseRequest allowOffload() {
        return with(r -> r.mayOffload = true);
    }

    /**
     * Leaves better modes than this one out; {@link LeaseMode#GPU} unless set. A model that ran out of memory asks so for the next
     * one below.
     */
    public LeaseRequest noBetterThan(LeaseMode mode) {
        return with(r -> {
            r.best = mode;
            r.mayOffload |= mode != LeaseMode.GPU;
        });
    }

    /** {@link PlacementRule#BEST_FIT} unless set. */
    public LeaseRequest placement(PlacementRule rule) {
        return with(r -> r.placement = rule);
    }

    /**
     * Lets the lease be taken back for another one while it is not in use; unless set it stays until it is closed.
     *
     * @param idleTimeout longer than zero: without use for half of it, a lease gives way to one of its class; for all of it, first
     *     of all
     */
    public LeaseRequest evictable(Duration idleTimeout) {
        if (idleTimeout.isZero() || idleTimeout.isNegative()) {
            throw new IllegalArgumentException("idleTimeout must be longer than zero, was " + idleTimeout);
        }
        return with(r -> r.idleTimeout = idleTimeout);
    }

    /**
     * Is told, on a thread of HART's, that the lease is being taken back ({@link LeaseState#REVOKING}: unload the model and close
     * the lease within ten seconds) or has ended without the holder. What it throws is logged.
     */
    public LeaseRequest onTakenBack(Consumer<VramLease> holder) {
        return with(r -> r.onTakenBack = holder);
    }

    /**
     * A lease, once there is room and it is durable.
     *
     * @throws GpuException CAN_NEVER_FIT and UNKNOWN_REQUIREMENT at once, LEASE_TIMEOUT; NOT_NOW when too many wait already
     * @throws InterruptedException when the thread is interrupted while it waits; the request is then withdrawn
     */
    public VramLease acquire() throws InterruptedException {
        return gpus.acquire(this);
    }

    /** A lease if there is room now, else why not; takes nothing from others. */
    public LeaseAnswer tryAcquire() throws InterruptedException {
        return gpus.tryAcquire(this);
    }

    /** The same as {@link #acquire} without waiting for it; to cancel the future withdraws the request. */
    public CompletableFuture<VramLease> acquireAsync() {
        return gpus.acquireAsync(this);
    }

    /**
     * Whether there would be room now, were those leases closed. Nothing is reserved, and others may be faster.
     *
     * @throws GpuException UNKNOWN_REQUIREMENT
     */
    public boolean wouldFitWithout(Collection<VramLease> closed) throws InterruptedException {
        return gpus.wouldFit(this, closed);
    }

    /** @throws GpuException UNKNOWN_REQUIREMENT */
    ModelRequirement needed() {
        ModelRequirement known = requirement;
        if (known == null) {
            throw new GpuException(
                    "UNKNOWN_REQUIREMENT",
                    "nobody has said how much memory '%s' needs: add bytes(…) to the request, or put its ModelRequirement"
                            .formatted(tool));
        }
        return known;
    }

    private LeaseRequest with(Consumer<LeaseRequest> change) {
        try {
            LeaseRequest copy = (LeaseRequest) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
