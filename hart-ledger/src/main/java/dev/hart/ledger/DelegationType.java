package dev.hart.ledger;

/** Why a task was handed over. */
public enum DelegationType {
    /** Another agent does a part. */
    SUB_AGENT,
    /** It needs somebody who may decide more. */
    ESCALATION,
    /** Another agent goes on in its place. */
    HANDOFF;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
