package dev.hart.bench.ledger;

import com.zaxxer.hikari.HikariDataSource;
import dev.dbos.transact.DBOS;
import dev.dbos.transact.workflow.Workflow;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/** DBOS Transact: workflows of ten steps, each thread running one after another; every step's result is durable. */
record DbosSteps(PostgresServer server) implements LedgerContestant {
    static final String NAME = "dbos-pg";
    private static final int STEPS = 10;

    /** Public, as DBOS calls it by reflection. */
    public interface Chain {
        int run(String body);
    }

    /** A workflow whose steps do next to nothing. */
    public static final class TrivialChain implements Chain {
        private final DBOS dbos;

        TrivialChain(DBOS dbos) {
            this.dbos = dbos;
        }

        @Override
        @Workflow(name = "chain")
        public int run(String body) {
            int length = 0;
            for (int i = 0; i < STEPS; i++) {
                length += dbos.runStep(() -> body.length(), "step" + i);
            }
            return length;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String unit() {
        return "steps";
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
        private final Chain chain;

        Launched(PostgresServer.Database database) {
            this.database = database;
            this.pool = database.pool(Dbos.CONNECTIONS);
            this.dbos = new DBOS(Dbos.config(pool));
            this.chain = dbos.registerProxy(Chain.class, new TrivialChain(dbos));
            dbos.launch();
        }

        @Override
        public CommandRate run(Load load, Duration time) throws Exception {
            return Drivers.warmUpAndMeasure(load.threads(), time, thread -> {
                int length = chain.run(SmallTask.BODY);
                if (length != STEPS * SmallTask.BODY.length()) {
                    throw new IllegalStateException("the workflow gave " + length);
                }
                return STEPS;
            });
        }

        @Override
        public void close() throws SQLException {
            dbos.close();
            pool.close();
            database.close();
        }
    }
}
