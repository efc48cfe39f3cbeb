package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Worker processes on one ledger are killed with SIGKILL at random moments, and others take over. {@code -Dhart.kill.seed=…}
 * repeats a seed as far as two machines can agree on a moment, {@code -Dhart.kill.kills=…} says how often.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KillTest {
    private static final int KILLS = Integer.getInteger("hart.kill.kills", 20);
    private static final int TASKS = 300;
    private static final int PROCESSES = 3;
    private static final int MAX_LIFE_MS = 900;
    private static final int SIGKILLED = 137;
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration MOST_UNTIL_TAKEN_OVER = Duration.ofSeconds(8);
    private static final Duration MOST_UNTIL_TAKEN_BACK = Duration.ofSeconds(2);

    @TempDir
    Path folder;

    private final long seed = Long.getLong("hart.kill.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Process> processes = new ArrayList<>();
    private int started;
    private int tasks;

    @AfterEach
    void endWhatWasStarted() {
        processes.forEach(Process::destroyForcibly);
    }

    private String sqlite() {
        return folder.resolve("ledger.db").toString();
    }

    private static Ledgers open(Store store, String node) {
        return Ledgers.in(store).actor(node).node(node, "parent").open();
    }

    private static Ledger create(Ledgers ledgers, Store store) {
        int stripes = store.dialect() == dev.hart.store.Dialect.POSTGRESQL ? 16 : 1;
        return ledgers.create(
                WorkerProcess.LEDGER,
                LedgerOptions.defaults().stripes(stripes).retries(Duration.ofMillis(10), Duration.ofMillis(50), 0));
    }

    private Process start(String database, String node, int threads, Duration lease, boolean holds) throws IOException {
        started++;
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        classPath(),
                        WorkerProcess.class.getName(),
                        database,
                        node,
                        "start" + started,
                        folder.resolve("worker" + started).toString(),
                        String.valueOf(threads),
                        String.valueOf(lease.toSeconds()),
                        String.valueOf(holds))
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("errors.log").toFile()))
                .start();
        processes.add(process);
        return process;
    }

    /** Waits for a line that begins so. */
    private String hear(BufferedReader said, String beginning) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith(beginning)) {
                return line;
            }
        }
        throw new AssertionError("the process has ended: " + errors());
    }

    private void add(Ledger ledger, int count) {
        ledger.write(l -> {
            for (int i = 0; i < count; i++) {
                l.add(NewTask.of("t" + (tasks + i), "Do").maxRetries(1000));
            }
            return true;
        });
        tasks += count;
    }

    private void kill(String database) throws Exception {
        System.out.println("KillTest: seed " + seed);
        try (Store store = WorkerProcess.open(database);
                Ledgers ledgers = open(store, "parent")) {
            Ledger ledger = create(ledgers, store);
            add(ledger, TASKS);
            Map<String, Process> living = new TreeMap<>();
            for (int node = 0; node < PROCESSES; node++) {
                living.put("node" + node, start(database, "node" + node, 2, Duration.ofSeconds(2), false));
            }
            for (int kills = 0; kills < KILLS; kills++) {
                String node = List.copyOf(living.keySet()).get(random.nextInt(living.size()));
                Process victim = living.remove(node);
                hear(victim.inputReader(StandardCharsets.UTF_8), WorkerProcess.READY);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(MAX_LIFE_MS)));
                victim.destroyForcibly();
                assertThat(victim.waitFor()).as(errors()).isEqualTo(SIGKILLED);
                String next = random.nextBoolean() ? node : "other" + kills;
                living.put(next, start(database, next, 2, Duration.ofSeconds(2), false));
                if (ledger.find(TaskFilter.all().status(TaskStatus.PENDING).limit(20))
                                .size()
                        < 20) {
                    add(ledger, 20); // it shall not run out of work before the last kill
                }
            }
            Eventually.is("all tasks have ended", () -> ledger.tasks().stream().noneMatch(Task::isOpen));
            for (Process process : living.values()) {
                process.destroyForcibly();
                process.waitFor();
            }
            check(ledger, KILLS);
        }
    }

    private void check(Ledger ledger, int kills) {
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
        Map<String, Long> completedBy = new HashMap<>();
        Set<String> claimed = new HashSet<>();
        int expired = 0;
        for (Task task : ledger.tasks()) {
            assertThat(task.status()).isEqualTo(TaskStatus.COMPLETED);
            List<LedgerEvent> history = ledger.history(task.taskId());
            List<Long> tokens = history.stream()
                    .filter(event -> event.type().equals("TASK_CLAIMED"))
                    .map(event -> (Long) event.payload().get("lease"))
                    .toList();
            assertThat(tokens)
                    .as("tokens of " + task)
                    .isEqualTo(
                            Stream.iterate(1L, n -> n + 1).limit(tokens.size()).toList());
            tokens.forEach(token -> claimed.add(task.taskId() + " " + token));
            assertThat(history.stream()
                            .filter(event -> "completed".equals(event.payload().get("to"))))
                    .as("completions of " + task)
                    .hasSize(1);
            long lost = history.stream()
                    .filter(event -> event.type().equals("LEASE_EXPIRED"))
                    .count();
            assertThat(task.retryCount()).as("attempts lost of " + task).isEqualTo((int) lost);
            assertThat(tokens).as("claims of " + task).hasSize(task.attempt());
            expired += (int) lost;
            completedBy.put(task.taskId(), task.leaseToken());
        }
        Set<String> effects = lines("effects");
        Set<String> accepted = lines("accepted");
        assertThat(claimed).as("side effects carry the token of a lease").containsAll(effects);
        completedBy.forEach((task, token) ->
                assertThat(effects).as("what is completed was done").contains(task + " " + token));
        accepted.forEach(line -> {
            String[] words = line.split(" ");
            assertThat(completedBy)
                    .as("nothing acknowledged is lost")
                    .containsEntry(words[0], Long.parseLong(words[1]));
        });
        assertThat(expired).as("leases of killed workers").isPositive();
        System.out.printf(
                "KillTest: %d kills, %d tasks, %d acknowledged, %d leases taken back, refused %s%n",
                kills, completedBy.size(), accepted.size(), expired, lines("refused.STALE_LEASE"));
    }

    private Set<String> lines(String kind) {
        try (Stream<Path> files = Files.list(folder)) {
            Set<String> lines = new HashSet<>();
            for (Path file :
                    files.filter(path -> path.toString().endsWith("." + kind)).toList()) {
                for (String line : Files.readString(file).split("\n", -1)) {
                    if (line.matches("t\\d+ \\d+")) { // a killed process may leave half a line
                        lines.add(line);
                    }
                }
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhenWorkersOnAFileAreKilled() throws Exception {
        kill(sqlite());
    }

    @Test
    void nothingAcknowledgedIsLostWhenWorkersOnPostgresAreKilled() throws Exception {
        kill(PostgresServer.freshDatabase());
    }

    /** A process that holds the only task under a lease of 3 seconds. */
    private Process holder(String database, Ledger ledger) throws IOException {
        add(ledger, 1);
        Process holder = start(database, "holder", 1, LEASE, true);
        assertThat(hear(holder.inputReader(StandardCharsets.UTF_8), WorkerProcess.HOLDS))
                .isEqualTo(WorkerProcess.HOLDS + " t0 1");
        return holder;
    }

    private static Duration since(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }

    /** Another node's worker, which gives the lease that it takes over. */
    private static Lease takeOver(Ledger ledger) throws Exception {
        CompletableFuture<Lease> taken = new CompletableFuture<>();
        ClaimRequest request = ClaimRequest.by(WorkerProfile.of("other", "other", "1"));
        try (Worker worker = Worker.of(ledger, request, 1, job -> {
            taken.complete(job.lease());
            return "by the other";
        })) {
            return taken.get(60, TimeUnit.SECONDS);
        }
    }

    private void takeOverFromAKilledNode(String database) throws Exception {
        try (Store store = WorkerProcess.open(database);
                Ledgers ledgers = open(store, "other")) {
            Ledger ledger = create(ledgers, store);
            Process holder = holder(database, ledger);
            holder.destroyForcibly().waitFor();
            long killed = System.nanoTime();
            Lease lease = takeOver(ledger);
            Duration waited = since(killed);
            System.out.println("KillTest: taken over after " + waited.toMillis() + " ms");
            assertThat(waited).isBetween(Duration.ofSeconds(1), MOST_UNTIL_TAKEN_OVER);
            assertThat(lease.token()).isEqualTo(2);
            assertThat(lease.attempt()).isEqualTo(2);
            assertThat(ledger.require("t0").result()).isEqualTo("by the other");
        }
    }

    @Test
    void anotherNodeTakesOverFromAKilledOneOnAFile() throws Exception {
        takeOverFromAKilledNode(sqlite());
    }

    @Test
    void anotherNodeTakesOverFromAKilledOneOnPostgres() throws Exception {
        takeOverFromAKilledNode(PostgresServer.freshDatabase());
    }

    private void takeBackAtRestart(String database) throws Exception {
        try (Store store = WorkerProcess.open(database);
                Ledgers ledgers = open(store, "other")) {
            Process holder = holder(database, create(ledgers, store));
            holder.destroyForcibly().waitFor();
        }
        long killed = System.nanoTime();
        try (Store store = WorkerProcess.open(database);
                Ledgers ledgers = Ledgers.in(store).node("holder", "next").open()) {
            Ledger ledger = ledgers.ledger(WorkerProcess.LEDGER);
            assertThat(ledger.require("t0").claimable()).isTrue();
            Lease lease = ledger.claim(ClaimRequest.by(WorkerProfile.of("w", "holder", "next")))
                    .orElseThrow();
            Duration waited = since(killed);
            System.out.println("KillTest: taken back after " + waited.toMillis() + " ms");
            assertThat(waited).isLessThan(MOST_UNTIL_TAKEN_BACK);
            assertThat(lease.token()).isEqualTo(2);
            assertThat(ledger.verify().isOk()).isTrue();
        }
    }

    @Test
    void aNodeThatStartsAgainTakesItsWorkBackAtOnceOnAFile() throws Exception {
        takeBackAtRestart(sqlite());
    }

    @Test
    void aNodeThatStartsAgainTakesItsWorkBackAtOnceOnPostgres() throws Exception {
        takeBackAtRestart(PostgresServer.freshDatabase());
    }

    private static void signal(Process process, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** A worker is stopped beyond its lease, another takes over, and the first goes on as if nothing had happened. */
    private void comeBackLate(String database) throws Exception {
        try (Store store = WorkerProcess.open(database);
                Ledgers ledgers = open(store, "other")) {
            Ledger ledger = create(ledgers, store);
            Process holder = holder(database, ledger);
            signal(holder, "STOP");
            Lease lease = takeOver(ledger);
            assertThat(lease.token()).isEqualTo(2);
            Task done = ledger.require("t0");
            assertThat(done.result()).isEqualTo("by the other");
            Files.createFile(folder.resolve("go"));
            signal(holder, "CONT");
            Eventually.is(
                    "the late report is refused",
                    () -> !lines("refused.STALE_LEASE").isEmpty());
            assertThat(lines("refused.STALE_LEASE")).containsExactly("t0 1");
            assertThat(lines("accepted")).isEmpty();
            assertThat(ledger.require("t0")).isEqualTo(done);
            assertThat(ledger.verify().isOk()).isTrue();
        }
    }

    @Test
    void aWorkerThatComesBackLateIsRefusedOnAFile() throws Exception {
        comeBackLate(sqlite());
    }

    @Test
    void aWorkerThatComesBackLateIsRefusedOnPostgres() throws Exception {
        comeBackLate(PostgresServer.freshDatabase());
    }

    /** Everything this test was started with, also when that was a module path, and the test's own classes. */
    private static String classPath() {
        return Stream.of(
                        System.getProperty("jdk.module.path"),
                        System.getProperty("java.class.path"),
                        testClasses().toString())
                .filter(path -> path != null && !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path testClasses() {
        String name = KillTest.class.getName().replace('.', '/') + ".class";
        Path here =
                Path.of(URI.create(KillTest.class.getResource("KillTest.class").toString()));
        return here.getRoot()
                .resolve(here.subpath(0, here.getNameCount() - Path.of(name).getNameCount()));
    }

    private String errors() throws IOException {
        Path log = folder.resolve("errors.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }
}
