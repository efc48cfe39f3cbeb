package dev.hart.gpu.sidecar;

import dev.hart.spi.RuntimePart;

/** Sidecars as a part of the runtime: on its clock, watched by its task keeper, stopped with it. */
public final class SidecarsPart implements RuntimePart<Sidecars> {
    @Override
    public Class<Sidecars> type() {
        return Sidecars.class;
    }

    @Override
    public Sidecars open(Host host) {
        return Sidecars.configure()
                .clock(host.clock())
                .taskKeeper(host.taskKeeper())
                .open();
    }
}
