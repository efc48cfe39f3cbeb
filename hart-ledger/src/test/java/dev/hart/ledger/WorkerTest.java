package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a worker's threads do when all is not as they would like it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerTest {
    private static final ClaimRequest REQUEST =
            ClaimRequest.by(WorkerProfile.of("w", "n", "1")).leasedFor(Duration.ofSeconds(1));

    private final Store store = Store.inMemory();
    private final Ledgers ledgers = Ledgers.in(store).open();
    private final Ledger ledger = ledgers.ledger(LedgerId.run("work"));

    @AfterEach
    void theLedgerIsWholeAndNoThreadIsLeft() {
        if (store.isOpen()) {
            assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
        }
        ledgers.close();
        store.close();
        Eventually.is("all threads have ended", () -> threads().isEmpty());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("hart-ledger-worker-") || name.equals("hart-ledger-pulse"))
                .toList();
    }

    private void add(String... ids) {
        ledger.addAll(
                java.util.Arrays.stream(ids).map(id -> NewTask.of(id, "Do")).toArray(NewTask[]::new));
    }

    private void isDone(String task, TaskStatus status) {
        Eventually.is(task + " is " + status, () -> ledger.require(task).status() == status);
    }

    @Test
    void onePieceOfNewsWakesAsManyThreadsAsThereAreTasks() throws Exception {
        CyclicBarrier all = new CyclicBarrier(4);
        try (Worker worker = Worker.of(ledger, REQUEST, 4, job -> all.await(60, TimeUnit.SECONDS))) {
            add("a", "b", "c", "d"); // each needs the three others to be worked on
            for (String task : List.of("a", "b", "c", "d")) {
                isDone(task, TaskStatus.COMPLETED);
            }
        }
    }

    @Test
    void aLostLeaseInterruptsItsHandlerAndNotTheNextOne() {
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<Worker.Job> lost = new AtomicReference<>();
        try (Worker worker = Worker.of(ledger, REQUEST, 1, job -> {
            if (job.task().taskId().equals("a")) {
                lost.set(job);
                started.countDown();
                new CountDownLatch(1).await(); // until it is interrupted
            }
            return Thread.currentThread().isInterrupted();
        })) {
            add("a");
            Eventually.is("the handler runs", () -> started.getCount() == 0);
            ledger.apply("a", new TaskCommand.Terminate("enough"));
            add("b", "c", "d");
            for (String task : List.of("b", "c", "d")) {
                isDone(task, TaskStatus.COMPLETED);
                assertThat(ledger.require(task).retryCount()).isZero();
                assertThat(ledger.require(task).result()).isEqualTo(false);
            }
            assertThat(lost.get().lost()).isTrue();
            assertThat(ledger.require("a").status()).isEqualTo(TaskStatus.TERMINATED);
        }
    }

    @Test
    void requestsReachTheHandlerWithTheNextHeartbeat() {
        AtomicReference<Worker.Job> running = new AtomicReference<>();
        try (Worker worker = Worker.of(ledger, REQUEST, 1, job -> {
            running.set(job);
            Eventually.is("both were asked for", () -> job.cancelRequested() && job.pauseRequested());
            return null;
        })) {
            add("a");
            Eventually.is("the handler runs", () -> running.get() != null);
            ledger.apply("a", new TaskCommand.RequestCancel("x"));
            ledger.apply("a", new TaskCommand.RequestPause("x"));
            isDone("a", TaskStatus.COMPLETED);
        }
    }

    @Test
    void whatAHandlerThrowsIsAFailedAttemptAndCostsNoThread() {
        try (Worker worker = Worker.of(ledger, REQUEST, 1, job -> {
            switch (job.task().taskId()) {
                case "error" -> throw new AssertionError("no good");
                case "exception" -> throw new java.io.IOException();
                case "text" -> throw new IllegalStateException("x".repeat(100_000));
                case "interrupted" -> Thread.currentThread().interrupt();
                default -> {}
            }
            return "done";
        })) {
            ledger.addAll(
                    NewTask.of("error", "Do").maxRetries(0),
                    NewTask.of("exception", "Do").maxRetries(0),
                    NewTask.of("text", "Do").maxRetries(0),
                    NewTask.of("interrupted", "Do").maxRetries(0),
                    NewTask.of("good", "Do"));
            isDone("error", TaskStatus.FAILED);
            isDone("exception", TaskStatus.FAILED);
            isDone("text", TaskStatus.FAILED);
            isDone("interrupted", TaskStatus.COMPLETED);
            isDone("good", TaskStatus.COMPLETED);
            assertThat(ledger.require("error").errorMessage()).isEqualTo("no good");
            assertThat(ledger.require("exception").errorMessage()).isEqualTo("java.io.IOException");
            assertThat(ledger.require("text").failureReason()).isEqualTo(FailureReason.VALIDATION_FAILED);
        }
    }

    @Test
    void aResultThatIsNoJsonFailsTheTask() {
        try (Worker worker = Worker.of(ledger, REQUEST, 1, job -> new Object())) {
            add("a");
            isDone("a", TaskStatus.FAILED);
            assertThat(ledger.require("a").failureReason()).isEqualTo(FailureReason.VALIDATION_FAILED);
            assertThat(ledger.require("a").retryCount()).isZero();
        }
    }

    @Test
    void aLeaseIsProlongedWhileTheWorkerWaitsForItsHandlersToEnd() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Worker worker = Worker.of(ledger, REQUEST, 1, job -> {
            started.countDown();
            mayEnd.await();
            return "done";
        });
        add("a");
        started.await();
        Thread closes = new Thread(worker::close);
        closes.start();
        java.time.Instant first = ledger.require("a").leaseUntil();
        // Two more times than the lease lasts, so without heartbeats it would be over.
        Eventually.is(
                "the lease was prolonged again and again",
                () -> ledger.require("a").leaseUntil() != null
                        && ledger.require("a").leaseUntil().isAfter(first.plusSeconds(2)));
        mayEnd.countDown();
        closes.join();
        assertThat(ledger.require("a").status()).isEqualTo(TaskStatus.COMPLETED);
        assertThat(ledger.require("a").retryCount()).isZero();
        assertThat(threads()).isEmpty();
    }

    @Test
    void aTaskIsGivenBackByAHandlerThatClosingInterrupts() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        Worker worker = Worker.of(ledger, REQUEST, 1, job -> {
            started.countDown();
            new CountDownLatch(1).await();
            return "never";
        });
        add("a");
        started.await();
        Thread closes = new Thread(worker::close);
        closes.start();
        closes.interrupt(); // so that it does not wait 10 seconds
        closes.join();
        isDone("a", TaskStatus.PENDING);
        assertThat(ledger.require("a").claimable()).isTrue();
        assertThat(ledger.require("a").retryCount()).isZero();
        assertThat(ledger.history("a")).last().extracting(LedgerEvent::type).isEqualTo("TASK_RELEASED");
    }

    @Test
    void aHandlerMayCloseItsOwnWorker() {
        AtomicReference<Worker> self = new AtomicReference<>();
        self.set(Worker.of(ledger, REQUEST, 2, job -> {
            Eventually.is("it is known", () -> self.get() != null);
            self.get().close();
            return "closed";
        }));
        add("a");
        isDone("a", TaskStatus.COMPLETED);
        Eventually.is("all threads have ended", () -> threads().isEmpty());
    }

    @Test
    void aWorkerWhoseStoreWasClosedEnds() {
        AtomicInteger handled = new AtomicInteger();
        Worker worker = Worker.of(ledger, REQUEST, 2, job -> handled.incrementAndGet());
        add("a");
        Eventually.is("it works", () -> handled.get() == 1);
        ledgers.close();
        store.close();
        Eventually.is("all threads have ended", () -> threads().isEmpty());
        worker.close();
    }

    @Test
    void manyTasksAreDoneOnceEach() {
        ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();
        try (Worker one =
                        Worker.of(ledger, REQUEST, 3, job -> done.add(job.task().taskId()));
                Worker other =
                        Worker.of(ledger, REQUEST, 3, job -> done.add(job.task().taskId()))) {
            String[] ids = new String[200];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = "t" + i;
            }
            add(ids);
            Eventually.is("all are done", () -> ledger.tasks().stream().noneMatch(Task::isOpen));
            assertThat(done).containsExactlyInAnyOrder(ids);
        }
        assertThat(Set.copyOf(threads())).isEmpty();
    }
}
