package dev.hart.bench.ledger;

import dev.hart.bench.Benchmark;
import dev.hart.bench.Options;
import dev.hart.bench.Sample;
import dev.hart.bench.Scratch;
import dev.hart.bench.ledger.Ratio.Rated;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How many small tasks a ledger creates, claims and completes in a second, beside the same rows written by hand and beside
 * systems that do the same work. All are measured in turns, each time freshly opened; the figures are medians.
 */
public final class LedgerBench implements Benchmark {
    private static final String SECONDS = "--seconds";
    private static final String DIR = "--dir";
    private static final String ONLY = "--only";
    private static final String TURNS = "--turns";
    private static final double MICROS_PER_SECOND = 1e6;

    /** What is compared, where both were measured. */
    private static final List<Ratio> RATIOS = List.of(
            Ratio.toRaw("ratio_raw_1", HartLedger.ON_SQLITE, SqliteByHand.NAME, Load.ONE_THREAD),
            Ratio.toRaw("ratio_raw_16", HartLedger.ON_SQLITE, SqliteByHand.NAME, Load.THREADS_16),
            Ratio.toRaw("ratio_raw_batch", HartLedger.ON_SQLITE, SqliteByHand.NAME, Load.BATCH_100),
            Ratio.toRaw("ratio_raw_pg_1", HartLedger.ON_POSTGRES, PostgresByHand.NAME, Load.ONE_THREAD),
            Ratio.toRaw("ratio_raw_pg_16", HartLedger.ON_POSTGRES, PostgresByHand.NAME, Load.THREADS_16),
            Ratio.toRaw("ratio_raw_pg_batch", HartLedger.ON_POSTGRES, PostgresByHand.NAME, Load.BATCH_100),
            Ratio.toPeer("ratio_dbos_pg", HartSteps.ON_POSTGRES, DbosSteps.NAME),
            Ratio.toPeer("ratio_dbos_queue_pg", HartLedger.ON_POSTGRES, DbosQueue.NAME),
            Ratio.toPeer("ratio_jobrunr", HartLedger.ON_SQLITE, JobRunrJobs.ON_SQLITE),
            Ratio.toPeer("ratio_jobrunr_pg", HartLedger.ON_POSTGRES, JobRunrJobs.ON_POSTGRES),
            Ratio.toPeer("ratio_dbscheduler_pg", HartLedger.ON_POSTGRES, DbSchedulerTasks.NAME));

    private static List<LedgerContestant> contestants(PostgresServer server) throws IOException {
        return List.of(
                HartLedger.onSqlite(),
                HartLedger.onSqliteRelaxed(),
                HartLedger.onPostgres(server),
                new SqliteByHand(),
                new PostgresByHand(server),
                HartSteps.onSqlite(),
                HartSteps.onPostgres(server),
                new DbosSteps(server),
                new DbosQueue(server),
                new DbSchedulerTasks(server, Script.resource("db-scheduler-postgres.sql")),
                JobRunrJobs.onSqlite(),
                JobRunrJobs.onPostgres(server));
    }

    private static List<LedgerFigure> figures() {
        return List.of(
                new ClaimLatency(List.of(1_000, 100_000, 1_000_000), 1_000, Duration.ofSeconds(4)),
                new Recovery(100_000),
                new TakeOver(3));
    }

    @Override
    public String usage() {
        return "[--seconds N] [--turns N] [--dir DIR] [--only NAME,...]   N seconds for each rate, 6 unless given, in N turns, 3"
                + " unless given; DIR on the disk to measure, the current directory unless given; NAME of a contestant or figure, all unless given."
                + " ratio_raw_... is HART's rate over that of the same rows by hand: 1 is the limit";
    }

