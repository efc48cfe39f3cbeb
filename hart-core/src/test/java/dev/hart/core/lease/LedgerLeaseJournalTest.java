package dev.hart.core.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseEntry.Kind;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import dev.hart.spi.LeaseJournal;
import dev.hart.spi.LeaseJournal.LiveLease;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerLeaseJournalTest {
    private static final LedgerId NODE = new LedgerId("node", "n1");
    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");
    private static final ProcessIdentity OWNER = new ProcessIdentity(17, NOW.minusSeconds(60), "boot");

    @TempDir
    Path directory;

    private static LeaseEntry entry(Kind kind, String leaseId, long fence) {
        return new LeaseEntry(
                kind,
                leaseId,
                fence,
                "local",
                "whisper",
                "NORMAL",
                "GPU",
                Map.of("GPU-a", 2L << 30),
                OWNER,
                Optional.of(new ProcessIdentity(18, NOW, "boot")),
                NOW);
    }

    @Test
    void aLeaseLivesUntilItsEndAndSurvivesItsProcess() {
        long first;
        try (Ledgers ledgers = Ledgers.sqlite(directory.resolve("l.db")).open()) {
            LeaseJournal journal = new LedgerLeaseJournal(ledgers, NODE);
            assertThat(journal.live()).isEmpty();
            first = journal.append(entry(Kind.GRANTED, "a", 0));
            long second = journal.append(entry(Kind.GRANTED, "b", 0));
            journal.append(entry(Kind.ACTIVATED, "a", first));
            journal.append(entry(Kind.RELEASED, "b", second));
            assertThat(second).isGreaterThan(first);
        }
        try (Ledgers ledgers = Ledgers.sqlite(directory.resolve("l.db")).open()) {
            LeaseJournal journal = new LedgerLeaseJournal(ledgers, NODE);
            LeaseEntry kept = entry(Kind.ACTIVATED, "a", first);
            assertThat(journal.live()).containsExactly(new LiveLease(kept, first));
            journal.append(entry(Kind.RECOVERED, "a", first));
            assertThat(journal.live()).isEmpty();
            assertThat(journal.append(entry(Kind.GRANTED, "c", 0))).isGreaterThan(first);
            assertThat(ledgers.ledger(NODE).verify().isOk()).isTrue();
        }
    }

    @Test
    void whatCameBeforeTheLastNoteIsNotReadAgainAndWhatCameAfterIs() {
        try (Ledgers ledgers = Ledgers.inMemory().open()) {
            LeaseJournal journal = new LedgerLeaseJournal(ledgers, NODE, 10);
            long kept = journal.append(entry(Kind.GRANTED, "kept", 0));
            for (int i = 0; i < 30; i++) {
                long fence = journal.append(entry(Kind.GRANTED, "x" + i, 0));
                journal.append(entry(Kind.RELEASED, "x" + i, fence));
            }
            long newer = journal.append(entry(Kind.GRANTED, "newer", 0));

            List<String> types = ledgers.ledger(NODE).events(0, 1000).stream()
                    .map(LedgerEvent::type)
                    .toList();
            assertThat(types).contains("GPU_LEASES_LIVE");
            assertThat(new LedgerLeaseJournal(ledgers, NODE, 10).live())
                    .extracting(LiveLease::fencingToken)
                    .containsExactly(kept, newer);
        }
    }

    @Test
    void anEntryThatComesAfterTheEndChangesNothing() {
        try (Ledgers ledgers = Ledgers.inMemory().open()) {
            LeaseJournal journal = new LedgerLeaseJournal(ledgers, NODE);
            long fence = journal.append(entry(Kind.GRANTED, "a", 0));
            journal.append(entry(Kind.RELEASED, "a", fence));
            journal.append(entry(Kind.ACTIVATED, "a", fence));
            assertThat(journal.live()).isEmpty();
        }
    }

    @Test
    void aHartGivesItsJournalOfLeases() {
        try (Hart hart = Hart.configure()
                .dataDirectory(directory.resolve("data"))
                .workspace(directory)
                .withoutModel()
                .create()) {
            LeaseJournal journal = hart.unwrap(LeaseJournal.class);
            assertThat(hart.unwrap(LeaseJournal.class)).isSameAs(journal);
            journal.append(entry(Kind.GRANTED, "a", 0));
            assertThat(hart.unwrap(Ledgers.class).find("ledger_node_hart")).isPresent();
        }
    }
}
