package dev.hart.store;

import dev.hart.error.StoreUnavailableException;
import dev.hart.error.UnsupportedSchemaException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Numbered SQL scripts, each run once, in order. What was run is kept with its checksum: a script must never change once it
 * was released.
 */
final class Migrations {
    private static final String TABLE = """
            CREATE TABLE IF NOT EXISTS schema_migration (
                component TEXT NOT NULL,
                version   INTEGER NOT NULL,
                script    TEXT NOT NULL,
                checksum  TEXT NOT NULL,
                PRIMARY KEY (component, version))""";

    private Migrations() {}

    record Script(String name, String sql) {
        String checksum() {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(sql.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JVM has SHA-256", e);
            }
        }
    }

    static List<Script> of(Class<?> anchor) {
        return text(anchor, "migrations.txt")
                .lines()
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .map(name -> new Script(name, text(anchor, name)))
                .toList();
    }

    private static String text(Class<?> anchor, String resource) {
        try (InputStream in = anchor.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("there is no resource " + resource + " beside " + anchor.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot read " + resource + " of " + anchor.getName(), e);
        }
    }

    static void apply(Transaction tx, String component, List<Script> scripts) throws SQLException {
        run(tx, TABLE);
        List<String> done = applied(tx, component);
        if (done.size() > scripts.size()) {
            throw new UnsupportedSchemaException(
                    "the database has version %d of its %s tables, this HART knows %d: use a newer HART"
                            .formatted(done.size(), component, scripts.size()));
        }
        for (int i = 0; i < scripts.size(); i++) {
            Script script = scripts.get(i);
            if (i < done.size()) {
                if (!done.get(i).equals(script.checksum())) {
                    throw new UnsupportedSchemaException(
                            "the database was made with another " + script.name() + " than this HART's");
                }
                continue;
            }
            for (String statement : script.sql().split(";")) {
                if (!statement.isBlank()) {
                    run(tx, statement);
                }
            }
            PreparedStatement insert = tx.prepare("INSERT INTO schema_migration VALUES (?, ?, ?, ?)");
            insert.setString(1, component);
            insert.setInt(2, i + 1);
            insert.setString(3, script.name());
            insert.setString(4, script.checksum());
            insert.executeUpdate();
        }
    }

    private static List<String> applied(Transaction tx, String component) throws SQLException {
        PreparedStatement select =
                tx.prepare("SELECT checksum FROM schema_migration WHERE component = ? ORDER BY version");
        select.setString(1, component);
        List<String> checksums = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                checksums.add(rows.getString(1));
            }
        }
        return checksums;
    }

    private static void run(Transaction tx, String sql) throws SQLException {
        try (Statement statement = tx.connection().createStatement()) {
            statement.execute(sql);
        }
    }
}
