package dev.hart.bench.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.configuration.JobRunrConfiguration.JobRunrConfigurationResult;
import org.jobrunr.jobs.filters.ApplyStateFilter;
import org.jobrunr.jobs.states.StateName;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.storage.StorageProvider;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;
import org.jobrunr.storage.sql.sqlite.SqLiteStorageProvider;
import org.jobrunr.utils.mapper.jackson.JacksonJsonMapper;

/**
 * JobRunr: jobs enqueued by sixteen threads, then performed by sixteen workers. It looks for work every five seconds, the least
 * that it allows, and at once when a worker is free, so that only its first look is late; that wait is not counted.
 */
final class JobRunrJobs implements LedgerContestant {
    static final String ON_SQLITE = "jobrunr-sqlite";
    static final String ON_POSTGRES = "jobrunr-pg";
    private static final int CONNECTIONS = 20;
    private static final Duration POLL = Duration.ofSeconds(5);

    private final String name;
    private final Opening opening;

    /** Opens the store that a session works on. */
    @FunctionalInterface
    private interface Opening {
        Stored open(Path folder) throws Exception;
    }

    /** An open store, and what is to be closed after it. */
    private record Stored(StorageProvider storage, HikariDataSource pool, AutoCloseable database) {}

    private JobRunrJobs(String name, Opening opening) {
        this.name = name;
        this.opening = opening;
    }

    /** One connection: SQLite has one writer, and several connections would only fail each other's transactions. */
    static JobRunrJobs onSqlite() {
        return new JobRunrJobs(ON_SQLITE, folder -> {
            Files.createDirectories(folder);
            HikariConfig config = new HikariConfig();
            config.setDataSource(SqliteByHand.dataSource(folder.resolve("jobrunr.db")));
            config.setMaximumPoolSize(1);
            HikariDataSource pool = new HikariDataSource(config);
            return new Stored(new SqLiteStorageProvider(pool), pool, () -> {});
        });
    }

    static JobRunrJobs onPostgres(PostgresServer server) {
        return new JobRunrJobs(ON_POSTGRES, folder -> {
            PostgresServer.Database database = server.newDatabase();
            HikariDataSource pool = database.pool(CONNECTIONS);
            return new Stored(new PostgresStorageProvider(pool), pool, database);
        });
    }

    /** Public, as JobRunr calls it by reflection. */
    public static final class TrivialJob {
        private TrivialJob() {}

        /** Does nothing. */
        public static void perform(String body) {
            if (body.length() != SmallTask.BODY.length()) {
                throw new IllegalArgumentException("a job came with " + body.length() + " characters");
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Load> loads() {
        return EnumSet.of(Load.THREADS_16);
    }

    @Override
    public Session open(Path folder) throws Exception {
        return new Configured(opening.open(folder));
    }

    private static final class Configured implements Session {
        private final Stored stored;
        private final Completions completions = new Completions();
        private final JobRunrConfigurationResult jobRunr;
        private final AtomicLong jobs = new AtomicLong();

        Configured(Stored stored) {
            this.stored = stored;
            ApplyStateFilter count = (job, before, after) -> {
                if (after.getName() == StateName.SUCCEEDED) {
                    completions.add();
                }
            };
            BackgroundJobServerConfiguration server =
                    BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                            .andWorkerCount(Load.THREADS_16.threads())
                            .andPollInterval(POLL);
            this.jobRunr = JobRunr.configure()
                    .useJsonMapper(new JacksonJsonMapper())
                    .useStorageProvider(stored.storage)
                    .withJobFilter(count)
                    .useBackgroundJobServer(server, false)
                    .initialize();
        }

        @Override
        public CommandRate run(Load load, Duration time) throws Exception {
            Duration half = time.dividedBy(2);
            String body = SmallTask.BODY;
            CommandRate created = Drivers.warmUpAndMeasure(load.threads(), half, thread -> {
                jobRunr.getJobScheduler().enqueue(() -> TrivialJob.perform(body));
                jobs.incrementAndGet();
                return 1;
            });
            jobRunr.getBackgroundJobServer().start();
            return created.then(completions.rate(jobs.get(), half));
        }

        @Override
        public void close() throws Exception {
            JobRunr.destroy();
            stored.pool.close();
            stored.database.close();
        }
    }
}
