package dev.hart.store;

import dev.hart.error.UnsupportedSchemaException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Applies a component's scripts to SQLite. What was applied is kept, with the checksum of the script, in the table
 * {@code schema_migration}.
 */
final class Migrations {
    private record Applied(String name, String checksum) {}

    private final String component;
    private final List<Script> scripts;

    Migrations(String component, List<Script> scripts) {
        this.component = component;
        this.scripts = scripts;
    }

    /** Applies what is missing, inside the caller's transaction. */
    void apply(StatementCache statements) throws SQLException {
        statements.executeScript("""
                CREATE TABLE IF NOT EXISTS schema_migration (
                    component TEXT NOT NULL,
                    version INTEGER NOT NULL,
                    script TEXT NOT NULL,
                    checksum TEXT NOT NULL,
                    PRIMARY KEY (component, version)
                ) WITHOUT ROWID""");
        TreeMap<Integer, Applied> applied = applied(statements);
        if (!applied.isEmpty() && applied.lastKey() > scripts.size()) {
            throw new UnsupportedSchemaException(
                    "the database has %s tables of version %d, this HART knows version %d: use a newer HART"
                            .formatted(component, applied.lastKey(), scripts.size()));
        }
        for (Script script : scripts) {
            Applied before = applied.get(script.version());
            if (before == null) {
                apply(script, statements);
            } else if (!before.checksum().equals(sha256(script.text()))) {
                throw new UnsupportedSchemaException(
                        "the %s tables were made by a different %s than this HART has: use the HART that made them"
                                .formatted(component, before.name()));
            }
        }
    }

    private TreeMap<Integer, Applied> applied(StatementCache statements) throws SQLException {
        var select = statements.prepare("SELECT version, script, checksum FROM schema_migration WHERE component = ?");
        select.setString(1, component);
        TreeMap<Integer, Applied> applied = new TreeMap<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                applied.putAll(Map.of(rows.getInt(1), new Applied(rows.getString(2), rows.getString(3))));
            }
        }
        return applied;
    }

    private void apply(Script script, StatementCache statements) throws SQLException {
        statements.executeScript(script.text());
        var insert = statements.prepare(
                "INSERT INTO schema_migration (component, version, script, checksum) VALUES (?, ?, ?, ?)");
        insert.setString(1, component);
        insert.setInt(2, script.version());
        insert.setString(3, script.name());
        insert.setString(4, sha256(script.text()));
        insert.executeUpdate();
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
