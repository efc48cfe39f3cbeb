package dev.hart.spi;

import java.util.List;

/**
 * Where leases on device memory are noted, so that what a crashed process held is known to the next one. Thread-safe. Methods
 * throw a {@link dev.hart.error.HartException} when they cannot keep or read.
 */
public interface LeaseJournal {

    /**
     * Returns once the entry is durable.
     *
     * @return larger than every number that this journal gave before, in this process or an earlier one. That of a {@link
     *     LeaseEntry.Kind#GRANTED} is the lease's fencing token
     */
    long append(LeaseEntry entry);

    /** The newest entry of each lease that has not ended, with its fencing token, oldest lease first. */
    List<LiveLease> live();

    /** A lease that has not ended. */
    record LiveLease(LeaseEntry entry, long fencingToken) {}
}
