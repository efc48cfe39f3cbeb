package dev.hart.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceProbe;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.LeasePriority;
import dev.hart.gpu.LeaseRequest;
import dev.hart.gpu.LeaseState;
import dev.hart.gpu.Listening;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.VramLease;
import dev.hart.gpu.machine.GovernedWork;
import dev.hart.gpu.machine.Governor;
import dev.hart.gpu.machine.HealthLimits;
import dev.hart.gpu.machine.HealthReport;
import dev.hart.gpu.machine.Optimization;
import dev.hart.gpu.machine.SystemHealth;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelPhase;
import dev.hart.gpu.model.ModelSettings;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.sidecar.SidecarRun;
import dev.hart.gpu.sidecar.SidecarSpec;
import dev.hart.gpu.sidecar.Sidecars;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.spi.LeaseJournal;
import dev.hart.spi.RuntimePart;
import dev.hart.testing.Listings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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

    /** What a loader makes. */
    private record Speech(LeaseMode mode) implements AutoCloseable {
        void transcribe() {}

        @Override
        public void close() {}
    }

    @Test
    void aModelIsLoadedForItsUseAndMoved() throws InterruptedException {
        DeviceProbe probe = now -> ProbeReading.Found.of(List.of(
                card(now),
                Device.of(
                        DeviceKind.CPU,
                        0,
                        "cpu:0",
                        "Processor",
                        Optional.of(new DeviceMemory(16L << 30, 12L << 30)),
                        now)));
        try (Gpus gpus = Gpus.configure().probes(List.of(probe)).open()) {
            // tag::models[]
            try (Models models = Models.of(gpus)) {
                Model<Speech> whisper = models.register(
                        "whisper",
                        gpus.requirements().find("whisper").orElseThrow(),
                        ModelSettings.of("whisper"), // unloaded after 300 seconds without use
                        (mode, lease) -> new Speech(mode)); // GPU, CPU_OFFLOAD or CPU, under that lease
                try (ModelUse<Speech> use = whisper.use()) { // loads it first
                    use.get().transcribe();
                    use.succeeded(); // so earlier crashes no longer count
                }
                LeaseMode now = whisper.offload(); // from the GPU into the machine's memory, in part or whole
            } // unloads all of them
            // end::models[]
            assertThat(gpus.status().leases()).isEmpty();
            try (Models models = Models.of(gpus)) {
                Model<Speech> whisper = models.register(
                        "whisper",
                        gpus.requirements().find("whisper").orElseThrow(),
                        ModelSettings.of("whisper"),
                        (mode, lease) -> new Speech(mode));
                whisper.load();
                assertThat(whisper.status().mode()).contains(LeaseMode.GPU);
                assertThat(whisper.offload()).isEqualTo(LeaseMode.CPU_OFFLOAD);
            }
        }
    }

    /** A sidecar: names its port and answers whatever it is asked. */
    static final class TinySidecar {
        public static void main(String[] arguments) throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                System.out.println("PORT=" + socket.getLocalPort());
                while (true) {
                    try (Socket client = socket.accept()) {
                        BufferedReader in = new BufferedReader(
                                new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                        String line = in.readLine();
                        while (line != null && !line.isEmpty()) {
                            line = in.readLine();
                        }
                        byte[] answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII);
                        client.getOutputStream().write(answer);
                    }
                }
            }
        }
    }

    @Test
    void aModelRunsInAProcessOfItsOwn() throws Exception {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                Path.of(TinySidecar.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString(),
                TinySidecar.class.getName());
        String token = "hf-1";
        HttpClient http = HttpClient.newHttpClient();
        List<Integer> answers = new ArrayList<>();
        try (Gpus gpus = open()) {
            // tag::sidecar[]
            SidecarSpec spec = SidecarSpec.known("whisper", command) // a program and its arguments; no shell reads them
                    .startTimeout(Duration.ofSeconds(20))
                    .secret("HF_TOKEN", token); // in no log and no message
            try (Sidecars sidecars = Sidecars.open();
                    Models models = Models.of(gpus)) {
                Model<SidecarRun> whisper = models.register(
                        "whisper",
                        gpus.requirements().find("whisper").orElseThrow(),
                        ModelSettings.of("whisper"),
                        sidecars.loader(spec));
                try (ModelUse<SidecarRun> use = whisper.use()) {
                    HttpRequest request = use.get().request("/health").build(); // with the process's token
                    answers.add(http.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode());
                }
            }
            // end::sidecar[]
            assertThat(answers).containsExactly(200);
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
        Model<Speech> loaded;
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
            loaded = hart.unwrap(Models.class)
                    .register(
                            "speech",
                            ModelRequirement.ofBytes("speech", 1L << 30),
                            ModelSettings.defaults(),
                            (mode, lease) -> new Speech(mode));
            assertThat(hart.unwrap(Sidecars.class).find("whisper")).isEmpty();
            assertThat(hart.unwrap(Ledgers.class)
                            .ledger(new LedgerId("node", "hart"))
                            .events(0, 10))
                    .extracting(LedgerEvent::type)
                    .containsExactly("GPU_LEASE_GRANTED", "GPU_LEASE_RELEASED");
            loaded.load();
        }
        assertThat(loaded.phase()).as("closed with the runtime").isEqualTo(ModelPhase.UNLOADED);
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
    void leasesAreToldToListeners() throws InterruptedException {
        try (Gpus gpus = open()) {
            BlockingQueue<String> told = new LinkedBlockingQueue<>();
            try (Listening own = gpus.listen(event -> told.add(event.name()))) {
                // tag::events[]
                try (Listening listening = gpus.listen(event -> System.out.println(event.name() + " " + event))) {
                    gpus.request("whisper").acquire().close(); // gpu.lease.granted, gpu.lease.released
                }
                // end::events[]
                assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("gpu.lease.granted");
                assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("gpu.lease.released");
            }
        }
    }

    @Test
    void aGovernorIsAskedBeforeWorkInTheBackgroundBegins(@TempDir Path folder) {
        try (Hart hart =
                Hart.configure().workspace(folder).inMemory().withoutModel().create()) {
            // tag::governor[]
            Governor governor = hart.unwrap(Governor.class);
            governor.start(); // reads the machine every five seconds
            governor.userActive(); // the application was used just now
            if (governor.allows(GovernedWork.CPU_HEAVY)) {
                // begin it, at governor.throttle() of its usual pace
            }
            // end::governor[]
            assertThat(governor.allows(GovernedWork.CPU_HEAVY)).isFalse();
            governor.stop();
            assertThat(governor.allows(GovernedWork.CPU_HEAVY)).isTrue();
            assertThat(hart.unwrap(SystemHealth.class).applied()).isEmpty();
        }
    }

    @Test
    void theMachinesHealthIsLookedAt() {
        try (Gpus gpus = open();
                Models models = Models.of(gpus)) {
            // tag::health[]
            SystemHealth health = SystemHealth.configure(gpus, models)
                    .limits(HealthLimits.of(System.getenv()))
                    .apply(Optimization.UNLOAD_IDLE_MODELS) // else it only advises
                    .open();
            HealthReport report = health.look();
            System.out.println(report.score() + " " + report.advice());
            // end::health[]
            assertThat(report.score()).isBetween(BigDecimal.ZERO, BigDecimal.ONE);
            health.close();
        }
    }

    @Test
    void theListingsOfThePageAreTheseLines() {
        Listings.of("docs/gpu.md").assertEqualToSources();
    }
}
