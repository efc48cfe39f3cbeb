package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.LedgerException;
import dev.hart.store.Dialect;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LedgerSummaryTest {
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Ledgers ledgers =
            Ledgers.inMemory().clock(() -> now).withoutBackgroundThread().open();

    @AfterEach
    void close() {
        ledgers.close();
    }

    @Test
    void ledgersAreToldNewestFirstInPagesWithTheirCounts() {
        LedgerId first = new LedgerId("a", "z");
        ledgers.create(first, LedgerOptions.defaults().stripes(4));
        ledgers.ledger(first).addAll(NewTask.of("t1", "A"), NewTask.of("t2", "B"), NewTask.of("t3", "C"));
        ledgers.ledger(first).apply("t1", TaskCommand.start());
        now = now.plusMillis(1);
        ledgers.ledger(new LedgerId("a", "b")).add(NewTask.of("t", "T"));
        ledgers.ledger(new LedgerId("a", "c")).add(NewTask.of("t", "T"));

        List<LedgerSummary> page = ledgers.summaries("", 2);
        assertThat(page).extracting(one -> one.ledger().key()).containsExactly("ledger_a_c", "ledger_a_b");
        assertThat(ledgers.summaries("ledger_a_b", 2))
                .singleElement()
                .isEqualTo(ledgers.summary(first).orElseThrow())
                .satisfies(one -> {
                    assertThat(one.tasks()).isEqualTo(Map.of(TaskStatus.PENDING, 2L, TaskStatus.IN_PROGRESS, 1L));
                    assertThat(one.taskCount()).isEqualTo(3);
                    assertThat(one.eventCount()).isEqualTo(4);
                    assertThat(one.state()).isEqualTo(LedgerSummary.State.OPEN);
                    assertThat(one.createdAt()).isEqualTo("2026-01-01T00:00:00Z");
                });
        ledgers.ledger(first).pause();
        assertThat(ledgers.summary(first).orElseThrow().state()).isEqualTo(LedgerSummary.State.PAUSED);
        assertThat(ledgers.summary(new LedgerId("no", "body"))).isEmpty();
        assertThat(ledgers.dialect()).isEqualTo(Dialect.SQLITE);
    }

    @Test
    void tasksThatAreAddedTogetherAgainUnderTheirKeyAreAnsweredAsTheFirstTime() {
        Ledger ledger = ledgers.ledger(new LedgerId("a", "b"));
        List<NewTask> both = List.of(NewTask.of("t2", "B").after("t1"), NewTask.of("t1", "A"));
        CommandOptions key = CommandOptions.idempotent("k");
        List<Task> added = ledger.write(tx -> tx.addAll(both, key));
        ledger.apply("t1", TaskCommand.start());

        List<Task> again = ledger.write(tx -> tx.addAll(both, key));

        assertThat(again)
                .extracting(Task::taskId, Task::status)
                .containsExactlyElementsOf(added.stream()
                        .map(task -> org.assertj.core.groups.Tuple.tuple(task.taskId(), task.status()))
                        .toList());
        assertThat(ledger.events(0, 10)).hasSize(3);
        assertThatThrownBy(() -> ledger.write(tx -> tx.addAll(List.of(NewTask.of("t3", "C")), key)))
                .isInstanceOfSatisfying(
                        LedgerException.class, e -> assertThat(e.code()).isEqualTo("IDEMPOTENCY_CONFLICT"));
        assertThat(ledger.task("t3")).isEmpty();
    }

    @Test
    void aWorkerSeesWhatItMayHaveHoweverManyItMayNot() {
        Ledger ledger = ledgers.ledger(new LedgerId("a", "b"));
        for (int i = 0; i < 70; i++) {
            ledger.add(NewTask.of("gpu" + i, "G").requiredCapabilities("gpu").priority(90));
        }
        ledger.addAll(
                NewTask.of("any", "A"),
                NewTask.of("more", "M"),
                NewTask.of("secret", "S").sensitivity(Sensitivity.SECRET));
        WorkerProfile worker = WorkerProfile.of("w", "n", "i");

        assertThat(ledger.ready(worker, 5)).extracting(Task::taskId).containsExactly("any", "more");
        assertThat(ledger.ready(worker, 1)).extracting(Task::taskId).containsExactly("any");
        assertThat(ledger.ready(worker.capabilities("gpu"), 1000)).hasSize(72);
        assertThat(ledgers.ledger(new LedgerId("no", "body")).ready(worker, 1)).isEmpty();
    }

    @Test
    void aRejectedResultIsDoneAgainThoughItsParentHasEnded() {
        Ledger ledger = ledgers.ledger(new LedgerId("a", "b"));
        ledger.addAll(
                NewTask.of("goal", "G").asAutoCompleting(), NewTask.of("t", "T").childOf("goal"));
        ledger.apply("t", TaskCommand.start());
        ledger.apply("t", TaskCommand.complete(1L));
        assertThat(ledger.require("goal").status()).isEqualTo(TaskStatus.COMPLETED);

        ledger.vote("t", "v1", false, null, 2);
        ledger.vote("t", "v2", false, null, 2);

        assertThat(ledger.require("t").status()).isEqualTo(TaskStatus.ROLLED_BACK);
        assertThat(ledger.require("t~1").claimable()).isTrue();
        assertThat(ledger.require("t~1").parentTaskId()).isNull();
        assertThat(ledger.verify().isOk()).isTrue();
    }
}
