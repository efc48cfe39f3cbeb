package dev.hart.gpu;

import java.util.Locale;

/** Something that happened to devices or to leases on their memory. */
public sealed interface GpuEvent {

    /** Stable, as programs and logs know it. */
    String name();

    /** A request waits for memory. One that gets it at once is never queued. */
    record LeaseQueued(String tool, String tenant, LeasePriority priority, long bytesPerDevice, int devices)
            implements GpuEvent {
        @Override
        public String name() {
            return "gpu.lease.queued";
        }
    }

    /**
     * A request waits no more and got nothing.
     *
     * @param state {@code TIMED_OUT} or {@code CANCELLED}
     */
    record LeaseUnserved(String tool, String tenant, LeaseState state) implements GpuEvent {
        @Override
        public String name() {
            return "gpu.lease." + state.name().toLowerCase(Locale.ROOT);
        }
    }

    /** Memory is kept for a model, and that is durable. */
    record LeaseGranted(LeaseFacts lease, LeasePriority priority, LeaseMode mode) implements GpuEvent {
        @Override
        public String name() {
            return "gpu.lease.granted";
        }
    }

    /** Its model is loaded. */
    record LeaseActive(LeaseFacts lease) implements GpuEvent {
        @Override
        public String name() {
            return "gpu.lease.active";
        }
    }

    /** Its memory is free again. */
    record LeaseReleased(LeaseFacts lease) implements GpuEvent {
        @Override
        public String name() {
            return "gpu.lease.released";
        }
    }

    /** Its holder is asked to close it, because another request needs the memory. */
    record LeaseRevoked(LeaseFacts lease) implements GpuEvent {
        @Override
        public String name() {
            return "gpu.lease.revoked";
        }
    }

    /** Its device is gone. */
    record LeaseLost(LeaseFacts lease) implements GpuEvent {
        @Override
        public String name() {
            return "gpu.lease.lost";
        }
    }

    /** Its owner, or the process that used the memory, was found dead; also a lease of an earlier process. */
    record LeaseRecovered(LeaseFacts lease) implements GpuEvent {
        @Override
        public String name() {
            return "gpu.lease.recovered";
        }
    }

    /** A device is listed no more, or its driver does not answer. Leases on it are lost. */
    record DeviceLost(String device, String uuid) implements GpuEvent {
        @Override
        public String name() {
            return "gpu.device.lost";
        }
    }
}
