package dev.hart.gpu;

import java.util.List;

/** Gpus for tests of other packages, whose time a test moves and whose errands are done at once. */
public final class OpenedGpus {
    private OpenedGpus() {}

    public static Gpus of(ScriptedProbe probe, MovedClock clock, KeptJournal journal, ScriptedProcesses processes)
            throws InterruptedException {
        Gpus gpus = Gpus.configure()
                .probes(List.of(probe))
                .clock(clock)
                .journal(journal)
                .processes(processes)
                .executor(Runnable::run)
                .withoutBackgroundThread()
                .open();
        gpus.devices();
        return gpus;
    }
}
