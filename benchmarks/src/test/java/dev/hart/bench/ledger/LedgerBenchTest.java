package dev.hart.bench.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerBenchTest {
    @TempDir
    private Path folder;

    @Test
    void comparesWhatItMeasuredAndLeavesNothingBehind() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        Map<String, Number> metrics = new LedgerBench()
                .run(
                        List.of(
                                "--seconds",
                                "1",
                                "--turns",
                                "1",
                                "--dir",
                                folder.toString(),
                                "--only",
                                "hart-sqlite,raw-sqlite"),
                        new PrintStream(out, true, StandardCharsets.UTF_8));

        assertThat(metrics)
                .containsOnlyKeys(
                        "hart_sqlite_1_per_s",
                        "hart_sqlite_16_per_s",
                        "hart_sqlite_batch_per_s",
                        "raw_sqlite_1_per_s",
                        "raw_sqlite_16_per_s",
                        "raw_sqlite_batch_per_s",
                        "ratio_raw_1",
                        "ratio_raw_16",
                        "ratio_raw_batch");
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("hart-sqlite over raw-sqlite, batches of 100");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void measuresTheLedgerOnPostgresAndTheStepsOfRuns() throws Exception {
        Map<String, Number> metrics = new LedgerBench()
                .run(
                        List.of(
                                "--seconds",
                                "1",
                                "--turns",
                                "1",
                                "--dir",
                                folder.toString(),
                                "--only",
                                "hart-pg,raw-pg,hart-steps-pg"),
                        quiet());

        assertThat(metrics)
                .containsOnlyKeys(
                        "hart_pg_1_per_s",
                        "hart_pg_16_per_s",
                        "hart_pg_batch_per_s",
                        "raw_pg_1_per_s",
                        "raw_pg_16_per_s",
                        "raw_pg_batch_per_s",
                        "hart_steps_pg_16_per_s",
                        "ratio_raw_pg_1",
                        "ratio_raw_pg_16",
                        "ratio_raw_pg_batch");
    }

    @Test
    void measuresTheClaimsOfALedgerThatGrows() throws Exception {
        Map<String, Number> metrics =
                new ClaimLatency(List.of(10, 1_000), 20, Duration.ofMillis(100)).measure(folder, quiet());

        assertThat(metrics)
                .containsOnlyKeys(
                        "claim_p50_us_1e1",
                        "claim_p99_us_1e1",
                        "claim_p50_us_1e3",
                        "claim_p99_us_1e3",
                        "throughput_ratio_1e3_1e1");
        assertThat(metrics.get("claim_p99_us_1e3").doubleValue())
                .isGreaterThanOrEqualTo(metrics.get("claim_p50_us_1e3").doubleValue());
    }

    @Test
    void aLedgerWhoseWriterIsKilledIsWholeAndIsWrittenToAgain() throws Exception {
        assertThat(new Recovery(500).measure(folder, quiet())).containsOnlyKeys("recovery_ms", "verify_events_per_s");
    }

    @Test
    void theTaskOfAKilledProcessIsTakenOver() throws Exception {
        Map<String, Number> metrics = new TakeOver(1).measure(folder, quiet());

        assertThat(metrics.get("takeover_s").doubleValue()).isBetween(0.0, 60.0);
    }

    private static PrintStream quiet() {
        return new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    }

    @Test
    void aContestantThatNobodyKnowsIsRefused() {
        assertThatThrownBy(() -> new LedgerBench().run(List.of("--only", "raw-sqlite,quartz"), System.out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "--only takes names out of [claim-latency, db-scheduler-pg, dbos-pg, dbos-queue-pg, hart-pg,"
                                + " hart-sqlite, hart-sqlite-relaxed, hart-steps-pg, hart-steps-sqlite, jobrunr-pg,"
                                + " jobrunr-sqlite, raw-pg, raw-sqlite, recovery, take-over], was raw-sqlite,quartz");
    }

    @Test
    void whatIsDoneInTwoPhasesTakesTheTimeOfBoth() {
        CommandRate created = new CommandRate(1_000, 2_000_000_000); // 2 ms each
        CommandRate performed = new CommandRate(200, 600_000_000); // 3 ms each

        assertThat(created.then(performed)).isEqualTo(new CommandRate(200, 1_000_000_000));
        assertThat(created.then(performed).perSecond()).isEqualTo(200);
    }

    @Test
    void nothingMeasuredIsNoRate() {
        assertThatThrownBy(() -> new CommandRate(0, 5))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a rate needs at least one task, there were 0 in 5 ns: measure longer");
    }

    @Test
    void theThreadsRepeatTheirWorkUntilTheTimeIsOver() throws Exception {
        CommandRate rate = Drivers.measure(4, Duration.ofMillis(20), thread -> 10);

        assertThat(rate.tasks()).isPositive().matches(tasks -> tasks % 10 == 0, "whole works");
        assertThat(rate.nanos()).isGreaterThanOrEqualTo(Duration.ofMillis(20).toNanos());
    }

    @Test
    void aWorkThatFailsEndsTheMeasurement() {
        assertThatThrownBy(() -> Drivers.measure(2, Duration.ofSeconds(60), thread -> {
                    throw new IllegalArgumentException("no");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a thread of the benchmark failed: java.lang.IllegalArgumentException: no");
    }
}
