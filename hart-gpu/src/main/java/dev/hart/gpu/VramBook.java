package dev.hart.gpu;

import dev.hart.error.GpuException;
import dev.hart.gpu.time.TimeOrderedIds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who has how much of which device, and who waits. Everything is decided under {@link #lock}, which every caller of a method
 * holds; it is never held while a model loads, a driver is asked or a journal writes. What is to be done outside of it is left
 * in {@link #takeErrands}.
 *
 * <p>A request gets all its devices in one step or waits holding nothing, so requests cannot wait for each other in a circle. One
 * for which others have to give way holds a promise: the memory counts as taken from then on, but is handed out only once they
 * have gone. So no lease is ever given on memory that another one holds.
 */
final class VramBook {
    static final int MAX_WAITING = 10_000;
    private static final long AGEING = Duration.ofSeconds(60).toMillis();
    /** Behind a request that does not fit and has waited this long, nobody is served. */
    private static final long PATIENCE = Duration.ofSeconds(30).toMillis();

    final ReentrantLock lock = new ReentrantLock();
    /** Something may be due earlier than before. */
    final Condition changed = lock.newCondition();

    private final Gpus gpus;
    private final TimeOrderedIds ids = new TimeOrderedIds();
    private final int maxHivePct;
    private final BooleanSupplier halted;
    private final Map<String, DeviceAccount> byUuid = new HashMap<>();
    private List<DeviceAccount> accounts = List.of();
    private final Map<String, VramLease> live = new LinkedHashMap<>();
    private final List<Waiter> waiting = new ArrayList<>();
    private final Set<Promise> promises = new LinkedHashSet<>();
    private final TenantShares shares = new TenantShares();
    /** What leases of other processes hold of devices, whether these have been seen or not. */
    private final Map<String, Long> foreign = new HashMap<>();

    private final Map<String, Long> activeWhenReadingBegan = new HashMap<>();
    private Instant readingBegan = Instant.MIN;
    private long arrivals;
    /** How many leases could ever be asked to give way. */
    private int evictable;

    private List<Runnable> errands = new ArrayList<>();

    /** A request that waits. */
    static final class Waiter {
        final LeaseRequest request;
        final CompletableFuture<VramLease> future = new CompletableFuture<>();
        final long arrival;
        final long since;
        final long deadline;
        /** In which order it is served; worked out anew for each scan. */
        private int effectiveClass;

        private double share;

        private Waiter(LeaseRequest request, long arrival, long since) {
            this.request = request;
            this.arrival = arrival;
            this.since = since;
            this.deadline = since + request.timeout.toMillis();
        }
    }

    /** Memory of one device for a request, once others have given way. */
    static final class Promise {
        final Waiter waiter;
        final EvictionPlan plan;
        private final Set<VramLease> victims;

        private Promise(Waiter waiter, EvictionPlan plan) {
            this.waiter = waiter;
            this.plan = plan;
            this.victims = new LinkedHashSet<>(plan.victims());
        }
    }

    private static final Comparator<Waiter> ORDER = Comparator.<Waiter>comparingInt(w -> w.effectiveClass)
            .thenComparingDouble(w -> w.share)
            .thenComparingLong(w -> w.arrival);

    VramBook(Gpus gpus, int maxHivePct, BooleanSupplier halted) {
        this.halted = halted;
        this.gpus = gpus;
        this.maxHivePct = maxHivePct;
    }

    // Devices

    void readingBegins(Instant at) {
        readingBegan = at;
        activeWhenReadingBegan.clear();
        byUuid.values().forEach(account -> activeWhenReadingBegan.put(account.uuid, account.active));
    }

    /** @param validMillis how long a reading says what other processes hold */
    void observe(List<Device> devices, long validMillis, long now) {
        List<DeviceAccount> sorted = new ArrayList<>();
        for (Device device : devices) {
            DeviceAccount account = byUuid.computeIfAbsent(device.uuid(), uuid -> {
                DeviceAccount opened = new DeviceAccount(device);
                opened.active = foreign.getOrDefault(uuid, 0L);
                return opened;
            });
            // A probe that hung tells of a time before this reading began: then nothing is known about leases of that
            // time.
            long throughout = device.observedAt().isBefore(readingBegan)
                    ? 0
                    : Math.min(account.active, activeWhenReadingBegan.getOrDefault(account.uuid, account.active));
            account.observe(device, throughout, validMillis);
            sorted.add(account);
        }
        accounts = List.copyOf(sorted);
        shares.observe(accounts);
        for (VramLease lease : List.copyOf(live.values())) {
            for (DeviceAccount account : lease.accounts) {
                if (account.device.health() == DeviceHealth.LOST) {
                    end(lease, LeaseState.LOST, now);
                    break;
                }
            }
        }
        scan(now);
    }

    /** Counts, or no longer counts, what another process holds by a lease of the same journal. */
    void foreign(Map<String, Long> grants, int sign) {
        grants.forEach((uuid, bytes) -> {
            foreign.merge(uuid, sign * bytes, Long::sum);
            DeviceAccount account = byUuid.get(uuid);
            if (account != null) {
                account.active += sign * bytes;
            }
        });
    }

    // Requests

    /** A lease at once, if nobody waits and there is room; null if not. */
    @Nullable
    VramLease tryGrant(LeaseRequest request, long now) {
        if (!waiting.isEmpty() || halted.getAsBoolean()) {
            return null;
        }
        Placement place = Placement.find(request, accounts, account -> room(request, account, now));
        return place == null ? null : open(request, place, now);
    }

    /**
     * Lets a request wait; it may have its lease when this returns.
     *
     * @throws GpuException CAN_NEVER_FIT, or NOT_NOW when too many wait
     */
    Waiter enqueue(LeaseRequest request, long now, boolean mayEvict) {
        requireFitsEver(request);
        if (waiting.size() + promises.size() >= MAX_WAITING) {
            throw new GpuException(
                    "NOT_NOW",
                    MAX_WAITING + " requests wait for device memory already: ask again when some are served");
        }
        Waiter waiter = new Waiter(request, arrivals++, now);
        waiting.add(waiter);
        scan(now, mayEvict ? null : waiter);
        changed.signalAll();
        return waiter;
    }

    /** Ends the wait; false when it was over already. */
    boolean withdraw(Waiter waiter, long now) {
        boolean wasWaiting = waiting.remove(waiter) || drop(waiter);
        if (wasWaiting) {
            scan(now);
        }
        return wasWaiting;
    }

    void requireFitsEver(LeaseRequest request) {
        if (Placement.find(request, accounts, account -> roomEver(request, account)) == null) {
            throw neverFits(request);
        }
    }

    private GpuException neverFits(LeaseRequest request) {
        DeviceKind kind = request.kind;
        List<DeviceAccount> eligible = accounts.stream()
                .filter(account -> account.isUsable()
                        && (kind == null ? account.device.kind().isGpu() : account.device.kind() == kind))
                .toList();
        String what = "%s for '%s' on %d device(s)%s"
                .formatted(
                        Sizes.text(request.needed().peakBytes()),
                        request.tool,
                        request.devices,
                        kind == null ? "" : " of kind " + kind);
        if (eligible.isEmpty()) {
            return new GpuException(
                    "CAN_NEVER_FIT",
                    what + " cannot be had: this machine has no such device"
                            + (request.mayOffload
                                    ? ""
                                    : "; allowOffload() lets a model that can run on the processor"));
        }
        DeviceAccount largest = eligible.stream()
                .max(Comparator.comparingLong(account -> account.total))
                .orElseThrow();
        return new GpuException(
                "CAN_NEVER_FIT",
                "%s cannot be had: of %d device(s) the largest, %s, has %s, of which %s can be leased%s"
                        .formatted(
                                what,
                                eligible.size(),
                                largest.device.id(),
                                Sizes.text(largest.total),
                                Sizes.text(roomEver(request, largest)),
                                request.tenant.equals(Gpus.HIVE) ? " for work of other nodes" : ""));
    }

    /** Whether there would be room, were those leases closed. */
    boolean wouldFit(LeaseRequest request, Collection<VramLease> closed, long now) {
        return Placement.find(request, accounts, account -> room(request, account, now, closed)) != null;
    }

    private long room(LeaseRequest request, DeviceAccount account, long now) {
        return room(request, account, now, List.of());
    }

    private long room(LeaseRequest request, DeviceAccount account, long now, Collection<VramLease> closed) {
        if (!account.isUsable()) {
            return 0;
        }
        long freed = 0;
        long freedOfHive = 0;
        for (VramLease lease : closed) {
            long bytes = lease.state.isLive() ? lease.bytesOn(account) : 0;
            freed += bytes;
            freedOfHive += isLimited(lease.request, account) ? bytes : 0;
        }
        long room = account.balance(now) + freed;
        if (isLimited(request, account)) {
            room = Math.min(room, hiveLimit(account) - account.hive + freedOfHive);
        }
        return Math.max(0, room);
    }

    private long roomEver(LeaseRequest request, DeviceAccount account) {
        if (!account.isUsable()) {
            return 0;
        }
        return isLimited(request, account) ? Math.min(account.capacity(), hiveLimit(account)) : account.capacity();
    }

    private static boolean isLimited(LeaseRequest request, DeviceAccount account) {
        return request.tenant.equals(Gpus.HIVE) && account.device.kind().isGpu();
    }

    private long hiveLimit(DeviceAccount account) {
        return account.total / 100 * maxHivePct;
    }

    // The queue

    private void scan(long now) {
        scan(now, null);
    }

    /** Serves who can be served, in order; nobody has to give way to {@code neverEvicts}. */
    private void scan(long now, @Nullable Waiter neverEvicts) {
        if (waiting.isEmpty() || halted.getAsBoolean()) {
            return;
        }
        List<Waiter> left = new ArrayList<>(waiting);
        sort(left, now);
        for (int i = 0; i < left.size(); i++) {
            Waiter waiter = left.get(i);
            LeaseRequest request = waiter.request;
            Placement place = Placement.find(request, accounts, account -> room(request, account, now));
            if (place != null) {
                waiting.remove(waiter);
                VramLease lease = open(request, place, now);
                errands.add(() -> gpus.handOver(waiter, lease));
                List<Waiter> rest = left.subList(i + 1, left.size());
                sort(rest, now); // the tenant's share has grown
            } else if (waiter == neverEvicts || !promise(waiter, now)) {
                if (now - waiter.since >= PATIENCE) {
                    return;
                }
            }
        }
    }

    private void sort(List<Waiter> waiters, long now) {
        for (Waiter waiter : waiters) {
            waiter.effectiveClass = (int) Math.max(0, waiter.request.priority.rank() - (now - waiter.since) / AGEING);
            waiter.share = shares.dominant(waiter.request.tenant);
        }
        waiters.sort(ORDER);
    }

    // Giving way

    private boolean promise(Waiter waiter, long now) {
        EvictionPlan plan = evictable == 0 || waiter.request.tenant.equals(Gpus.HIVE)
                ? null // work of other nodes takes nothing from this node's
                : EvictionPlan.find(waiter.request, accounts, live.values(), now)
                        .orElse(null);
        if (plan == null) {
            return false;
        }
        waiting.remove(waiter);
        Promise promise = new Promise(waiter, plan);
        promises.add(promise);
        plan.account().promised += plan.bytes();
        for (VramLease victim : plan.victims()) {
            victim.state = LeaseState.REVOKING;
            victim.revokedUntil = now + Gpus.GRACE.toMillis();
            victim.givesWayTo = promise;
            errands.add(() -> gpus.tellRevoked(victim));
        }
        changed.signalAll();
        return true;
    }

    private void hasGivenWay(VramLease victim, long now) {
        Promise promise = victim.givesWayTo;
        victim.givesWayTo = null;
        if (promise == null || !promise.victims.remove(victim) || !promise.victims.isEmpty()) {
            return;
        }
        if (!promises.remove(promise)) {
            return; // the request was withdrawn meanwhile
        }
        EvictionPlan plan = promise.plan;
        plan.account().promised -= plan.bytes();
        if (!halted.getAsBoolean() && room(promise.waiter.request, plan.account(), now) >= plan.bytes()) {
            VramLease lease = open(
                    promise.waiter.request,
                    new Placement(plan.mode(), new DeviceAccount[] {plan.account()}, new long[] {plan.bytes()}),
                    now);
            errands.add(() -> gpus.handOver(promise.waiter, lease));
        } else {
            waiting.add(promise.waiter); // somebody without a lease was faster, or all was halted
        }
    }

    private boolean drop(Waiter waiter) {
        for (Promise promise : promises) {
            if (promise.waiter == waiter) {
                promises.remove(promise);
                promise.plan.account().promised -= promise.plan.bytes();
                return true;
            }
        }
        return false;
    }

    // Leases

    private VramLease open(LeaseRequest request, Placement place, long now) {
        VramLease lease = new VramLease(gpus, request, ids.next(now), place, now);
        for (int i = 0; i < lease.accounts.length; i++) {
            lease.accounts[i].reserved += lease.bytes[i];
        }
        live.put(lease.id, lease);
        evictable += request.idleTimeout == null ? 0 : 1;
        shares.opened(lease);
        return lease;
    }

    /** @throws IllegalStateException once the lease is over or being taken back */
    void activate(VramLease lease) {
        requireHeld(lease);
        for (int i = 0; i < lease.accounts.length; i++) {
            lease.accounts[i].reserved -= lease.bytes[i];
            lease.accounts[i].active += lease.bytes[i];
        }
        lease.state = LeaseState.ACTIVE;
    }

    /** @throws GpuException NOT_NOW */
    void resize(VramLease lease, long bytesPerDevice, long now) {
        requireHeld(lease);
        int count = lease.mode == LeaseMode.CPU_OFFLOAD ? 1 : lease.accounts.length;
        for (int i = 0; i < count; i++) {
            long more = bytesPerDevice - lease.bytes[i];
            if (more > 0 && room(lease.request, lease.accounts[i], now) < more) {
                throw new GpuException(
                        "NOT_NOW",
                        "%s cannot grow to %s on %s: %s is left there"
                                .formatted(
                                        lease,
                                        Sizes.text(bytesPerDevice),
                                        lease.accounts[i].device.id(),
                                        Sizes.text(room(lease.request, lease.accounts[i], now))));
            }
        }
        for (int i = 0; i < count; i++) {
            long more = bytesPerDevice - lease.bytes[i];
            if (lease.state == LeaseState.RESERVED) {
                lease.accounts[i].reserved += more;
            } else {
                lease.accounts[i].active += more;
            }
            lease.bytes[i] = bytesPerDevice;
            shares.resized(lease, lease.accounts[i], more);
        }
        scan(now);
    }

    private static void requireHeld(VramLease lease) {
        if (lease.state != LeaseState.RESERVED && lease.state != LeaseState.ACTIVE) {
            throw new IllegalStateException(
                    "lease %s of %s is %s".formatted(lease.id, lease.request.tool, lease.state));
        }
    }

    void beginUse(VramLease lease) {
        if (lease.state != LeaseState.ACTIVE) {
            throw new IllegalStateException(
                    lease.state == LeaseState.RESERVED
                            ? "lease %s of %s is RESERVED: activate() it once the model is loaded"
                                    .formatted(lease.id, lease.request.tool)
                            : "lease %s of %s is %s".formatted(lease.id, lease.request.tool, lease.state));
        }
        lease.uses++;
    }

    void endUse(VramLease lease, long now) {
        lease.uses--;
        lease.lastUsedAt = now;
    }

    /** Ends a lease and serves who waits; false when it was over already. */
    boolean end(VramLease lease, LeaseState last, long now) {
        if (!lease.state.isLive()) {
            return false;
        }
        boolean wasLoading = lease.state == LeaseState.RESERVED;
        lease.state = last;
        for (int i = 0; i < lease.accounts.length; i++) {
            if (wasLoading) {
                lease.accounts[i].reserved -= lease.bytes[i];
            } else {
                lease.accounts[i].active -= lease.bytes[i];
            }
        }
        live.remove(lease.id);
        evictable -= lease.request.idleTimeout == null ? 0 : 1;
        shares.ended(lease);
        if (lease.givesWayTo != null) {
            hasGivenWay(lease, now);
        }
        if (last != LeaseState.RELEASED) {
            errands.add(() -> gpus.tellEnded(lease));
        }
        scan(now);
        return true;
    }

    // Time

    /** Does what is due. */
    void tick(long now, long loadTimeout) {
        for (Waiter waiter : List.copyOf(waiting)) {
            expire(waiter, now);
        }
        for (Promise promise : List.copyOf(promises)) {
            expire(promise.waiter, now);
        }
        for (VramLease lease : List.copyOf(live.values())) {
            if (lease.state == LeaseState.RESERVED && now >= lease.createdAt + loadTimeout) {
                end(lease, LeaseState.RELEASED, now);
                errands.add(() -> gpus.tellNotLoaded(lease));
            } else if (lease.state == LeaseState.REVOKING && now >= lease.revokedUntil) {
                gpusStops(lease);
                end(lease, LeaseState.RELEASED, now);
                errands.add(() -> gpus.tellEnded(lease));
            }
        }
        scan(now);
    }

    private void gpusStops(VramLease lease) {
        errands.add(() -> gpus.stopChild(lease));
    }

    private void expire(Waiter waiter, long now) {
        if (now >= waiter.deadline && (waiting.remove(waiter) || drop(waiter))) {
            LeaseRequest request = waiter.request;
            errands.add(() -> gpus.tellUnserved(request, LeaseState.TIMED_OUT));
            errands.add(() -> waiter.future.completeExceptionally(new GpuException(
                    "LEASE_TIMEOUT",
                    "%s for '%s' was not free within %s: wait longer, or ask for less"
                            .formatted(Sizes.text(request.needed().peakBytes()), request.tool, request.timeout))));
        }
    }

    /** When something is due next, far in the future when nothing is. */
    long nextDeadline(long loadTimeout) {
        long next = Long.MAX_VALUE;
        for (Waiter waiter : waiting) {
            next = Math.min(next, waiter.deadline);
        }
        for (Promise promise : promises) {
            next = Math.min(next, promise.waiter.deadline);
        }
        for (VramLease lease : live.values()) {
            if (lease.state == LeaseState.RESERVED) {
                next = Math.min(next, lease.createdAt + loadTimeout);
            } else if (lease.state == LeaseState.REVOKING) {
                next = Math.min(next, lease.revokedUntil);
            }
        }
        return next;
    }

    // Looking

    Collection<VramLease> live() {
        return List.copyOf(live.values());
    }

    @Nullable
    VramLease find(String leaseId) {
        return live.get(leaseId);
    }

    List<Waiter> waiters() {
        List<Waiter> all = new ArrayList<>(waiting);
        promises.forEach(promise -> all.add(promise.waiter));
        return all;
    }

    List<DeviceStatus> status(long now) {
        return accounts.stream()
                .map(account -> new DeviceStatus(
                        account.device,
                        account.isUsable() ? account.plannable(now) : 0,
                        account.untracked(now),
                        account.active,
                        account.reserved + account.promised,
                        account.drift()))
                .toList();
    }

    /** What is to be done once the lock is free. */
    List<Runnable> takeErrands() {
        if (errands.isEmpty()) {
            return List.of();
        }
        List<Runnable> taken = errands;
        errands = new ArrayList<>();
        return taken;
    }
}
