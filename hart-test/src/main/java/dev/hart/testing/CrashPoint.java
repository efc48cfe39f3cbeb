package dev.hart.testing;

/**
 * A moment in a scenario at which its process is killed.
 *
 * @param number from 1, among those of its kind in the process
 * @param what happened right before, for messages
 */
record CrashPoint(Kind kind, int number, String what) {
    /** What the process has just done. */
    enum Kind {
        /** Made a commit durable. */
        COMMIT,
        /** Got the answer of a tool, and not written it yet. */
        ANSWER
    }

    boolean is(Kind kind, int number) {
        return this.kind == kind && this.number == number;
    }

    @Override
    public String toString() {
        return kind == Kind.COMMIT
                ? "after commit %d (%s)".formatted(number, what)
                : "after call %d (%s) was answered and before that was written".formatted(number, what);
    }
}
