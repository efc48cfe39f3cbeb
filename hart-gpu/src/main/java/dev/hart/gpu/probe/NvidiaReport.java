package dev.hart.gpu.probe;

import dev.hart.gpu.DeviceMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What NVML and {@code nvidia-smi} say, with every refusal, as plain maps and lists: to tell what is wrong with a set-up. */
public final class NvidiaReport {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private NvidiaReport() {}

    /** Asks both; a part that is not installed says so. May take as long as the driver does. */
    public static Map<String, @Nullable Object> read() throws InterruptedException {
        Map<String, @Nullable Object> report = new LinkedHashMap<>();
        report.put("nvml", nvml());
        report.put("nvidia-smi", smi());
        return report;
    }

    private static Object nvml() {
        NvmlLibrary library;
        try {
            library = NvmlLibrary.load();
        } catch (UnsatisfiedLinkError e) {
            return Map.of(
                    "absent", String.valueOf(e.getMessage()).lines().limit(2).toList());
        }
        long start = System.nanoTime();
        Object answer = plain(new Nvml(library).read());
        return Map.of("answer", answer, "milliseconds", (System.nanoTime() - start) / 1_000_000);
    }

    private static Object plain(NvmlAnswer<?> answer) {
        if (answer instanceof NvmlAnswer.Refused<?> refused) {
            return Map.of("refused", refused.function(), "code", refused.code());
        }
        Object value = ((NvmlAnswer.Value<?>) answer).value();
        if (value instanceof NvmlSystem system) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("driverVersion", plain(system.driverVersion()));
            all.put("nvmlVersion", plain(system.nvmlVersion()));
            all.put("cudaVersion", plain(system.cudaVersion()));
            all.put("count", plain(system.count()));
            all.put(
                    "devices",
                    system.devices().stream().map(NvidiaReport::plain).toList());
            return all;
        }
        if (value instanceof NvmlDevice device) {
            return plain(device);
        }
        if (value instanceof DeviceMemory memory) {
            return plain(memory);
        }
        if (value instanceof NvmlDevice.MemoryV2 memory) {
            return Map.of(
                    "totalBytes", memory.totalBytes(),
                    "reservedBytes", memory.reservedBytes(),
                    "freeBytes", memory.freeBytes(),
                    "usedBytes", memory.usedBytes());
        }
        if (value instanceof NvmlDevice.MigMode mig) {
            return Map.of("enabled", mig.enabled(), "enabledAfterReset", mig.enabledAfterReset());
        }
        if (value instanceof List<?> list) {
            return list.stream().map(NvidiaReport::process).toList();
        }
        return value;
    }

    private static Map<String, Object> plain(NvmlDevice device) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("index", device.index());
        all.put("name", plain(device.name()));
        all.put("uuid", plain(device.uuid()));
        all.put("pciBusId", plain(device.pciBusId()));
        all.put("memory", plain(device.memoryV1()));
        all.put("memoryV2", plain(device.memoryV2()));
        all.put("utilisationPct", plain(device.utilisationPct()));
        all.put("temperatureCelsius", plain(device.temperatureCelsius()));
        all.put("powerMilliwatt", plain(device.powerMilliwatt()));
        all.put("computeMode", plain(device.computeMode()));
        all.put("migMode", plain(device.migMode()));
        all.put("computeProcesses", plain(device.computeProcesses()));
        all.put("graphicsProcesses", plain(device.graphicsProcesses()));
        all.put("slices", device.slices().stream().map(NvidiaReport::plain).toList());
        return all;
    }

    private static Object plain(DeviceMemory memory) {
        return Map.of("totalBytes", memory.totalBytes(), "freeBytes", memory.freeBytes());
    }

    private static Object process(@Nullable Object process) {
        return process instanceof NvmlProcess holder
                ? Map.of("pid", holder.pid(), "usedBytes", plainOptional(holder.usedBytes()))
                : String.valueOf(process);
    }

    private static Object smi() throws InterruptedException {
        CommandRunner commands = new Commands();
        List<Object> calls = new ArrayList<>();
        for (List<String> columns : List.of(NvidiaSmi.COLUMNS, NvidiaSmi.COLUMNS_OF_OLD_DRIVERS)) {
            CommandResult result = commands.run(NvidiaSmi.queryGpus(columns), LIMIT);
            Map<String, Object> call = call(NvidiaSmi.queryGpus(columns), result);
            if (result instanceof CommandResult.Finished finished) {
                call.put(
                        "rows",
                        NvidiaSmi.parse(columns, finished.output()).stream()
                                .map(NvidiaReport::row)
                                .toList());
            }
            calls.add(call);
        }
        calls.add(call(NvidiaSmi.queryProcesses(), commands.run(NvidiaSmi.queryProcesses(), LIMIT)));
        return calls;
    }

    private static Map<String, Object> call(List<String> command, CommandResult result) {
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("command", String.join(" ", command));
        if (result instanceof CommandResult.Finished finished) {
            call.put("exitCode", finished.exitCode());
            call.put("output", finished.output());
            call.put("errors", finished.errors());
        } else {
            call.put("failed", result.toString());
        }
        return call;
    }

    private static Map<String, Object> row(NvidiaSmiRow row) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("index", row.index());
        all.put("uuid", row.uuid());
        all.put("name", row.name());
        all.put("memory", plainOptional(row.memory().map(NvidiaReport::plain)));
        all.put("pciBusId", plainOptional(row.pciBusId()));
        all.put("driverVersion", plainOptional(row.driverVersion()));
        all.put("migEnabled", row.migEnabled());
        all.put("utilisationPct", plainOptional(row.utilisationPct()));
        all.put("temperatureCelsius", plainOptional(row.temperatureCelsius()));
        return all;
    }

    private static Object plainOptional(Object optional) {
        if (optional instanceof OptionalInt number) {
            return number.isPresent() ? number.getAsInt() : "unknown";
        }
        if (optional instanceof OptionalLong number) {
            return number.isPresent() ? number.getAsLong() : "unknown";
        }
        return optional instanceof Optional<?> value && value.isPresent() ? value.get() : "unknown";
    }
}
