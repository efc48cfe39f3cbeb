package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.store.Store;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happened since a snapshot, and that a snapshot cannot be changed unseen. */
class SnapshotTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Store store = Store.inMemory();
    private final Ledgers ledgers = Ledgers.in(store)
            .clock(() -> now)
            .random(new Random(1))
            .withoutBackgroundThread()
            .open();
    private final Ledger ledger = ledgers.ledger(new LedgerId("agent", "s1"));

    @AfterEach
    void close() {
        store.close();
    }

    private void complete(String id) {
        ledger.write(tx -> {
            tx.start(id);
            return tx.complete(id, "x");
        });
    }

    @Test
    void case35AComparisonTellsWhatIsNewGoneAndChanged() {
        ledger.addAll(NewTask.of("a", "A"), NewTask.of("b", "B"), NewTask.of("c", "C"));
        complete("c");
        Snapshot snapshot = ledger.snapshot("baseline");
        assertThat(snapshot.snapshotId()).matches("snap_agent_20260101_000000_[0-9a-f]{8}");
        assertThat(ledger.compare(snapshot.snapshotId()))
                .isEqualTo(new Snapshot.Comparison(List.of(), List.of(), List.of(), List.of()));

        now = now.plusSeconds(60);
        ledger.archive(now);
        complete("a");
        ledger.write(tx -> tx.start("b"));
        ledger.add(NewTask.of("d", "D"));
        assertThat(ledger.compare(snapshot.snapshotId()))
                .isEqualTo(new Snapshot.Comparison(
                        List.of("d"),
                        List.of("c"),
                        List.of(
                                new Snapshot.Change("a", TaskStatus.PENDING, TaskStatus.COMPLETED),
                                new Snapshot.Change("b", TaskStatus.PENDING, TaskStatus.IN_PROGRESS)),
                        List.of("a")));
        assertThat(ledger.snapshots()).containsExactly(snapshot);
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
    }

    @Test
    void aSnapshotsHashStandsInTheHistory() {
        ledger.add(NewTask.of("a", "A"));
        Snapshot snapshot = ledger.snapshot("x");
        LedgerEvent event = ledger.events(1, 1).get(0);
        assertThat(event.type()).isEqualTo("SNAPSHOT_CREATED");
        assertThat(event.payload())
                .containsEntry("hash", snapshot.hash())
                .containsEntry("snapshot_id", snapshot.snapshotId())
                .containsEntry("task_count", 1L);
        assertThat(snapshot.hash()).isEqualTo(ledger.snapshots().get(0).hash());
        assertThat(ledger.rebuild()).isInstanceOf(VerifyReport.Ok.class);
        assertThat(ledger.snapshots()).containsExactly(snapshot);
    }

    @Test
    void anUnknownSnapshotIsAnError() {
        assertThatThrownBy(() -> ledger.compare("snap_x"))
                .hasMessage("ledger_agent_s1 has no snapshot 'snap_x'")
                .isInstanceOfSatisfying(
                        dev.hart.error.LedgerException.class,
                        refused -> assertThat(refused.code()).isEqualTo("SNAPSHOT_NOT_FOUND"));
    }

    @Test
    void aChangedOrLostSnapshotIsFound() {
        ledger.add(NewTask.of("a", "A"));
        ledger.snapshot("x");
        store.write(
                tx -> tx.prepare("UPDATE ledger_snapshot SET tasks_json = '{}'").executeUpdate());
        assertThat(ledger.verify())
                .isEqualTo(new VerifyReport.ProjectionDiffers("*", "snapshots are not those of its events"));
        store.write(tx -> tx.prepare("DELETE FROM ledger_snapshot").executeUpdate());
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.ProjectionDiffers.class);
    }

    @Test
    void aSnapshotOfAnEmptyLedgerIsEmpty() {
        Snapshot snapshot = ledger.snapshot("");
        assertThat(snapshot.tasks()).isEmpty();
        ledger.add(NewTask.of("a", "A"));
        assertThat(ledger.compare(snapshot.snapshotId()).newTasks()).containsExactly("a");
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
    }
}
