package dev.hart.gpu;

/**
 * The memory of one device: what is there, and who was promised how much. All amounts are bytes. Guarded by the book's lock.
 *
 * <p>What other processes hold is worked out once for each reading, against the leases that were active throughout it: a lease
 * that becomes active later must not hide memory of somebody else that the reading saw.
 */
final class DeviceAccount {
    static final long GPU_RESERVE = Sizes.GIB;
    static final long RAM_RESERVE = 2 * Sizes.GIB;
    private static final long USUAL_UNTRACKED = Sizes.gib(1.5);

    final String uuid;
    Device device;
    long total;
    long reserve;
    /** In leases whose model is loaded, other processes' leases of the shared journal included. */
    long active;
    /** In leases whose model is being loaded. */
    long reserved;
    /** For requests that wait until others have given way. */
    long promised;
    /** In leases of work for other nodes. */
    long hive;

    private long untracked;
    private long staleFrom;

    DeviceAccount(Device device) {
        this.uuid = device.uuid();
        this.device = device;
        this.reserve = device.kind().isGpu() ? GPU_RESERVE : RAM_RESERVE;
    }

    /**
     * Takes a reading over.
     *
     * @param activeThroughout what leases held both when the reading began and when it ended
     * @param validMillis after which it says nothing about other processes any more
     */
    void observe(Device reading, long activeThroughout, long validMillis) {
        device = reading;
        if (reading.memory().isEmpty()) {
            staleFrom = Long.MIN_VALUE;
            return;
        }
        DeviceMemory memory = reading.memory().get();
        total = memory.totalBytes();
        if (reading.health() == DeviceHealth.OK) {
            untracked = Math.max(0, memory.usedBytes() - activeThroughout);
            staleFrom = reading.observedAt().toEpochMilli() + validMillis;
        }
    }

    /** Whether leases can be given on it at all. */
    boolean isUsable() {
        return total > 0 && device.health() != DeviceHealth.LOST;
    }

    /** What a lease could get if there were no others. */
    long capacity() {
        return Math.max(0, total - reserve);
    }

    /** What processes without a lease hold, as of the last reading; the usual amount when that is too old. */
    long untracked(long now) {
        return now > staleFrom ? Math.min(USUAL_UNTRACKED, total / 10) : untracked;
    }

    /** What a lease could get now. */
    long plannable(long now) {
        return Math.max(0, balance(now));
    }

    /** The same where others took more than there is: less than nothing. */
    long balance(long now) {
        return total - reserve - untracked(now) - active - reserved - promised;
    }

    /** What leases hold beyond what they should think they hold; 0.1 of the total is the drivers' own. */
    long drift() {
        return device.memory()
                        .map(memory -> memory.usedBytes() - active - reserved)
                        .orElse(0L)
                - Math.min(USUAL_UNTRACKED, total / 10);
    }
}
