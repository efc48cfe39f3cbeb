package dev.hart.ledger;

import dev.hart.error.LedgerException;
import dev.hart.spi.Signer;
import dev.hart.store.Durability;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ledgers of one store.
 *
 * <p>What time alone demands is done on a thread of its own, started when it is first needed: leases that are over are taken
 * back, deferred tasks wake, checkpoints are signed. Whatever is due is also done before a read or a claim that could see it.
 *
 * <p>Thread-safe. Reads and writes throw {@link dev.hart.error.StoreUnavailableException} when the store fails.
 */
public final class Ledgers implements AutoCloseable {
    final Store store;
    final InstantSource clock;
    final String actor;
    final Timekeeper timekeeper;
    private final boolean ownsStore;
    private final @Nullable Signer signer;
    private final Consumer<Checkpoint> checkpointSink;
    private final Map<LedgerId, VerifyReport> corrupt = new ConcurrentHashMap<>();

    private Ledgers(Builder builder) {
        this.store = builder.store;
        this.clock = builder.clock;
        this.actor = builder.actor;
        this.signer = builder.signer;
        this.checkpointSink = builder.checkpointSink;
        this.ownsStore = builder.ownsStore;
        this.timekeeper = new Timekeeper(this, builder.background, builder.signer != null);
    }

    /** A builder for the ledgers in a store that the caller opened, and closes after them. */
    public static Builder in(Store store) {
        return new Builder(store, false);
    }

    /** A builder for the ledgers in an SQLite file, made when it is missing; {@link #close} closes it too. */
    public static Builder sqlite(Path file) {
        return new Builder(Store.sqlite(file, Durability.FULL), true);
    }

    /**
     * A builder for the ledgers in a PostgreSQL database; {@link #close} closes the connections too.
     *
     * @param jdbcUrl such as {@code jdbc:postgresql://host/database?user=…}
     */
    public static Builder postgres(String jdbcUrl) {
        return new Builder(Store.postgres(jdbcUrl), true);
    }

    /** A builder for ledgers in memory, gone when they are closed. */
    public static Builder inMemory() {
        return new Builder(Store.inMemory(), true);
    }

    /**
     * The ledgers in a store that the caller opened, with every other setting at its default.
     *
     * @param actor who the events say has acted, such as the name of the node; 1 to 255 of letters, digits, {@code . _ : ~ -}
     * @throws dev.hart.error.UnsupportedSchemaException if the tables are of a newer version of HART
     */
    public static Ledgers open(Store store, InstantSource clock, String actor) {
        return in(store).clock(clock).actor(actor).open();
    }

    /** Says what differs from the defaults. Used by one thread, once. */
    public static final class Builder {
        private final Store store;
        private final boolean ownsStore;
        private InstantSource clock = InstantSource.system();
        private String actor = "hart";
        private @Nullable String nodeId;
        private String incarnation = UUID.randomUUID().toString();
        private @Nullable Signer signer;
        private boolean background = true;
        private Consumer<Checkpoint> checkpointSink = checkpoint -> {};

        private Builder(Store store, boolean ownsStore) {
            this.store = store;
            this.ownsStore = ownsStore;
        }

        /** Where time comes from; the system's clock unless set. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** Who the events say has acted; {@code hart} unless set. 1 to 255 of letters, digits, {@code . _ : ~ -}. */
        public Builder actor(String actor) {
            this.actor = Limits.requireId("actor", actor);
            return this;
        }

        /**
         * The node this process is, and which start of it. Leases that earlier starts of the node left behind are taken back
         * when the ledgers are opened, without waiting for their end. At most one process of a node may live at a time.
         */
        public Builder node(String nodeId, String incarnation) {
            this.nodeId = Limits.requireId("node id", nodeId);
            this.incarnation = Limits.requireId("incarnation", incarnation);
            return this;
        }

        /** Signs a checkpoint of each ledger after 1,000 events, after 60 seconds, and on close; none unless set. */
        public Builder signer(Signer signer) {
            this.signer = signer;
            return this;
        }

        /** Is told each checkpoint, on the ledgers' own thread, to keep it elsewhere. What it throws is logged. */
        public Builder checkpointSink(Consumer<Checkpoint> sink) {
            this.checkpointSink = sink;
            return this;
        }

