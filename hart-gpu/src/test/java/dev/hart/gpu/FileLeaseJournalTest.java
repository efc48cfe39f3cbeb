package dev.hart.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.GpuException;
import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseEntry.Kind;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import dev.hart.spi.LeaseJournal.LiveLease;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileLeaseJournalTest {
    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");
    private static final ProcessIdentity OWNER =
            new ProcessIdentity(7, Instant.parse("2026-11-28T05:00:00.123Z"), "boot");

    @TempDir
    private Path folder;

    private final List<Path> aside = new ArrayList<>();

    private Path file() {
        return folder.resolve("leases.jsonl");
    }

    private FileLeaseJournal journal() {
        return FileLeaseJournal.open(file(), () -> NOW, aside::add);
    }

    private static LeaseEntry entry(Kind kind, String lease, long fence) {
        return new LeaseEntry(
                kind,
                lease,
                fence,
                "local",
                "whisper",
                "NORMAL",
                "GPU",
                Map.of("GPU-a", 5L << 30),
                OWNER,
                Optional.of(new ProcessIdentity(8, NOW, "boot")),
                NOW);
    }

    private static List<String> ids(FileLeaseJournal journal) {
        return journal.live().stream().map(lease -> lease.entry().leaseId()).toList();
    }

    @Test
    void whatOneAppendsTheOtherReadsAndNumbersRise() {
        FileLeaseJournal one = journal();
        FileLeaseJournal other = journal();
        long a = one.append(entry(Kind.GRANTED, "a", 0));
        long b = other.append(entry(Kind.GRANTED, "b", 0));
        long again = one.append(entry(Kind.ACTIVATED, "a", a));
        assertThat(List.of(a, b, again)).isSorted().doesNotHaveDuplicates();
        assertThat(other.live())
                .containsExactly(
                        new LiveLease(entry(Kind.ACTIVATED, "a", a), a), new LiveLease(entry(Kind.GRANTED, "b", b), b));
        other.append(entry(Kind.RELEASED, "a", a));
        other.append(entry(Kind.ACTIVATED, "a", a));
        assertThat(ids(one)).containsExactly("b");
        assertThat(ids(journal())).containsExactly("b");
    }

    @Test
    void aLineThatACrashCutOffIsDropped() throws IOException {
        long a = journal().append(entry(Kind.GRANTED, "a", 0));
        Files.writeString(file(), "{\"n\":2,\"kind\":\"GRAN", StandardOpenOption.APPEND);
        FileLeaseJournal journal = journal();
        assertThat(ids(journal)).containsExactly("a");
        assertThat(journal.append(entry(Kind.GRANTED, "b", 0))).isGreaterThan(a);
        assertThat(ids(journal())).containsExactly("a", "b");
        assertThat(aside).isEmpty();
    }

    @Test
    void aFileThatCannotBeReadIsSetAsideAndNumbersGoOn() throws IOException {
        FileLeaseJournal before = journal();
        before.append(entry(Kind.GRANTED, "a", 0));
        long b = before.append(entry(Kind.GRANTED, "b", 0));
        String text = Files.readString(file());
        Files.writeString(file(), text.replace("\"n\":1", "\"n\":oops"));

        FileLeaseJournal journal = journal();

        assertThat(journal.live()).isEmpty();
        assertThat(aside).containsExactly(folder.toRealPath().resolve("leases.jsonl.corrupt-20261128T060000Z"));
        assertThat(aside.get(0)).hasContent(text.replace("\"n\":1", "\"n\":oops"));
        assertThat(journal.append(entry(Kind.GRANTED, "c", 0))).isGreaterThan(b);
        assertThat(ids(before))
                .as("whoever had it open reads on in the new one")
                .containsExactly("c");
        Files.writeString(file(), "no journal\n");
        assertThat(journal().live()).isEmpty();
        assertThat(aside).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void aLargeFileIsWrittenAnewWithWhatLives() throws IOException {
        FileLeaseJournal journal = FileLeaseJournal.open(file(), () -> NOW, aside::add, 4_096);
        FileLeaseJournal other = journal();
        long kept = journal.append(entry(Kind.GRANTED, "kept", 0));
        journal.append(entry(Kind.ACTIVATED, "kept", kept));
        long last = 0;
        for (int i = 0; i < 100; i++) {
            last = journal.append(entry(Kind.GRANTED, "x" + i, 0));
            journal.append(entry(Kind.RELEASED, "x" + i, last));
        }
        assertThat(Files.size(file())).isLessThan(5_000);
        for (FileLeaseJournal each : List.of(other, journal())) {
            assertThat(each.live()).containsExactly(new LiveLease(entry(Kind.ACTIVATED, "kept", kept), kept));
            assertThat(each.append(entry(Kind.ACTIVATED, "kept", kept))).isGreaterThan(last);
        }
    }

    @Test
    void manyWritersGetNumbersOfTheirOwn() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<Long>>> all = new ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                FileLeaseJournal journal = journal();
                String name = "w" + writer + "-";
                all.add(threads.submit(() -> {
                    List<Long> numbers = new ArrayList<>();
                    for (int i = 0; i < 20; i++) {
                        numbers.add(journal.append(entry(Kind.GRANTED, name + i, 0)));
                    }
                    return numbers;
                }));
            }
            List<Long> numbers = new ArrayList<>();
            for (Future<List<Long>> each : all) {
                assertThat(each.get()).isSorted();
                numbers.addAll(each.get());
            }
            assertThat(numbers).hasSize(80).doesNotHaveDuplicates();
            assertThat(journal().live()).hasSize(80);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whatIsNoFileIsRefusedByName() throws IOException {
        Files.createDirectory(file());
        assertThatThrownBy(this::journal)
                .isInstanceOfSatisfying(
                        GpuException.class, e -> assertThat(e.code()).isEqualTo("LEASE_JOURNAL"))
                .hasMessageContaining("leases.jsonl");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatAnotherProcessTakesIsCountedWhileItLives() throws Exception {
        Process other = new ProcessBuilder("sleep", "1000").start();
        try (Gpus gpus = open(journal())) {
            gpus.refresh();
            ProcessIdentity owner = Processes.ofThisMachine().identify(other.toHandle());
            for (long gib : List.of(4L, 6L)) {
                journal()
                        .append(new LeaseEntry(
                                gib == 4 ? Kind.GRANTED : Kind.RESIZED,
                                "01890000-0000-7000-8000-000000000000",
                                0,
                                "local",
                                "tiny",
                                "NORMAL",
                                "GPU",
                                Map.of("uuid-of-cuda:0", gib << 30),
                                owner,
                                Optional.empty(),
                                NOW));
                gpus.refresh();
                assertThat(plannable(gpus)).isEqualTo(15 - gib << 30);
            }
            other.destroyForcibly().waitFor();
            gpus.refresh();
            assertThat(plannable(gpus)).isEqualTo(15L << 30);
            assertThat(journal().live()).isEmpty();
        } finally {
            other.destroyForcibly();
        }
    }

    /** The JVM that is killed: holds a lease with a child and waits. */
    static final class Holder {
        public static void main(String[] arguments) throws Exception {
            Process child = new ProcessBuilder("sleep", "1000").start();
            Gpus gpus = open(FileLeaseJournal.open(Path.of(arguments[0])));
            VramLease lease = gpus.request("tiny").bytes(4L << 30).acquire();
            lease.child(child.toHandle());
            lease.activate();
            System.out.println("HELD " + child.pid() + " " + lease.fencingToken());
            System.in.read();
        }
    }

    private static Gpus open(FileLeaseJournal journal) {
        return Gpus.configure()
                .probes(List.of(new ScriptedProbe().with("cuda:0", 16, 16)))
                .journal(journal)
                .withoutBackgroundThread()
                .open();
    }

    private static long plannable(Gpus gpus) throws InterruptedException {
        return gpus.status().devices().get(0).plannableBytes();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatAKilledJvmHeldCanBeHadAgainAndItsChildIsStopped() throws Exception {
        Process jvm = ChildJvm.start(Holder.class, file().toString());
        Process stranger = new ProcessBuilder("sleep", "1000").start();
        long child = 0;
        try (BufferedReader lines = jvm.inputReader()) {
            String[] held = String.valueOf(lines.readLine()).split(" ");
            assertThat(held).hasSize(3);
            child = Long.parseLong(held[1]);
            long fence = Long.parseLong(held[2]);

            try (Gpus meanwhile = open(journal())) {
                meanwhile.devices();
                assertThat(plannable(meanwhile)).isEqualTo(11L << 30);
            }
            LeaseEntry lease = journal().live().get(0).entry();
            // A second lease of that JVM, whose child's number is another program's by now.
            ProcessIdentity now = Processes.ofThisMachine().identify(stranger.toHandle());
            journal()
                    .append(new LeaseEntry(
                            Kind.GRANTED,
                            "01890000-0000-7000-8000-000000000000",
                            0,
                            "local",
                            "tiny",
                            "NORMAL",
                            "GPU",
                            Map.of("uuid-of-cuda:0", 1L << 30),
                            lease.owner(),
                            Optional.of(new ProcessIdentity(
                                    now.pid(), now.startedAt().minus(Duration.ofSeconds(2)), now.bootId())),
                            NOW));
            jvm.destroyForcibly(); // SIGKILL
            assertThat(jvm.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(jvm.exitValue()).isEqualTo(137);
            assertThat(ProcessHandle.of(child).map(ProcessHandle::isAlive)).contains(true);

            try (Gpus next = open(journal())) {
                next.devices();
                assertThat(plannable(next)).isEqualTo(15L << 30);
                assertThat(journal().live()).isEmpty();
                VramLease after = next.request("tiny").bytes(15L << 30).acquire();
                assertThat(after.fencingToken()).isGreaterThan(fence);
                after.close();
            }
            ProcessHandle.of(child)
                    .ifPresent(handle ->
                            handle.onExit().orTimeout(20, TimeUnit.SECONDS).join());
            assertThat(stranger.isAlive()).isTrue();
            try (Stream<String> entries = Files.lines(file(), StandardCharsets.UTF_8)) {
                assertThat(entries.filter(line -> line.contains("\"RECOVERED\"")))
                        .hasSize(2);
            }
        } finally {
            jvm.destroyForcibly();
            stranger.destroyForcibly();
            ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