    @Override
    public Map<String, Number> run(List<String> options, PrintStream out) throws IOException {
        Options given = new Options(options, Set.of(SECONDS, TURNS, DIR, ONLY));
        int turns = given.number(TURNS, 3, 100);
        Duration eachTurn = Duration.ofSeconds(given.number(SECONDS, 6, 600)).dividedBy(turns);
        Map<String, Number> metrics = new LinkedHashMap<>();
        try (Scratch scratch = Scratch.below(given.path(DIR, Path.of("")).toAbsolutePath());
                PostgresServer server = new PostgresServer(scratch.resolve("postgres"))) {
            List<LedgerContestant> contestants = contestants(server);
            List<LedgerFigure> figures = figures();
            Set<String> names = new TreeSet<>();
            contestants.forEach(contestant -> names.add(contestant.name()));
            figures.forEach(figure -> names.add(figure.name()));
            Set<String> only = given.names(ONLY, names);
            Map<Rated, Sample> rates = rates(
                    contestants.stream()
                            .filter(one -> only.contains(one.name()))
                            .toList(),
                    scratch,
                    turns,
                    eachTurn,
                    out);
            if (!rates.isEmpty()) {
                print(contestants, rates, out, metrics);
                ratios(rates, out, metrics);
            }
            for (LedgerFigure figure : figures) {
                if (only.contains(figure.name())) {
                    metrics.putAll(figure.measure(scratch.resolve(figure.name()), out));
                }
            }
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the benchmark failed: " + e.getMessage(), e);
        }
        return metrics;
    }

    /** In turns, so that what else the machine does meets all alike. */
    private static Map<Rated, Sample> rates(
            List<LedgerContestant> contestants, Scratch scratch, int turns, Duration eachTurn, PrintStream out)
            throws Exception {
        Map<Rated, List<Double>> measured = new LinkedHashMap<>();
        for (int turn = 0; turn < turns; turn++) {
            for (Load load : Load.values()) {
                for (LedgerContestant contestant : contestants) {
                    if (contestant.loads().contains(load)) {
                        Path folder = scratch.resolve(contestant.name() + "-" + load.metric() + "-" + turn);
                        double perSecond;
                        try (LedgerContestant.Session session = contestant.open(folder)) {
                            perSecond = session.run(load, eachTurn).perSecond();
                        }
                        measured.computeIfAbsent(new Rated(contestant.name(), load), rated -> new ArrayList<>())
                                .add(perSecond);
                        out.printf(
                                Locale.ROOT,
                                "turn %d of %d, %s: %s %.0f %s/s%n",
                                turn + 1,
                                turns,
                                load.label(),
                                contestant.name(),
                                perSecond,
                                contestant.unit());
                    }
                }
            }
        }
        Map<Rated, Sample> rates = new LinkedHashMap<>();
        measured.forEach((rated, perSecond) -> rates.put(rated, new Sample(perSecond)));
        return rates;
    }

    private static void print(
            List<LedgerContestant> contestants,
            Map<Rated, Sample> rates,
            PrintStream out,
            Map<String, Number> metrics) {
        out.printf(
                Locale.ROOT,
                "%n%-19s %-16s %-6s %10s %10s %10s %10s%n",
                "medians",
                "",
                "",
                "a second",
                "least",
                "most",
                "us each");
        for (LedgerContestant contestant : contestants) {
            for (Load load : Load.values()) {
                Sample rate = rates.get(new Rated(contestant.name(), load));
                if (rate != null) {
                    out.printf(
                            Locale.ROOT,
                            "%-19s %-16s %-6s %10.0f %10.0f %10.0f %10.1f%n",
                            contestant.name(),
                            load.label(),
                            contestant.unit(),
                            rate.median(),
                            rate.least(),
                            rate.most(),
                            MICROS_PER_SECOND / rate.median());
                    metrics.put(
                            contestant.name().replace('-', '_') + "_" + load.metric() + "_per_s",
                            Sample.rounded(rate.median(), 0));
                }
            }
        }
        out.println();
    }

    private static void ratios(Map<Rated, Sample> rates, PrintStream out, Map<String, Number> metrics) {
        for (Ratio ratio : RATIOS) {
            Sample divided = rates.get(ratio.divided());
            Sample by = rates.get(ratio.by());
            if (divided != null && by != null) {
                double value = Sample.rounded(divided.median() / by.median(), 2);
                out.printf(
                        Locale.ROOT,
                        "%-22s %8.2f   %s over %s, %s%n",
                        ratio.metric(),
                        value,
                        ratio.divided().contestant(),
                        ratio.by().contestant(),
                        ratio.divided().load().label());
                metrics.put(ratio.metric(), value);
            }
        }
    }
}
