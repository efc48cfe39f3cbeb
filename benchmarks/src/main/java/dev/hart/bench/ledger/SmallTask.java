package dev.hart.bench.ledger;

/** What the tasks of all contestants carry. */
final class SmallTask {
    /** 200 bytes. */
    static final String BODY = "x".repeat(200);

    private SmallTask() {}
}
