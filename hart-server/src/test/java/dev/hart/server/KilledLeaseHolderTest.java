package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.VramLease;
import dev.hart.spi.LeaseJournal;
import dev.hart.spi.RuntimePart;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A runtime that is killed while it holds device memory: its ledger, in its database's file, tells the next one. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class KilledLeaseHolderTest {
    @TempDir
    private Path directory;

    private static Hart runtime(Path directory) {
        return Hart.configure()
                .dataDirectory(directory)
                .withoutModel()
                .part(new OneCard())
                .create();
    }

    private static final class OneCard implements RuntimePart<Gpus> {
        @Override
        public Class<Gpus> type() {
            return Gpus.class;
        }

        @Override
        public Gpus open(Host host) {
            DeviceMemory empty = new DeviceMemory(16L << 30, 16L << 30);
            return Gpus.configure()
                    .probes(List.of(now -> ProbeReading.Found.of(
                            List.of(Device.of(DeviceKind.CUDA, 0, "GPU-a", "Card", Optional.of(empty), now)))))
                    .journal(host.part(LeaseJournal.class))
                    .withoutBackgroundThread()
                    .open();
        }
    }

    /** The runtime that is killed. */
    static final class Holder {
        public static void main(String[] arguments) throws Exception {
            Process child = new ProcessBuilder("sleep", "1000").start();
            VramLease lease = runtime(Path.of(arguments[0]))
                    .unwrap(Gpus.class)
                    .request("tiny")
                    .bytes(4L << 30)
                    .acquire();
            lease.child(child.toHandle());
            lease.activate();
            System.out.println("HELD " + child.pid() + " " + lease.fencingToken());
            System.in.read();
        }
    }

    @Test
    void whatItHeldCanBeHadAgainAndItsChildIsStopped() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long child = 0;
        try (BufferedReader lines = jvm.inputReader()) {
            String[] held = lines.lines()
                    .filter(line -> line.startsWith("HELD "))
                    .findFirst()
                    .orElseThrow()
                    .split(" ");
            child = Long.parseLong(held[1]);
            jvm.destroyForcibly(); // SIGKILL
            assertThat(jvm.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(jvm.exitValue()).isEqualTo(137);
            assertThat(ProcessHandle.of(child).map(ProcessHandle::isAlive)).contains(true);

            try (Hart next = runtime(directory)) {
                Gpus gpus = next.unwrap(Gpus.class);
                assertThat(gpus.status().devices().get(0).plannableBytes()).isEqualTo(15L << 30);
                assertThat(next.unwrap(LeaseJournal.class).live()).isEmpty();
                VramLease after = gpus.request("tiny").bytes(15L << 30).acquire();
                assertThat(after.fencingToken()).isGreaterThan(Long.parseLong(held[2]));
            }
            ProcessHandle.of(child)
                    .ifPresent(handle ->
                            handle.onExit().orTimeout(20, TimeUnit.SECONDS).join());
        } finally {
            jvm.destroyForcibly();
            ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
