package dev.hart.gpu.machine;

import dev.hart.gpu.Gpus;
import dev.hart.spi.RuntimePart;

/** A governor as a part of the runtime, on its clock. It does not run until somebody starts it. */
public final class GovernorPart implements RuntimePart<Governor> {
    @Override
    public Class<Governor> type() {
        return Governor.class;
    }

    @Override
    public Governor open(Host host) {
        return Governor.configure(host.part(Gpus.class))
                .clock(host.clock())
                .taskKeeper(host.taskKeeper())
                .open();
    }
}
