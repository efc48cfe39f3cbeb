package dev.hart.store;

/** A listener's place; see {@link Store#listen}. Thread-safe. */
public interface Subscription extends AutoCloseable {
    /** No call of the listener begins after this; one that has begun may still go on. A second call changes nothing. */
    @Override
    void close();
}
