package dev.hart.ledger;

/** How a blocked task goes on when nothing blocks it any more. */
public enum ResumeRule {
    /** As RUN if it had been started without a lease, else as REQUEUE. */
    AUTO,
    /** It becomes pending, to be claimed. */
    REQUEUE,
    /** It is in progress at once. */
    RUN;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
