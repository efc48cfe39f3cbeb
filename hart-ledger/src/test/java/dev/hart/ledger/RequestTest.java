package dev.hart.ledger;

import static dev.hart.ledger.TaskStatus.COMPLETED;
import static dev.hart.ledger.TaskStatus.IN_PROGRESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Spark;
import dev.hart.error.HartException;
import dev.hart.error.IllegalTransitionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What is taken and what is refused: repeated requests, versions, bad input, limits, secrets, and several ledgers. */
class RequestTest extends LedgerContract {
    private static final CommandOptions KEY = CommandOptions.idempotent("k1");

    @Test
    void case40aRequestThatComesAgainIsAnsweredAsTheFirstTime() {
        Task added = ledger.write(l -> l.add(NewTask.of("t", "T").context(Map.of("a", 1L)), KEY));
        Ledger again = inAnotherProcess();
        Task repeated = again.write(l -> l.add(NewTask.of("t", "T").context(Map.of("a", 1L)), KEY));
        assertThat(repeated).isEqualTo(added);
        assertThat(events()).hasSize(1);

        CommandOptions key = CommandOptions.idempotent("k2");
        Task started = ledger.apply("t", TaskCommand.start(), key);
        ledger.add(NewTask.of("child", "C").childOf("t"));
        ledger.apply("t", new TaskCommand.Progress(50, null));
        ledger.apply("t", new TaskCommand.Complete("done", true));
        assertThat(again.apply("t", TaskCommand.start(), key)).isEqualTo(started);
        assertThat(started.status()).isEqualTo(IN_PROGRESS);
        assertThat(task("t").status()).isEqualTo(COMPLETED);
        assertThat(statuses("t")).containsExactly("pending", "in_progress", "completed");
    }

    @Test
    void anAnswerStaysAsItWasThoughOtherTasksHaveChanged() {
        addAll("a", "b");
        ledger.write(l -> l.addPrerequisite("b", "a", Outcome.SUCCESS, false));
        Task first = ledger.apply("b", new TaskCommand.Reprioritize(7), KEY);
        assertThat(first.claimable()).isFalse();
        finish("a");
        assertThat(task("b").claimable()).isTrue();
        assertThat(ledger.apply("b", new TaskCommand.Reprioritize(7), KEY)).isEqualTo(first);
    }

    @Test
    void anAnswerUnderALeaseStaysAsItWasThoughTheLeaseWasProlonged() {
        add("t");
        Lease lease = claim("w");
        now = START.plusSeconds(10);
        ledger.heartbeat(lease);
        CommandOptions options = KEY.under(lease.token());
        Task first = ledger.apply("t", new TaskCommand.Progress(50, null), options);
        assertThat(first.leaseUntil()).isEqualTo(START.plusSeconds(100));
        now = START.plusSeconds(20);
        ledger.heartbeat(lease);
        assertThat(ledger.apply("t", new TaskCommand.Progress(50, null), options))
                .isEqualTo(first);
        ledger.apply(lease, TaskCommand.complete(null));
        assertThat(ledger.apply("t", new TaskCommand.Progress(50, null), options))
                .as("the lease is over, the answer was given before")
                .isEqualTo(first);
    }

    @Test
    void aKeyIsForOneRequest() {
        addAll("t", "u");
        ledger.apply("t", TaskCommand.start(), KEY);
        assertThatThrownBy(() -> ledger.apply("t", TaskCommand.complete(null), KEY))
                .hasMessage("the key 'k1' was used in " + ledger.id().key()
                        + " for another request: take a new key for a new request");
        assertRefused("IDEMPOTENCY_CONFLICT", () -> ledger.apply("t", TaskCommand.complete(null), KEY));
        assertRefused("IDEMPOTENCY_CONFLICT", () -> ledger.apply("u", TaskCommand.start(), KEY));
        CommandOptions other = CommandOptions.idempotent("k2");
        ledger.write(l -> l.add(NewTask.of("v", "V"), other));
        for (NewTask changed : List.of(
                NewTask.of("v", "W"),
                NewTask.of("v", "V").context(Map.of("a", 1L)),
                NewTask.of("v", "V").blocked(BlockedReason.INPUT_REQUIRED),
                NewTask.of("v", "V").scheduledAt(START.plusSeconds(1)))) {
            assertRefused("IDEMPOTENCY_CONFLICT", () -> ledger.write(l -> l.add(changed, other)));
        }
        assertRefused("TASK_EXISTS", () -> ledger.add(NewTask.of("v", "V")));
        assertRefused(
                "TASK_EXISTS", () -> ledger.write(l -> l.add(NewTask.of("v", "V"), CommandOptions.idempotent("k3"))));
        assertRefused("INVALID_ARGUMENT", () -> CommandOptions.idempotent("no spaces"));
    }

