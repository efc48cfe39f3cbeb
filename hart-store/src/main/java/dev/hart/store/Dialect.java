package dev.hart.store;

/** The SQL that a database speaks, for the few statements that cannot be the same on all. */
public enum Dialect {
    SQLITE,
    POSTGRESQL
}
