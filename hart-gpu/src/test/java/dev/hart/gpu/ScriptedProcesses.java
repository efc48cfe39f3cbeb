package dev.hart.gpu;

import dev.hart.spi.LeaseEntry.ProcessIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Processes that live and die as a test wants. */
public final class ScriptedProcesses implements Processes {
    private static final Instant START = Instant.parse("2026-11-28T05:00:00Z");

    private final Set<ProcessIdentity> alive = new HashSet<>();
    public final List<ProcessIdentity> stopped = new ArrayList<>();
    private ProcessIdentity current = process(1);

    public ScriptedProcesses() {
        alive.add(current);
    }

    public static ProcessIdentity process(long pid) {
        return new ProcessIdentity(pid, START, "boot");
    }

    /** This JVM was killed, and another one has started. */
    public void restart() {
        alive.remove(current);
        current = process(current.pid() + 1);
        alive.add(current);
    }

    public void starts(ProcessIdentity process) {
        alive.add(process);
    }

    public void dies(ProcessIdentity process) {
        alive.remove(process);
    }

    @Override
    public ProcessIdentity current() {
        return current;
    }

    @Override
    public boolean isAlive(ProcessIdentity process) {
        return alive.contains(process);
    }

    @Override
    public void stop(ProcessIdentity process) {
        if (alive.remove(process)) {
            stopped.add(process);
        }
    }

    @Override
    public ProcessIdentity identify(ProcessHandle process) {
        return process(process.pid());
    }
}