    @Test
    void aRefusedRequestUsesNoKeyUp() {
        add("t");
        assertRefused("ILLEGAL_TRANSITION", () -> ledger.apply("t", TaskCommand.complete(null), KEY));
        assertThat(ledger.apply("t", TaskCommand.start(), KEY).status()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void aRequestThatComesTwiceAtOnceIsDoneOnce() throws Exception {
        add("t");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            CyclicBarrier gate = new CyclicBarrier(4);
            List<Future<Task>> answers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                answers.add(threads.submit(() -> {
                    gate.await();
                    return ledger.apply("t", new TaskCommand.RecordSpend(new Spark(5)), KEY);
                }));
            }
            for (Future<Task> answer : answers) {
                assertThat(answer.get().sparkSpent()).isEqualTo(new Spark(5));
            }
        } finally {
            threads.shutdown();
        }
        assertThat(task("t").sparkSpent()).isEqualTo(new Spark(5));
    }

    @Test
    void aTaskThatHasChangedIsRefusedWithItsVersion() {
        add("t");
        assertThatThrownBy(() -> ledger.apply(
                        "t", TaskCommand.start(), CommandOptions.none().expecting(2)))
                .hasMessage("task " + ledger.id().key() + "/t has version 1, not 2: read it again and decide anew");
        assertRefused(
                "VERSION_CONFLICT",
                () -> ledger.apply(
                        "t", TaskCommand.start(), CommandOptions.none().expecting(2)));
        assertThat(ledger.apply("t", TaskCommand.start(), CommandOptions.none().expecting(1))
                        .version())
                .isEqualTo(2);
    }

