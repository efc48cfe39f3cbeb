package dev.hart.gpu.model;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.error.GpuException;
import dev.hart.gpu.DeviceStatus;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.LeaseState;
import dev.hart.gpu.VramLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random loads, calls, evictions, crashes, moves and time on random models, checked after each step against what the test itself
 * knows: every model that lives holds the one lease that it was loaded under, nothing is closed while a call uses it, everything
 * is closed once, and the memory adds up. A failure names its seed and step.
 */
class ModelPropertiesTest {

    private static final class World {
        final SplittableRandom random;
        final Bench bench = new Bench();
        final List<Model<Toy>> models = new ArrayList<>();
        final Map<ModelUse<Toy>, Toy> uses = new LinkedHashMap<>();
        final Map<ModelPhase, Integer> phases = new EnumMap<>(ModelPhase.class);
        final Set<String> seen = new HashSet<>();
        int refusals;

        World(long seed) throws InterruptedException {
            random = new SplittableRandom(seed);
            bench.probe.with("cpu:0", 48, 48);
            for (int i = 0; i < random.nextInt(1, 4); i++) {
                bench.probe.with("cuda:" + i, random.nextInt(8, 25), 8);
            }
            bench.open();
            for (int i = 0; i < 8; i++) {
                ModelSettings settings = ModelSettings.defaults()
                        .withLongestWait(Duration.ZERO)
                        .withIdleTimeout(Duration.ofSeconds(random.nextInt(20, 300)))
                        .offloads(random.nextBoolean())
                        .pinned(random.nextInt(8) == 0)
                        .onProcessor(random.nextInt(6) == 0);
                double size = random.nextInt(1, 6);
                models.add(
                        random.nextBoolean()
                                ? bench.model("m" + i, size, settings)
                                : bench.movable("m" + i, size, random.nextInt(1, 8), settings));
            }
        }

        private Model<Toy> any() {
            return models.get(random.nextInt(models.size()));
        }

        void step() throws InterruptedException {
            try {
                int dice = random.nextInt(100);
                if (dice < 35) {
                    begin();
                } else if (dice < 60) {
                    end();
                } else if (dice < 65) {
                    load(any());
                } else if (dice < 70) {
                    any().unload();
                } else if (dice < 76) {
                    crash();
                } else if (dice < 79) {
                    move(any());
                } else if (dice < 82) {
                    swap();
                } else if (dice < 84) {
                    any().pin(ModelPriority.values()[random.nextInt(1, 4)], Duration.ofSeconds(random.nextInt(1, 200)));
                } else if (dice < 86) {
                    any().unpin();
                } else if (dice < 88) {
                    bench.failures.put(any().id(), random.nextInt(3));
                } else if (dice < 90) {
                    bench.halted = !bench.halted && random.nextInt(3) == 0;
                } else if (dice < 93) {
                    bench.machine = MachineLoad.of(random.nextInt(100), random.nextInt(100), gib(random.nextInt(5)));
                } else {
                    pass();
                }
            } catch (GpuException | dev.hart.error.HaltedException e) {
                refusals++;
                assertThat(e.code())
                        .isIn("NOT_NOW", "LEASE_TIMEOUT", "MODEL_LOAD", "MODEL_FAILED", "CAN_NEVER_FIT", "HALTED");
            }
        }

        /** Nobody else moves time, so a request that would have to wait must not be made. */
        private boolean fits(Model<Toy> model) throws InterruptedException {
            return model.phase() == ModelPhase.LOADED
                    || model.request(LeaseMode.GPU).wouldFitWithout(List.of());
        }

        private void begin() throws InterruptedException {
            Model<Toy> model = any();
            if (!fits(model)) {
                giveWay();
                return;
            }
            boolean mayBegin = !bench.halted || model.phase() == ModelPhase.LOADED;
            ModelUse<Toy> use = model.use();
            assertThat(mayBegin).isTrue();
            uses.put(use, use.get());
            assertThat(use.get().closes).isZero();
            assertThat(use.fencingToken()).isEqualTo(use.get().lease.fencingToken());
        }

        /** Somebody without a model wants memory; models that are not used may have to go for it. */
        private void giveWay() {
            var wish = bench.gpus
                    .request("other")
                    .bytes(gib(random.nextInt(1, 6)))
                    .priority(dev.hart.gpu.LeasePriority.values()[random.nextInt(4)])
                    .acquireAsync();
            wish.cancel(false);
            if (!wish.isCancelled()) {
                wish.thenAccept(VramLease::close);
            }
        }

        private void end() {
            if (!uses.isEmpty()) {
                ModelUse<Toy> use = uses.keySet().stream()
                        .skip(random.nextInt(uses.size()))
                        .findFirst()
                        .orElseThrow();
                if (random.nextBoolean()) {
                    use.succeeded();
                }
                uses.remove(use);
                use.close();
                use.close();
            }
        }

