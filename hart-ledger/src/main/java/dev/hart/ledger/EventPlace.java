package dev.hart.ledger;

/** Where an appended event stands in its chain. */
public final class EventPlace {
    private long seq;

    EventPlace() {}

    void at(long place) {
        seq = place;
    }

    /** @throws IllegalStateException before the ledger's transaction has ended */
    public long seq() {
        if (seq == 0) {
            throw new IllegalStateException("an event has its number when the ledger's transaction has ended");
        }
        return seq;
    }
}
