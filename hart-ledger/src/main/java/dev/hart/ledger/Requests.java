package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.sql.ResultSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Remembers by key what was asked for and how it was answered, so that a request that comes again, because its answer was
 * lost, changes nothing.
 */
final class Requests {
    private record Known(String taskId, String requestHash, long seq) {}

    private record Noted(String hash, Task answer, EventPlace place) {}

    private final LedgerId ledger;
    private final LedgerJournal journal;
    /** Of this transaction, by key. */
    private final Map<String, Noted> noted = new LinkedHashMap<>();

    Requests(LedgerId ledger, LedgerJournal journal) {
        this.ledger = ledger;
        this.journal = journal;
    }

    /** The answer that was given under this key, if it was given. */
    Optional<Task> answered(@Nullable String key, String hash) {
        if (key == null) {
            return Optional.empty();
        }
        Noted before = noted.get(key);
        if (before != null) {
            requireSame(key, before.hash(), hash);
            return Optional.of(before.answer());
        }
        journal.unflushed().lockRequest(key);
        Known known = journal.isStored() ? find(key) : null;
        if (known == null) {
            return Optional.empty();
        }
        requireSame(key, known.requestHash(), hash);
        return Optional.of(asOf(known.taskId(), known.seq()));
    }

    private void requireSame(String key, String known, String asked) {
        if (!known.equals(asked)) {
            throw new LedgerException(
                    "IDEMPOTENCY_CONFLICT",
                    "the key '%s' was used in %s for another request: take a new key for a new request"
                            .formatted(key, ledger.key()));
        }
    }

    private @Nullable Known find(String key) {
        Optional<Known> found = journal.unflushed()
                .sql(
                        "SELECT task_id, request_hash, seq FROM task_request WHERE ledger_id = ? AND idem_key = ?",
                        select -> {
                            select.setString(1, ledger.key());
                            select.setString(2, key);
                            try (ResultSet row = select.executeQuery()) {
                                return row.next()
                                        ? Optional.of(new Known(row.getString(1), row.getString(2), row.getLong(3)))
                                        : Optional.<Known>empty();
                            }
                        });
        return found.orElse(null);
    }

    /** The task as it was after an event of its own: replayed from its history, which is a linked list. */
    private Task asOf(String taskId, long seq) {
        int stripe = EventChain.stripe(taskId, journal.options().stripes());
        TaskRow row = Replay.row(ledger.key(), journal.tables().history(stripe, seq));
        TaskRow now = journal.require(taskId);
        row.unmetEdges = now.unmetEdges;
        row.hasDependents = now.hasDependents;
        row.hasOpenChildren = now.hasOpenChildren;
        return new Task(ledger, row);
    }

    void note(@Nullable String key, String hash, TaskRow row) {
        if (key != null) {
            noted.put(key, new Noted(hash, new Task(ledger, row.copy()), journal.newestPlace(row)));
        }
    }

    /** Writes what was noted; the events have their numbers by now. */
    void flush() {
        if (!noted.isEmpty()) {
            journal.tables();
        }
        noted.forEach((key, one) -> {
            journal.unflushed()
                    .sql(
                            "INSERT INTO task_request (ledger_id, idem_key, task_id, request_hash, seq, at)"
                                    + " VALUES (?, ?, ?, ?, ?, ?)",
                            insert -> {
                                insert.setString(1, ledger.key());
                                insert.setString(2, key);
                                insert.setString(3, one.answer().taskId());
                                insert.setString(4, one.hash());
                                insert.setLong(5, one.place().seq());
                                insert.setLong(6, journal.now());
                                return insert.executeUpdate();
                            });
        });
    }
}
