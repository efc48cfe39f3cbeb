package dev.hart.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The heads of a ledger's chains, signed by the node: who keeps it elsewhere can tell whether the history was cut off or
 * written anew.
 *
 * @param no from 1, in each ledger
 * @param signature Ed25519 over {@link #statement()} in UTF-8, 64 bytes in hex
 */
public record Checkpoint(LedgerId ledger, long no, Instant at, List<Head> heads, String keyId, String signature) {

    /** The newest event of a stripe; the hash in hex. */
    public record Head(int stripe, long seq, String hash) {}

    /** What is signed: canonical JSON of at, heads, key_id, ledger_id and v. */
    public String statement() {
        return statement(ledger.key(), at, heads, keyId);
    }

    static String statement(String ledgerKey, Instant at, List<Head> heads, String keyId) {
        Map<String, @Nullable Object> statement = new LinkedHashMap<>();
        statement.put("v", 1L);
        statement.put("ledger_id", ledgerKey);
        statement.put("at", EventChain.format(at.toEpochMilli()));
        statement.put("heads", documents(heads));
        statement.put("key_id", keyId);
        return CanonicalJson.write(statement);
    }

    static List<Map<String, @Nullable Object>> documents(List<Head> heads) {
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        for (Head head : heads) {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("stripe", (long) head.stripe());
            document.put("seq", head.seq());
            document.put("hash", head.hash());
            documents.add(document);
        }
        return documents;
    }

    private static long number(@Nullable Object value) {
        return ((Number) java.util.Objects.requireNonNull(value)).longValue();
    }

    /** Reads no, heads_json, signed_at, key_id, signature. */
    static Checkpoint read(LedgerId ledger, ResultSet row) throws SQLException {
        List<Head> heads = new ArrayList<>();
        if (CanonicalJson.read(row.getString(2)) instanceof List<?> documents) {
            for (Object document : documents) {
                Map<?, ?> head = (Map<?, ?>) document;
                heads.add(new Head(
                        (int) number(head.get("stripe")), number(head.get("seq")), String.valueOf(head.get("hash"))));
            }
        }
        return new Checkpoint(
                ledger,
                row.getLong(1),
                Instant.ofEpochMilli(row.getLong(3)),
                heads,
                row.getString(4),
                HexFormat.of().formatHex(row.getBytes(5)));
    }
}
