package dev.hart.store;

import dev.hart.error.UnsupportedSchemaException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbered scripts that make and change the tables of one component. What was applied is kept, with the checksum of
 * the script, in the table {@code schema_migration}; a script that was applied once never changes.
 */
final class Migrations {
    // Not a legal package name: inside a named module such a folder may be read by other modules.
    private static final String FOLDER = "schema-migrations/";
    private static final Pattern SCRIPT = Pattern.compile("V([1-9][0-9]{0,3})__[a-z0-9_]+\\.sql");

    private record Script(int version, String name, String text, String checksum) {}

    private record Applied(String name, String checksum) {}

    private final String component;
    private final List<Script> scripts;

    private Migrations(String component, List<Script> scripts) {
        this.component = component;
        this.scripts = scripts;
    }

    /** Reads the scripts named in the list {@code schema-migrations/scripts.txt} beside {@code anchor}. */
    static Migrations of(String component, Class<?> anchor) {
        List<Script> scripts = new ArrayList<>();
        for (String name : resource(anchor, "scripts.txt").lines().toList()) {
            Matcher parts = SCRIPT.matcher(name);
            if (!parts.matches() || Integer.parseInt(parts.group(1)) != scripts.size() + 1) {
                throw new IllegalArgumentException("%s: script %d is '%s'; name it V%d__what_it_does.sql"
                        .formatted(component, scripts.size() + 1, name, scripts.size() + 1));
            }
            String text = resource(anchor, name);
            scripts.add(new Script(scripts.size() + 1, name, text, sha256(text)));
        }
        return new Migrations(component, scripts);
    }

    private static String resource(Class<?> anchor, String name) {
        try (InputStream in = anchor.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalArgumentException(
                        "no resource " + FOLDER + name + " beside " + anchor.getName() + ": add it to the module");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
            } else if (!before.checksum().equals(script.checksum())) {
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
        insert.setString(4, script.checksum());
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
