package dev.hart.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a completed task told one that waits for it.
 *
 * @param attempt which attempt of the sender completed
 * @param dataJson the sender's result as canonical JSON; null in a {@link Type#COMPLETION}
 */
public record TaskMessage(
        String toTaskId,
        String fromTaskId,
        int attempt,
        Type type,
        @Nullable String dataJson,
        Instant at) {

    /** What a message tells. */
    public enum Type {
        /** The result; sent only when there is one. */
        RESULT,
        /** That the sender completed. */
        COMPLETION;

        /** Lower case, as in rows, events and documents. */
        public String wireName() {
            return WireNames.of(this);
        }
    }

    /** The sender's result, a {@code dev.hart.json} value; null in a {@link Type#COMPLETION}. */
    public @Nullable Object data() {
        return dataJson == null ? null : CanonicalJson.read(dataJson);
    }

    static TaskMessage read(ResultSet row) throws SQLException {
        return new TaskMessage(
                row.getString(1),
                row.getString(2),
                row.getInt(3),
                WireNames.parse(Type.class, row.getString(4)),
                row.getString(5),
                Instant.ofEpochMilli(row.getLong(6)));
    }
}
