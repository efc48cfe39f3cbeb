package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.machine.Governor;
import dev.hart.gpu.machine.Optimization;
import dev.hart.gpu.machine.ProcessMemory;
import dev.hart.gpu.machine.SystemHealth;
import dev.hart.gpu.machine.SystemSnapshot;
import dev.hart.gpu.machine.Traffic;
import dev.hart.gpu.model.Models;
import dev.hart.spi.RuntimePart;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The machine's health over HTTP: a machine whose memory runs short. */
@Timeout(60)
class SystemRoutesTest {
    private static final Instant AT = Instant.parse("2026-01-02T10:00:00Z");

    @TempDir
    private Path directory;

    private ServedHart served;

    private static final class ShortOfMemory implements RuntimePart<SystemHealth> {
        @Override
        public Class<SystemHealth> type() {
            return SystemHealth.class;
        }

        @Override
        public SystemHealth open(Host host) {
            return SystemHealth.configure(host.part(Gpus.class), host.part(Models.class))
                    .machine(ShortOfMemory::snapshot)
                    .apply(Optimization.UNLOAD_IDLE_MODELS)
                    .open();
        }

        private static SystemSnapshot snapshot() {
            return new SystemSnapshot(
                    AT,
                    OptionalDouble.of(45),
                    Optional.of(used(90)),
                    Optional.of(used(10)),
                    Optional.of(used(55)),
                    new Traffic(3 << 20, 1 << 19),
                    new Traffic(0, 0),
                    List.of(new ProcessMemory(7, "java", 300L << 20)),
                    Optional.of(new DeviceMemory(48L << 30, 24L << 30)));
        }

        private static DeviceMemory used(int percent) {
            return new DeviceMemory(100L << 30, (100L - percent) << 30);
        }
    }

    @BeforeEach
    void serve() throws IOException {
        served = new ServedHart(
                directory,
                runtime -> runtime.part(new ServedHart.TwoCards()).part(new ShortOfMemory()),
                settings -> settings);
    }

    @AfterEach
    void close() {
        served.close();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Map<String, Object> from, String name) {
        return (Map<String, Object>) from.get(name);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Map<String, Object> from, String name) {
        return (List<Map<String, Object>>) from.get(name);
    }

    @Test
    void healthIsAScoreAndASnapshotWithoutCommandLines() {
        Map<String, Object> health = served.get("/api/system/health").json();

        assertThat(health).containsOnlyKeys("health_score", "snapshot", "optimizations_applied");
        assertThat(health.get("health_score")).hasToString("0.465");
        assertThat(health.get("optimizations_applied")).hasToString("0");
        Map<String, Object> snapshot = object(health, "snapshot");
        assertThat(snapshot.get("timestamp")).hasToString(AT.toString());
        assertThat(snapshot.get("cpu_percent")).hasToString("45");
        assertThat(snapshot.get("ram_percent")).hasToString("90");
        assertThat(snapshot.get("ram_used_gb")).hasToString("90");
        assertThat(snapshot.get("disk_read_mb")).hasToString("3");
        assertThat(snapshot.get("disk_write_mb")).hasToString("0.5");
        assertThat(snapshot.get("gpu_mem_used_gb")).hasToString("24");
        assertThat(list(snapshot, "top_processes"))
                .singleElement()
                .satisfies(process -> assertThat(process).containsOnlyKeys("pid", "name", "memory_mb"));
    }

