package dev.hart.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceProbe;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeasePriority;
import dev.hart.gpu.LeaseRequest;
import dev.hart.gpu.LeaseState;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.VramLease;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.spi.LeaseJournal;
import dev.hart.spi.RuntimePart;
import dev.hart.testing.Listings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of docs/gpu.md. */
class GpuPageTest {
    private static Device card(Instant now) {
        return Device.of(DeviceKind.CUDA, 0, "GPU-a", "Card", Optional.of(new DeviceMemory(24L << 30, 20L << 30)), now);
    }

    private static Gpus open() {
        // tag::probe[]
        DeviceProbe probe = now -> ProbeReading.Found.of(List.of(Device.of(
                DeviceKind.CUDA, 0, "GPU-a", "Card", Optional.of(new DeviceMemory(24L << 30, 20L << 30)), now)));
        Gpus gpus = Gpus.configure().probes(List.of(probe)).open();
        // end::probe[]
        return gpus;
    }

    @Test
    void theDevicesOfAnyMachineCanBeListed() throws InterruptedException {
        // tag::devices[]
        try (Gpus gpus = Gpus.open()) {
            for (Device device : gpus.devices()) {
                System.out.println(device.id() + " " + device.name() + " " + device.memory());
            }
        }
        // end::devices[]
        try (Gpus gpus = Gpus.open()) {
            assertThat(gpus.devices()).extracting(Device::id).contains("cpu:0");
        }
    }

    @Test
    void aLeaseIsTakenUsedAndGivenBack() throws InterruptedException {
        try (Gpus gpus = open()) {
            // tag::lease[]
            LeaseRequest request = gpus.request("whisper") // its size is known
                    .priority(LeasePriority.INTERACTIVE)
                    .timeout(Duration.ofSeconds(30))
                    .allowOffload();
            try (VramLease lease = request.acquire()) {
                Map<String, String> environment = lease.environment(); // lets a child process see these devices only
                // load the model here
                lease.activate();
                try (VramLease.Use use = lease.use()) {
                    // work with it here
                }
            } // freed on every path
            // end::lease[]
            VramLease lease = request.acquire();
            assertThat(lease.environment()).containsEntry("CUDA_VISIBLE_DEVICES", "GPU-a");
            lease.close();
            assertThat(lease.state()).isEqualTo(LeaseState.RELEASED);
            assertThat(gpus.status().leases()).isEmpty();
        }
    }

    @Test
    void leasesAreNotedInTheLedgerOfARuntime(@TempDir Path folder) throws InterruptedException {
        RuntimePart<Gpus> simulated = new RuntimePart<>() {
            @Override
            public Class<Gpus> type() {
                return Gpus.class;
            }

            @Override
            public Gpus open(Host host) {
                return Gpus.configure()
                        .probes(List.of(now -> ProbeReading.Found.of(List.of(card(now)))))
                        .journal(host.part(LeaseJournal.class))
                        .open();
            }
        };
        try (Hart hart = Hart.configure()
                .workspace(folder)
                .dataDirectory(folder.resolve("data"))
                .withoutModel()
                .part(simulated)
                .create()) {
            // tag::journal[]
            Gpus gpus = hart.unwrap(Gpus.class); // the runtime closes it
            // end::journal[]
            assertThat(hart.unwrap(Gpus.class)).isSameAs(gpus);
            try (VramLease lease = gpus.request("whisper").acquire()) {
                assertThat(lease.fencingToken()).isPositive();
            }
            assertThat(hart.unwrap(Ledgers.class)
                            .ledger(new LedgerId("node", "hart"))
                            .events(0, 10))
                    .extracting(LedgerEvent::type)
                    .containsExactly("GPU_LEASE_GRANTED", "GPU_LEASE_RELEASED");
        }
    }

    @Test
    void aRuntimeOpensTheDevicesOfItsMachineItself(@TempDir Path folder) throws InterruptedException {
        Gpus gpus;
        try (Hart hart =
                Hart.configure().inMemory().workspace(folder).withoutModel().create()) {
            gpus = hart.unwrap(Gpus.class);
            assertThat(gpus.devices()).extracting(Device::id).contains("cpu:0");
        }
        assertThatThrownBy(() -> gpus.request("whisper").tryAcquire()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theListingsOfThePageAreTheseLines() {
        Listings.of("docs/gpu.md").assertEqualToSources();
    }
}
