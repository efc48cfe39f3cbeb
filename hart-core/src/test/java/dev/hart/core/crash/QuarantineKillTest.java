package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.core.access.StoredQuarantine;
import dev.hart.security.rules.QuarantineEntry.Level;
import dev.hart.security.rules.TrustQuarantine;
import dev.hart.store.Store;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineKillTest {
    @TempDir
    private Path directory;

    /** Puts one after the other into quarantine, and says each when it is there. */
    public static final class Warden {
        public static void main(String[] args) {
            try (Store store = Store.sqlite(Path.of(args[0]))) {
                TrustQuarantine quarantine = new TrustQuarantine(new StoredQuarantine(store), Clock.systemUTC());
                for (int i = 1; ; i++) {
                    quarantine.quarantine("agent-" + i, Level.ISOLATE, "a drill");
                    System.out.print("agent-" + i + "\n");
                }
            }
        }
    }

    @Test
    void whoWasPutIntoQuarantineStaysThereWhenTheProcessIsKilled() throws Exception {
        Path database = directory.resolve("q.db");
        Process warden = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        Warden.class.getName(),
                        database.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> told = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(warden.getInputStream(), StandardCharsets.UTF_8))) {
            for (int i = 0; i < 7; i++) {
                told.add(lines.readLine());
            }
            warden.toHandle().destroyForcibly();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.matches("agent-[0-9]+")) {
                    told.add(line);
                }
            }
        } finally {
            warden.toHandle().destroyForcibly();
            assertThat(warden.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        told.remove(told.size() - 1); // its number may have been cut off
        assertThat(told).hasSizeGreaterThan(5).doesNotContainNull();
        try (Store store = Store.sqlite(database)) {
            TrustQuarantine after = new TrustQuarantine(new StoredQuarantine(store), Clock.systemUTC());
            assertThat(after.entries().keySet()).containsAll(told);
            assertThat(told).noneMatch(after::canAct);
        }
    }
}
