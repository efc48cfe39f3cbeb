package dev.hart.tool;

/** What calling a tool does to the world, in rising order. */
public enum Effect {
    /** Changes nothing; may be called any number of times, and beside other calls. */
    READ,
    /** Changes something, but calling it again with the same arguments changes nothing more. */
    IDEMPOTENT,
    /** Every call has its effect: it must not be repeated unknowingly. */
    WRITE,
    /** Takes something away that cannot be brought back: a person approves each call. */
    DESTRUCTIVE;

    /** The higher of the two. */
    public Effect max(Effect other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