        /** Leaves time to the caller: nothing happens by itself, only with reads, claims and {@link Ledgers#tick}. */
        public Builder withoutBackgroundThread() {
            this.background = false;
            return this;
        }

        /**
         * Makes or updates the tables, and takes back what earlier starts of this node left behind.
         *
         * @throws dev.hart.error.UnsupportedSchemaException if the tables are of a newer version of HART
         */
        public Ledgers open() {
            try {
                store.migrate("ledger", Ledgers.class);
                Ledgers ledgers = new Ledgers(this);
                ledgers.upgradeProjections();
                String node = nodeId;
                if (node != null) {
                    ledgers.takeBackOwn(node, incarnation);
                }
                return ledgers;
            } catch (RuntimeException e) {
                if (ownsStore) {
                    store.close();
                }
                throw e;
            }
        }
    }

    /** The ledger of that id. It comes into being with its first event, with the default options. */
    public Ledger ledger(LedgerId id) {
        return new Ledger(this, id, LedgerOptions.of(id));
    }

    /**
     * The ledger of that id, made at once if it is missing.
     *
     * @throws LedgerException LEDGER_EXISTS if it is there with other options
     */
    public Ledger create(LedgerId id, LedgerOptions options) {
        Ledger ledger = new Ledger(this, id, options);
        LedgerOptions stored = ledger.write(tx -> {
            tx.journal().establish();
            return tx.journal().options();
        });
        if (!stored.equals(options)) {
            throw new LedgerException(
                    "LEDGER_EXISTS",
                    "%s was made with other options (%s): open it with ledger(id), or choose another id"
                            .formatted(id.key(), stored.json()));
        }
        return ledger;
    }

