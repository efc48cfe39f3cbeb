package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Spark;
import dev.hart.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several works in one commit, and several ledgers and commands in one work. */
class SharedCommitTest {
    private final Store store = Store.inMemory();
    private final Ledgers ledgers = Ledgers.in(store).withoutBackgroundThread().open();
    private final Ledger one = ledgers.ledger(LedgerId.run("one"));
    private final Ledger other = ledgers.ledger(LedgerId.run("other"));

    @AfterEach
    void theLedgersAreWhole() {
        assertThat(one.verify()).isInstanceOf(VerifyReport.Ok.class);
        assertThat(other.verify()).isInstanceOf(VerifyReport.Ok.class);
        ledgers.close();
        store.close();
    }

    /** Runs works in one commit, in this order: they queue while another one is under way. */
    private List<CompletableFuture<?>> inOneCommit(Runnable... works) throws Exception {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        Thread first = new Thread(() -> store.write(tx -> {
            started.countDown();
            try {
                mayGoOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return true;
        }));
        first.start();
        started.await();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>(List.of(first));
        for (Runnable work : works) {
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    work.run();
                    answer.complete(true);
                } catch (RuntimeException e) {
                    answer.completeExceptionally(e);
                }
            });
            thread.start();
            Eventually.is("it queues", () -> thread.getState() == Thread.State.WAITING);
            threads.add(thread);
            answers.add(answer);
        }
        long before = store.commits();
        mayGoOn.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(store.commits() - before).isEqualTo(2);
        return answers;
    }

    @Test
    void aLedgerThatIsUndoneWithItsWorkIsForgottenByTheNextOne() throws Exception {
        List<CompletableFuture<?>> answers = inOneCommit(
                () -> other.add(NewTask.of("t", "Do")),
                () -> store.write(tx -> {
                    one.in(tx, l -> l.add(NewTask.of("a", "Do")));
                    one.in(tx, l -> l.add(NewTask.of("b", "Do")));
                    throw new IllegalStateException("undone");
                }),
                () -> one.add(NewTask.of("c", "Do")));
        assertThat(answers.get(0)).isCompleted();
        assertThat(answers.get(1)).isCompletedExceptionally();
        assertThat(answers.get(2)).isCompleted();
        assertThat(one.tasks()).extracting(Task::taskId).containsExactly("c");
        assertThat(one.exists()).isTrue();
        assertThat(one.verify()).isEqualTo(new VerifyReport.Ok(1, 0));
    }

    @Test
    void twoLedgersInOneTransactionGiveEachTaskANumberOfItsOwn() {
        store.write(tx -> one.in(tx, outer -> {
            outer.add(NewTask.of("a", "Do"));
            other.in(tx, inner -> inner.add(NewTask.of("b", "Do")));
            return outer.add(NewTask.of("c", "Do"));
        }));
        assertThat(List.of(one.require("a"), other.require("b"), one.require("c")))
                .extracting(Task::createdNo)
                .doesNotHaveDuplicates();
    }

    @Test
    void aKeyThatComesAgainInTheSameTransactionChangesNothing() {
        one.add(NewTask.of("a", "Do"));
        one.write(l -> {
            CommandOptions key = CommandOptions.idempotent("k");
            Task first = l.apply("a", new TaskCommand.RecordSpend(new Spark(1)), key);
            l.apply("a", new TaskCommand.RecordSpend(new Spark(5)));
            assertThat(l.apply("a", new TaskCommand.RecordSpend(new Spark(1)), key))
                    .isEqualTo(first);
            return true;
        });
        assertThat(one.require("a").sparkSpent().micro()).isEqualTo(6);
        assertThat(one.apply("a", new TaskCommand.RecordSpend(new Spark(1)), CommandOptions.idempotent("k"))
                        .sparkSpent()
                        .micro())
                .as("as it was answered first")
                .isEqualTo(1);
    }

    @Test
    void aRebuildLetsAPausedLedgerBePaused() {
        one.add(NewTask.of("a", "Do"));
        one.pause();
        assertThat(one.rebuild().isOk()).isTrue();
        assertThat(one.claim(ClaimRequest.by(WorkerProfile.of("w", "n", "1")))).isEmpty();
        one.unpause();
        assertThat(one.claim(ClaimRequest.by(WorkerProfile.of("w", "n", "1")))).isPresent();
    }

    @Test
    void anAmountThatCannotBeCountedIsRefused() {
        one.add(NewTask.of("a", "Do"));
        one.apply("a", new TaskCommand.RecordSpend(new Spark(Long.MAX_VALUE)));
        assertThatThrownBy(() -> one.apply("a", new TaskCommand.RecordSpend(new Spark(1))))
                .hasMessageContaining("too much to count");
    }

    @Test
    void aRejectedResultIsRolledBackAndRepeatedEvenIfTheParentHasEnded() {
        one.addAll(NewTask.of("parent", "Do"), NewTask.of("child", "Do").childOf("parent"));
        one.apply("child", TaskCommand.start());
        one.apply("child", TaskCommand.complete("bad"));
        one.apply("parent", TaskCommand.start());
        one.apply("parent", TaskCommand.complete("done"));
        one.vote("child", "v1", false, null, 2);
        one.vote("child", "v2", false, null, 2);
        assertThat(one.require("child").status()).isEqualTo(TaskStatus.ROLLED_BACK);
        assertThat(one.require("child~1").parentTaskId()).isNull();
    }

    @Test
    void aRepeatedContainerEndsByItselfToo() {
        one.add(NewTask.of("group", "Do").asAutoCompleting());
        one.apply("group", new TaskCommand.Terminate("x"));
        one.write(l -> l.retryAsNew("group"));
        one.add(NewTask.of("child", "Do").childOf("group~1"));
        one.apply("child", TaskCommand.start());
        one.apply("child", TaskCommand.complete(null));
        assertThat(one.require("group~1").status()).isEqualTo(TaskStatus.COMPLETED);
    }
}
