package dev.hart.bench.ledger;

/** So many tasks, created, claimed and completed, in so long. */
record CommandRate(long tasks, long nanos) {
    private static final double NANOS_PER_SECOND = 1e9;

    CommandRate {
        if (tasks < 1 || nanos < 1) {
            throw new IllegalStateException(
                    "a rate needs at least one task, there were " + tasks + " in " + nanos + " ns: measure longer");
        }
    }

    double perSecond() {
        return tasks * NANOS_PER_SECOND / nanos;
    }

    /** The rate of doing first this and then {@code next} to each task. */
    CommandRate then(CommandRate next) {
        return new CommandRate(next.tasks, next.nanos + Math.round((double) nanos / tasks * next.tasks));
    }
}
