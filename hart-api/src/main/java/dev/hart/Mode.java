package dev.hart;

/** How a run came to its steps. */
public enum Mode {
    /** Planned for this request, and learned from. */
    CREATE,
    /** Replayed from a stored recipe. */
    REUSE,
    /** Made from an earlier run by {@link Hart#rerun}: keeps what was recorded there, and teaches nothing. */
    RERUN
}
