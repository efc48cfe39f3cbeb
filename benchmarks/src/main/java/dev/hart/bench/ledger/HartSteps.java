package dev.hart.bench.ledger;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.bench.CountingRecipe;
import dev.hart.bench.ShopTools;
import dev.hart.recipe.RecipeVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * HART's runtime: each thread replays a recipe of ten chained tool actions, run after run; every step's result is durable
 * before the next step begins.
 *
 * @param server null for SQLite
 */
record HartSteps(String name, @Nullable PostgresServer server) implements LedgerContestant {
    static final String ON_SQLITE = "hart-steps-sqlite";
    static final String ON_POSTGRES = "hart-steps-pg";
    private static final int STEPS = 10;

    static HartSteps onSqlite() {
        return new HartSteps(ON_SQLITE, null);
    }

    static HartSteps onPostgres(PostgresServer server) {
        return new HartSteps(ON_POSTGRES, server);
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
        HartBuilder builder =
                Hart.configure().withoutModel().withoutBuiltInTools().dataDirectory(folder);
        if (server == null) {
            return new Replays(builder.create(), () -> {});
        }
        PostgresServer.Database database = server.newDatabase();
        return new Replays(builder.database(database.url()).create(), database);
    }

    private static final class Replays implements Session {
        private final Hart hart;
        private final AutoCloseable below;
        private final RecipeVersion chain;
        private final AtomicLong lastNumber = new AtomicLong();

        Replays(Hart hart, AutoCloseable below) {
            this.hart = hart;
            this.below = below;
            hart.tools().register(new ShopTools());
            this.chain = hart.recipes().save(CountingRecipe.of(STEPS));
        }

        @Override
        public CommandRate run(Load load, Duration time) throws Exception {
            return Drivers.warmUpAndMeasure(load.threads(), time, thread -> {
                long number = lastNumber.incrementAndGet();
                Run run = hart.run(chain, Inputs.of("start", number));
                if (!Long.valueOf(number + STEPS).equals(run.output())) {
                    throw new IllegalStateException("the chain gave " + run.output() + ", not " + (number + STEPS));
                }
                return STEPS;
            });
        }

        @Override
        public void close() throws Exception {
            hart.close();
            below.close();
        }
    }
}
