package dev.hart.gpu.probe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceProbe;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.ProbeReading.Failed;
import dev.hart.gpu.ProbeReading.Found;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Apple's devices, from {@code system_profiler}. Apple's own have the machine's memory, of which they get three quarters; of
 * other makers' cards the system does not tell how much is free.
 */
final class MetalProbe implements DeviceProbe {
    static final List<String> QUERY = List.of("system_profiler", "SPDisplaysDataType", "-json");
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final JsonMapper JSON = new JsonMapper();

    private final CommandRunner commands;
    private final Supplier<Optional<DeviceMemory>> machineMemory;

    MetalProbe(CommandRunner commands, Supplier<Optional<DeviceMemory>> machineMemory) {
        this.commands = commands;
        this.machineMemory = machineMemory;
    }

    @Override
    public ProbeReading read(Instant now) throws InterruptedException {
        CommandResult result = commands.run(QUERY, LIMIT);
        if (result instanceof CommandResult.NotStarted) {
            return Found.nothing();
        }
        if (!(result instanceof CommandResult.Finished finished) || finished.exitCode() != 0) {
            return new Failed("system_profiler did not answer: " + result);
        }
        try {
            List<Device> devices = new ArrayList<>();
            for (JsonNode card : JSON.readTree(finished.output()).path("SPDisplaysDataType")) {
                if (supportsMetal(card)) {
                    int index = devices.size();
                    devices.add(Device.of(
                            DeviceKind.METAL,
                            index,
                            "metal:" + index,
                            card.path("sppci_model").asText(card.path("_name").asText("Metal")),
                            isApples(card) ? machineMemory.get().map(MetalProbe::share) : Optional.empty(),
                            now));
                }
            }
            return Found.of(devices);
        } catch (JsonProcessingException e) {
            return new Failed("system_profiler printed no JSON: " + e.getOriginalMessage());
        }
    }

    private static boolean supportsMetal(JsonNode card) {
        return !card.path("spdisplays_mtlgpufamilysupport").asText("").isBlank()
                || card.path("spdisplays_metalfamily").asText("").contains("metal")
                || card.path("spdisplays_metal").asText("").endsWith("_supported");
    }

    private static boolean isApples(JsonNode card) {
        return card.path("spdisplays_vendor").asText("").contains("Apple")
                || card.path("sppci_vendor").asText("").contains("Apple")
                || card.path("sppci_model").asText("").startsWith("Apple ");
    }

    private static DeviceMemory share(DeviceMemory machine) {
        return new DeviceMemory(machine.totalBytes() / 4 * 3, machine.freeBytes() / 4 * 3);
    }
}
