package dev.hart.gpu.model;

import dev.hart.gpu.Gpus;
import dev.hart.spi.RuntimePart;
import java.nio.file.Path;

/** Models as a part of the runtime: under the leases of its {@link Gpus}, halted with it, on its clock, watched by its task keeper. */
public final class ModelsPart implements RuntimePart<Models> {
    @Override
    public Class<Models> type() {
        return Models.class;
    }

    @Override
    public Models open(Host host) {
        return Models.configure(host.part(Gpus.class))
                .clock(host.clock())
                .haltSwitch(host.haltSwitch())
                .taskKeeper(host.taskKeeper())
                .storage(host.dataDirectory().orElse(Path.of("")))
                .open();
    }
}
