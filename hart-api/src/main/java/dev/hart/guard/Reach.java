package dev.hart.guard;

/** What a tool can touch beside its own data. */
public enum Reach {
    /** Speaks to other machines. */
    NETWORK,
    /** Moves or promises money. */
    MONEY,
    /** Uses rights or credentials that its caller does not have. */
    PRIVILEGED
}
