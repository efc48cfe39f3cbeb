package dev.hart.gpu.probe;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceProbe;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.ProbeReading.Failed;
import dev.hart.gpu.ProbeReading.Found;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** AMD's devices: from {@code rocm-smi}, and where that is not installed, from the files of the kernel's driver. */
final class RocmProbe implements DeviceProbe {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int INVALID_ARGUMENT = 2;

    private final CommandRunner commands;
    private final Path sys;

    /** @param sys where the kernel shows its devices: {@code /sys} */
    RocmProbe(CommandRunner commands, Path sys) {
        this.commands = commands;
        this.sys = sys;
    }

    @Override
    public ProbeReading read(Instant now) throws InterruptedException {
        CommandResult result = commands.run(RocmSmi.QUERY, LIMIT);
        if (result instanceof CommandResult.Finished refused && refused.exitCode() == INVALID_ARGUMENT) {
            result = commands.run(RocmSmi.QUERY_OF_OLD_VERSIONS, LIMIT);
        }
        if (result instanceof CommandResult.NotStarted) {
            return Found.of(AmdKernelFiles.read(sys, now));
        }
        if (!(result instanceof CommandResult.Finished finished)) {
            return new Failed("rocm-smi did not end within " + LIMIT.toSeconds() + " s");
        }
        List<Device> devices = RocmSmi.parse(finished.output(), now);
        return devices.isEmpty() && finished.exitCode() != 0
                ? new Failed("rocm-smi ended with " + finished.exitCode() + " and named no device")
                : Found.of(devices);
    }
}
