package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.store.Store;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What tampering with the tables is found by. */
class VerificationTest {
    private static final LedgerId RUN = LedgerId.run("r1");

    private final Store store = Store.inMemory();
    private final Ledger ledger = Ledgers.open(store, () -> Instant.parse("2026-01-01T00:00:00.250Z"), "node-1")
            .ledger(RUN);

    @BeforeEach
    void threeEvents() {
        ledger.write(l -> l.add(NewTask.of("t1", "First")));
        ledger.write(l -> l.start("t1"));
        ledger.write(l -> l.complete("t1", Map.of("n", 1L)));
        assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(3, 0));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private VerifyReport after(String tampering) {
        store.write(tx -> tx.prepare(tampering).executeUpdate());
        return ledger.verify();
    }

    @Test
    void aChangedByteIsFoundWhereItIs() {
        assertThat(after("UPDATE task_event SET payload = replace(payload, 'pending', 'pendinG') WHERE seq = 2"))
                .isEqualTo(new VerifyReport.Broken(0, 2, "its hash is not that of its content"));
    }

    @Test
    void everyFieldOfAnEventIsHashed() {
        for (String change : new String[] {"task_id = 't2'", "type = 'NOTE'", "at = at + 1", "actor = 'node-2'"}) {
            assertThat(after("UPDATE task_event SET " + change + " WHERE seq = 3"))
                    .as(change)
                    .isEqualTo(new VerifyReport.Broken(0, 3, "its hash is not that of its content"));
            store.write(tx -> tx.prepare(
                            "UPDATE task_event SET task_id = 't1', type = 'TASK_TRANSITIONED', at = 1767225600250, actor = 'node-1'"
                                    + " WHERE seq = 3")
                    .executeUpdate());
            assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(3, 0));
        }
    }

    @Test
    void aDeletedEventIsMissing() {
        assertThat(after("DELETE FROM task_event WHERE seq = 2")).isEqualTo(new VerifyReport.MissingSeq(0, 2));
    }

    @Test
    void aCutTailIsMissing() {
        assertThat(after("DELETE FROM task_event WHERE seq = 3")).isEqualTo(new VerifyReport.MissingSeq(0, 3));
    }

    @Test
    void anExchangedHashBreaksTheChain() {
        assertThat(after("UPDATE task_event SET hash = zeroblob(32), prev_hash = zeroblob(32) WHERE seq = 2"))
                .isEqualTo(new VerifyReport.Broken(0, 2, "it does not name the hash of the event before it"));
    }

    @Test
    void aHeadThatFitsNoEventIsFound() {
        assertThat(after("UPDATE ledger_head SET hash = zeroblob(32)")).isInstanceOf(VerifyReport.Broken.class);
    }

    @Test
    void aChangedRowDiffersFromItsEvents() {
        for (String change : new String[] {
            "status = 'failed'", "result_json = '{\"n\":2}'", "version = 9", "started_at = NULL", "owner_node_id = 'x'"
        }) {
            assertThat(after("UPDATE task SET " + change))
                    .as(change)
                    .isInstanceOf(VerifyReport.ProjectionDiffers.class);
        }
    }

    @Test
    void aDeletedAndAnInventedRowAreFound() {
        assertThat(after("INSERT INTO task_edge VALUES ('ledger_run_r1', 't1', 't0', 'prereq', 'success', 0)"))
                .isInstanceOf(VerifyReport.ProjectionDiffers.class);
        assertThat(after("DELETE FROM task")).isEqualTo(new VerifyReport.ProjectionDiffers("t1", "its row is gone"));
    }
}