    /**
     * Ids of ledgers in the order of their keys.
     *
     * @param afterKey only keys after this one; empty to begin
     * @param limit 1 to 1000
     */
    public List<LedgerId> list(String afterKey, int limit) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return store.read(tx -> {
            PreparedStatement select = tx.prepare(
                    "SELECT agent_id, session_id FROM ledger WHERE ledger_id > ? ORDER BY ledger_id LIMIT ?");
            select.setString(1, afterKey);
            select.setInt(2, limit);
            return ids(select);
        });
    }

    /** The ledger with that key, if there is one. */
    public Optional<Ledger> find(String key) {
        List<LedgerId> found = store.read(tx -> {
            PreparedStatement select = tx.prepare("SELECT agent_id, session_id FROM ledger WHERE ledger_id = ?");
            select.setString(1, key);
            return ids(select);
        });
        return found.stream().findFirst().map(this::ledger);
    }

    private static List<LedgerId> ids(PreparedStatement select) throws SQLException {
        List<LedgerId> ids = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                ids.add(new LedgerId(rows.getString(1), rows.getString(2)));
            }
        }
        return ids;
    }

    /**
     * The containers of that name in all ledgers, newest first: the task {@code run} of every run.
     *
     * @param limit 1 to 1000
     * @param beforeCreatedNo only tasks created before this {@link Task#createdNo}; {@link Long#MAX_VALUE} to begin
     */
    public List<Task> containersNamed(String taskId, int limit, long beforeCreatedNo) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return store.read(tx -> LedgerTables.containersNamed(tx, taskId, limit, beforeCreatedNo));
    }

    /** The containers of that name in all ledgers that have not ended, oldest first. */
    public List<Task> openContainersNamed(String taskId) {
        return store.read(tx -> LedgerTables.openContainersNamed(tx, taskId));
    }

    /**
     * Does what is due: takes back leases that are over, wakes tasks, fails those that took too long, notes what is late.
     *
     * @return how many tasks were looked at
     */
    public int tick() {
        return timekeeper.tick();
    }

    /** Signs a checkpoint of every ledger that has changed since its last one. */
    public void checkpoint() {
        timekeeper.checkpointAll();
    }

    Optional<Checkpoint> checkpoint(LedgerId id) {
        Signer key = signer;
        if (key == null) {
            return Optional.empty();
        }
        Optional<Checkpoint> made =
                store.write(tx -> Optional.ofNullable(Checkpoints.make(tx, id, key, clock.millis())));
        made.ifPresent(checkpoint -> timekeeper.offer(checkpointSink, checkpoint));
        return made;
    }

    @Nullable
    Signer signer() {
        return signer;
    }

    /**
     * Lets another key sign from now on. Both keys sign that the one follows the other, so what the old one signed stays
     * good. Open the ledgers with the new signer afterwards.
     *
     * @throws LedgerException NO_SIGNER if these ledgers were opened without one
     */
    public void rotateKey(Signer next) {
        Signer key = signer;
        if (key == null) {
            throw new LedgerException("NO_SIGNER", "these ledgers sign nothing: open them with a signer");
        }
        Limits.requireId("key id", next.keyId());
        Ledger node = ledger(new LedgerId("node", actor));
        store.write(tx -> {
            Map<String, @Nullable Object> rotation = Checkpoints.rotate(tx, key, next, clock.millis());
            return node.in(
                    tx,
                    ledger -> ledger.journal()
                            .record(
                                    "key",
                                    Projection.KEY_ROTATED,
                                    new CanonicalJson.Raw(CanonicalJson.write(rotation))));
        });
    }

    /** Refuses writes to a ledger that was found corrupt. */
    void requireSound(LedgerId id) {
        VerifyReport report = corrupt.get(id);
        if (report != null) {
            throw Refusals.corrupt(id.key(), report);
        }
    }

    void markCorrupt(LedgerId id, VerifyReport report) {
        if (corrupt.put(id, report) == null) {
            timekeeper.forget(id);
            store.write(tx -> {
                new LedgerTables(tx, id, true).setStatus(LedgerJournal.Status.CORRUPT);
                Changes.of(tx).ledger(id).forgetInfo();
                return true;
            });
        }
    }

    void markSound(LedgerId id) {
        corrupt.remove(id);
    }

    /** Ledgers whose rows were made by older code are made anew from their events. */
    private void upgradeProjections() {
        for (List<LedgerId> outdated = outdated(); !outdated.isEmpty(); outdated = outdated()) {
            for (LedgerId id : outdated) {
                store.write(tx -> {
                    rebuild(tx, id);
                    return true;
                });
            }
        }
    }

    private List<LedgerId> outdated() {
        return store.read(tx -> {
            PreparedStatement select =
                    tx.prepare("SELECT agent_id, session_id FROM ledger WHERE projection < ? LIMIT 100");
            select.setInt(1, Rebuild.PROJECTION);
            return ids(select);
        });
    }

    static void rebuild(Transaction tx, LedgerId id) {
        Changes changes = Changes.of(tx);
        changes.send(tx, changes.ledger(id));
        LedgerTables tables = new LedgerTables(tx, id, true);
        LedgerTables.Info info = tables.info();
        if (info != null) {
            Rebuild.run(tables, info.options(), id.key());
        }
    }

    /** A node that starts anew does not wait for the end of the leases that its earlier starts left behind. */
    private void takeBackOwn(String node, String incarnation) {
        record Left(LedgerId ledger, String taskId) {}
        List<Left> left = store.read(tx -> {
            PreparedStatement select = tx.prepare("""
                    SELECT l.agent_id, l.session_id, t.task_id FROM task t JOIN ledger l ON l.ledger_id = t.ledger_id
                    WHERE t.owner_node_id = ? AND t.lease_until IS NOT NULL AND t.incarnation <> ?
                    AND t.status = 'in_progress' AND l.status <> 'corrupt' ORDER BY t.created_no""");
            select.setString(1, node);
            select.setString(2, incarnation);
            List<Left> found = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(new Left(new LedgerId(rows.getString(1), rows.getString(2)), rows.getString(3)));
                }
            }
            return found;
        });
        for (Left one : left) {
            ledger(one.ledger()).write(tx -> {
                TaskRow row = tx.journal().require(one.taskId());
                if (row.leaseUntil != null
                        && row.status == TaskStatus.IN_PROGRESS
                        && node.equals(row.ownerNodeId)
                        && !incarnation.equals(row.incarnation)) {
                    tx.claims().expire(row, "node " + node + " was started again", false);
                }
                return true;
            });
        }
    }

    /** Ends the thread, signs what is unsigned, and closes the store if these ledgers opened it. A second call changes nothing. */
    @Override
    public void close() {
        timekeeper.close();
        if (ownsStore) {
            store.close();
        }
    }
}
