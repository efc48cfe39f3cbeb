package dev.hart.gpu;

/** What came of asking for a lease without waiting. */
public sealed interface LeaseAnswer {

    record Granted(VramLease lease) implements LeaseAnswer {}

    /** The code is one of {@link dev.hart.error.GpuException}'s. */
    record Refused(String code, String reason) implements LeaseAnswer {}
}
