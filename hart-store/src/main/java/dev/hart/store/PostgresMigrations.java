package dev.hart.store;

import dev.hart.error.StoreUnavailableException;
import dev.hart.error.UnsupportedSchemaException;
import java.io.Reader;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * Applies a component's scripts to PostgreSQL with Flyway, which keeps what it applied in a table of that component. One
 * process at a time: an advisory lock is held meanwhile, as Flyway's own begins only once its table is there.
 */
final class PostgresMigrations {
    /** Any number that other programs do not use: "hart" in ASCII. */
    private static final long LOCK = 0x68617274L;

    private static final long LOCK_MILLIS = 300_000;

    private final DataSource connections;
    private final StoreFailures failures;

    PostgresMigrations(DataSource connections, StoreFailures failures) {
        this.connections = connections;
        this.failures = failures;
    }

    void apply(String component, List<Script> scripts) {
        try (Connection lock = connections.getConnection()) {
            lock.setAutoCommit(false);
            try (var statement = lock.createStatement()) {
                statement.execute("SET LOCAL lock_timeout = " + LOCK_MILLIS);
                statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
                migrate(component, scripts);
            } finally {
                lock.rollback();
            }
        } catch (SQLException e) {
            throw failures.of(e);
        }
    }

    private void migrate(String component, List<Script> scripts) {
        Flyway flyway = Flyway.configure(PostgresMigrations.class.getClassLoader())
                .dataSource(connections)
                .table(component + "_schema_history")
                .resourceProvider(new Resources(scripts))
                .javaMigrationClassProvider(List::of)
                .locations(new String[0])
                .baselineOnMigrate(true) // the schema has the tables of other components
                .baselineVersion("0")
                .group(true)
                .placeholderReplacement(false)
                .loggers("slf4j")
                .load();
        try {
            refuseNewer(component, scripts, flyway);
            flyway.migrate();
        } catch (FlywayValidateException e) {
            throw new UnsupportedSchemaException(
                    "the %s tables were made by other scripts than this HART has: use the HART that made them: %s"
                            .formatted(component, e.getMessage()),
                    e);
        } catch (FlywayException e) {
            throw explain(component, e);
        }
    }

    private static void refuseNewer(String component, List<Script> scripts, Flyway flyway) {
        for (MigrationInfo applied : flyway.info().applied()) {
            String version = applied.getVersion().getVersion();
            if (Integer.parseInt(version) > scripts.size()) {
                throw new UnsupportedSchemaException(
                        "the database has %s tables of version %s, this HART knows version %d: use a newer HART"
                                .formatted(component, version, scripts.size()));
            }
        }
    }

    private StoreUnavailableException explain(String component, FlywayException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return failures.of(sql);
            }
        }
        return new StoreUnavailableException(
                "the %s tables of %s could not be made: %s".formatted(component, failures.database(), e.getMessage()),
                e);
    }

    /** Gives Flyway the scripts; it would find neither those of another module nor those of another class loader. */
    private record Resources(List<Script> scripts) implements ResourceProvider {
        @Override
        public @Nullable LoadableResource getResource(String name) {
            return scripts.stream()
                    .filter(script -> script.name().equals(name))
                    .findFirst()
                    .map(Resource::new)
                    .orElse(null);
        }

        @Override
        public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
            return scripts.stream()
                    .filter(script -> script.name().startsWith(prefix)
                            && Arrays.stream(suffixes).anyMatch(script.name()::endsWith))
                    .<LoadableResource>map(Resource::new)
                    .toList();
        }
    }

    private static final class Resource extends LoadableResource {
        private final Script script;

        Resource(Script script) {
            this.script = script;
        }

        @Override
        public Reader read() {
            return new StringReader(script.text());
        }

        @Override
        public String getAbsolutePath() {
            return script.name();
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return script.name();
        }

        @Override
        public String getFilename() {
            return script.name();
        }

        @Override
        public String getRelativePath() {
            return script.name();
        }
    }
}
