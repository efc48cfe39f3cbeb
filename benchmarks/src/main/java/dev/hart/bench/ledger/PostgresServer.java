package dev.hart.bench.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of this process, shared by all contestants, with the settings that PostgreSQL itself comes with: every
 * commit is on the disk before it returns. It starts when the first database is asked for. Used by one thread.
 */
final class PostgresServer implements AutoCloseable {
    /** The library starts its server for tests, which need not survive: without these two a commit would not be durable. */
    private static final List<String> DURABLE = List.of("fsync", "synchronous_commit");

    private static final String CONNECTIONS = "100";
    private static final String USER = "postgres";

    private final Path folder;
    private @Nullable EmbeddedPostgres server;
    private int databases;

    /** @param folder for its program, its data and its log; made when it starts */
    PostgresServer(Path folder) {
        this.folder = folder;
    }

    /** A new, empty database. What was written before it is on the disk, so that no contestant pays for the one before. */
    Database newDatabase() throws IOException, SQLException {
        EmbeddedPostgres running = running();
        Database database = new Database(running, "bench" + ++databases);
        try (Connection connection = running.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + database.name);
            statement.execute("CHECKPOINT");
        }
        return database;
    }

    private EmbeddedPostgres running() throws IOException, SQLException {
        if (server == null) {
            Files.createDirectories(folder);
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(folder.resolve("program").toFile())
                    .setDataDirectory(folder.resolve("data"))
                    .setCleanDataDirectory(true)
                    .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                    .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                    .setServerConfig("max_connections", CONNECTIONS);
            DURABLE.forEach(setting -> builder.setServerConfig(setting, "on"));
            server = builder.start();
            requireDurable(server);
        }
        return server;
    }

    private static void requireDurable(EmbeddedPostgres server) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String setting : DURABLE) {
                try (ResultSet row = statement.executeQuery("SHOW " + setting)) {
                    row.next();
                    if (!row.getString(1).equals("on")) {
                        throw new IllegalStateException("PostgreSQL runs with " + setting + " = " + row.getString(1)
                                + ": its commits would not be durable, and the comparison worth nothing");
                    }
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    /** A database of the server, dropped when it is closed. */
    static final class Database implements AutoCloseable {
        private final EmbeddedPostgres server;
        private final String name;

        private Database(EmbeddedPostgres server, String name) {
            this.server = server;
            this.name = name;
        }

        /**
         * A connection for rows written by hand: batches of inserts are sent as one statement.
         */
        Connection connectionByHand() throws SQLException {
            return server.getDatabase(USER, name, Map.of("reWriteBatchedInserts", "true"))
                    .getConnection();
        }

        /** As the driver takes it. */
        String url() {
            return server.getJdbcUrl(USER, name);
        }

        Connection connection() throws SQLException {
            return source().getConnection();
        }

        private DataSource source() {
            return server.getDatabase(USER, name);
        }

        /** A pool of at most so many connections. */
        HikariDataSource pool(int connections) {
            HikariConfig config = new HikariConfig();
            config.setDataSource(source());
            config.setMaximumPoolSize(connections);
            return new HikariDataSource(config);
        }

        @Override
        public void close() throws SQLException {
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("DROP DATABASE " + name + " WITH (FORCE)");
            }
        }
    }
}
