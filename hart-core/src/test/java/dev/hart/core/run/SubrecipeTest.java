package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.Question;
import dev.hart.core.model.MovedClock;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RunNotFoundException;
import dev.hart.model.TokenCount;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Steps that run another recipe. */
@Timeout(20)
class SubrecipeTest {
    private final PreparedTools tools = new PreparedTools();
    private final MovedClock clock = new MovedClock();
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

    private void saveInner(Effect effect, PreparedTools.Body body) {
        tools.register(hart, "act", effect, body);
        hart.recipes()
                .save(Recipe.named("inner")
                        .input("text", String.class)
                        .optionalInput("more", String.class)
                        .action("act", a -> a.tool("act").with("text", "{{inputs.text}}"))
                        .output("act", Object.class)
                        .build());
    }

    private static Recipe outer() {
        return Recipe.named("outer")
                .input("name", String.class)
                .optionalInput("more", String.class)
                .action(
                        "sub",
                        a -> a.recipe("inner")
                                .with("text", "hi {{inputs.name}}")
                                .with("more", "{{inputs.more}}"))
                .action("shown", a -> a.transform("<{{sub}}>"))
                .output("shown", String.class)
                .build();
    }

    private Run runOuter() {
        return hart.run(outer(), Inputs.of("name", "Ann"));
    }

    private List<RunEvent> events(String runId) {
        try (Stream<RunEvent> events = hart.runs().events(runId, 0)) {
            return events.toList();
        }
    }

