package dev.hart.ledger;

import dev.hart.error.LedgerException;
import dev.hart.spi.Signer;
import dev.hart.store.Dialect;
import dev.hart.store.Durability;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledgers of one store.
 *
 * <p>What time alone demands is done on a thread of its own, started when it is first needed: leases that are over are taken
 * back, deferred tasks wake, checkpoints are signed. Whatever is due is also done before a read or a claim that could see it.
 *
 * <p>Thread-safe. Reads and writes throw {@link dev.hart.error.StoreUnavailableException} when the store fails.
 */
public final class Ledgers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Ledgers.class);

    private static final int POSTGRESQL_STRIPES = 16;
    private static final int MAX_SEEN = 10_000;

    final Store store;
    final InstantSource clock;
    final String actor;
    final Timekeeper timekeeper;
    final Classifier classifier;
    private final RandomGenerator random;
    private final boolean ownsStore;
    private final @Nullable Supplier<? extends Signer> signer;
    private final boolean unknownKeysAside;
    private final Consumer<Checkpoint> checkpointSink;
    private final Map<String, PublicKey> trusted;
    private final @Nullable String nodeId;
    private final Map<LedgerId, VerifyReport> corrupt = new ConcurrentHashMap<>();
    /** Found corrupt by a write, which could not keep that. */
    private final Set<LedgerId> unkept = ConcurrentHashMap.newKeySet();
    /** Whose tail was whole when these ledgers first wrote to them. */
    private final Set<LedgerId> seen = ConcurrentHashMap.newKeySet();

    /** The key whose first signature was verified. */
    private volatile @Nullable String provenKey;

    final LedgerMemory memory = new LedgerMemory();

    private Ledgers(Builder builder) {
        this.store = builder.store;
        InstantSource given = builder.clock;
        this.clock = given != null ? given : usualClock(store);
        this.actor = builder.actor;
        this.classifier = builder.classifier;
        this.random = builder.random;
        this.signer = builder.signer;
        this.unknownKeysAside = builder.unknownKeysAside;
        this.checkpointSink = builder.checkpointSink;
        this.ownsStore = builder.ownsStore;
        this.trusted = Map.copyOf(builder.trusted);
        this.nodeId = builder.nodeId;
        this.timekeeper = new Timekeeper(this, builder.background, builder.signer != null);
    }

    private static InstantSource usualClock(Store store) {
        InstantSource here = InstantSource.system();
        return store.dialect() == Dialect.POSTGRESQL ? new DatabaseClock(store, here) : here;
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
        private @Nullable InstantSource clock;
        private String actor = "hart";
        private Classifier classifier = Classifier.byRules();
        private RandomGenerator random = new SecureRandom();
        private @Nullable String nodeId;
        private String incarnation = UUID.randomUUID().toString();
        private @Nullable Supplier<? extends Signer> signer;
        private boolean unknownKeysAside;
        private boolean background = true;
        private Consumer<Checkpoint> checkpointSink = checkpoint -> {};
        private final Map<String, PublicKey> trusted = new HashMap<>();

        private Builder(Store store, boolean ownsStore) {
            this.store = store;
            this.ownsStore = ownsStore;
        }

        /** Where time comes from; unless set, on PostgreSQL the server, else the system's clock. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** Who the events say has acted; {@code hart} unless set. 1 to 255 of letters, digits, {@code . _ : ~ -}. */
        public Builder actor(String actor) {
            this.actor = Limits.requireId("actor", actor);
            return this;
        }

        /** Says where tasks belong that are discovered at run time; {@link Classifier#byRules} unless set. */
        public Builder classifier(Classifier classifier) {
            this.classifier = classifier;
            return this;
        }

        /** Where the random digits of ids come from; a secure one unless set. Used by one thread at a time. */
        public Builder random(RandomGenerator random) {
            this.random = random;
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
            return signer(() -> signer);
        }

        /**
         * The same with a signer that takes long to get, such as one that is read from a file: it is asked for with the first
         * checkpoint that is signed or checked, on the thread that does so.
         *
         * @param signer gives the same signer each time; one that throws leaves ledgers unsigned, with a warning
         */
        public Builder signer(Supplier<? extends Signer> signer) {
            this.signer = signer;
            return this;
        }

        /**
         * Another node's key, whose checkpoints count too. Without it a checkpoint of that node is a
         * {@link VerifyReport.BadSignature}: nodes that share a database name each other's keys.
         */
        public Builder trust(String keyId, PublicKey key) {
            trusted.put(Limits.requireId("key id", keyId), key);
            return this;
        }

        /**
         * Lets {@link Ledger#verify} leave aside what unknown keys have signed, and count it in {@link VerifyReport.Ok#unknown},
         * instead of finding a {@link VerifyReport.BadSignature}. For nodes that share a database without knowing each
         * other's keys, or whose own key was replaced.
         */
        public Builder leaveUnknownKeysAside() {
            this.unknownKeysAside = true;
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

    /**
     * The ledger of that id. It comes into being with its first event, with the default options: on PostgreSQL with 16
     * stripes unless it is a run's, and made on this node, if {@link Builder#node} named one.
     */
    public Ledger ledger(LedgerId id) {
        LedgerOptions usual = LedgerOptions.of(id);
        return new Ledger(
                this,
                id,
                here(store.dialect() == Dialect.POSTGRESQL && !id.isRun() ? usual.stripes(POSTGRESQL_STRIPES) : usual));
    }

    /** Options that say where the ledger was made, if they did not and this node has a name. */
    private LedgerOptions here(LedgerOptions options) {
        return nodeId == null || options.origin().nodeId() != null
                ? options
                : options.origin(new LedgerOptions.Origin(
                        nodeId, options.origin().region(), options.origin().organisation()));
    }

    /**
     * The ledger of that id, made at once if it is missing.
     *
     * @param options the origin's node is filled in with this node, if it is not there and {@link Builder#node} named one
     * @throws LedgerException LEDGER_EXISTS if it is there with other options; INVALID_ARGUMENT for a run's ledger with
     *     several stripes
     */
    public Ledger create(LedgerId id, LedgerOptions options) {
        if (id.isRun() && options.stripes() != 1) {
            throw Limits.invalid(
                    "%s is the ledger of a run and has one stripe, not %d".formatted(id.key(), options.stripes()));
        }
        LedgerOptions wanted = here(options);
        Ledger ledger = new Ledger(this, id, wanted);
        LedgerOptions stored = ledger.write(tx -> {
            tx.journal().establish();
            return tx.journal().options();
        });
        if (!stored.equals(wanted)) {
            throw new LedgerException(
                    "LEDGER_EXISTS",
                    "%s was made with other options (%s): open it with ledger(id), or choose another id"
                            .formatted(id.key(), stored.json()));
        }
        return ledger;
    }

    /** Takes a document of the reference over whose clock times are in UTC, see {@link #importReference(ReferenceLedger, ZoneId)}. */
    public ImportReport importReference(ReferenceLedger document) {
        return importReference(document, ZoneOffset.UTC);
    }

    /**
     * Takes a document of the reference over, into a ledger that has no tasks: all of it, or nothing. What the ledger has no
     * place for is kept in the history of its task. A ledger that needs other options is made with {@link #create} before.
     *
     * @param zone the zone of the document's clock times, which name none
     * @throws LedgerException IMPORT_REFUSED with everything that is wrong with the document: hashes that are not those of
     *     their tasks, names of tasks that are not there, tasks that wait for each other, and values that cannot be;
     *     LEDGER_EXISTS if the ledger has tasks
     */
    public ImportReport importReference(ReferenceLedger document, ZoneId zone) {
        ReferenceImport checked = new ReferenceImport(document, zone);
        LedgerId id = checked.requireGood();
        int tasks = ledger(id).write(tx -> tx.importAll(checked));
        return new ImportReport(id, tasks, checked.notes());
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

    /**
     * What ledgers amount to, the newest first.
     *
     * @param afterKey only ledgers after the one of this key, the last of the page before; empty to begin
     * @param limit 1 to 1000
     */
    public List<LedgerSummary> summaries(String afterKey, int limit) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        timekeeper.catchUp();
        return store.read(tx -> LedgerSummary.page(tx, afterKey, limit));
    }

    /** What one ledger amounts to; empty if there is no such ledger. */
    public Optional<LedgerSummary> summary(LedgerId id) {
        timekeeper.catchUp();
        return store.read(tx -> LedgerSummary.of(tx, id));
    }

    /** Which database they are in. */
    public Dialect dialect() {
        return store.dialect();
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
     * Deletes a ledger whose tasks have all ended, with its events, checkpoints and snapshots. What it proved can be proved no
     * more; export it first if that may be asked for.
     *
     * @return false if there is no such ledger
     * @throws LedgerException LEDGER_OPEN if one of its tasks has not ended; nothing is deleted then
     */
    public boolean delete(LedgerId id) {
        boolean deleted = store.write(tx -> {
            send(tx, id);
            Changes.of(tx, memory).ledger(id).forget();
            return new LedgerTables(tx, id, true).deleteLedger();
        });
        if (deleted) {
            timekeeper.forget(id);
        }
        return deleted;
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

    /**
     * Signs checkpoints of these ledgers, in one commit; those that have not changed since their last one get none.
     *
     * @return those that were signed
     */
    List<Checkpoint> checkpoint(Collection<LedgerId> ids) {
        Supplier<? extends Signer> from = signer;
        if (from == null || ids.isEmpty()) {
            return List.of();
        }
        Signer key = from.get();
        Limits.requireId("key id", key.keyId());
        Map<LedgerId, List<Checkpoint.Head>> unsigned = store.read(tx -> {
            Map<LedgerId, List<Checkpoint.Head>> found = new LinkedHashMap<>();
            // In the order of their names, in which they are locked later.
            for (LedgerId id :
                    ids.stream().sorted(Comparator.comparing(LedgerId::key)).toList()) {
                found.put(id, Checkpoints.unsigned(tx, id));
            }
            return found;
        });
        long now = clock.millis();
        List<Checkpoints.Signed> signed = new ArrayList<>();
        unsigned.forEach((id, heads) -> {
            if (!heads.isEmpty()) {
                signed.add(Checkpoints.sign(id, heads, key, now, key.keyId().equals(provenKey)));
                provenKey = key.keyId();
            }
        });
        if (signed.isEmpty()) {
            return List.of();
        }
        List<Checkpoint> made = store.write(tx -> {
            for (Checkpoints.Signed one : signed) {
                requireSound(tx, one.id(), true);
            }
            return Checkpoints.keep(tx, signed, key, now);
        });
        made.forEach(checkpoint -> timekeeper.offer(checkpointSink, checkpoint));
        return made;
    }

    /** 8 hex digits for an id. */
    String randomHex() {
        synchronized (random) {
            return HexFormat.of().toHexDigits(random.nextInt());
        }
    }

    /**
     * Lets another key sign from now on. Both keys sign that the one follows the other, so what the old one signed stays
     * good. Open the ledgers with the new signer afterwards.
     *
     * @throws LedgerException NO_SIGNER if these ledgers were opened without one
     */
    public void rotateKey(Signer next) {
        Supplier<? extends Signer> from = signer;
        if (from == null) {
            throw new LedgerException("NO_SIGNER", "these ledgers sign nothing: open them with a signer");
        }
        Signer key = from.get();
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

    Verification verification(Transaction tx, LedgerId id) {
        return new Verification(tx, id, signer, trusted, unknownKeysAside);
    }

    /**
     * Refuses to write a ledger that was found corrupt. The first write of these ledgers to one that exists looks at its
     * tail, in the write's own transaction.
     */
    void requireSound(Transaction tx, LedgerId id, boolean exists) throws SQLException {
        VerifyReport report = corrupt.get(id);
        if (report == null && !seen.contains(id)) {
            VerifyReport tail = exists ? verification(tx, id).runTail() : new VerifyReport.Ok(0, 0);
            if (tail.isOk()) {
                if (seen.size() >= MAX_SEEN) {
                    seen.clear();
                }
                seen.add(id);
            } else {
                corrupt.put(id, tail);
                unkept.add(id);
                report = tail;
            }
        }
        if (report != null) {
            throw Refusals.corrupt(id.key(), report);
        }
    }

    /** A write was refused: if that was because it found the ledger corrupt, other processes shall know. */
    void keepIfCorrupt(LedgerId id) {
        VerifyReport report = corrupt.get(id);
        if (report != null && unkept.remove(id)) {
            keepCorrupt(id);
        }
    }

    void markCorrupt(LedgerId id, VerifyReport report) {
        if (corrupt.put(id, report) == null || unkept.remove(id)) {
            keepCorrupt(id);
        }
    }

    private void keepCorrupt(LedgerId id) {
        timekeeper.forget(id);
        setStatus(id, LedgerJournal.Status.CORRUPT);
    }

    private void setStatus(LedgerId id, String status) {
        store.write(tx -> {
            new LedgerTables(tx, id, true).setStatus(status);
            Changes.of(tx, memory).ledger(id).forget();
            return true;
        });
    }

    /** A ledger that was found corrupt is whole again, and may be written. */
    void markSound(LedgerId id) {
        boolean wasCorrupt = store.read(tx -> {
            LedgerTables.Info info = new LedgerTables(tx, id, false).info();
            return info != null && info.status().equals(LedgerJournal.Status.CORRUPT);
        });
        if (wasCorrupt) {
            setStatus(id, LedgerJournal.Status.OPEN);
        }
        corrupt.remove(id);
        unkept.remove(id);
    }

    /** Ledgers whose rows were made by older code are made anew from their events, as far as these can be read. */
    private void upgradeProjections() {
        for (List<LedgerId> outdated = outdated(); !outdated.isEmpty(); outdated = outdated()) {
            for (LedgerId id : outdated) {
                VerifyReport chain = store.write(tx -> {
                    send(tx, id);
                    VerifyReport found = verification(tx, id).runChain();
                    LedgerTables tables = new LedgerTables(tx, id, true);
                    if (found.isOk()) {
                        rebuild(tx, id);
                    } else {
                        tables.setProjection(Rebuild.PROJECTION);
                    }
                    return found;
                });
                if (!chain.isOk()) {
                    log.warn("{} may only be read, and its tasks not at all: {}", id.key(), chain);
                    markCorrupt(id, chain);
                }
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

    /** Puts into the tables what works of the same commit have done before, so that they can be looked at. */
    void send(Transaction tx, LedgerId id) {
        Changes changes = Changes.of(tx, memory);
        changes.send(tx, changes.ledger(id));
    }

    void rebuild(Transaction tx, LedgerId id) {
        send(tx, id);
        Changes.of(tx, memory).ledger(id).forget();
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
                AND t.status = 'in_progress' AND l.status <> 'corrupt' ORDER BY t.created_no\
                """);
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
            takeBack(one.ledger(), one.taskId(), node, incarnation);
        }
    }

    private void takeBack(LedgerId id, String taskId, String node, String incarnation) {
        try {
            ledger(id).write(tx -> {
                TaskRow row = tx.journal().require(taskId);
                if (row.leaseUntil != null
                        && row.status == TaskStatus.IN_PROGRESS
                        && node.equals(row.ownerNodeId)
                        && !incarnation.equals(row.incarnation)) {
                    tx.claims().expire(row, "node " + node + " was started again", false);
                }
                return true;
            });
        } catch (LedgerException e) {
            log.warn("task {}/{} was left by an earlier start and cannot be taken back", id.key(), taskId, e);
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
