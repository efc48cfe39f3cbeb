package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.error.IllegalTransitionException;
import dev.hart.error.RunCancelledException;
import dev.hart.error.RunTimeoutException;
import dev.hart.model.LanguageModel;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are cancelled, interrupted, closed, in doubt, or wait for an approval. */
@Timeout(20)
class StoppedRunTest {
    private final PreparedTools tools = new PreparedTools();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private Hart hart = PreparedTools.open();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        release.countDown();
        hart.close();
    }

    private void openOnDisk() {
        hart.close();
        hart = PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel());
    }

    private Object waits(Object text) throws InterruptedException {
        begun.countDown();
        release.await();
        return text;
    }

    private static Recipe twoSteps(String first, String second) {
        return Recipe.named("two")
                .action("a", a -> a.tool(first).with("text", "a"))
                .action("b", a -> a.tool(second).with("text", "{{a}}b"))
                .output("b", String.class)
                .build();
    }

    @Test
    void cancelFromAnotherThreadStopsTheRunAndStartsNothingMore() throws Exception {
        tools.register(hart, "act", Effect.READ, (text, context) -> waits(text));
        RunHandle handle = hart.start(twoSteps("act", "act"), Inputs.none());
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

        handle.cancel();

        Run run = handle.await(Duration.ofSeconds(10));
        assertThat(run.state()).isEqualTo(RunState.CANCELLED);
        assertThat(tools.calls()).hasSize(1);
        assertThatThrownBy(run::output).isInstanceOf(RunCancelledException.class);
        handle.cancel();
        assertThat(handle.state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void aRunThatIsCancelledWhileItIsPlannedRunsNothing() throws Exception {
        hart.close();
        LanguageModel slow = new LanguageModel() {
            @Override
            public String name() {
                return "test/slow";
            }

            @Override
            public ModelReply complete(ModelRequest request) {
                begun.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return new ModelReply(PreparedTools.planOfOneAction(), List.of(), TokenCount.ZERO, Duration.ZERO);
            }
        };
        hart = PreparedTools.open(Hart.configure().inMemory().model(slow));
        tools.register(hart, "act", Effect.WRITE, (text, context) -> text);
        RunHandle handle = hart.start("act now");
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        handle.cancel();
        release.countDown();
        assertThat(handle.await(Duration.ofSeconds(10)).state()).isEqualTo(RunState.CANCELLED);
        assertThat(tools.calls()).isEmpty();
    }

    @Test
    void waitingWithATimeLimitLeavesTheRunGoingOn() {
        tools.register(hart, "act", Effect.READ, (text, context) -> waits(text));
        RunHandle handle = hart.start(twoSteps("act", "act"), Inputs.none());
        assertThatThrownBy(() -> handle.await(Duration.ofMillis(20))).isInstanceOf(RunTimeoutException.class);
        release.countDown();
        assertThat(handle.await().output()).isEqualTo("ab");
    }

    @Test
    void interruptingTheCallingThreadCancelsItsRun() throws Exception {
        tools.register(hart, "act", Effect.READ, (text, context) -> waits(text));
        FutureTask<Boolean> caller = new FutureTask<>(() -> {
            try {
                hart.run(twoSteps("act", "act"), Inputs.none());
                return false;
            } catch (RunCancelledException e) {
                return Thread.interrupted();
            }
        });
        Thread thread = new Thread(caller);
        thread.start();
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        assertThat(caller.get(10, TimeUnit.SECONDS)).as("the interrupt is kept").isTrue();
        assertThat(hart.runs().list(1).get(0).state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void aThreadThatIsAlreadyInterruptedRunsNothing() throws Exception {
        tools.register(hart, "act", Effect.WRITE, (text, context) -> waits(text));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> hart.run(twoSteps("act", "act"), Inputs.none()))
                .isInstanceOf(RunCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(hart.runs().list(1).get(0).state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void closeLetsTheRunningStepEndAndTheRunCanBeResumed() throws Exception {
        openOnDisk();
        tools.register(hart, "first", Effect.WRITE, (text, context) -> waits(text));
        tools.register(hart, "second", Effect.WRITE, (text, context) -> text);
        RunHandle handle = hart.start(twoSteps("first", "second"), Inputs.none());
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        Thread closing = new Thread(hart::close);
        closing.start();
        // The step ends only once close() waits for it.
        while (closing.getState() == Thread.State.NEW || closing.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        release.countDown();
        closing.join();
        assertThatThrownBy(handle::await)
                .isInstanceOf(RunCancelledException.class)
                .hasMessageContaining("resume");

        openOnDisk();
        tools.register(hart, "first", Effect.WRITE, (text, context) -> "again");
        tools.register(hart, "second", Effect.WRITE, (text, context) -> text);
        Run run = hart.resume(handle.id());
        assertThat(run.output()).isEqualTo("ab");
        assertThat(tools.calls()).hasSize(2);
        assertThat(run.report().steps()).extracting(step -> step.resultReused()).containsExactly(true, false);
    }

    @Test
    void closeLeavesNoThreadBehind() {
        hart.close();
        List<Thread> before = threads();
        openOnDisk();
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        hart.run(twoSteps("act", "act"), Inputs.none());
        hart.start(twoSteps("act", "act"), Inputs.none()).await();
        hart.close();
        for (Thread thread : threads()) {
            if (!before.contains(thread)) {
                try {
                    thread.join(5_000);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("hart-"))
                .toList();
    }

    private Run inDoubt() {
        tools.register(hart, "act", Effect.WRITE, (text, context) -> {
            if (tools.calls().size() == 1) {
                return waits(text);
            }
            return text;
        });
        // The first call of all loads classes, and must not use up the time that is short on purpose.
        tools.register(hart, "warm", Effect.WRITE, (text, context) -> text);
        hart.run(Recipe.named("warm").action("a", a -> a.tool("warm")).build(), Inputs.none());
        tools.clear();
        Recipe recipe = Recipe.named("doubt")
                .action("a", a -> a.tool("act").with("text", "a").timeout(Duration.ofMillis(300)))
                .action("b", a -> a.transform("{{a}}!"))
                .output("b", String.class)
                .build();
        Run run = hart.run(recipe, Inputs.none());
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        assertThat(hart.runs().find(run.id()).orElseThrow().waitingFor()).containsExactly("action_1: IN_DOUBT");
        assertThat(tools.calls())
                .as("a WRITE that took too long is not repeated")
                .hasSize(1);
        return run;
    }

    @Test
    void aStepInDoubtIsCalledAgainWithTheSameKeyWhenAPersonSaysSo() {
        Run run = inDoubt();
        hart.runs().resolve(run.id(), "action_1", new InDoubt.RunAgain());
        assertThat(hart.resume(run.id()).output()).isEqualTo("a!");
        assertThat(tools.calls())
                .extracting(c -> c.idempotencyKey())
                .hasSize(2)
                .containsOnly(tools.calls().get(0).idempotencyKey());
    }

    @Test
    void aStepInDoubtIsTakenAsDoneWhenAPersonKnowsItsResult() {
        Run run = inDoubt();
        hart.runs().resolve(run.id(), "action_1", new InDoubt.TakeAsDone("known"));
        assertThat(hart.resume(run.id()).output()).isEqualTo("known!");
        assertThat(tools.calls()).hasSize(1);
    }

    @Test
    void aStepInDoubtThatIsGivenUpFailsTheRun() {
        Run run = inDoubt();
        hart.runs().resolve(run.id(), "action_1", new InDoubt.GiveUp());
        Run failed = hart.resume(run.id());
        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        assertThat(failed.failure().orElseThrow().code()).isEqualTo("IN_DOUBT");
        assertThatThrownBy(() -> hart.runs().resolve(run.id(), "action_1", new InDoubt.RunAgain()))
                .isInstanceOf(IllegalTransitionException.class);
    }

    @Test
    void aRunInDoubtCanBeCancelled() {
        Run run = inDoubt();
        assertThat(hart.resume(run.id()).state()).as("nobody has decided").isEqualTo(RunState.PAUSED);
        hart.runs().cancel(run.id());
        assertThat(hart.runs().get(run.id()).state()).isEqualTo(RunState.CANCELLED);
        hart.runs().cancel(run.id());
    }

    private Run needsApproval() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        tools.register(hart, "wipe", Effect.DESTRUCTIVE, (text, context) -> "wiped " + text);
        Run run = hart.run(twoSteps("act", "wipe"), Inputs.none());
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        assertThat(hart.runs().find(run.id()).orElseThrow().waitingFor())
                .containsExactly("action_2: APPROVAL_REQUIRED");
        assertThat(tools.calls()).hasSize(1);
        return run;
    }

    @Test
    void aDestructiveStepRunsOnceItIsApproved() {
        Run run = needsApproval();
        hart.runs().approve(run.id(), "action_2");
        assertThat(hart.resume(run.id()).output()).isEqualTo("wiped ab");
        assertThat(tools.calls()).hasSize(2);
        assertThatThrownBy(() -> hart.runs().approve(run.id(), "action_2"))
                .isInstanceOf(IllegalTransitionException.class);
    }

    @Test
    void aDestructiveStepThatIsRejectedNeverRuns() {
        Run run = needsApproval();
        assertThatThrownBy(() -> hart.runs().approve(run.id(), "action_1"))
                .isInstanceOf(IllegalTransitionException.class);
        hart.runs().reject(run.id(), "action_2");
        Run rejected = hart.resume(run.id());
        assertThat(rejected.state()).isEqualTo(RunState.FAILED);
        assertThat(rejected.failure().orElseThrow().code()).isEqualTo("PREVIEW_REJECTED");
        assertThat(tools.calls()).hasSize(1);
    }

    @Test
    void theEventsOfALiveRunSkipNothingAndEndWithIt() throws Exception {
        tools.register(hart, "act", Effect.READ, (text, context) -> waits(text));
        RunHandle handle = hart.start(twoSteps("act", "act"), Inputs.none());
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        FutureTask<List<RunEvent>> follower = new FutureTask<>(() -> {
            try (Stream<RunEvent> events = handle.events()) {
                return events.peek(event -> release.countDown()).toList();
            }
        });
        new Thread(follower).start();
        List<RunEvent> followed = follower.get(10, TimeUnit.SECONDS);
        try (Stream<RunEvent> read = hart.runs().events(handle.id(), 0)) {
            assertThat(followed).isEqualTo(read.toList());
        }
        assertThat(followed.get(followed.size() - 1).type()).isEqualTo(RunEvent.Type.RUN_FINISHED);
    }
}
