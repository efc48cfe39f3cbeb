package dev.hart.gpu;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hart.gpu.probe.NvidiaReport;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prints, as JSON, everything that the drivers of this machine say about its devices, refusals included. It changes nothing and
 * needs no device: what is not installed says so.
 */
public final class DetectionReport {
    private DetectionReport() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        JsonMapper json = JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .build();
        System.out.println(json.writeValueAsString(read()));
    }

    /** The report as maps, lists, texts and numbers. */
    public static Map<String, @Nullable Object> read() throws InterruptedException {
        Map<String, @Nullable Object> report = new LinkedHashMap<>();
        report.put("nvidia", NvidiaReport.read());
        try (Gpus gpus = Gpus.configure().withoutBackgroundThread().open()) {
            report.put(
                    "devices",
                    gpus.devices().stream().map(DetectionReport::plain).toList());
            report.put("graphicsCards", gpus.graphicsCards());
        }
        return report;
    }

    private static Map<String, Object> plain(Device device) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("id", device.id());
        all.put("uuid", device.uuid());
        all.put("name", device.name());
        all.put("health", device.health().name());
        device.memory().ifPresent(memory -> {
            all.put("totalBytes", memory.totalBytes());
            all.put("freeBytes", memory.freeBytes());
        });
        device.pciBusId().ifPresent(bus -> all.put("pciBusId", bus));
        device.utilisationPct().ifPresent(percent -> all.put("utilisationPct", percent));
        device.driverVersion().ifPresent(version -> all.put("driverVersion", version));
        return all;
    }
}
