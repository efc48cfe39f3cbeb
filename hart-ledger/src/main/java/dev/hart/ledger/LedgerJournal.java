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
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction does to one ledger: events that wait to be chained, and the rows they change. Everything is sent to
 * the database by {@link #flush}, each changed row once; rows also before a query that has to see them.
 *
 * <p>Events are chained as late as possible: on PostgreSQL the head of a chain is locked from then on.
 */
final class LedgerJournal {
    /** An event that is not chained yet; {@code row} is the task it changes, null when it changes none. */
    private record Pending(
            String taskId,
            String type,
            String payload,
            @Nullable TaskRow row,
            EventPlace place) {}

    private final LedgerId ledger;
    private final String key;
    private final LedgerTables tables;
    private final Heads heads;
    private final EventChain chain;
    private final String actor;
    private final long now;
    private final Supplier<String> randomHex;
    private final LedgerOptions options;
    private final String status;
    private boolean stored;

    private final Map<String, @Nullable TaskRow> rows = new HashMap<>();
    private final Set<TaskRow> added = new LinkedHashSet<>();
    private final Set<TaskRow> changed = new LinkedHashSet<>();
    private final List<Pending> pending = new ArrayList<>();
    private final List<LedgerTables.EventRow> events = new ArrayList<>();
    private long createdNo;
    private boolean touchesWork;
    private boolean over;

    LedgerJournal(
            Transaction tx,
            Heads heads,
            LedgerId ledger,
            LedgerOptions ifNew,
            long now,
            String actor,
            Supplier<String> randomHex) {
        this.ledger = ledger;
        this.key = ledger.key();
        this.tables = new LedgerTables(tx, ledger, true);
        this.heads = heads;
        this.chain = new EventChain(key);
        this.actor = actor;
        this.now = now;
        this.randomHex = randomHex;
        LedgerTables.Info info = heads.info(tables, key);
        this.stored = info != null;
        this.options = info == null ? ifNew : info.options();
        this.status = info == null ? Status.OPEN : info.status();
    }

    /** Values of {@code ledger.status}. */
    static final class Status {
        static final String OPEN = "open";
        static final String PAUSED = "paused";
        static final String CORRUPT = "corrupt";

        private Status() {}
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
        return stored;
    }

    /** The tables, with every change of this transaction in them. */
    LedgerTables tables() {
        flushRows();
        return tables;
    }

    /** The tables, for what this transaction's changes of tasks do not touch: edges, messages, votes. */
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
            rows.put(taskId, stored ? tables.task(taskId) : null);
        }
        return rows.get(taskId);
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
        if (known != null) {
            return known;
        }
        rows.put(queried.taskId, queried);
        return queried;
    }

    long nextCreatedNo() {
        createdNo = createdNo == 0 || tables.transaction().dialect() == dev.hart.store.Dialect.POSTGRESQL
                ? tables.nextCreatedNo()
                : createdNo + 1;
        return createdNo;
    }

    /** Whether a task of that id is there, without reading it where the insert would tell. */
    boolean isKnown(String taskId) {
        return find(taskId) != null;
    }

    TaskRow create(String taskId, Map<String, @Nullable Object> payload) {
        TaskRow row = Projection.create(key, taskId, now, payload);
        pending.add(new Pending(taskId, Projection.CREATED, CanonicalJson.write(payload), row, new EventPlace()));
        rows.put(taskId, row);
        added.add(row);
        touchesWork = true;
        return row;
    }

    /** Appends an event of {@code row}'s task and changes the row as the event says. */
    TaskRow change(TaskRow row, String type, Map<String, ? extends @Nullable Object> payload) {
        requireOpen();
        pending.add(new Pending(row.taskId, type, CanonicalJson.write(payload), row, new EventPlace()));
        Projection.apply(row, type, now, payload);
        return touch(row);
    }

    /** Notes that a row changed in what follows from other rows, or in its signs of life. */
    TaskRow touch(TaskRow row) {
        if (!added.contains(row)) {
            changed.add(row);
        }
        touchesWork |= row.isClaimable();
        return row;
    }

    /** Appends an event that changes no task; its payload is canonical JSON. */
    EventPlace record(String taskId, String type, CanonicalJson.Raw payload) {
        requireOpen();
        EventPlace place = new EventPlace();
        pending.add(new Pending(taskId, type, payload.text(), null, place));
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

    private void chain() {
        if (pending.isEmpty()) {
            return;
        }
        if (!stored) {
            tables.insertLedger(options, now);
            heads.forget(key);
            stored = true;
        }
        Map<Integer, List<Pending>> byStripe = new TreeMap<>(); // heads are locked in this order
        for (Pending event : pending) {
            byStripe.computeIfAbsent(EventChain.stripe(event.taskId(), options.stripes()), s -> new ArrayList<>())
                    .add(event);
        }
        byStripe.forEach((stripe, ofStripe) -> {
            LedgerTables.Head head = heads.head(tables, ledger, stripe);
            for (Pending event : ofStripe) {
                head = chain(stripe, head, event);
            }
            tables.transaction().onUndo(heads.move(ledger, stripe, head));
        });
        pending.clear();
    }

    private LedgerTables.Head chain(int stripe, LedgerTables.Head head, Pending event) {
        long seq = head.seq() + 1;
        byte[] hash = chain.hash(
                head.hash(), chain.envelope(stripe, seq, event.taskId(), event.type(), now, actor, event.payload()));
        TaskRow row = event.row();
        events.add(new LedgerTables.EventRow(
                stripe,
                seq,
                event.taskId(),
                event.type(),
                now,
                actor,
                event.payload(),
                head.hash(),
                hash,
                row == null ? 0 : row.lastEventSeq));
        if (row != null) {
            row.lastEventSeq = seq;
        }
        event.place().at(seq);
        return new LedgerTables.Head(seq, hash);
    }

    private void flushRows() {
        if (added.isEmpty() && changed.isEmpty()) {
            return;
        }
        chain();
        tables.insertTasks(added);
        added.clear();
        tables.updateTasks(changed);
        changed.clear();
    }

    /** Makes the ledger's own rows, if they are missing, though there is no event yet. */
    void establish() {
        if (!stored) {
            tables.insertLedger(options, now);
            heads.forget(key);
            stored = true;
        }
    }

    /** Pauses or reopens the ledger. */
    void setStatus(String newStatus) {
        tables.setStatus(newStatus);
        heads.forget(key);
    }

    /** Writes what is not yet written; the journal is of no use afterwards. Gives how many events there were. */
    int flush() {
        flushRows();
        chain();
        if (!events.isEmpty()) {
            if (status.equals(Status.CORRUPT)) {
                throw Refusals.corrupt(key, "an earlier check has found that");
            }
            tables.insertEvents(events);
        }
        over = true;
        return events.size();
    }

    /** Whether there may be more to claim than before. */
    boolean touchesWork() {
        return touchesWork;
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
