package dev.hart.core;

/** How much a runtime has written; for measurements. Thread-safe. */
public interface WriteCount {
    /** Transactions committed since the runtime was opened; one may hold the steps of several runs. */
    long commits();
}
