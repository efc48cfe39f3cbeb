package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.HartClock;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.RecordedSleeps;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.ledger.BlockedReason;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskStatus;
import dev.hart.ledger.VerifyReport;
import dev.hart.recipe.Recipe;
import dev.hart.store.Store;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the ledger says of a run and its actions: the map of section 3.5, and a history that is whole. */
@Timeout(30)
class RunLedgerTest {
    private final PreparedTools tools = new PreparedTools();

    @TempDir
    Path folder;

    private Hart open(HartBuilder builder) {
        return PreparedTools.open(builder.dataDirectory(folder));
    }

    private Hart open() {
        return open(Hart.configure().withoutModel());
    }

    /** The task as it stands in the database; its ledger must be whole. */
    private Task task(String runId, String task) {
        try (Store store = Store.sqlite(folder.resolve("hart.db"))) {
            Ledger ledger = Ledgers.open(store, HartClock.system(), "test").ledger(LedgerId.run(runId));
            assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
            return ledger.task(task).orElseThrow();
        }
    }

    private TaskStatus status(String runId, String task) {
        return task(runId, task).status();
    }

    private static Recipe two(String first, String second) {
        return Recipe.named("two")
                .action("a", a -> a.tool(first))
                .action("b", a -> a.tool(second).with("text", "{{a}}"))
                .build();
    }

    @Test
    void aRunThatSucceedsCompletesEveryTask() {
        String id;
        try (Hart hart = open()) {
            tools.register(hart, "act", Effect.WRITE, (text, context) -> "x");
            id = hart.run(two("act", "act"), Inputs.none()).id();
        }
        assertThat(List.of(status(id, "run"), status(id, "action_1"), status(id, "action_2")))
                .containsOnly(TaskStatus.COMPLETED);
    }

    @Test
    void aRunThatFailsCancelsWhatItDidNotStart() {
        String id;
        try (Hart hart = open()) {
            tools.register(hart, "act", Effect.WRITE, (text, context) -> {
                throw new ToolFailure("GONE", "it is gone");
            });
            id = hart.run(two("act", "act"), Inputs.none()).id();
        }
        assertThat(status(id, "run")).isEqualTo(TaskStatus.FAILED);
        assertThat(status(id, "action_1")).isEqualTo(TaskStatus.FAILED);
        assertThat(status(id, "action_2")).isEqualTo(TaskStatus.CANCELLED);
    }

    @Test
    void aRunThatIsCancelledTerminatesWhatRunsAndCancelsTheRest() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        String id;
        try (Hart hart = open()) {
            tools.register(hart, "act", Effect.READ, (text, context) -> {
                begun.countDown();
                new CountDownLatch(1).await();
                return "never";
            });
            var handle = hart.start(two("act", "act"), Inputs.none());
            begun.await();
            handle.cancel();
            id = handle.await().id();
        }
        assertThat(status(id, "run")).isEqualTo(TaskStatus.TERMINATED);
        assertThat(status(id, "action_1")).isEqualTo(TaskStatus.TERMINATED);
        assertThat(status(id, "action_2")).isEqualTo(TaskStatus.CANCELLED);
    }

    @Test
    void errorThenSuccessInCreateIsCompletedWithOneRetry() {
        String id = create(new Judgement.Wrong("no"), new Judgement.Completed());
        assertThat(status(id, "action_1")).isEqualTo(TaskStatus.COMPLETED);
        assertThat(task(id, "action_1").retryCount()).isEqualTo(1);
    }

    @Test
    void pendingThenCompletedLeavesNoBlockedReason() {
        String id = create(new Judgement.Pending("not yet"), new Judgement.Completed());
        assertThat(status(id, "action_1")).isEqualTo(TaskStatus.COMPLETED);
        assertThat(task(id, "action_1").blockedReason()).isNull();
    }

    private String create(Judgement... judgements) {
        Iterator<Judgement> verdicts = List.of(judgements).iterator();
        try (Hart hart = open(Hart.configure()
                .model(new ScriptedReplies(PreparedTools.planOfOneAction()))
                .clock(new RecordedSleeps())
                .verifier(outcome -> verdicts.next()))) {
            tools.register(hart, "act", Effect.READ, (text, context) -> text);
            Run run = hart.run("act now");
            assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            return run.id();
        }
    }

    @Test
    void aDestructiveActionIsBlockedUntilItIsRejectedAndThenCancelled() {
        String id;
        try (Hart hart = open()) {
            tools.register(hart, "look", Effect.READ, (text, context) -> "x");
            tools.register(hart, "wipe", Effect.DESTRUCTIVE, (text, context) -> "x");
            id = hart.run(two("look", "wipe"), Inputs.none()).id();
        }
        assertThat(status(id, "run")).isEqualTo(TaskStatus.PAUSED);
        assertThat(status(id, "action_2")).isEqualTo(TaskStatus.BLOCKED);
        assertThat(task(id, "action_2").blockedReason()).isEqualTo(BlockedReason.APPROVAL_REQUIRED);
        try (Hart hart = open()) {
            tools.register(hart, "wipe", Effect.DESTRUCTIVE, (text, context) -> "x");
            hart.runs().reject(id, "action_2");
            hart.resume(id);
        }
        assertThat(status(id, "run")).isEqualTo(TaskStatus.FAILED);
        assertThat(status(id, "action_2")).isEqualTo(TaskStatus.CANCELLED);
    }

    @Test
    void aWriteInDoubtIsBlockedByHandUntilItIsResolved() {
        CountDownLatch never = new CountDownLatch(1);
        String id;
        try (Hart hart = open()) {
            tools.register(hart, "act", Effect.WRITE, (text, context) -> {
                never.await();
                return "x";
            });
            id = hart.run(
                            Recipe.named("slow")
                                    .action("a", a -> a.tool("act").timeout(Duration.ofMillis(50)))
                                    .build(),
                            Inputs.none())
                    .id();
        }
        assertThat(status(id, "action_1")).isEqualTo(TaskStatus.BLOCKED);
        assertThat(task(id, "action_1").blockedReason()).isEqualTo(BlockedReason.MANUAL_BLOCK);
        try (Hart hart = open()) {
            hart.runs().resolve(id, "action_1", new InDoubt.TakeAsDone("x"));
            assertThat(hart.resume(id).state()).isEqualTo(RunState.SUCCEEDED);
        }
        assertThat(status(id, "action_1")).isEqualTo(TaskStatus.COMPLETED);
        assertThat(task(id, "action_1").blockedReason()).isNull();
    }
}
