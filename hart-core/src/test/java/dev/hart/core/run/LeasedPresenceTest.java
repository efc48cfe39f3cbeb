package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.spi.TaskKeeper;
import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LeasedPresenceTest {
    private static final String NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    private final Store store = Store.postgres(PostgresServer.freshDatabase());

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        store.close();
    }

    private LeasedPresence announce(String id) {
        return LeasedPresence.announce(LockedPresence.announce(id, folder), store, TaskKeeper.threads());
    }

    private void set(String id, String leaseUntil) {
        store.write(tx -> tx.prepare("INSERT INTO process VALUES ('" + id + "', 'far', 0, " + leaseUntil
                        + ") ON CONFLICT (id) DO UPDATE SET lease_until = EXCLUDED.lease_until")
                .executeUpdate());
    }

    /** Milliseconds until the lease is over; null without a row. */
    private Long left(String id) {
        return store.read(tx -> {
            try (var row = tx.prepare("SELECT lease_until - " + NOW + " FROM process WHERE id = '" + id + "'")
                    .executeQuery()) {
                return row.next() ? row.getLong(1) : null;
            }
        });
    }

    @Test
    void aBeatLetsAProcessLiveForItsLeaseFromNowOn() {
        String id = UUID.randomUUID().toString();
        try (LeasedPresence presence = announce(id)) {
            assertThat(left(id)).isBetween(60_000L, 90_000L);
            set(id, "0");
            presence.beat();
            assertThat(left(id)).isBetween(60_000L, 90_000L);
            assertThat(presence.isLeased()).isTrue();
        }
        assertThat(left(id)).as("a process that ended in order").isNull();
    }

    @Test
    void anotherMachinesProcessLivesUntilItsLeaseIsOver() {
        String far = UUID.randomUUID().toString();
        try (LeasedPresence presence = announce(UUID.randomUUID().toString())) {
            assertThat(presence.isAlive(far)).as("one that never was").isFalse();
            set(far, NOW + " + 30000");
            assertThat(presence.isAlive(far)).isTrue();
            set(far, NOW + " - 1");
            assertThat(presence.isAlive(far)).isFalse();
        }
    }

    @Test
    void rowsOfTheLongDeadAreSweptAway() {
        try (LeasedPresence first = announce(UUID.randomUUID().toString())) {
            set("yesterday", NOW + " - 86400000 - 1000");
            set("today", NOW + " - 86400000 + 60000");
            try (LeasedPresence second = announce(UUID.randomUUID().toString())) {
                assertThat(left("yesterday")).isNull();
                assertThat(left("today")).isNegative();
                assertThat(second.isAlive(first.id())).isTrue();
            }
        }
    }
}
