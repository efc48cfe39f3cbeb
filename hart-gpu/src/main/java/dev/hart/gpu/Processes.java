package dev.hart.gpu;

import dev.hart.gpu.process.ProcessGroup;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** The processes of this machine. Thread-safe. */
interface Processes {
    /** Systems tell the start of a process with this error. */
    Duration START_TOLERANCE = Duration.ofSeconds(1);

    /** This JVM. */
    ProcessIdentity current();

    /** Whether this very process runs, and not another one with its number. */
    boolean isAlive(ProcessIdentity process);

    /** Stops this very process and what it started; no other. */
    void stop(ProcessIdentity process);

    /** That of a process that runs now. */
    ProcessIdentity identify(ProcessHandle process);

    static Processes ofThisMachine() {
        String bootId = bootId();
        return new Processes() {
            @Override
            public ProcessIdentity current() {
                return identify(ProcessHandle.current());
            }

            @Override
            public boolean isAlive(ProcessIdentity process) {
                return process.bootId().equals(bootId)
                        && ProcessHandle.of(process.pid())
                                .filter(handle -> handle.isAlive() && isSame(handle, process))
                                .isPresent();
            }

            @Override
            public void stop(ProcessIdentity process) {
                if (isAlive(process)) {
                    ProcessHandle.of(process.pid()).ifPresent(handle -> {
                        handle.descendants().forEach(ProcessHandle::destroyForcibly);
                        ProcessGroup.kill(handle.pid());
                        handle.destroyForcibly();
                    });
                }
            }

            @Override
            public ProcessIdentity identify(ProcessHandle process) {
                return new ProcessIdentity(process.pid(), start(process), bootId);
            }
        };
    }

    private static boolean isSame(ProcessHandle handle, ProcessIdentity process) {
        return Duration.between(start(handle), process.startedAt()).abs().compareTo(START_TOLERANCE) <= 0;
    }

    private static Instant start(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH);
    }

    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return ""; // only Linux tells; elsewhere number and start must do
        }
    }
}
