package dev.hart.ledger;

import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.nio.file.Path;
import java.util.List;

/** Where a ledger's tables are, and into how many chains its history is split. */
enum LedgerHome {
    SQLITE_FILE(1),
    SQLITE_MEMORY(1),
    POSTGRESQL_1_STRIPE(1),
    POSTGRESQL_16_STRIPES(16);

    private static final List<String> TABLES = List.of(
            "ledger",
            "ledger_head",
            "task",
            "task_edge",
            "task_event",
            "task_message",
            "task_verification",
            "task_request",
            "ledger_snapshot",
            "ledger_checkpoint",
            "ledger_key",
            "subscription");

    private static final class Postgres {
        static final String URL = PostgresServer.freshDatabase();
        static final Store STORE = migrated(Store.postgres(URL));
    }

    final int stripes;

    LedgerHome(int stripes) {
        this.stripes = stripes;
    }

    boolean isPostgres() {
        return name().startsWith("POSTGRESQL");
    }

    /** An empty store; on PostgreSQL always the same, emptied. */
    Store open(Path folder) {
        return switch (this) {
            case SQLITE_FILE -> Store.sqlite(folder.resolve("ledger.db"));
            case SQLITE_MEMORY -> Store.inMemory();
            default -> emptied(Postgres.STORE);
        };
    }

    /** Another store on the same tables, as another process would open it. There is none in memory. */
    Store openAgain(Path folder) {
        return this == SQLITE_FILE ? Store.sqlite(folder.resolve("ledger.db")) : Store.postgres(Postgres.URL);
    }

    void close(Store store) {
        if (!isPostgres()) {
            store.close();
        }
    }

    private static Store migrated(Store store) {
        store.migrate("ledger", Ledgers.class);
        return store;
    }

    private static Store emptied(Store store) {
        store.write(tx -> {
            for (String table : TABLES) {
                tx.prepare("DELETE FROM " + table).executeUpdate();
            }
            return true;
        });
        return store;
    }
}
