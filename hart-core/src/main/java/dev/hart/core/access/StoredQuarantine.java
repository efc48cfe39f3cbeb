package dev.hart.core.access;

import dev.hart.security.rules.QuarantineEntry;
import dev.hart.security.rules.QuarantineStore;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Quarantines in the database of recipes and ledgers. Each change is one commit, durable when it returns. Thread-safe. */
public final class StoredQuarantine implements QuarantineStore {
    private final Store store;

    public StoredQuarantine(Store store) {
        store.migrate("access", StoredQuarantine.class);
        this.store = store;
    }

    @Override
    public Map<String, QuarantineEntry> load() {
        return store.read(tx -> {
            Map<String, List<String>> notes = notes(tx);
            Map<String, QuarantineEntry> entries = new LinkedHashMap<>();
            PreparedStatement select =
                    tx.prepare("SELECT subject, level, reason, since, review_count, last_review FROM quarantine");
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String subject = row.getString(1);
                    long reviewed = row.getLong(6);
                    @Nullable Instant last = row.wasNull() ? null : Instant.ofEpochMilli(reviewed);
                    entries.put(
                            subject,
                            new QuarantineEntry(
                                    QuarantineEntry.Level.of(row.getInt(2)),
                                    row.getString(3),
                                    Instant.ofEpochMilli(row.getLong(4)),
                                    row.getInt(5),
                                    last,
                                    notes.getOrDefault(subject, List.of())));
                }
            }
            return entries;
        });
    }

    private static Map<String, List<String>> notes(Transaction tx) throws SQLException {
        Map<String, List<String>> notes = new LinkedHashMap<>();
        PreparedStatement select = tx.prepare("SELECT subject, note FROM quarantine_note ORDER BY subject, number");
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                notes.computeIfAbsent(row.getString(1), subject -> new ArrayList<>())
                        .add(row.getString(2));
            }
        }
        return notes;
    }

    @Override
    public void save(String subject, QuarantineEntry entry) {
        store.write(tx -> {
            delete(tx, subject);
            PreparedStatement insert =
                    tx.prepare("INSERT INTO quarantine (subject, level, reason, since, review_count, last_review)"
                            + " VALUES (?, ?, ?, ?, ?, ?)");
            insert.setString(1, subject);
            insert.setInt(2, entry.level().number());
            insert.setString(3, entry.reason());
            insert.setLong(4, entry.timestamp().toEpochMilli());
            insert.setInt(5, entry.reviewCount());
            Instant last = entry.lastReview();
            if (last == null) {
                insert.setNull(6, Types.BIGINT);
            } else {
                insert.setLong(6, last.toEpochMilli());
            }
            insert.executeUpdate();
            int number = 0;
            for (String note : entry.reviewerNotes()) {
                PreparedStatement add =
                        tx.prepare("INSERT INTO quarantine_note (subject, number, note) VALUES (?, ?, ?)");
                add.setString(1, subject);
                add.setInt(2, ++number);
                add.setString(3, note);
                add.executeUpdate();
            }
            return true;
        });
    }

    @Override
    public void remove(String subject) {
        store.write(tx -> delete(tx, subject));
    }

    private static int delete(Transaction tx, String subject) throws SQLException {
        PreparedStatement notes = tx.prepare("DELETE FROM quarantine_note WHERE subject = ?");
        notes.setString(1, subject);
        notes.executeUpdate();
        PreparedStatement delete = tx.prepare("DELETE FROM quarantine WHERE subject = ?");
        delete.setString(1, subject);
        return delete.executeUpdate();
    }
}
