package dev.hart.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one verifier says of a completed task's result.
 *
 * @param attempt which attempt's result
 * @param resultHash of the result that was judged
 * @param evidence why, a {@code dev.hart.json} value
 */
public record Vote(
        String taskId,
        int attempt,
        String verifier,
        String resultHash,
        boolean verdict,
        @Nullable Object evidence,
        Instant at) {

    static Vote read(ResultSet row) throws SQLException {
        return new Vote(
                row.getString(1),
                row.getInt(2),
                row.getString(3),
                row.getString(4),
                row.getBoolean(5),
                CanonicalJson.read(row.getString(6)),
                Instant.ofEpochMilli(row.getLong(7)));
    }
}
