package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.security.node.NodeSafety;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that opens a runtime. */
final class RuntimeOptions {
    private static final Path DEFAULT_DATA = Path.of("hart-data");

    @Option(names = "--data", paramLabel = "DIR", description = "where recipes and the ledger are kept (./hart-data)")
    private @Nullable Path data;

    @Option(
            names = "--database",
            paramLabel = "URL",
            defaultValue = "${env:HART_DATABASE}",
            description = "a PostgreSQL database for recipes and the ledger, jdbc:postgresql://…; like HART_DATABASE,"
                    + " which other users of this machine cannot see")
    private @Nullable String database;

    @Option(names = "--workspace", paramLabel = "DIR", description = "the only folder that tools may touch (.)")
    private @Nullable Path workspace;

    @Option(
            names = "--allow-host",
            paramLabel = "HOST[:PORT]",
            description = "a host that the HTTP tool may call; may be given again")
    private List<String> allowedHosts = new ArrayList<>();

    Path dataDirectory() {
        return (data == null ? DEFAULT_DATA : data).toAbsolutePath().normalize();
    }

    /** Where recipes and the ledger are; without the parameters of a database, which may hold a password. */
    String place() {
        return database == null || database.isBlank()
                ? dataDirectory().toString()
                : database.strip().replaceFirst("\\?.*", "");
    }

    Path workspace() {
        return (workspace == null ? Path.of("") : workspace).toAbsolutePath().normalize();
    }

    Hart open() {
        return builder().create();
    }

    /** A runtime that this watches over. */
    Hart open(NodeSafety safety) {
        return builder()
                .haltSwitch(safety.breaker())
                .taskKeeper(safety.watchdog())
                .create();
    }

    private HartBuilder builder() {
        HartBuilder builder = Hart.configure().dataDirectory(dataDirectory()).workspace(workspace());
        if (database != null && !database.isBlank()) {
            builder.database(database.strip());
        }
        allowedHosts.forEach(builder::allowHost);
        return builder;
    }
}
