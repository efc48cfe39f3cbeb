package dev.hart.gpu;

/** How urgent a request is, most urgent first. A request that waits moves up a class every 60 seconds. */
public enum LeasePriority {
    SYSTEM(0),
    INTERACTIVE(1),
    NORMAL(2),
    BATCH(3);

    private final int rank;

    LeasePriority(int rank) {
        this.rank = rank;
    }

    /** 0 for the most urgent. */
    int rank() {
        return rank;
    }
}
