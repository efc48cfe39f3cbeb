package dev.hart.bench.ledger;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * db-scheduler: one-time tasks, scheduled by sixteen threads, then executed by sixteen with lock-and-fetch, its way for
 * throughput. A task that is done is deleted.
 *
 * @param table makes its table
 */
record DbSchedulerTasks(PostgresServer server, Script table) implements LedgerContestant {
    static final String NAME = "db-scheduler-pg";
    private static final int CONNECTIONS = 20;
    private static final Duration POLL = Duration.ofMillis(50);
    /** Fetches more when fewer tasks than threads are at hand, up to four for each thread, as its documentation advises. */
    private static final double FETCH_BELOW = 1.0;

    private static final double FETCH_UP_TO = 4.0;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Load> loads() {
        return EnumSet.of(Load.THREADS_16);
    }

    @Override
    public Session open(Path folder) throws Exception {
        PostgresServer.Database database = server.newDatabase();
        try (Connection connection = database.connection()) {
            table.run(connection);
        }
        return new Scheduling(database);
    }

    private static final class Scheduling implements Session {
        private final PostgresServer.Database database;
        private final HikariDataSource pool;
        private final Completions completions = new Completions();
        private final OneTimeTask<String> task =
                Tasks.oneTime("task", String.class).execute((instance, context) -> {});
        private final Scheduler scheduler;
        private final AtomicLong lastNumber = new AtomicLong();

        Scheduling(PostgresServer.Database database) {
            this.database = database;
            this.pool = database.pool(CONNECTIONS);
            this.scheduler = Scheduler.create(pool, task)
                    .threads(Load.THREADS_16.threads())
                    .pollingInterval(POLL)
                    .pollUsingLockAndFetch(FETCH_BELOW, FETCH_UP_TO)
                    .addSchedulerListener(new AbstractSchedulerListener() {
                        @Override
                        public void onExecutionComplete(ExecutionComplete done) {
                            if (done.getResult() == ExecutionComplete.Result.OK) {
                                completions.add();
                            }
                        }
                    })
                    .build();
        }

        @Override
        public CommandRate run(Load load, Duration time) throws Exception {
            Duration half = time.dividedBy(2);
            CommandRate created = Drivers.warmUpAndMeasure(load.threads(), half, thread -> {
                String id = "task-" + lastNumber.incrementAndGet();
                scheduler.schedule(task.instance(id, SmallTask.BODY), Instant.now());
                return 1;
            });
            scheduler.start();
            return created.then(completions.rate(lastNumber.get(), half));
        }

        @Override
        public void close() throws SQLException {
            scheduler.stop();
            pool.close();
            database.close();
        }
    }
}
