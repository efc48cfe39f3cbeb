package dev.hart.ledger;

import dev.hart.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
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
 * What the works of one commit change in one ledger: events that wait to be chained, and rows. A work adds its changes when it
 * has succeeded, by {@link #take}. Events are chained as late as possible: on PostgreSQL the head of a chain is locked from
 * then on. Used by one thread.
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
    private final EventChain chain;
    private @Nullable LedgerTables tables;

    private LedgerTables.@Nullable Info info;
    private boolean infoKnown;
    private boolean established;
    private @Nullable LedgerOptions options;
    private long createdAt;

    /** Rows as the works so far have left them. */
    private final Map<String, TaskRow> rows = new HashMap<>();

    private Set<String> added = new LinkedHashSet<>();
    private Set<String> changed = new LinkedHashSet<>();
    private List<Pending> pending = new ArrayList<>();
    private Map<Integer, LedgerTables.Head> heads = new TreeMap<>();
    private Set<Integer> moved = new TreeSet<>();
    private boolean open;

    LedgerChanges(LedgerId id) {
        this.id = id;
        this.key = id.key();
        this.chain = new EventChain(key);
    }

    /** Begins a work. */
    void begin(LedgerTables of) {
        if (open) {
            throw new IllegalStateException(
                    key + " was written inside another write to it: use the LedgerTransaction that is open");
        }
        open = true;
        tables = of;
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

    /** Forgets what it knew of the ledger's row. */
    void forgetInfo() {
        infoKnown = false;
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
            infoKnown = false;
        }
    }

    /** The options of a ledger that this commit makes; null for one that was there. */
    @Nullable
    LedgerOptions chosenOptions() {
        return options;
    }

    /** The children of a task that works have read or changed, as they have left them. */
    Map<String, TaskRow> childrenOf(String parent) {
        Map<String, TaskRow> children = new HashMap<>();
        rows.forEach((taskId, row) -> {
            if (parent.equals(row.parentTaskId)) {
                children.put(taskId, row);
            }
        });
        return children;
    }

    @Nullable
    TaskRow row(String taskId) {
        return rows.get(taskId);
    }

    /** Takes what a work has done; the returned action takes it back. */
    Runnable take(Map<String, TaskRow> newRows, Set<String> newAdded, Set<String> newChanged, List<Pending> events) {
        Runnable undo = restorer();
        Map<String, @Nullable TaskRow> before = new HashMap<>();
        newRows.forEach((taskId, row) -> before.put(taskId, rows.put(taskId, row)));
        newChanged.stream().filter(taskId -> !added.contains(taskId)).forEach(changed::add);
        added.addAll(newAdded);
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
        return !pending.isEmpty() || !added.isEmpty() || !changed.isEmpty() || !established && options != null;
    }

    /** Puts everything back to what it is now; for a work that fails after it had the changes sent. */
    Runnable restorer() {
        Set<String> wasAdded = new LinkedHashSet<>(added);
        Set<String> wasChanged = new LinkedHashSet<>(changed);
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

    void head(int stripe, LedgerTables.Head head) {
        heads.put(stripe, head);
    }

    void readHeads() {
        for (int stripe : missingHeads()) {
            LedgerTables.Head head = tables().head(stripe);
            if (head == null) {
                throw new IllegalStateException("the head of stripe " + stripe + " of " + key + " is gone");
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

    void sent() {
        pending = new ArrayList<>();
        added = new LinkedHashSet<>();
        changed = new LinkedHashSet<>();
        moved = new TreeSet<>();
    }
}
