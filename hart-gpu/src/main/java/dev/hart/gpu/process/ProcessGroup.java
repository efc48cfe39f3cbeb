package dev.hart.gpu.process;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that a child starts belong to its group, also when their parent has ended and nothing else tells whose they are. Only
 * Unix has groups; elsewhere, and where {@code setsid} is missing, these methods do nothing.
 */
public final class ProcessGroup {
    private static final Logger log = LoggerFactory.getLogger(ProcessGroup.class);
    private static final int SIGKILL = 9;

    private ProcessGroup() {}

    /** The command that runs {@code command} as the leader of a group of its own, with the same process id. */
    public static List<String> leading(List<String> command) {
        Optional<Path> setsid = List.of("/usr/bin/setsid", "/bin/setsid", "/opt/homebrew/bin/setsid").stream()
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        if (setsid.isEmpty()) {
            return command;
        }
        List<String> leading = new ArrayList<>();
        leading.add(setsid.get().toString());
        leading.addAll(command);
        return leading;
    }

    /** Kills the group that this process leads; nothing happens when it leads none. */
    public static void kill(long leader) {
        if (leader <= 1 || leader > Integer.MAX_VALUE) {
            return;
        }
        try {
            if (Platform.isWindows()) {
                return;
            }
            NativeLibrary c = NativeLibrary.getInstance("c");
            // A group that outlives its leader keeps its number, and nobody else gets it meanwhile.
            if (c.getFunction("getpgrp").invokeInt(new Object[0]) != leader) {
                c.getFunction("kill").invokeInt(new Object[] {(int) -leader, SIGKILL});
            }
        } catch (LinkageError | UnsupportedOperationException e) {
            log.debug("groups of processes cannot be ended on this system", e);
        }
    }
}
