package dev.hart.ledger;

import dev.hart.store.Dialect;
import dev.hart.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the works of one commit change in one ledger: events that wait to be chained, rows and edges. A work adds its changes
 * when it has succeeded, by {@link #take}. Events are chained as late as possible: on PostgreSQL the head of a chain is locked
 * from then on.
 *
 * <p>What this process remembers of the ledger is used instead of reading it. On SQLite nobody else can write meanwhile, so
 * the head is compared at once; on PostgreSQL when it is locked, or by {@link #confirm} where it is not. If the ledger has moved on,
 * what was remembered is forgotten and the transaction runs anew. Used by one thread.
 */
final class LedgerChanges {
    /** An event that is not chained yet; {@code row} is the task it changes, null when it changes none. */
    record Pending(
            String taskId,
            String type,
            String payload,
            long at,
            String actor,
            @Nullable TaskRow row,
            EventPlace place) {}

    final LedgerId id;
    private final String key;
    private final LedgerMemory memory;
    private final EventChain chain;
    private @Nullable LedgerTables tables;

    /** What is gone by; null for nothing. */
    private LedgerMemory.@Nullable Known known;

    /** The head of the one chain that this commit began from; null if it has not looked or there are several chains. */
    private LedgerTables.@Nullable Head base;

    private boolean confirmed;

    private LedgerTables.@Nullable Info info;
    private boolean infoKnown;
    private boolean established;
    private @Nullable LedgerOptions options;
    private long createdAt;

    /** Rows as the works so far have left them. */
    private final Map<String, TaskRow> rows = new HashMap<>();

    /** Of those that were ever in {@link #rows}, by parent. */
    private final Map<String, Set<String>> children = new HashMap<>();

    private Set<String> added = new LinkedHashSet<>();
    private Set<String> changed = new LinkedHashSet<>();
    private EdgeChanges edges = new EdgeChanges();
    private EdgeChanges sentEdges = new EdgeChanges();
    /** All edges from a task before this commit, where they were read. */
    private final Map<String, List<Edge>> edgesFrom = new HashMap<>();

    /** Tasks that this commit made: before it they had no edges. */
    private final Set<String> made = new HashSet<>();

    private List<Pending> pending = new ArrayList<>();
    private Map<Integer, LedgerTables.Head> heads = new TreeMap<>();
    private Set<Integer> moved = new TreeSet<>();
    private boolean open;

    LedgerChanges(LedgerId id, LedgerMemory memory) {
        this.id = id;
        this.key = id.key();
        this.memory = memory;
        this.chain = new EventChain(key);
    }

    /** Begins a work. */
    void begin(LedgerTables of) {
        if (open) {
            throw new IllegalStateException(
                    key + " was written inside another write to it: use the LedgerTransaction that is open");
        }
        open = true;
        boolean first = tables == null;
        tables = of;
        if (first) {
            remember();
        }
    }

    private void remember() {
        LedgerMemory.Known remembered = memory.known(id);
        if (remembered == null) {
            return;
        }
        LedgerTables.Head head = remembered.head();
        if (tables().transaction().dialect() == Dialect.SQLITE) {
            if (!isAt(tables().standing(head != null), remembered.info, head)) {
                memory.forget(id);
                return;
            }
            confirmed = true;
            if (head != null) {
                heads.put(0, head);
            }
        }
        known = remembered;
        base = head;
        info = remembered.info;
        infoKnown = true;
        established = true;
    }

    private static boolean isAt(
            LedgerTables.@Nullable Standing standing, LedgerTables.Info info, LedgerTables.@Nullable Head head) {
        return standing != null
                && standing.status().equals(info.status())
                && (head == null || head.isSameAs(standing.head()));
    }

    /**
     * Makes sure that what a work went by is so. To be called where nothing is written because of it; before a commit that
     * writes, the head is compared anyway.
     */
    void confirm() {
        LedgerMemory.Known used = known;
        if (used != null && !confirmed && !isAt(tables().standing(base != null), used.info, base)) {
            throw movedOn();
        }
    }

    private RuntimeException movedOn() {
        memory.forget(id);
        return tables().anew(key + " was written by another process");
    }

    void end() {
        open = false;
    }

    private LedgerTables tables() {
        return Objects.requireNonNull(tables);
    }

    LedgerTables.@Nullable Info info() {
        if (!infoKnown) {
            info = tables().info();
            infoKnown = true;
            established = info != null;
        }
        return info;
    }

    /** The ledger's row or its tasks were written otherwise: what was known of them is void. */
    void forget() {
        infoKnown = false;
        known = null;
        memory.forget(id);
    }

    /** Whether the ledger has its rows in the database. */
    boolean isStored() {
        return established;
    }

    /** Whether the ledger has its rows in the database, or will have them before the commit. */
    boolean isEstablished() {
        return established || options != null;
    }

    /** Makes the ledger's own rows before the commit, if they are missing. */
    void establishWith(LedgerOptions chosen, long now) {
        if (!established && options == null) {
            options = chosen;
            createdAt = now;
        }
    }

    void establish(Transaction tx) {
        tables = new LedgerTables(tx, id, true);
        if (!established && options != null) {
            if (!tables().insertLedger(options, createdAt)) {
                throw tables().anew(key + " was made by another transaction, perhaps with other options");
            }
            established = true;
            info = new LedgerTables.Info(options, LedgerJournal.Status.OPEN);
            infoKnown = true;
        }
    }

    /** The options of a ledger that this commit makes; null for one that was there. */
    @Nullable
    LedgerOptions chosenOptions() {
        return options;
    }

    /** The children of a task that works have read or changed, as they have left them. */
    Map<String, TaskRow> childrenOf(String parent) {
        Map<String, TaskRow> known = new HashMap<>();
        for (String taskId : children.getOrDefault(parent, Set.of())) {
            TaskRow row = rows.get(taskId);
            if (row != null) {
                known.put(taskId, row);
            }
        }
        return known;
    }

    /** A task as the works have left it or a commit before has; null if that is not known. */
    @Nullable
    TaskRow row(String taskId) {
        TaskRow row = rows.get(taskId);
        return row != null || known == null ? row : known.row(taskId);
    }

    /** A task that a work of this commit has read or changed, as the works have left it. */
    @Nullable
    TaskRow seen(String taskId) {
        return rows.get(taskId);
    }

    /** What waits for a task, as the works have left it. */
    List<Edge> edgesFrom(String taskId) {
        return edges.from(taskId, sentEdges.from(taskId, edgesFromBefore(taskId)));
    }

    private List<Edge> edgesFromBefore(String taskId) {
        if (!isEstablished() || made.contains(taskId)) {
            return List.of();
        }
        List<Edge> before = edgesFrom.get(taskId);
        if (before == null) {
            before = known == null ? null : known.edgesFrom(taskId);
            if (before == null) {
                before = established ? tables().edgesFrom(taskId) : List.of();
            }
            edgesFrom.put(taskId, before);
        }
        return before;
    }

    /** What a task waits for, as the works have left it. */
    List<Edge> edgesTo(String taskId) {
        return edges.to(taskId, established ? tables().edgesTo(taskId) : List.of());
    }

    /** A row that a work has read and not changed. */
    void read(TaskRow row) {
        rows.putIfAbsent(row.taskId, row);
    }

    /** Takes what a work has done; the returned action takes it back. */
    Runnable take(
            Map<String, TaskRow> newRows,
            Set<String> newAdded,
            Set<String> newChanged,
            EdgeChanges newEdges,
            List<Pending> events) {
        Runnable undo = restorer();
        Map<String, @Nullable TaskRow> before = new HashMap<>();
        newRows.forEach((taskId, row) -> {
            before.put(taskId, rows.put(taskId, row));
            if (row.parentTaskId != null) {
                children.computeIfAbsent(row.parentTaskId, parent -> new LinkedHashSet<>())
                        .add(taskId);
            }
        });
        newChanged.stream().filter(taskId -> !added.contains(taskId)).forEach(changed::add);
        added.addAll(newAdded);
        made.addAll(newAdded);
        edges.add(newEdges);
        pending.addAll(events);
        return () -> {
            before.forEach((taskId, row) -> {
                if (row == null) {
                    rows.remove(taskId);
                } else {
                    rows.put(taskId, row);
                }
            });
            undo.run();
        };
    }

    boolean hasUnsent() {
        return !pending.isEmpty()
                || !added.isEmpty()
                || !changed.isEmpty()
                || !edges.isEmpty()
                || !established && options != null;
    }

    /** Puts everything back to what it is now; for a work that fails after it had the changes sent. */
    Runnable restorer() {
        Set<String> wasAdded = new LinkedHashSet<>(added);
        Set<String> wasChanged = new LinkedHashSet<>(changed);
        EdgeChanges hadEdges = new EdgeChanges(edges);
        EdgeChanges hadSentEdges = new EdgeChanges(sentEdges);
        Set<String> hadMade = new HashSet<>(made);
        List<Pending> wasPending = new ArrayList<>(pending);
        Map<Integer, LedgerTables.Head> hadHeads = new TreeMap<>(heads);
        Set<Integer> hadMoved = new TreeSet<>(moved);
        boolean wasEstablished = established;
        LedgerOptions had = options;
        Map<TaskRow, TaskRow.Place> places = new HashMap<>();
        for (String taskId : wasAdded) {
            TaskRow row = Objects.requireNonNull(rows.get(taskId));
            places.put(row, row.place());
        }
        for (String taskId : wasChanged) {
            TaskRow row = Objects.requireNonNull(rows.get(taskId));
            places.put(row, row.place());
        }
        return () -> {
            added = wasAdded;
            changed = wasChanged;
            edges = hadEdges;
            sentEdges = hadSentEdges;
            edgesFrom.clear();
            made.retainAll(hadMade);
            pending = wasPending;
            heads = hadHeads;
            moved = hadMoved;
            established = wasEstablished;
            options = had;
            infoKnown = false;
            places.forEach(TaskRow::moveTo);
        };
    }

    /** The stripes whose heads are needed and not known, in order. */
    Set<Integer> missingHeads() {
        Set<Integer> stripes = new TreeSet<>();
        int count = stripes();
        for (Pending event : pending) {
            stripes.add(EventChain.stripe(event.taskId(), count));
        }
        stripes.removeAll(heads.keySet());
        return stripes;
    }

    /** A head was locked, on PostgreSQL. */
    void locked(int stripe, LedgerTables.Head head, String status) {
        if (known != null && !confirmed) {
            if (!status.equals(known.info.status()) || base != null && !base.isSameAs(head)) {
                throw movedOn();
            }
            confirmed = true;
        }
        if (base == null && stripes() == 1) {
            base = head;
        }
        heads.put(stripe, head);
    }

    void readHeads() {
        for (int stripe : missingHeads()) {
            LedgerTables.Head head = tables().head(stripe);
            if (head == null) {
                throw new IllegalStateException("the head of stripe " + stripe + " of " + key + " is gone");
            }
            if (base == null && stripes() == 1) {
                base = head;
            }
            heads.put(stripe, head);
        }
    }

    private int stripes() {
        LedgerTables.Info known = info();
        return known != null
                ? known.options().stripes()
                : Objects.requireNonNull(options).stripes();
    }

    void chain(List<LedgerTables.EventRow> into) {
        int stripes = stripes();
        for (Pending event : pending) {
            int stripe = EventChain.stripe(event.taskId(), stripes);
            LedgerTables.Head head = Objects.requireNonNull(heads.get(stripe));
            long seq = head.seq() + 1;
            byte[] hash = chain.hash(
                    head.hash(),
                    chain.envelope(
                            stripe, seq, event.taskId(), event.type(), event.at(), event.actor(), event.payload()));
            TaskRow row = event.row();
            into.add(new LedgerTables.EventRow(
                    key,
                    stripe,
                    seq,
                    event.taskId(),
                    event.type(),
                    event.at(),
                    event.actor(),
                    event.payload(),
                    head.hash(),
                    hash,
                    row == null ? 0 : row.lastEventSeq));
            if (row != null) {
                row.lastEventSeq = seq;
            }
            event.place().at(seq);
            heads.put(stripe, new LedgerTables.Head(seq, hash));
            moved.add(stripe);
        }
    }

    void takeRows(List<TaskRow> intoAdded, List<TaskRow> intoChanged) {
        added.forEach(taskId -> intoAdded.add(Objects.requireNonNull(rows.get(taskId))));
        changed.forEach(taskId -> intoChanged.add(Objects.requireNonNull(rows.get(taskId))));
    }

    /** The heads that have moved, by stripe. */
    Map<Integer, LedgerTables.Head> movedHeads() {
        Map<Integer, LedgerTables.Head> all = new LinkedHashMap<>();
        moved.forEach(stripe -> all.put(stripe, Objects.requireNonNull(heads.get(stripe))));
        return all;
    }

    void sendEdges() {
        if (!edges.isEmpty()) {
            List<Edge> removed = edges.removed();
            if (!removed.isEmpty()) {
                tables().deleteEdges(removed);
            }
            tables().insertEdges(edges.put());
            sentEdges.add(edges);
            edges = new EdgeChanges();
        }
    }

    /** The commit is durable. */
    void committed() {
        LedgerTables.Info now = infoKnown ? info : null;
        if (now == null) {
            return;
        }
        if (now.options().stripes() > 1) {
            memory.committed(id, now, null, null, List.of(), Map.of());
            return;
        }
        LedgerTables.Head after = heads.containsKey(0) ? heads.get(0) : base;
        if (after == null) {
            return;
        }
        Map<String, List<Edge>> all = new HashMap<>();
        Set<String> from = new HashSet<>(edgesFrom.keySet());
        from.addAll(sentEdges.from());
        for (String taskId : from) {
            List<Edge> before = made.contains(taskId) ? List.<Edge>of() : edgesFrom.get(taskId);
            if (before != null) {
                all.put(taskId, sentEdges.from(taskId, before));
            }
        }
        memory.committed(id, now, base, after, rows.values(), all);
    }

    void sent() {
        pending = new ArrayList<>();
        added = new LinkedHashSet<>();
        changed = new LinkedHashSet<>();
        moved = new TreeSet<>();
    }
}
