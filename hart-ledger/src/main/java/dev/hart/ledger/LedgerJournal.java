package dev.hart.ledger;

import dev.hart.error.LedgerException;
import dev.hart.store.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one work does to one ledger: events and the rows they change, in memory. When the work has succeeded they become a part
 * of the commit's {@link LedgerChanges}; before a query that has to see them they are sent at once.
 */
final class LedgerJournal {
    private final LedgerId ledger;
    private final String key;
    private final Transaction tx;
    private final LedgerTables tables;
    private final Changes commit;
    private final LedgerChanges changes;
    private final String actor;
    private final long now;
    private final Supplier<String> randomHex;
    private final LedgerOptions options;
    private final String status;

    private final Map<String, @Nullable TaskRow> rows = new HashMap<>();
    /** Of those in {@link #rows}, by parent. */
    private final Map<String, Set<String>> children = new HashMap<>();

    private Set<String> added = new LinkedHashSet<>();
    private Set<String> changed = new LinkedHashSet<>();
    private EdgeChanges edges = new EdgeChanges();
    /** Rows as the database gave them. */
    private final List<TaskRow> read = new ArrayList<>();

    private List<LedgerChanges.Pending> pending = new ArrayList<>();
    private int events;
    private boolean over;

    LedgerJournal(
            Transaction tx,
            Changes commit,
            LedgerId ledger,
            LedgerOptions ifNew,
            long now,
            String actor,
            Supplier<String> randomHex) {
        this.ledger = ledger;
        this.key = ledger.key();
        this.tx = tx;
        this.tables = new LedgerTables(tx, ledger, true);
        this.commit = commit;
        this.changes = commit.ledger(ledger);
        this.actor = actor;
        this.now = now;
        this.randomHex = randomHex;
        changes.begin(tables);
        LedgerTables.Info info = changes.info();
        LedgerOptions chosen = changes.chosenOptions();
        this.options = info != null ? info.options() : chosen != null ? chosen : ifNew;
        this.status = info == null ? Status.OPEN : info.status();
    }

    /** Values of {@code ledger.status}. */
    static final class Status {
        static final String OPEN = "open";
        static final String PAUSED = "paused";
        static final String CORRUPT = "corrupt";

        private Status() {}
    }

    /** Whether the ledger was there when the work began. */
    boolean exists() {
        return changes.info() != null;
    }

    /** Refuses to write a ledger that was found corrupt, by whomever. */
    void requireSound() {
        if (status.equals(Status.CORRUPT)) {
            throw Refusals.corrupt(key, "an earlier check has found that, verify() says more");
        }
    }

    /** Milliseconds since 1970; one instant for the whole transaction. */
    long now() {
        return now;
    }

    /** 8 hex digits for an id. */
    String randomHex() {
        return randomHex.get();
    }

    LedgerOptions options() {
        return options;
    }

    boolean isPaused() {
        return status.equals(Status.PAUSED);
    }

    /** Whether the ledger has its rows in the database already, tasks among them. */
    boolean isStored() {
        return changes.isEstablished();
    }

    /** The tables, with every change of this commit in them. */
    LedgerTables tables() {
        hand();
        commit.send(tx, changes);
        return tables;
    }

    /** The tables, for what this transaction's changes of tasks do not touch: messages, votes. */
    LedgerTables unflushed() {
        return tables;
    }

    String name(String taskId) {
        return key + "/" + taskId;
    }

    @Nullable
    TaskRow find(String taskId) {
        requireOpen();
        if (!rows.containsKey(taskId)) {
            TaskRow earlier = changes.row(taskId);
            if (earlier != null) {
                know(taskId, earlier.copyToChange());
            } else {
                TaskRow stored = changes.isStored() ? tables.task(taskId) : null;
                know(taskId, stored);
                if (stored != null) {
                    read.add(stored);
                }
            }
        }
        return rows.get(taskId);
    }

    /**
     * The same, read and locked now if this commit has not done so: for what changes without an event, which nothing else
     * would tell.
     */
    TaskRow requireLocked(String taskId) {
        if (!rows.containsKey(taskId) && changes.seen(taskId) == null && changes.isStored()) {
            TaskRow stored = tables.task(taskId);
            know(taskId, stored);
            if (stored != null) {
                read.add(stored);
            }
        }
        return require(taskId);
    }

    private void know(String taskId, @Nullable TaskRow row) {
        rows.put(taskId, row);
        if (row != null && row.parentTaskId != null) {
            children.computeIfAbsent(row.parentTaskId, parent -> new LinkedHashSet<>())
                    .add(taskId);
        }
    }

    TaskRow require(String taskId) {
        TaskRow row = find(taskId);
        if (row == null) {
            throw Refusals.taskNotFound(name(taskId));
        }
        return row;
    }

    /** The row that this transaction works on, for one that a query gave. */
    TaskRow adopt(TaskRow queried) {
        TaskRow known = rows.get(queried.taskId);
        if (known == null) {
            known = queried;
            know(queried.taskId, queried);
        }
        return known;
    }

    long nextCreatedNo() {
        return commit.nextCreatedNo(tables);
    }

    /** Whether a task of that id is there. */
    boolean isKnown(String taskId) {
        requireOpen();
        if (rows.containsKey(taskId)) {
            return rows.get(taskId) != null;
        }
        return changes.row(taskId) != null || changes.isStored() && tables.hasTask(taskId);
    }

    /** What waits for {@code taskId}. */
    List<Edge> edgesFrom(String taskId) {
        return edges.from(taskId, changes.edgesFrom(taskId));
    }

