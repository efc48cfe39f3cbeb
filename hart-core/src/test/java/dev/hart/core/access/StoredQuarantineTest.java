package dev.hart.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.security.rules.QuarantineEntry;
import dev.hart.security.rules.QuarantineEntry.Level;
import dev.hart.security.rules.QuarantineStore;
import dev.hart.security.rules.TrustQuarantine;
import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredQuarantineTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private Path directory;

    @Test
    void aQuarantineWithItsReviewsSurvivesARestart() {
        try (Store store = Store.sqlite(directory.resolve("q.db"))) {
            changes(new StoredQuarantine(store));
        }
        try (Store store = Store.sqlite(directory.resolve("q.db"))) {
            isAsLeft(new TrustQuarantine(new StoredQuarantine(store), CLOCK));
        }
    }

    @Test
    void postgresqlDoesTheSame() {
        try (Store store = Store.postgres(PostgresServer.freshDatabase())) {
            changes(new StoredQuarantine(store));
            isAsLeft(new TrustQuarantine(new StoredQuarantine(store), CLOCK));
        }
    }

    private static void changes(QuarantineStore store) {
        TrustQuarantine quarantine = new TrustQuarantine(store, CLOCK);
        quarantine.quarantine("mole", Level.RESTRICT, "wrong results");
        quarantine.review("mole", "first");
        quarantine.review("mole", "second");
        quarantine.quarantine("ant", Level.OBSERVE, "new");
        quarantine.quarantine("bee", Level.EXCLUDE, "a mistake");
        quarantine.rehabilitate("bee");
    }

    private static void isAsLeft(TrustQuarantine quarantine) {
        assertThat(quarantine.entries()).containsOnlyKeys("mole", "ant");
        assertThat(quarantine.entry("mole"))
                .contains(new QuarantineEntry(
                        Level.RESTRICT,
                        "wrong results",
                        CLOCK.instant(),
                        2,
                        CLOCK.instant(),
                        List.of("first", "second")));
        assertThat(quarantine.canAct("mole")).isFalse();
        assertThat(quarantine.canAct("ant")).isTrue();
        assertThat(quarantine.canAct("bee")).isTrue();
    }
}
