package dev.hart.ledger;

import dev.hart.store.Store;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The time of a PostgreSQL server, so that the clocks of the nodes that share it do not matter. How far this machine's clock is
 * from it is measured from time to time; in between this machine's clock goes on. Thread-safe.
 */
final class DatabaseClock implements InstantSource {
    private static final long MEASURE_NANOS = 60_000_000_000L;

    private final Store store;
    private final InstantSource here;
    private volatile long ahead;
    private volatile long measuredAt;

    DatabaseClock(Store store, InstantSource here) {
        this.store = store;
        this.here = here;
        measure();
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public long millis() {
        return here.millis() + ahead;
    }

    /** Measures again if that is a minute ago. Not to be called within a work of the store. */
    void keepTime() {
        if (System.nanoTime() - measuredAt >= MEASURE_NANOS) {
            measure();
        }
    }

    private void measure() {
        long before = here.millis();
        long there = store.read(tx -> {
            try (ResultSet row = tx.prepare("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)")
                    .executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
        long after = here.millis();
        ahead = there - (before + after) / 2;
        measuredAt = System.nanoTime();
    }
}
