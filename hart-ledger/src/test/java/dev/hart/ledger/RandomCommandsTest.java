package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.error.IllegalTransitionException;
import dev.hart.error.LedgerException;
import dev.hart.store.Store;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is commanded, in whatever order: rows follow from events, and only legal changes happen. */
class RandomCommandsTest {
    private static final LedgerId RUN = LedgerId.run("random");
    private static final FailureReason[] FAILURES = FailureReason.values();
    private static final BlockedReason[] BLOCKS = BlockedReason.values();

    private static Task command(LedgerTransaction l, Random random, List<String> ids) {
        String id = ids.get(random.nextInt(ids.size()));
        return switch (random.nextInt(13)) {
            case 0 -> {
                NewTask task = NewTask.of("t" + random.nextInt(1000), "Do").maxRetries(random.nextInt(3));
                yield l.add(
                        random.nextBoolean() ? task.after(id, ids.get(random.nextInt(ids.size()))) : task.childOf(id));
            }
            case 1, 2, 3 -> l.start(id);
            case 4, 5 -> l.complete(id, random.nextBoolean() ? null : Map.of("n", random.nextLong()));
            case 6 -> l.fail(id, "boom", FAILURES[random.nextInt(FAILURES.length)]);
            case 7 -> l.failAttempt(id, "boom", FAILURES[random.nextInt(FAILURES.length)]);
            case 8 -> l.block(id, BLOCKS[random.nextInt(BLOCKS.length)], random.nextBoolean() ? null : "detail");
            case 9 -> random.nextBoolean() ? l.pause(id, "x") : l.stop(id, "x");
            case 10 -> l.resume(id);
            case 11 -> random.nextBoolean() ? l.retryAsNew(id) : l.setOwner(id, "node", "i" + random.nextInt(5));
            default ->
                switch (random.nextInt(3)) {
                    case 0 -> l.cancel(id, "x");
                    case 1 -> l.terminate(id, "x");
                    default -> l.skip(id, "x");
                };
        };
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theRowsAreAlwaysWhatTheEventsAmountTo(long seed) {
        Random random = new Random(seed);
        Set<String> refusals = new HashSet<>();
        try (Store store = Store.inMemory()) {
            long[] now = {Instant.parse("2026-01-01T00:00:00Z").toEpochMilli()};
            Ledger ledger = Ledgers.in(store)
                    .clock(() -> Instant.ofEpochMilli(now[0]))
                    .withoutBackgroundThread()
                    .open()
                    .ledger(RUN);
            ledger.write(l -> l.add(NewTask.of("t0", "First")));
            for (int i = 0; i < 400; i++) {
                now[0] += random.nextInt(1000);
                List<Task> before = ledger.tasks();
                List<String> ids = before.stream().map(Task::taskId).toList();
                int commands = random.nextInt(1, 4);
                try {
                    ledger.write(l -> {
                        for (int c = 0; c < commands; c++) {
                            Task answer = command(l, random, ids);
                            assertThat(answer).isEqualTo(l.task(answer.taskId()));
                        }
                        return null;
                    });
                } catch (IllegalTransitionException e) {
                    refusals.add(e.code());
                    assertThat(ledger.tasks()).isEqualTo(before);
                } catch (LedgerException e) {
                    refusals.add(e.code());
                    assertThat(ledger.tasks()).isEqualTo(before);
                }
                if (i % 20 == 0) {
                    assertThat(ledger.verify()).as("seed %d, step %d", seed, i).isInstanceOf(VerifyReport.Ok.class);
                }
            }
            assertThat(ledger.verify()).as("seed %d", seed).isInstanceOf(VerifyReport.Ok.class);
            assertThat(refusals).contains("ILLEGAL_TRANSITION", "NO_CHANGE");
            assertLegal(ledger);
        }
    }

    /** Every change of status in the history is one of the table, or one of the engine's own with its own event. */
    private static void assertLegal(Ledger ledger) {
        List<LedgerEvent> page;
        long seq = 0;
        do {
            page = ledger.events(seq, 1000);
            for (LedgerEvent event : page) {
                seq = event.seq();
                if (event.payload().get("to") instanceof String to) {
                    TaskStatus from =
                            TaskStatus.ofWireName((String) event.payload().get("from"));
                    boolean requeue =
                            (event.type().equals("TASK_RETRIED") || event.type().equals("TASK_REQUEUED"))
                                    && to.equals("pending");
                    assertThat(requeue || from.canBecome(TaskStatus.ofWireName(to)))
                            .as(event.toString())
                            .isTrue();
                }
            }
        } while (!page.isEmpty());
    }

    @Test
    void twoStoresOnOneFileKeepOneChain(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("shared.db");
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try (Store one = Store.sqlite(file);
                Store other = Store.sqlite(file)) {
            Ledger[] ledgers = {
                Ledgers.open(one, Instant::now, "one").ledger(RUN),
                Ledgers.open(other, Instant::now, "other").ledger(RUN)
            };
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 6; t++) {
                int thread = t;
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 10; i++) {
                        String id = "t" + thread + "_" + i;
                        ledgers[thread % 2].write(l -> {
                            l.add(NewTask.of(id, "Do"));
                            return l.start(id);
                        });
                    }
                }));
            }
            for (Future<?> done : all) {
                done.get();
            }
            assertThat(ledgers[0].verify()).isEqualTo(new VerifyReport.Ok(120, 0));
            assertThat(ledgers[1].tasks())
                    .extracting(Task::createdNo)
                    .doesNotHaveDuplicates()
                    .hasSize(60);
        } finally {
            threads.shutdown();
        }
    }
}
