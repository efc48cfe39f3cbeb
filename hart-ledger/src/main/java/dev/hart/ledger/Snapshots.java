package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps snapshots of a ledger, and finds them again. */
final class Snapshots {
    /** The task id that events about snapshots carry. */
    static final String SUBJECT = "snapshot";

    private final LedgerId ledger;
    private final LedgerTables tables;

    Snapshots(LedgerId ledger, LedgerTables tables) {
        this.ledger = ledger;
        this.tables = tables;
    }

    /** The present, under an id and label that the caller chose. */
    Snapshot now(String snapshotId, String label, Instant at) {
        Map<String, Snapshot.TaskState> states = new LinkedHashMap<>();
        for (TaskRow row : tables.tasks("WHERE ledger_id = ? AND NOT archived ORDER BY task_id")) {
            states.put(row.taskId, new Snapshot.TaskState(row.status, row.description, row.resultHash));
        }
        return new Snapshot(snapshotId, ledger, label, at, states);
    }

    void insert(Snapshot snapshot) {
        tables.sql(
                "INSERT INTO ledger_snapshot (ledger_id, snapshot_id, label, created_at, tasks_json) VALUES (?, ?, ?, ?, ?)",
                insert -> {
                    insert.setString(1, ledger.key());
                    insert.setString(2, snapshot.snapshotId());
                    insert.setString(3, snapshot.label());
                    insert.setLong(4, snapshot.createdAt().toEpochMilli());
                    insert.setString(5, CanonicalJson.write(snapshot.tasksDocument()));
                    return insert.executeUpdate();
                });
    }

    /** All, or the one of an id, oldest first. */
    List<Snapshot> find(@Nullable String snapshotId) {
        return tables.sql(
                "SELECT snapshot_id, label, created_at, tasks_json FROM ledger_snapshot WHERE ledger_id = ?"
                        + (snapshotId == null ? "" : " AND snapshot_id = ?") + " ORDER BY created_at, snapshot_id",
                select -> {
                    select.setString(1, ledger.key());
                    if (snapshotId != null) {
                        select.setString(2, snapshotId);
                    }
                    List<Snapshot> found = new ArrayList<>();
                    try (ResultSet row = select.executeQuery()) {
                        while (row.next()) {
                            found.add(new Snapshot(
                                    row.getString(1),
                                    ledger,
                                    row.getString(2),
                                    Instant.ofEpochMilli(row.getLong(3)),
                                    Snapshot.tasks(row.getString(4))));
                        }
                    }
                    return found;
                });
    }

    Snapshot require(String snapshotId) {
        return find(snapshotId).stream()
                .findFirst()
                .orElseThrow(() -> new LedgerException(
                        "SNAPSHOT_NOT_FOUND", "%s has no snapshot '%s'".formatted(ledger.key(), snapshotId)));
    }

    /** The payload of SNAPSHOT_CREATED. */
    static Map<String, @Nullable Object> event(Snapshot snapshot) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("snapshot_id", snapshot.snapshotId());
        payload.put("label", snapshot.label());
        payload.put("task_count", (long) snapshot.tasks().size());
        payload.put("hash", snapshot.hash());
        return payload;
    }
}
