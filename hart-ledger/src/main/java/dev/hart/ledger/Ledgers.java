package dev.hart.ledger;

import dev.hart.store.Store;
import java.time.InstantSource;
import java.util.List;

/**
 * The ledgers of one store.
 *
 * <p>Thread-safe; it owns nothing, the store is closed by whoever opened it. Reads and writes throw
 * {@link dev.hart.error.StoreUnavailableException} when the store fails.
 */
public final class Ledgers {
    final Store store;
    final InstantSource clock;
    final String actor;

    private Ledgers(Store store, InstantSource clock, String actor) {
        this.store = store;
        this.clock = clock;
        this.actor = actor;
    }

    /**
     * Makes or updates the ledgers' tables.
     *
     * @param actor who the events say has acted, such as the name of the node; 1 to 255 of letters, digits, {@code . _ : ~ -}
     * @throws dev.hart.error.UnsupportedSchemaException if the tables are of a newer version of HART
     */
    public static Ledgers open(Store store, InstantSource clock, String actor) {
        Limits.requireId("actor", actor);
        store.migrate("ledger", Ledgers.class);
        return new Ledgers(store, clock, actor);
    }

    /** The ledger of that id. It comes into being with its first event. */
    public Ledger ledger(LedgerId id) {
        return new Ledger(this, id);
    }

    /**
     * The tasks of that name in all ledgers, newest first.
     *
     * @param limit 1 to 1000
     * @param beforeCreatedNo only tasks created before this {@link Task#createdNo}; {@link Long#MAX_VALUE} to begin
     */
    public List<Task> tasksNamed(String taskId, int limit, long beforeCreatedNo) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return store.read(tx -> LedgerTables.tasksNamed(tx, taskId, limit, beforeCreatedNo));
    }

    /** The tasks of that name in all ledgers that have not ended, oldest first. */
    public List<Task> openTasksNamed(String taskId) {
        return store.read(tx -> LedgerTables.openTasksNamed(tx, taskId));
    }
}
