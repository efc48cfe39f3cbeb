package dev.hart.store;

/** What a commit survives. */
public enum Durability {
    /** Every commit is on disk before it is acknowledged; survives power loss. */
    FULL,
    /** Survives the process, but a power loss may take the newest commits. Never corrupts. */
    RELAXED
}
