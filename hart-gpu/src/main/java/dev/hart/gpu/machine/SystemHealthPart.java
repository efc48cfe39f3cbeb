package dev.hart.gpu.machine;

import dev.hart.gpu.Gpus;
import dev.hart.gpu.model.Models;
import dev.hart.spi.RuntimePart;
import java.nio.file.Path;

/** The machine's health as a part of the runtime, on its clock: it looks when it is asked, and does nothing by itself. */
public final class SystemHealthPart implements RuntimePart<SystemHealth> {
    @Override
    public Class<SystemHealth> type() {
        return SystemHealth.class;
    }

    @Override
    public SystemHealth open(Host host) {
        return SystemHealth.configure(host.part(Gpus.class), host.part(Models.class))
                .clock(host.clock())
                .taskKeeper(host.taskKeeper())
                .storage(host.dataDirectory().orElse(Path.of("")))
                .open();
    }
}
