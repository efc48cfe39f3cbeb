package dev.hart.gpu.process;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import oshi.SystemInfo;
import oshi.software.os.OSProcess;
import oshi.software.os.OperatingSystem;

/** The resident sets that OSHI reads. */
final class SystemMemory implements ResidentMemory {
    private static final Logger log = LoggerFactory.getLogger(SystemMemory.class);

    /** Read when it is first needed: it takes some tenths of a second. */
    private static final class Os {
        static final OperatingSystem IT = new SystemInfo().getOperatingSystem();
    }

    @Override
    public OptionalLong of(ProcessHandle process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process);
        try {
            long bytes = 0;
            for (ProcessHandle each : all) {
                OSProcess known = Os.IT.getProcess(Math.toIntExact(each.pid()));
                bytes += known == null ? 0 : known.getResidentMemory();
            }
            return bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
        } catch (LinkageError | RuntimeException e) {
            log.debug("the memory of process {} cannot be read", process.pid(), e);
            return OptionalLong.empty();
        }
    }
}
