package dev.hart.gpu;

import dev.hart.spi.LeaseJournal;
import dev.hart.spi.RuntimePart;

/** Devices and leases as a part of the runtime: journalled in its ledger, halted with it, on its clock. */
public final class GpusPart implements RuntimePart<Gpus> {
    @Override
    public Class<Gpus> type() {
        return Gpus.class;
    }

    @Override
    public Gpus open(Host host) {
        return Gpus.configure()
                .clock(host.clock())
                .journal(host.part(LeaseJournal.class))
                .haltedWhile(host.haltSwitch()::isHalted)
                .open();
    }
}
