package dev.hart.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.catalogue.Headroom;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelCatalogue;
import dev.hart.gpu.catalogue.ModelEntry;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The catalogue and the leases are of one opinion. */
class ModelFitTest {
    @Test
    void whatTheCatalogueSaysOfEveryModelIsWhatALeaseGets() throws InterruptedException {
        Random random = new Random(20261128);
        List<ModelEntry> entries = List.copyOf(ModelCatalogue.builtIn().entries());
        for (int i = 0; i < 40; i++) {
            ScriptedProbe probe = new ScriptedProbe()
                    .with("cpu:0", 32, random.nextDouble() * 20)
                    .with("cuda:0", 24, random.nextDouble() * 12)
                    .with("cuda:1", 16, random.nextDouble() * 16);
            MovedClock clock = new MovedClock();
            try (Gpus gpus = Gpus.configure()
                    .probes(List.of(probe))
                    .clock(clock)
                    .withoutBackgroundThread()
                    .executor(Runnable::run)
                    .open()) {
                Headroom room = Headroom.of(gpus.status(), MachineTier.COMPUTE_HOST);
                for (ModelEntry entry : entries) {
                    assertThat(entry.fit(room)).as("%s in %s", entry.id(), room).isEqualTo(granted(entry, gpus));
                }
            }
        }
    }

    private static Optional<LeaseMode> granted(ModelEntry entry, Gpus gpus) throws InterruptedException {
        Optional<LeaseRequest> request = entry.lease(gpus);
        if (request.isEmpty()) {
            return Optional.of(LeaseMode.CPU);
        }
        if (request.get().tryAcquire() instanceof LeaseAnswer.Granted granted) {
            try (VramLease lease = granted.lease()) {
                return Optional.of(lease.mode());
            }
        }
        return Optional.empty();
    }
}
