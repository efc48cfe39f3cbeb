package dev.hart.gpu.process;

import java.util.OptionalLong;

/** How much of the machine's memory processes hold. Thread-safe. */
@FunctionalInterface
public interface ResidentMemory {
    /**
     * Of a process and all that it started, in bytes; pages that they share count for each. Empty when the process is gone or the
     * system does not tell.
     */
    OptionalLong of(ProcessHandle process);

    /** As this machine's system tells it. */
    static ResidentMemory ofThisMachine() {
        return new SystemMemory();
    }
}
