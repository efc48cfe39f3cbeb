package dev.hart.bench.ledger;

import com.zaxxer.hikari.HikariDataSource;
import dev.dbos.transact.DBOS;
import dev.dbos.transact.StartWorkflowOptions;
import dev.dbos.transact.workflow.ListWorkflowsInput;
import dev.dbos.transact.workflow.Queue;
import dev.dbos.transact.workflow.Workflow;
import dev.dbos.transact.workflow.WorkflowState;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * DBOS Transact's durable queue: sixteen threads put workflows without steps into it while it runs them. At most a thousand wait
 * at a time. A workflow counts when its method has run, a moment before its end is durable.
 */
record DbosQueue(PostgresServer server) implements LedgerContestant {
    static final String NAME = "dbos-queue-pg";
    private static final int MOST_WAITING = 1_000;
    private static final int WORKERS = 100;
    private static final Duration POLL = Duration.ofMillis(10);
    private static final Duration LONGEST_DRAIN = Duration.ofSeconds(60);

    /** Public, as DBOS calls it by reflection. */
    public interface Task {
        int run(String body);
    }

    /** A workflow that does nothing but say that it ran. */
    public static final class TrivialTask implements Task {
        private final Semaphore room;

        TrivialTask(Semaphore room) {
            this.room = room;
        }

        @Override
        @Workflow(name = "task")
        public int run(String body) {
            room.release();
            return body.length();
        }
    }

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
        return new Launched(server.newDatabase());
    }

    private static final class Launched implements Session {
        private final PostgresServer.Database database;
        private final HikariDataSource pool;
        private final DBOS dbos;
        private final Semaphore room = new Semaphore(MOST_WAITING);
        private final Task task;
        private final Queue queue =
                new Queue("tasks").withWorkerConcurrency(WORKERS).withPollingInterval(POLL);

        Launched(PostgresServer.Database database) {
            this.database = database;
            this.pool = database.pool(Dbos.CONNECTIONS);
            this.dbos = new DBOS(Dbos.config(pool));
            this.task = dbos.registerProxy(Task.class, new TrivialTask(room));
            dbos.registerQueue(queue);
            dbos.launch();
        }

        /** Each workflow put in waits for one to end, so in the long run as many are run as are put in. */
        @Override
        public CommandRate run(Load load, Duration time) throws Exception {
            StartWorkflowOptions inQueue = new StartWorkflowOptions().withQueue(queue);
            return Drivers.warmUpAndMeasure(load.threads(), time, thread -> {
                if (!room.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
                    return 0;
                }
                dbos.startWorkflow(() -> task.run(SmallTask.BODY), inQueue);
                return 1;
            });
        }

        @Override
        public void close() throws SQLException, InterruptedException {
            drain();
            dbos.close();
            pool.close();
            database.close();
        }

        /** DBOS refuses, and complains of, what is still to be written when it is closed. */
        private void drain() throws InterruptedException {
            ListWorkflowsInput anyLeft = new ListWorkflowsInput()
                    .withStatus(WorkflowState.ENQUEUED, WorkflowState.PENDING)
                    .withLimit(1);
            long end = System.nanoTime() + LONGEST_DRAIN.toNanos();
            while (!dbos.listWorkflows(anyLeft).isEmpty()) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException(
                            "the queue was not empty after " + LONGEST_DRAIN.toSeconds() + " s");
                }
                Thread.sleep(POLL.toMillis());
            }
        }
    }
}