    @Test
    void whatIsOptedInIsTriedAndTheRestAdvisedOnceAndThenRepeated() {
        Map<String, Object> first = served.post("/api/system/optimize", "").json();

        assertThat(first).containsOnlyKeys("snapshot", "health_score", "actions");
        assertThat(list(first, "actions"))
                .singleElement()
                .satisfies(advice -> assertThat(advice)
                        .containsEntry("action", "unload_idle_models")
                        .containsEntry("resource", "ram")
                        .containsEntry("outcome", "advised")
                        .containsEntry("detail", "no model is idle"));
        Map<String, Object> second = served.post("/api/system/optimize", "").json();
        assertThat(list(second, "actions"))
                .singleElement()
                .satisfies(advice -> assertThat(advice).containsEntry("outcome", "repeated"));

        Map<String, Object> all =
                served.get("/api/system/optimizations?limit=1").json();
        assertThat(all.get("total")).hasToString("1");
        assertThat(object(all, "by_action").get("unload_idle_models")).hasToString("1");
        assertThat(all.get("applies")).isEqualTo(List.of("unload_idle_models"));
        assertThat(object(all, "limits").get("ram_high")).hasToString("85");
        assertThat(list(all, "recent"))
                .singleElement()
                .satisfies(advice -> assertThat(advice).containsEntry("outcome", "advised"));
    }

    @Test
    void whatHappensIsToldInPagesAndToThoseWhoFollow() throws Exception {
        Gpus gpus = served.hart.unwrap(Gpus.class);
        assertThat(list(served.get("/api/system/events").json(), "events")).isEmpty();
        gpus.request("http").bytes(1L << 30).acquire().close();
        served.post("/api/system/optimize", "");
        served.hart.unwrap(Governor.class).start();

        List<Map<String, Object>> told = await().until(
                        () -> list(served.get("/api/system/events").json(), "events"), events -> events.size() >= 4);
        assertThat(told)
                .extracting(event -> event.get("type"))
                .contains("gpu.lease.granted", "gpu.lease.released", "system.health.snapshot", "resource.mode_changed");
        Map<String, Object> granted = told.stream()
                .filter(event -> event.get("type").equals("gpu.lease.granted"))
                .findFirst()
                .orElseThrow();
        assertThat(object(object(granted, "data"), "lease")).containsEntry("tool", "http");
        Map<String, Object> page =
                served.get("/api/system/events?after=1&limit=1").json();
        assertThat(list(page, "events"))
                .singleElement()
                .satisfies(event -> assertThat(event.get("seq")).hasToString("2"));
        assertThat(page.get("next")).hasToString("2");
        assertThat(list(served.get("/api/system/events?after=999").json(), "events"))
                .as("numbers of a server before this one")
                .hasSameSizeAs(list(served.get("/api/system/events").json(), "events"));

        HttpRequest follow = HttpRequest.newBuilder(served.uri("/api/system/events"))
                .header("Accept", "text/event-stream")
                .header("Last-Event-ID", "1")
                .build();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                served.client
                        .send(follow, HttpResponse.BodyHandlers.ofInputStream())
                        .body(),
                StandardCharsets.UTF_8))) {
            assertThat(lines.lines().filter(line -> line.startsWith("id: ")).findFirst())
                    .contains("id: 2");
            gpus.request("later").bytes(1L << 30).acquire();
            assertThat(lines.lines().filter(line -> line.contains("\"later\"")).findFirst())
                    .isPresent();
        }
        assertThat(served.get("/api/system/events", "Accept", "text/event-stream", "Last-Event-ID", "the last one")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aLimitOutOfRangeIsRefused() {
        assertThat(served.get("/api/system/optimizations?limit=0").status()).isEqualTo(400);
        assertThat(served.get("/api/system/optimizations?limit=200").status()).isEqualTo(200);
        assertThat(served.get("/api/system/optimizations?limit=201").status()).isEqualTo(400);
    }

    @Test
    void withoutSettingsTheRealMachineIsAnswered(@TempDir Path other) throws IOException {
        try (ServedHart plain = new ServedHart(other, settings -> settings)) {
            Map<String, Object> health = plain.get("/api/system/health").json();

            assertThat(object(health, "snapshot")).containsKeys("ram_percent", "disk_percent", "gpu_mem_total_gb");
            assertThat(list(object(health, "snapshot"), "top_processes")).isNotEmpty();
            assertThat(plain.get("/api/system/optimizations").json().get("applies"))
                    .isEqualTo(List.of());
        }
    }
}
