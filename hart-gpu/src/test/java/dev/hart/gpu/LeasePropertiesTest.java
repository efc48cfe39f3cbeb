package dev.hart.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A million random steps on random devices, checked after each against what the test itself counts: nothing is over-committed,
 * nobody is passed over, everybody is served. A failure names its seed and step.
 */
class LeasePropertiesTest {
    private static final long MIB = 1L << 20;
    private static final int MAX_WAITING = 24;
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(120);
    /** Three classes of ageing, then everybody who was there before, each for as long as a lease may last. */
    private static final Duration LONGEST_WAIT =
            Duration.ofSeconds(180).plus(LONGEST_HOLD.multipliedBy(MAX_WAITING + 1));

    /** What one run of random steps keeps of the world. */
    private static final class World {
        private record Wish(LeaseRequest request, long since, long arrival, CompletableFuture<VramLease> future) {}

        private final MovedClock clock = new MovedClock();
        private final ScriptedProbe probe = new ScriptedProbe();
        private final KeptJournal journal = new KeptJournal();
        private final ScriptedProcesses processes = new ScriptedProcesses();
        private final SplittableRandom random;
        private final boolean evicting;
        private final int devices;
        private final long[] totalMib;
        private final long[] othersMib;
        /** Bytes by device that this test holds leases for. */
        private final Map<String, Long> held = new HashMap<>();

        private final List<VramLease> leases = new ArrayList<>();
        private final List<VramLease> revoked = new ArrayList<>();
        private final Set<Wish> wishes = new LinkedHashSet<>();
        private Gpus gpus;
        private long arrivals;
        private long lastReading;
        private long longestWait;
        private int granted;
        private int crashes;
        private int evictions;

        World(long seed, boolean evicting) throws InterruptedException {
            this.random = new SplittableRandom(seed);
            this.evicting = evicting;
            this.devices = random.nextInt(1, 6);
            this.totalMib = new long[devices];
            this.othersMib = new long[devices];
            for (int i = 0; i < devices; i++) {
                totalMib[i] = random.nextInt(6, 81) * 1024L;
                othersMib[i] = random.nextBoolean() ? 0 : random.nextInt(0, 3) * 1024L;
            }
            open();
        }

        private void open() throws InterruptedException {
            setProbe();
            lastReading = clock.millis();
            journal.kinds.clear();
            gpus = Gpus.configure()
                    .probes(List.of(probe))
                    .clock(clock)
                    .journal(journal)
                    .processes(processes)
                    .executor(Runnable::run)
                    .withoutBackgroundThread()
                    .open();
            gpus.devices();
        }

        private void setProbe() {
            for (int i = 0; i < devices; i++) {
                long active = 0;
                for (VramLease lease : leases) {
                    if (lease.state() == LeaseState.ACTIVE || lease.state() == LeaseState.REVOKING) {
                        active += lease.grants().getOrDefault("uuid-of-cuda:" + i, 0L);
                    }
                }
                double used = Math.min(totalMib[i], active / MIB + othersMib[i]);
                probe.with("cuda:" + i, totalMib[i] / 1024.0, (totalMib[i] - used) / 1024.0);
            }
        }

        private void read() throws InterruptedException {
            setProbe();
            gpus.refresh();
            lastReading = clock.millis();
        }

        void step() throws InterruptedException {
            int dice = random.nextInt(10_000);
            if (dice < 4200) {
                ask();
            } else if (dice < 8600) {
                closeOne();
            } else if (dice < 9300) {
                leases.stream()
                        .skip(leases.isEmpty() ? 0 : random.nextInt(leases.size()))
                        .filter(lease -> lease.state() == LeaseState.RESERVED)
                        .findFirst()
                        .ifPresent(VramLease::activate);
            } else if (dice < 9400) {
                useOne();
            } else if (dice < 9600) {
                resizeOne();
            } else if (dice < 9700) {
                giveUp();
            } else if (dice < 9993) {
                pass();
            } else if (dice < 9999) {
                read();
            } else {
                crash();
            }
        }