    @Test
    void wrongInputIsRefusedByName() {
        assertThatThrownBy(() -> NewTask.of("no spaces", "x")).hasMessageContaining("task id must be 1 to 255");
        assertThatThrownBy(() -> NewTask.of("", "x")).hasMessageContaining("task id must be 1 to 255");
        assertThatThrownBy(() -> NewTask.of("x".repeat(256), "x")).hasMessageContaining("task id");
        assertThatThrownBy(() -> NewTask.of("t", " ")).hasMessageContaining("description must be a text");
        assertThatThrownBy(() -> NewTask.of("t", "x".repeat(65_537))).hasMessageContaining("description must be");
        assertThatThrownBy(() -> NewTask.of("t", "a\0"))
                .hasMessage("description has the character NUL at position 1:" + " leave it out");
        assertThatThrownBy(() -> NewTask.of("t", "\ud83d")).hasMessageContaining("description has half a character");
        assertThatThrownBy(() -> NewTask.of("t", "T").maxRetries(-1)).hasMessageContaining("maxRetries must be 0 to");
        assertRefused("INVALID_ARGUMENT", () -> ledger.events(0, 1001));
        assertRefused("INVALID_ARGUMENT", l -> l.add(NewTask.of("t", "T").context(Map.of("half", "\ud83d"))));
        assertRefused(
                "INVALID_ARGUMENT",
                l -> l.add(NewTask.of("t", "T").computeRequirements(Map.of("gpu", new StringBuilder()))));
        assertRefused("INVALID_ARGUMENT", l -> l.add(NewTask.of("t", "T").requiredCapabilities("\ud83d")));
        ledger.add(NewTask.of("x".repeat(255), "\ud83d\ude00 é \u2028"));
        assertThat(task("x".repeat(255)).description()).isEqualTo("\ud83d\ude00 é \u2028");
        add("t");
        start("t");
        assertThatThrownBy(() -> run(l -> l.fail("t", "a\0b", FailureReason.ERROR)))
                .hasMessageStartingWith("error has the character NUL");
        assertThatThrownBy(() -> run(l -> l.pause("t", "x".repeat(65_537))))
                .hasMessage("reason must be at most 65536 characters, had 65537");
        assertThat(run(l -> l.complete("t", "a\0b")).result()).isEqualTo("a\0b");
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> CommandDocument.read("block", Map.of("reason", "tired")))
                .hasMessageStartingWith("'tired' is no BlockedReason; it can be dependency, input_required");
        assertThatThrownBy(() -> CommandDocument.read("dance", Map.of()))
                .hasMessageStartingWith("there is no command 'dance'; there are block, cancel");
        assertThatThrownBy(() -> CommandDocument.read("progress", Map.of("percent", Double.NaN)))
                .isInstanceOf(HartException.class)
                .hasMessage("progress: 'percent' cannot be NaN");
    }

    @Test
    void aContextAndAResultHaveAtMostTheLedgersLimit() {
        int limit = 256 * 1024;
        String most = "x".repeat(limit - "{\"a\":\"\"}".length());
        assertRefused("PAYLOAD_TOO_LARGE", l -> l.add(NewTask.of("t", "T").context(Map.of("a", most + "x"))));
        ledger.add(NewTask.of("t", "T").context(Map.of("a", most)));
        start("t");
        String two = "é".repeat(limit / 2 - 1);
        assertRefused("PAYLOAD_TOO_LARGE", l -> l.complete("t", two + "x"));
        assertThat(complete("t", two).result()).isEqualTo(two);
        ledger = ledger(LedgerOptions.defaults().maxPayloadBytes(1024));
        assertRefused("PAYLOAD_TOO_LARGE", l -> l.add(NewTask.of("t", "T").context(Map.of("a", "x".repeat(1024)))));
        assertRefused("INVALID_ARGUMENT", () -> LedgerOptions.defaults().maxPayloadBytes(2 * 1024 * 1024 + 1));
    }

    @Test
    void anEventHasAtMostTwoMebibytesOfJson() {
        add("t");
        int room = 2 * 1024 * 1024 - "{\"text\":\"\"}".length();
        String most = "é".repeat((room - 1) / 2) + "x".repeat((room - 1) % 2 + 1);
        assertRefused("PAYLOAD_TOO_LARGE", () -> ledger.write(l -> l.append("t", "NOTE", Map.of("text", most + "x"))));
        assertThat(ledger.write(l -> l.append("t", "NOTE", Map.of("text", most)))
                        .seq())
                .isEqualTo(2);
    }

    @Test
    void secretsAreNotKept() {
        ledger.add(NewTask.of("t", "T")
                .context(Map.of(
                        "db", Map.of("password", "x"),
                        "tokens_used", 3L,
                        "list", List.of(Map.of("apiKey", "x", "credit-card", "x", "cardinal", 1L)))));
        start("t");
        ledger.apply("t", new TaskCommand.PostStatus("hi", Map.of("secret", "x")));
        complete("t", Map.of("auth_token", "x", "n", 1L));
        assertThat(task("t").context())
                .isEqualTo(Map.of(
                        "db",
                        Map.of("password", "[REDACTED]"),
                        "list",
                        List.of(Map.of("apiKey", "[REDACTED]", "cardinal", 1L, "credit-card", "[REDACTED]")),
                        "tokens_used",
                        3L));
        assertThat(task("t").result()).isEqualTo(Map.of("auth_token", "[REDACTED]", "n", 1L));
        assertThat(task("t").statusMessages().get(0)).containsEntry("metadata", Map.of("secret", "[REDACTED]"));
        assertThat(events().toString()).doesNotContain("=x");
    }

    @Test
    void aJournalEventIsKeptAndChangesNoTask() {
        Task before = add("t");
        EventPlace place =
                ledger.write(l -> l.append("t", "STEP_FINISHED", Map.of("output", List.of(1L, "two"), "apiKey", "k")));
        assertThat(place.seq()).isEqualTo(2);
        int stripe = EventChain.stripe("t", home.stripes);
        LedgerEvent event = ledger.events(stripe, 1, 1).get(0);
        assertThat(event)
                .isEqualTo(new LedgerEvent(
                        ledger.id(),
                        stripe,
                        2,
                        "t",
                        "STEP_FINISHED",
                        START,
                        "node-1",
                        Map.of("apiKey", "[REDACTED]", "output", List.of(1L, "two")),
                        event.hash()));
        assertThat(event.hash()).matches("[0-9a-f]{64}");
        assertThat(task("t")).isEqualTo(before);
        assertRefused("INVALID_ARGUMENT", () -> ledger.write(l -> l.append("t", "TASK_CREATED", Map.of())));
        for (String type : List.of("step", "", "_A", "1A", "A-B", "A".repeat(65))) {
            assertRefused("INVALID_ARGUMENT", () -> ledger.write(l -> l.append("t", type, Map.of())));
        }
        assertThat(ledger.write(l -> l.append("t", "A".repeat(64), Map.of())).seq())
                .isEqualTo(3);
    }

    @Test
    void aFailedLambdaLeavesNothing() {
        add("t");
        assertRefused("TASK_NOT_FOUND", l -> {
            l.start("t");
            l.append("t", "NOTE", Map.of());
            return l.start("nobody");
        });
    }

    @Test
    void aRefusedCommandInsideALambdaThatGoesOnLeavesNoTrace() {
        add("t");
        run(l -> {
            assertThatThrownBy(() -> l.complete("t", null)).isInstanceOf(IllegalTransitionException.class);
            return l.start("t");
        });
        assertThat(statuses("t")).containsExactly("pending", "in_progress");
    }

    @Test
    void severalLedgersShareATransactionAndOneLedgerIsWrittenTwiceInIt() {
        Ledger other = ledger(LedgerOptions.defaults());
        store.write(tx -> {
            ledger.in(tx, l -> l.add(NewTask.of("run", "One").asContainer()));
            other.in(tx, l -> l.add(NewTask.of("run", "Other").asContainer()));
            return ledger.in(tx, l -> l.start("run"));
        });
        assertThat(ledgers.containersNamed("run", 10, Long.MAX_VALUE))
                .extracting(Task::ledger)
                .containsExactly(other.id(), ledger.id());
        assertThat(other.verify()).isEqualTo(new VerifyReport.Ok(1, 0));
    }

    @Test
    void aWriteInsideAnotherToTheSameLedgerIsRefused() {
        add("t");
        assertThatThrownBy(() -> store.write(tx -> ledger.in(tx, outer -> {
                    outer.append("t", "NOTE", Map.of());
                    return ledger.in(tx, inner -> inner.append("t", "NOTE", Map.of()));
                })))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inside another write to it");
        assertThat(events()).hasSize(1);
    }

    @Test
    void containersOfOneNameArePagedNewestFirstAndTheOpenOnesOldestFirst() {
        for (int i = 1; i <= 5; i++) {
            ledgers.ledger(LedgerId.run("n" + i)).write(l -> {
                l.add(NewTask.of("run", "Run").asContainer());
                return l.add(NewTask.of("other", "Other"));
            });
        }
        List<Task> first = ledgers.containersNamed("run", 2, Long.MAX_VALUE);
        List<Task> second = ledgers.containersNamed("run", 10, first.get(1).createdNo());
        assertThat(first).extracting(task -> task.ledger().sessionId()).containsExactly("n5", "n4");
        assertThat(second).extracting(task -> task.ledger().sessionId()).containsExactly("n3", "n2", "n1");
        ledgers.ledger(LedgerId.run("n2")).write(l -> l.cancel("run", "x"));
        assertThat(ledgers.openContainersNamed("run"))
                .extracting(task -> task.ledger().sessionId())
                .containsExactly("n1", "n3", "n4", "n5");
    }

    @Test
    void case18aKeyBelongsToOnePairOfIds() {
        assertThat(LedgerId.forUserAndPrompt("123", "456").key()).isEqualTo("ledger_456_123_456");
        ledgers.ledger(new LedgerId("a_b", "c")).write(l -> l.append("x", "NOTE", Map.of()));
        Ledger clash = ledgers.ledger(new LedgerId("a", "b_c"));
        assertRefused("LEDGER_ID_CLASH", () -> clash.write(l -> l.append("x", "NOTE", Map.of())));
        assertRefused("LEDGER_ID_CLASH", () -> clash.events(0, 10));
        assertRefused("LEDGER_ID_CLASH", clash::exists);
        assertThatThrownBy(() -> new LedgerId("a b", "c")).hasMessageContaining("agent id");
        assertThat(ledgers.find("ledger_a_b_c").map(Ledger::id)).contains(new LedgerId("a_b", "c"));
        assertThat(ledgers.find("ledger_nobody")).isEmpty();
    }

    @Test
    void aLedgerBeginsWithItsFirstEvent() {
        Ledger fresh = ledgers.ledger(new LedgerId("case", "fresh"));
        assertThat(fresh.exists()).isFalse();
        assertThat(fresh.tasks()).isEmpty();
        assertThat(fresh.verify()).isEqualTo(new VerifyReport.Ok(0, 0));
        fresh.write(l -> l.find("t"));
        assertThat(fresh.claim(ClaimRequest.by(worker("w")))).isEmpty();
        assertThat(fresh.exists()).isFalse();
        fresh.add(NewTask.of("t", "T"));
        assertThat(fresh.exists()).isTrue();
        assertThat(fresh.options().stripes()).isEqualTo(home.isPostgres() ? 16 : 1);
        Ledger run = ledgers.ledger(LedgerId.run("r1"));
        run.add(NewTask.of("t", "T"));
        assertThat(run.options().stripes()).isEqualTo(1);
    }

    @Test
    void aLedgersOptionsAreFixedWhenItIsMade() {
        LedgerOptions options = LedgerOptions.defaults()
                .resume(ResumeRule.RUN)
                .retries(Duration.ofMillis(10), Duration.ofSeconds(1), 0.5);
        Ledger made = ledgers.create(new LedgerId("case", "own"), options);
        assertThat(made.options()).isEqualTo(options);
        assertThat(ledgers.create(made.id(), options).options()).isEqualTo(options);
        assertThat(ledgers.ledger(made.id()).options()).isEqualTo(options);
        assertRefused("LEDGER_EXISTS", () -> ledgers.create(made.id(), LedgerOptions.defaults()));
        assertRefused(
                "INVALID_ARGUMENT",
                () -> ledgers.create(
                        LedgerId.run("r1"), LedgerOptions.defaults().stripes(2)));
    }
}
