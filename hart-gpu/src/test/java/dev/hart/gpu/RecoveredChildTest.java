package dev.hart.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What a killed JVM leaves behind: a lease in the journal, and a process that still runs. */
@DisabledOnOs(OS.WINDOWS)
class RecoveredChildTest {
    private final Processes processes = Processes.ofThisMachine();

    private KeptJournal journalOfADeadJvm(ProcessIdentity child) throws Exception {
        Process owner = new ProcessBuilder("true").start();
        ProcessIdentity dead = processes.identify(owner.toHandle());
        owner.waitFor();
        KeptJournal journal = new KeptJournal();
        journal.append(new LeaseEntry(
                LeaseEntry.Kind.GRANTED,
                "01890000-0000-7000-8000-000000000000",
                0,
                "local",
                "tool",
                "NORMAL",
                "GPU",
                Map.of("uuid-of-cuda:0", 1L << 30),
                dead,
                Optional.of(child),
                Instant.EPOCH));
        return journal;
    }

    private static void open(KeptJournal journal) throws InterruptedException {
        try (Gpus gpus = Gpus.configure()
                .probes(List.of(new ScriptedProbe().with("cuda:0", 16, 16)))
                .journal(journal)
                .withoutBackgroundThread()
                .open()) {
            gpus.devices();
            assertThat(gpus.status().devices().get(0).plannableBytes()).isEqualTo(15L << 30);
        }
        assertThat(journal.live()).isEmpty();
        assertThat(journal.kinds).endsWith(LeaseEntry.Kind.RECOVERED);
    }

    @Test
    void theNextJvmStopsTheProcessOfADeadOne() throws Exception {
        Process child = new ProcessBuilder("sleep", "1000").start();
        try {
            open(journalOfADeadJvm(processes.identify(child.toHandle())));
            assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void aProcessThatHasItsNumberByNowIsNotTouched() throws Exception {
        Process other = new ProcessBuilder("sleep", "1000").start();
        try {
            ProcessIdentity now = processes.identify(other.toHandle());
            open(journalOfADeadJvm(
                    new ProcessIdentity(now.pid(), now.startedAt().minus(Duration.ofSeconds(2)), now.bootId())));
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }
}