        private void ask() throws InterruptedException {
            if (wishes.size() >= MAX_WAITING) {
                return;
            }
            LeaseRequest request = gpus.request("m")
                    .bytes((1 + random.nextInt(24 * 4)) * 256 * MIB)
                    .tenant("t" + random.nextInt(3))
                    .priority(LeasePriority.values()[random.nextInt(4)])
                    .timeout(Duration.ofDays(7));
            if (random.nextInt(10) == 0) {
                request = request.devices(1 + random.nextInt(devices));
            }
            if (random.nextInt(4) == 0) {
                request = request.placement(PlacementRule.SPREAD);
            }
            if (evicting && random.nextBoolean()) {
                request = request.evictable(Duration.ofSeconds(30)).onTakenBack(this::takenBack);
            }
            if (random.nextInt(5) == 0) {
                if (request.tryAcquire() instanceof LeaseAnswer.Granted given) {
                    take(new Wish(request, clock.millis(), arrivals++, new CompletableFuture<>()), given.lease());
                }
                return;
            }
            CompletableFuture<VramLease> future = request.acquireAsync();
            Wish wish = new Wish(request, clock.millis(), arrivals++, future);
            if (!future.isCompletedExceptionally()) {
                wishes.add(wish);
                future.thenAccept(lease -> take(wish, lease));
            }
        }

        private void take(Wish wish, VramLease lease) {
            wishes.remove(wish);
            longestWait = Math.max(longestWait, clock.millis() - wish.since());
            granted++;
            leases.add(lease);
            assertThat(lease.fencingToken()).isPositive();
            lease.grants().forEach((uuid, bytes) -> {
                long sum = held.merge(uuid, bytes, Long::sum);
                int device = Integer.parseInt(uuid.substring(uuid.indexOf(':') + 1));
                assertThat(sum)
                        .as("leased on " + uuid)
                        .isLessThanOrEqualTo((totalMib[device] - 1024 - othersMib[device]) * MIB);
            });
            if (!evicting) {
                for (Wish other : wishes) {
                    boolean isPatient = clock.millis() - other.since() >= 30_000;
                    if (isPatient && isSurelyAhead(other, wish)) {
                        throw new AssertionError(wish + " passed " + other);
                    }
                }
            }
        }

        private boolean isSurelyAhead(Wish one, Wish other) {
            int first = effectiveClass(one);
            int second = effectiveClass(other);
            return first < second
                    || (first == second
                            && one.request().tenant.equals(other.request().tenant)
                            && one.arrival() < other.arrival());
        }

        private int effectiveClass(Wish wish) {
            return (int) Math.max(0, wish.request().priority.ordinal() - (clock.millis() - wish.since()) / 60_000);
        }

        private void takenBack(VramLease lease) {
            evictions++;
            revoked.add(lease);
        }

        private void closeOne() {
            if (!revoked.isEmpty() && random.nextBoolean()) {
                close(revoked.remove(random.nextInt(revoked.size())));
            } else if (!leases.isEmpty()) {
                close(leases.get(random.nextInt(leases.size())));
            }
        }

        private void close(VramLease lease) {
            if (leases.remove(lease)) {
                lease.grants().forEach((uuid, bytes) -> held.merge(uuid, -bytes, Long::sum));
            }
            lease.close();
        }

        /** Forgets leases that were ended by HART. */
        private void sweep() {
            for (VramLease lease : List.copyOf(leases)) {
                if (!lease.state().isLive()) {
                    close(lease);
                }
            }
        }

        private void useOne() {
            if (!leases.isEmpty()) {
                VramLease lease = leases.get(random.nextInt(leases.size()));
                if (lease.state() == LeaseState.ACTIVE) {
                    lease.use().close();
                }
            }
        }

        private void resizeOne() {
            if (leases.isEmpty()) {
                return;
            }
            VramLease lease = leases.get(random.nextInt(leases.size()));
            if (lease.state() != LeaseState.RESERVED && lease.state() != LeaseState.ACTIVE) {
                return;
            }
            Map<String, Long> before = lease.grants();
            long least =
                    before.values().stream().mapToLong(bytes -> bytes).min().orElseThrow();
            long size = Math.max(MIB, random.nextLong(least) / MIB * MIB);
            // The memory that is given up may be handed out within the call.
            before.forEach((uuid, bytes) -> held.merge(uuid, size - bytes, Long::sum));
            lease.resize(size);
        }

        private void giveUp() {
            if (!wishes.isEmpty()) {
                Wish wish = wishes.stream()
                        .skip(random.nextInt(wishes.size()))
                        .findFirst()
                        .orElseThrow();
                wishes.remove(wish);
                wish.future().cancel(false);
            }
        }

        private void pass() throws InterruptedException {
            clock.advance(Duration.ofMillis(random.nextInt(1, 8_000)));
            if (clock.millis() - lastReading > 50_000) {
                read(); // an older reading says nothing of others
            }
            gpus.tick();
            sweep();
            for (VramLease lease : List.copyOf(leases)) {
                if (clock.millis() - lease.createdAt >= LONGEST_HOLD.toMillis() - 8_000) {
                    close(lease);
                }
            }
        }