    private String innerOf(String runId) {
        return events(runId).stream()
                .filter(event -> event.data().containsKey("run"))
                .map(event -> String.valueOf(event.data().get("run")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theOutputOfTheRunInsideIsTheResultOfTheStep() {
        saveInner(Effect.READ, (text, context) -> text + "!");
        Run run = runOuter();
        assertThat(run.output()).isEqualTo("<hi Ann!>");
        Run inner = hart.runs().get(innerOf(run.id()));
        assertThat(inner.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(inner.mode()).isEqualTo(Mode.REUSE);
        assertThat(inner.output()).isEqualTo("hi Ann!");
        assertThat(tools.calls()).hasSize(1);
        assertThat(tools.calls().get(0).runId()).isEqualTo(inner.id());
    }

    @Test
    void severalOutputsAreAMap() {
        hart.recipes()
                .save(Recipe.named("pair")
                        .action("one", a -> a.transform(1))
                        .action("two", a -> a.transform(2))
                        .output("one", Integer.class)
                        .output("two", Integer.class)
                        .build());
        Run run = hart.run(
                Recipe.named("outer")
                        .action("sub", a -> a.recipe("pair"))
                        .action("shown", a -> a.transform("{{sub.two}}"))
                        .output("shown", Integer.class)
                        .build(),
                Inputs.none());
        assertThat(run.output(Integer.class)).isEqualTo(2);
    }

    @Test
    void whenTheRunInsideFailsTheStepDoesWithItsCodeAndAFallbackIsUsed() {
        saveInner(Effect.READ, (text, context) -> {
            throw new ToolFailure("BROKEN", "broken");
        });
        Run run = runOuter();
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("BROKEN");
        assertThat(run.failure().orElseThrow()).hasMessageContaining(innerOf(run.id()));
        Run saved = hart.run(
                Recipe.named("careful")
                        .action("sub", a -> a.recipe("inner").with("text", "x").fallback("none", f -> f.transform("?")))
                        .output("sub", String.class)
                        .build(),
                Inputs.none());
        assertThat(saved.output()).isEqualTo("?");
    }

    @Test
    void aWrongInputOfTheRecipeInsideFailsTheStepBeforeAnythingInsideRuns() {
        saveInner(Effect.READ, (text, context) -> text);
        Run run = hart.run(
                Recipe.named("outer")
                        .action("sub", a -> a.recipe("inner").with("text", 5))
                        .build(),
                Inputs.none());
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("INPUT_INVALID");
        assertThat(tools.calls()).isEmpty();
        assertThat(hart.runs().list(10)).hasSize(1);
    }

    @Test
    void aToolThatIsMissingInsideIsFoundBeforeTheRunBegins() {
        openOnDisk();
        saveInner(Effect.READ, (text, context) -> text);
        var saved = hart.recipes().save(outer());
        openOnDisk();
        assertThatThrownBy(() -> hart.run(saved, Inputs.of("name", "Ann"))).isInstanceOf(RecipeInvalidException.class);
        assertThat(hart.runs().list(10)).isEmpty();
    }

    @Test
    void whatTheRunInsideSpentIsInTheReport() {
        hart.close();
        hart = PreparedTools.open(Hart.configure().inMemory().model(new ScriptedReplies("one", "two")));
        hart.recipes()
                .save(Recipe.named("asks")
                        .action("answer", a -> a.model("Say something"))
                        .output("answer", String.class)
                        .build());
        Run run = hart.run(
                Recipe.named("outer")
                        .action("first", a -> a.recipe("asks"))
                        .action("second", a -> a.model("Say more than {{first}}"))
                        .output("second", String.class)
                        .build(),
                Inputs.none());
        assertThat(run.output()).isEqualTo("two");
        assertThat(run.report().modelCalls()).isEqualTo(2);
        assertThat(run.report().tokens()).isEqualTo(new TokenCount(2_400, 600));
        assertThat(run.report().cost().micro()).isEqualTo(1_200_000);
        assertThat(hart.runs().get(run.id()).report().cost())
                .isEqualTo(run.report().cost());
    }

    @Test
    void whenTheRunInsideAsksTheOuterOneWaitsAndGoesOnOnceItIsAnswered() {
        hart.recipes()
                .save(Recipe.named("asks")
                        .action("city", a -> a.ask("Which city?").expect(String.class))
                        .output("city", String.class)
                        .build());
        Run run = hart.run(
                Recipe.named("outer")
                        .action("sub", a -> a.recipe("asks"))
                        .action("shown", a -> a.transform("<{{sub}}>"))
                        .output("shown", String.class)
                        .build(),
                Inputs.none());
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        String inner = innerOf(run.id());
        assertThat(hart.runs().find(run.id()).orElseThrow().waitingFor())
                .containsExactly(inner + "/action_1: INPUT_REQUIRED");
        Question question = hart.runs().questions(run.id()).get(0);
        assertThat(question.runId()).isEqualTo(inner);
        assertThat(hart.resume(run.id()).state()).isEqualTo(RunState.PAUSED);

        hart.runs().answer(question.runId(), question.id(), "Oslo");

        assertThat(hart.resume(run.id()).output()).isEqualTo("<Oslo>");
        assertThat(hart.runs().get(inner).output()).isEqualTo("Oslo");
    }

    @Test
    void aRunInsideThatWasTakenUpByItselfGivesItsResultAllTheSame() {
        hart.recipes()
                .save(Recipe.named("asks")
                        .action("city", a -> a.ask("Which city?"))
                        .output("city", String.class)
                        .build());
        Run run = hart.run(
                Recipe.named("outer")
                        .action("sub", a -> a.recipe("asks"))
                        .output("sub", String.class)
                        .build(),
                Inputs.none());
        String inner = innerOf(run.id());
        hart.runs().answer(inner, "action_1.1", "Oslo");
        assertThat(hart.resume(inner).output()).isEqualTo("Oslo");
        assertThat(hart.resume(run.id()).output()).isEqualTo("Oslo");
    }

    @Test
    void aDestructiveStepInsideIsApprovedWhereItStands() {
        saveInner(Effect.DESTRUCTIVE, (text, context) -> "wiped " + text);
        Run run = runOuter();
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        String inner = innerOf(run.id());
        assertThat(hart.runs().find(run.id()).orElseThrow().waitingFor())
                .containsExactly(inner + "/action_1: APPROVAL_REQUIRED");
        assertThatThrownBy(() -> hart.runs().approve(run.id(), run.id() + "0/action_1"))
                .isInstanceOf(RunNotFoundException.class);
        hart.runs().approve(run.id(), inner + "/action_1");
        assertThat(hart.resume(run.id()).output()).isEqualTo("<wiped hi Ann>");
        assertThat(tools.calls()).hasSize(1);
    }

    @Test
    void cancellingTheOuterRunCancelsTheOneInside() throws Exception {
        saveInner(Effect.READ, (text, context) -> {
            begun.countDown();
            release.await();
            return text;
        });
        RunHandle handle = hart.start(outer(), Inputs.of("name", "Ann"));
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        handle.cancel();
        assertThat(handle.await().state()).isEqualTo(RunState.CANCELLED);
        assertThat(hart.runs().get(innerOf(handle.id())).state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void cancellingAPausedRunCancelsTheOneInsideThatItWaitsFor() {
        saveInner(Effect.DESTRUCTIVE, (text, context) -> text);
        Run run = runOuter();
        hart.runs().cancel(run.id());
        assertThat(hart.runs().get(run.id()).state()).isEqualTo(RunState.CANCELLED);
        assertThat(hart.runs().get(innerOf(run.id())).state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void cancellingTheRunInsideFailsTheStep() throws Exception {
        saveInner(Effect.READ, (text, context) -> {
            begun.countDown();
            release.await();
            return text;
        });
        RunHandle handle = hart.start(outer(), Inputs.of("name", "Ann"));
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        hart.runs().cancel(newestInside(handle.id()));
        Run run = handle.await();
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("RUN_CANCELLED");
    }

    /** The run that began last, inside the other. */
    private String newestInside(String outer) {
        String newest = hart.runs().list(1).get(0).id();
        assertThat(newest).isNotEqualTo(outer);
        return newest;
    }

    @Test
    void whenTheRuntimeIsClosedBothRunsGoOnLaterAndFinishedStepsAreNotCalledAgain() throws Exception {
        openOnDisk();
        saveInner(Effect.WRITE, (text, context) -> {
            begun.countDown();
            release.await();
            return text;
        });
        RunHandle handle = hart.start(outer(), Inputs.of("name", "Ann"));
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        Thread closing = new Thread(hart::close);
        closing.start();
        while (closing.getState() == Thread.State.NEW || closing.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        release.countDown();
        closing.join();
        openOnDisk();
        tools.register(hart, "act", Effect.WRITE, (text, context) -> "again");
        List<RunHandle> resumed = hart.resume();
        assertThat(resumed).extracting(RunHandle::id).containsExactly(handle.id());
        assertThat(resumed.get(0).await().output()).isEqualTo("<hi Ann>");
        assertThat(tools.calls()).hasSize(1);
    }

    @Test
    void recipesThatOnlyReadRunBesideOneAnother() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        hart.close();
        hart = PreparedTools.open(Hart.configure().inMemory().withoutModel().parallelism(2));
        saveInner(Effect.READ, (text, context) -> {
            both.countDown();
            both.await();
            return text;
        });
        Run run = hart.run(
                Recipe.named("twice")
                        .action("a", a -> a.recipe("inner").with("text", "a"))
                        .action("b", a -> a.recipe("inner").with("text", "b"))
                        .action("shown", a -> a.transform("{{a}}{{b}}"))
                        .output("shown", String.class)
                        .build(),
                Inputs.none());
        assertThat(run.output()).isEqualTo("ab");
    }

    @Test
    void aRerunKeepsTheResultOfTheRunInside() {
        saveInner(Effect.WRITE, (text, context) -> text);
        Run run = runOuter();
        Run again = hart.rerun(run.id()).run();
        assertThat(again.output()).isEqualTo("<hi Ann>");
        assertThat(tools.calls()).hasSize(1);
    }

    @Test
    void aQuestionInsideThatNobodyAnswersFailsTheOuterRunWhenItIsTakenUp() {
        hart.close();
        hart = PreparedTools.open(Hart.configure().inMemory().withoutModel().clock(clock));
        hart.recipes()
                .save(Recipe.named("asks")
                        .action("city", a -> a.ask("Which city?").deadline(Duration.ofHours(1)))
                        .output("city", String.class)
                        .build());
        Run run = hart.run(
                Recipe.named("outer").action("sub", a -> a.recipe("asks")).build(), Inputs.none());
        clock.advance(Duration.ofHours(1));
        Run failed = hart.resume(run.id());
        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        assertThat(failed.failure().orElseThrow().code()).isEqualTo("INPUT_TIMEOUT");
        assertThat(hart.runs().get(innerOf(run.id())).state()).isEqualTo(RunState.FAILED);
    }
}