    /** What {@code taskId} waits for. */
    List<Edge> edgesTo(String taskId) {
        return edges.to(taskId, changes.edgesTo(taskId));
    }

    void put(Edge edge) {
        edges.put(edge);
    }

    void remove(Edge edge) {
        edges.remove(edge);
    }

    TaskRow create(String taskId, Map<String, @Nullable Object> payload) {
        TaskRow row = Projection.create(key, taskId, now, payload);
        pend(taskId, Projection.CREATED, CanonicalJson.write(payload), row);
        know(taskId, row);
        added.add(taskId);
        return row;
    }

    /** Appends an event of {@code row}'s task and changes the row as the event says. */
    TaskRow change(TaskRow row, String type, Map<String, ? extends @Nullable Object> payload) {
        pend(row.taskId, type, CanonicalJson.write(payload), row);
        Projection.apply(row, type, now, payload);
        return touch(row);
    }

    /** Notes that a row changed in what follows from other rows, or in its signs of life. */
    TaskRow touch(TaskRow row) {
        if (!added.contains(row.taskId)) {
            changed.add(row.taskId);
        }
        return row;
    }

    /** Where the newest event stands that changed {@code row}; it has its number once the transaction ends. */
    EventPlace newestPlace(TaskRow row) {
        for (int i = pending.size() - 1; i >= 0; i--) {
            if (pending.get(i).row() == row) {
                return pending.get(i).place();
            }
        }
        EventPlace place = new EventPlace();
        place.at(row.lastEventSeq);
        return place;
    }

    /** Whether a child of that task has not ended; without writing anything, so no chain is locked for it. */
    boolean hasOpenChild(String parent) {
        Map<String, TaskRow> known = changes.childrenOf(parent);
        for (String taskId : children.getOrDefault(parent, Set.of())) {
            known.put(taskId, require(taskId));
        }
        if (known.values().stream().anyMatch(row -> !row.status.isTerminal())) {
            return true;
        }
        return isStored()
                && tables.openChildren(parent, known.size() + 1).stream().anyMatch(child -> !known.containsKey(child));
    }

    /** Appends an event that changes no task; its payload is canonical JSON. */
    EventPlace record(String taskId, String type, CanonicalJson.Raw payload) {
        return pend(taskId, type, payload.text(), null);
    }

    private EventPlace pend(String taskId, String type, String payload, @Nullable TaskRow row) {
        requireOpen();
        EventPlace place = new EventPlace();
        pending.add(new LedgerChanges.Pending(taskId, type, payload, now, actor, row, place));
        events++;
        return place;
    }

    /** Canonical JSON without secrets, within {@code most} bytes of UTF-8. */
    CanonicalJson.Raw redacted(@Nullable Object value, int most) {
        String text;
        try {
            text = CanonicalJson.writeRedacted(value);
        } catch (IllegalArgumentException e) {
            throw new LedgerException("INVALID_ARGUMENT", key + ": " + e.getMessage(), e);
        }
        // A char is at most three bytes of UTF-8, so most texts need not be counted.
        if (text.length() > most / 3 && text.getBytes(StandardCharsets.UTF_8).length > most) {
            throw new LedgerException(
                    "PAYLOAD_TOO_LARGE",
                    "%s: %d characters of JSON are more than %s: keep the data in a file and its path in the ledger"
                            .formatted(key, text.length(), Limits.size(most)));
        }
        return new CanonicalJson.Raw(text);
    }

    /** Makes what was done so far a part of the commit's changes. */
    private void hand() {
        if (pending.isEmpty() && added.isEmpty() && changed.isEmpty() && edges.isEmpty()) {
            return;
        }
        changes.establishWith(options, now);
        Map<String, TaskRow> touched = new HashMap<>();
        added.forEach(taskId -> touched.put(taskId, require(taskId)));
        changed.forEach(taskId -> touched.put(taskId, require(taskId)));
        tx.onUndo(changes.take(touched, added, changed, edges, pending));
        added = new LinkedHashSet<>();
        changed = new LinkedHashSet<>();
        edges = new EdgeChanges();
        pending = new ArrayList<>();
    }

    /** Makes the ledger's own rows, if they are missing, though there is no event yet. */
    void establish() {
        tx.onUndo(changes.restorer());
        changes.establishWith(options, now);
    }

    /** Pauses or reopens the ledger. */
    void setStatus(String newStatus) {
        tables().setStatus(newStatus);
        changes.forget();
    }

    /** Hands over what was done; the journal is of no use afterwards. Gives how many events there were. */
    int flush() {
        hand();
        read.forEach(changes::read);
        if (events == 0) {
            changes.confirm();
        }
        over = true;
        return events;
    }

    /** The work was refused, by what it found. */
    void confirm() {
        changes.confirm();
    }

    void end() {
        changes.end();
    }

    /** The earliest time at which one of the changed tasks has to be looked at; null for none. */
    @Nullable
    Long earliestDue() {
        Long earliest = null;
        for (TaskRow row : rows.values()) {
            Long due = row == null ? null : row.dueAt();
            if (due != null && (earliest == null || due < earliest)) {
                earliest = due;
            }
        }
        return earliest;
    }

    private void requireOpen() {
        if (over) {
            throw new IllegalStateException("the ledger's transaction is over: use it only inside the lambda");
        }
    }

    /** A payload with a change of status; more is put into it. */
    static Map<String, @Nullable Object> transition(TaskRow row, TaskStatus to) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("from", row.status.wireName());
        payload.put("to", to.wireName());
        return payload;
    }
}