        private void crash() throws InterruptedException {
            crashes++;
            leases.clear();
            revoked.clear();
            wishes.clear();
            held.clear();
            processes.restart();
            open();
            assertThat(journal.live()).isEmpty();
        }

        /** HART's own figures are those that this test has counted. */
        void checkBooks() throws InterruptedException {
            sweep();
            for (DeviceStatus device : gpus.status().devices()) {
                assertThat(device.activeBytes() + device.reservedBytes())
                        .as(device.device().id())
                        .isGreaterThanOrEqualTo(
                                held.getOrDefault(device.device().uuid(), 0L));
                if (!evicting) {
                    assertThat(device.activeBytes() + device.reservedBytes())
                            .isEqualTo(held.getOrDefault(device.device().uuid(), 0L));
                }
            }
            assertThat(gpus.status().leases()).hasSameSizeAs(leases);
            assertThat(journal.live()).hasSameSizeAs(leases);
        }

        /** Once everybody has closed, everybody who waits is served. */
        void drain() throws InterruptedException {
            for (int i = 0; i < 10 * MAX_WAITING && !(wishes.isEmpty() && leases.isEmpty()); i++) {
                sweep();
                List.copyOf(leases).forEach(this::close);
                for (int device = 0; device < devices; device++) {
                    othersMib[device] = 0;
                }
                read();
            }
            assertThat(wishes).isEmpty();
            checkBooks();
            assertThat(held.values()).allMatch(bytes -> bytes == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 250000, false", "2, 250000, false", "3, 250000, true", "4, 250000, true"})
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void nothingIsOverCommittedAndEverybodyIsServed(long seed, int steps, boolean evicting)
            throws InterruptedException {
        // Each world is short, so that there are many kinds of machines.
        SplittableRandom seeds = new SplittableRandom(seed);
        long longestWait = 0;
        int granted = 0;
        int crashes = 0;
        int evictions = 0;
        int perWorld = 5_000;
        for (int world = 0; world < steps / perWorld; world++) {
            long worldSeed = seeds.nextLong();
            World tested = new World(worldSeed, evicting);
            for (int step = 0; step < perWorld; step++) {
                try {
                    tested.step();
                    if (step % 250 == 0) {
                        tested.checkBooks();
                    }
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("seed " + worldSeed + ", step " + step, e);
                }
            }
            tested.drain();
            longestWait = Math.max(longestWait, tested.longestWait);
            granted += tested.granted;
            crashes += tested.crashes;
            evictions += tested.evictions;
        }
        assertThat(Duration.ofMillis(longestWait)).isLessThanOrEqualTo(LONGEST_WAIT);
        assertThat(granted).isGreaterThan(steps / 10);
        assertThat(crashes).isPositive();
        assertThat(evictions > 0).isEqualTo(evicting);
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void manyThreadsNeitherOverCommitNorWaitForEachOther() throws InterruptedException {
        int devices = 4;
        ScriptedProbe probe = new ScriptedProbe();
        AtomicLong[] held = new AtomicLong[devices];
        for (int i = 0; i < devices; i++) {
            probe.with("cuda:" + i, 17, 17);
            held[i] = new AtomicLong();
        }
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (Gpus gpus = Gpus.configure().probes(List.of(probe)).open()) {
            CountDownLatch done = new CountDownLatch(8);
            for (int t = 0; t < 8; t++) {
                SplittableRandom random = new SplittableRandom(t);
                Thread thread = new Thread(() -> {
                    try {
                        for (int i = 0; i < 2_000; i++) {
                            LeaseRequest request = gpus.request("m")
                                    .bytes(random.nextInt(1, 17) * 1024 * MIB)
                                    .devices(random.nextInt(1, devices + 1));
                            try (VramLease lease = request.acquire()) {
                                count(lease, held, 1);
                                lease.activate();
                                count(lease, held, -1);
                            }
                        }
                    } catch (InterruptedException | RuntimeException | AssertionError e) {
                        failure.set(e);
                    } finally {
                        done.countDown();
                    }
                });
                thread.setDaemon(true);
                thread.start();
            }
            assertThat(done.await(100, TimeUnit.SECONDS))
                    .as("all threads got their leases")
                    .isTrue();
            assertThat(failure.get()).isNull();
            assertThat(gpus.status().leases()).isEmpty();
        }
    }

    private static void count(VramLease lease, AtomicLong[] held, int sign) {
        lease.grants().forEach((uuid, bytes) -> {
            long sum = held[Integer.parseInt(uuid.substring(uuid.indexOf(':') + 1))].addAndGet(sign * bytes);
            assertThat(sum).isBetween(0L, 16L << 30);
        });
    }
}