        private void load(Model<Toy> model) throws InterruptedException {
            if (fits(model)) {
                model.load();
                assertThat(model.phase()).isIn(ModelPhase.LOADED, ModelPhase.UNLOADED);
            }
        }

        private void crash() {
            Toy toy = bench.toys.get(any().id());
            if (toy != null && toy.closes == 0) {
                int[] codes = {0, 1, 9, 137, -1073741819};
                toy.dies(codes[random.nextInt(codes.length)]);
            }
        }

        private void move(Model<Toy> model) throws InterruptedException {
            ModelStatus before = model.status();
            try {
                model.offload();
            } catch (IllegalStateException e) {
                assertThat(before.mode().isEmpty()
                                || before.mode().get() == LeaseMode.CPU
                                || model.requirement().ramBytes() == 0)
                        .isTrue();
            }
        }

        private void swap() throws InterruptedException {
            Model<Toy> old = any();
            Model<Toy> replacement = any();
            if (old != replacement) {
                ModelPhase before = old.phase();
                try {
                    bench.models.swap(old.id(), replacement.id());
                } catch (GpuException e) {
                    if (e.code().equals("NOT_NOW") || e.getSuppressed().length == 0) {
                        assertThat(old.phase()).isEqualTo(before);
                    }
                    throw e;
                }
            }
        }

        private void pass() throws InterruptedException {
            Map<String, Double> totals = new HashMap<>();
            for (DeviceStatus account : bench.gpus.status().devices()) {
                double total = account.device().memory().orElseThrow().totalBytes() / (double) (1L << 30);
                double used = account.activeBytes() / (double) (1L << 30);
                totals.put(account.device().id(), total - Math.min(used, total));
                bench.probe.with(account.device().id(), total, total - Math.min(used, total));
            }
            bench.pass(random.nextInt(1, 40));
        }

        void check() throws InterruptedException {
            Set<VramLease> held = new HashSet<>();
            for (Model<Toy> model : models) {
                ModelStatus status = model.status();
                phases.merge(status.phase(), 1, Integer::sum);
                Loaded<Toy> loaded = model.loaded();
                assertThat(loaded != null).isEqualTo(status.phase() == ModelPhase.LOADED);
                if (loaded != null) {
                    assertThat(loaded.instance.closes).isZero();
                    assertThat(loaded.lease.state()).isEqualTo(LeaseState.ACTIVE);
                    assertThat(loaded.instance.lease).isSameAs(loaded.lease);
                    assertThat(held.add(loaded.lease)).isTrue();
                    assertThat(status.activeInferences()).isEqualTo((int) uses.values().stream()
                            .filter(toy -> toy == loaded.instance)
                            .count());
                }
                assertThat(status.crashes()).isLessThanOrEqualTo(4);
                assertThat(status.restartAt().isPresent()).isEqualTo(status.phase() == ModelPhase.CRASHED);
            }
            assertThat(Set.copyOf(bench.gpus.status().leases())).isEqualTo(held);
            assertThat(bench.journal.live()).hasSameSizeAs(held);
            uses.values().forEach(toy -> assertThat(toy.closes).isZero());
            Set<Toy> alive = new HashSet<>(uses.values());
            models.stream()
                    .map(Model::loaded)
                    .filter(java.util.Objects::nonNull)
                    .forEach(loaded -> alive.add(loaded.instance));
            for (Toy toy : bench.allToys) {
                assertThat(toy.closes).isEqualTo(alive.contains(toy) ? 0 : 1);
            }
            seen.addAll(bench.names());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyModelHoldsItsOwnMemoryWhateverHappens(long seed) throws InterruptedException {
        SplittableRandom seeds = new SplittableRandom(seed);
        Set<ModelPhase> phases = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            long worldSeed = seeds.nextLong();
            World world = new World(worldSeed);
            for (int step = 0; step < 200; step++) {
                try {
                    world.step();
                    world.check();
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("seed " + worldSeed + ", step " + step, e);
                }
            }
            List.copyOf(world.uses.keySet()).forEach(ModelUse::close);
            world.uses.clear();
            world.bench.close();
            assertThat(world.bench.journal.live()).isEmpty();
            assertThat(world.bench.allToys).allMatch(toy -> toy.closes == 1);
            phases.addAll(world.phases.keySet());
            seen.addAll(world.seen);
        }
        assertThat(phases).contains(ModelPhase.UNLOADED, ModelPhase.LOADED, ModelPhase.CRASHED, ModelPhase.FAILED);
        assertThat(seen)
                .contains(
                        "model.loaded",
                        "model.load_failed",
                        "model.unloaded",
                        "model.crash",
                        "model.restarted",
                        "model.restart_exhausted",
                        "model.swapped",
                        "system.pressure",
                        "resource.proactive_action");
    }
}
