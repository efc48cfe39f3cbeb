package dev.hart.store.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real PostgreSQL server on this machine, unpacked from a jar, with a data directory of its own that is deleted at the
 * end. It calls fsync, so that tests of durability are honest; {@code -Dhart.postgres.fsync=off} makes the others faster.
 * Runs as root and as any other user, on Linux. Thread-safe, but {@link #kill} and {@link #restart} are for one thread.
 */
public final class PostgresServer implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private static final class Shared {
        static final PostgresServer SERVER = start();
    }

    private final Path folder;
    private final AtomicInteger databases = new AtomicInteger();
    private EmbeddedPostgres server;

    private PostgresServer(Path folder, EmbeddedPostgres server) {
        this.folder = folder;
        this.server = server;
    }

    /** The server of this JVM, started on first use and stopped when the JVM exits. Not to be killed or closed. */
    public static PostgresServer shared() {
        return Shared.SERVER;
    }

    /** The URL of a new, empty database of the {@linkplain #shared shared} server. */
    public static String freshDatabase() {
        return shared().newDatabase();
    }

    /** A server for one test, to be closed by it, or else at the JVM's exit. */
    public static PostgresServer start() {
        try {
            Path folder = Files.createTempDirectory("hart-postgres-");
            PostgresServer server = new PostgresServer(folder, start(folder, 0));
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "hart-postgres-close"));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("no PostgreSQL server could be started", e);
        }
    }

    /** Where the server's program is unpacked, once for each user of this machine. */
    private static File program() {
        return Path.of(System.getProperty("java.io.tmpdir"), "hart-postgres-" + System.getProperty("user.name"))
                .toFile();
    }

    private static EmbeddedPostgres start(Path folder, int port) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("data"))
                .setOverrideWorkingDirectory(program())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(START)
                .setServerConfig("fsync", System.getProperty("hart.postgres.fsync", "on"))
                .setServerConfig("synchronous_commit", "on")
                .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                .setErrorRedirector(ProcessBuilder.Redirect.DISCARD);
        if (port != 0) {
            builder.setPort(port);
        }
        return builder.start();
    }

    /** The JDBC URL of a new, empty database. */
    public String newDatabase() {
        String name = "test_" + databases.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(url("postgres"));
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " TEMPLATE template0");
        } catch (SQLException e) {
            throw new IllegalStateException("database " + name + " could not be made", e);
        }
        return url(name);
    }

    /** The JDBC URL of a database of this server, for its superuser, who needs no password. */
    public String url(String database) {
        return "jdbc:postgresql://localhost:%d/%s?user=postgres".formatted(server.getPort(), database);
    }

    /** Ends the server's processes as a crash would; its data stays. Returns when they are gone. */
    public void kill() {
        ProcessHandle postmaster = ProcessHandle.of(postmasterId()).orElse(null);
        if (postmaster == null) {
            return;
        }
        List<ProcessHandle> processes = postmaster.descendants().toList();
        postmaster.destroyForcibly();
        postmaster.onExit().join();
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }

    private long postmasterId() {
        try {
            return Long.parseLong(
                    Files.readAllLines(folder.resolve("data/postmaster.pid")).get(0));
        } catch (IOException e) {
            throw new UncheckedIOException("the server does not run", e);
        }
    }

    /** Starts the server again after {@link #kill}, with the same data at the same port. */
    public void restart() {
        try {
            server.close();
            server = start(folder, server.getPort());
        } catch (IOException e) {
            throw new UncheckedIOException("the PostgreSQL server could not be started again", e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops the server and deletes its data. A second call changes nothing. */
    @Override
    public synchronized void close() {
        if (!Files.exists(folder)) {
            return;
        }
        try {
            kill(); // an orderly end writes everything to the disk first, only to be deleted
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).forEach(PostgresServer::delete);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the PostgreSQL server could not be stopped", e);
        }
    }
}
