package dev.hart.gpu.probe;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
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
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** NVIDIA's devices: from NVML, and where that cannot be loaded or does not answer, from {@code nvidia-smi}. */
final class NvidiaProbe implements DeviceProbe {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    /** With which {@code nvidia-smi} ends for a column that it does not know, and when there is no device. */
    private static final int INVALID_ARGUMENT = 2;

    private static final int NO_DEVICES = 6;

    private final Supplier<NvmlLibrary> load;
    private final CommandRunner commands;
    private final @Nullable String visibleDevices;

    /**
     * @param load throws a LinkageError where there is no library
     * @param visibleDevices {@code CUDA_VISIBLE_DEVICES}, null when it is not set
     */
    NvidiaProbe(Supplier<NvmlLibrary> load, CommandRunner commands, @Nullable String visibleDevices) {
        this.load = load;
        this.commands = commands;
        this.visibleDevices = visibleDevices;
    }

    @Override
    public ProbeReading read(Instant now) throws InterruptedException {
        ProbeReading reading;
        try {
            NvmlAnswer<NvmlSystem> answer = new Nvml(load.get()).read();
            reading = answer instanceof NvmlAnswer.Value<NvmlSystem> given
                    ? devices(given.value(), now)
                    : askCommand("NVML refused: " + answer, now);
        } catch (LinkageError e) {
            reading = askCommand("NVML is not there", now);
        }
        return reading instanceof Found found
                ? new Found(VisibleDevices.filter(visibleDevices, found.devices()), found.warnings())
                : reading;
    }

    private static Found devices(NvmlSystem system, Instant now) {
        List<Device> devices = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Optional<String> driver = system.driverVersion().toOptional();
        for (NvmlAnswer<NvmlDevice> answer : system.devices()) {
            if (answer instanceof NvmlAnswer.Value<NvmlDevice> given) {
                NvmlDevice device = given.value();
                String id = "cuda:" + device.index();
                if (device.migMode()
                        .toOptional()
                        .map(NvmlDevice.MigMode::enabled)
                        .orElse(false)) {
                    device.slices()
                            .forEach(slice -> devices.add(
                                    device(id + ":" + slice.index(), device.index(), slice, true, driver, now)));
                } else {
                    devices.add(device(id, device.index(), device, false, driver, now));
                }
            } else {
                warnings.add("NVML lists an NVIDIA device that it cannot open: " + answer);
            }
        }
        return new Found(devices, warnings);
    }

    private static Device device(
            String id, int index, NvmlDevice device, boolean isSlice, Optional<String> driver, Instant now) {
        Optional<String> bus = device.pciBusId().toOptional();
        Optional<DeviceMemory> memory = device.memoryV1().toOptional();
        Optional<Integer> load =
                isSlice ? Optional.empty() : device.utilisationPct().toOptional();
        return new Device(
                id,
                DeviceKind.CUDA,
                index,
                device.uuid().toOptional().or(() -> bus).orElse(id),
                bus,
                device.name().toOptional().orElse("NVIDIA"),
                memory,
                load.isPresent() ? OptionalInt.of(load.get()) : OptionalInt.empty(),
                driver,
                memory.isPresent() ? DeviceHealth.OK : DeviceHealth.DEGRADED,
                now);
    }

    /** @param why there was no answer from NVML, for the case that the command has none either */
    private ProbeReading askCommand(String why, Instant now) throws InterruptedException {
        List<String> columns = NvidiaSmi.COLUMNS;
        CommandResult result = commands.run(NvidiaSmi.queryGpus(columns), LIMIT);
        if (result instanceof CommandResult.Finished refused && refused.exitCode() == INVALID_ARGUMENT) {
            columns = NvidiaSmi.COLUMNS_OF_OLD_DRIVERS;
            result = commands.run(NvidiaSmi.queryGpus(columns), LIMIT);
        }
        if (result instanceof CommandResult.NotStarted) {
            return Found.nothing();
        }
        if (!(result instanceof CommandResult.Finished finished)) {
            return new Failed(why + ", and nvidia-smi did not end within " + LIMIT.toSeconds() + " s");
        }
        List<Device> devices = NvidiaSmi.parse(columns, finished.output()).stream()
                .map(row -> device(row, now))
                .toList();
        long lines = finished.output().lines().filter(line -> !line.isBlank()).count();
        if (devices.isEmpty() && finished.exitCode() != NO_DEVICES && (finished.exitCode() != 0 || lines > 0)) {
            return new Failed("%s, and nvidia-smi ended with %d and said: %s"
                    .formatted(why, finished.exitCode(), firstLine(finished)));
        }
        return new Found(
                devices,
                finished.exitCode() == 0 && lines > devices.size()
                        ? List.of("nvidia-smi printed a line that names no GPU: " + firstLine(finished))
                        : List.of());
    }

    private static Device device(NvidiaSmiRow row, Instant now) {
        return new Device(
                "cuda:" + row.index(),
                DeviceKind.CUDA,
                row.index(),
                row.uuid(),
                row.pciBusId(),
                row.name(),
                row.memory(),
                row.utilisationPct(),
                row.driverVersion(),
                row.memory().isPresent() ? DeviceHealth.OK : DeviceHealth.DEGRADED,
                now);
    }

    private static String firstLine(CommandResult.Finished finished) {
        String text = (finished.output() + "\n" + finished.errors())
                .lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse("nothing");
        return text.length() <= 200 ? text : text.substring(0, 200);
    }
}
