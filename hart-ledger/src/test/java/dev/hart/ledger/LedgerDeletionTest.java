package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.store.Store;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A ledger that nobody needs any more leaves nothing behind. */
class LedgerDeletionTest extends LedgerContract {
    private static final List<String> TABLES = List.of(
            "ledger",
            "ledger_head",
            "task",
            "task_edge",
            "task_event",
            "task_message",
            "task_verification",
            "task_request",
            "ledger_snapshot",
            "ledger_checkpoint",
            "subscription");

    private long rows(LedgerId id) {
        return store.read(tx -> {
            long rows = 0;
            for (String table : TABLES) {
                PreparedStatement count = tx.prepare("SELECT COUNT(*) FROM " + table + " WHERE ledger_id = ?");
                count.setString(1, id.key());
                try (ResultSet row = count.executeQuery()) {
                    row.next();
                    rows += row.getLong(1);
                }
            }
            return rows;
        });
    }

    private void work(Ledger in) {
        in.add(NewTask.of("a", "A"));
        in.add(NewTask.of("b", "B").after("a"));
        in.write(tx -> {
            tx.start("a");
            tx.complete("a", null);
            return tx.start("b");
        });
        in.snapshot("before");
    }

    @Test
    void nothingOfItIsLeftAndItsNeighbourStays() {
        Ledger other = ledger(LedgerOptions.defaults());
        work(ledger);
        work(other);
        long before = rows(other.id());
        ledger.write(tx -> tx.complete("b", null));

        assertThat(ledgers.delete(ledger.id())).isTrue();

        assertThat(rows(ledger.id())).isZero();
        assertThat(rows(other.id())).isEqualTo(before);
        assertThat(ledgers.find(ledger.id().key())).isEmpty();
        assertThat(ledgers.delete(ledger.id())).as("a second time").isFalse();
        assertThat(other.verify()).isInstanceOf(VerifyReport.Ok.class);
    }

    @Test
    void oneWithWorkLeftIsKeptWhole() {
        work(ledger);
        long before = rows(ledger.id());

        assertRefused("LEDGER_OPEN", () -> ledgers.delete(ledger.id()));

        assertThat(rows(ledger.id())).isEqualTo(before);
        assertThat(ledger.write(tx -> tx.complete("b", null)).status()).isEqualTo(TaskStatus.COMPLETED);
    }

    @Test
    void itsNameIsFreeForANewOne() {
        work(ledger);
        ledger.write(tx -> tx.complete("b", null));
        ledgers.delete(ledger.id());

        Ledger anew = ledgers.create(ledger.id(), LedgerOptions.defaults().stripes(home.stripes));
        work(anew);

        assertThat(anew.tasks()).extracting(Task::status).containsExactly(TaskStatus.COMPLETED, TaskStatus.IN_PROGRESS);
        assertThat(anew.verify()).isInstanceOf(VerifyReport.Ok.class);
    }

    @Test
    void anotherProcessNoticesThatItIsGone() {
        if (home == LedgerHome.SQLITE_MEMORY) {
            return;
        }
        work(ledger);
        try (Store second = home.openAgain(folder);
                Ledgers there = builder(second).open()) {
            Ledger known = there.ledger(ledger.id());
            known.write(tx -> tx.complete("b", null));
            ledgers.delete(ledger.id());
            assertThat(there.find(ledger.id().key())).isEmpty();
            assertThat(known.task("b")).isEmpty();
        }
    }
}
