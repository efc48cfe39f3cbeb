package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Rerun;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunReport.Source;
import dev.hart.RunReport.StepReport;
import dev.hart.RunState;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RerunInvalidException;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunNotFoundException;
import dev.hart.error.RunPausedException;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import dev.hart.tool.TypedTool;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are made from earlier ones with something changed. */
@Timeout(30)
class RerunTest {
    private final PreparedTools tools = new PreparedTools();
    /** What was called, as {@code tool text}. */
    private final List<String> called = new CopyOnWriteArrayList<>();

    /** One step at a time, so that what is called has an order. */
    private Hart hart =
            PreparedTools.open(Hart.configure().inMemory().withoutModel().parallelism(1));

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        hart.close();
    }

    private void register(String name, Effect effect, PreparedTools.Body body) {
        tools.register(hart, name, effect, (text, context) -> {
            called.add(name + " " + text);
            return body.call(text, context);
        });
    }

    private void registerAll() {
        register("read", Effect.READ, (text, context) -> "<" + text + ">");
        register("fold", Effect.READ, (text, context) -> String.valueOf(text).toLowerCase(Locale.ROOT));
        register("write", Effect.WRITE, (text, context) -> "written");
        register("wipe", Effect.DESTRUCTIVE, (text, context) -> "wiped " + text);
    }

    /** What was called since the last time that this was asked. */
    private List<String> called() {
        List<String> now = List.copyOf(called);
        called.clear();
        return now;
    }

    private List<RunEvent> journal(String runId) {
        try (Stream<RunEvent> events = hart.runs().events(runId, 0)) {
            return events.toList();
        }
    }

    private RunEvent end(String runId, String task) {
        return journal(runId).stream()
                .filter(event -> event.type() == RunEvent.Type.STEP_FINISHED
                        && event.action().equals(task))
                .findFirst()
                .orElseThrow();
    }

    private static List<Source> sources(Run run) {
        return run.report().steps().stream().map(StepReport::source).toList();
    }

    private static RecipeBuilder diamond() {
        return Recipe.named("diamond")
                .input("a", String.class)
                .input("b", String.class)
                .action("left", a -> a.tool("read").with("text", "{{inputs.a}}"))
                .action("right", a -> a.tool("read").with("text", "{{inputs.b}}"))
                .action("join", a -> a.tool("read").with("text", "{{left}}{{right}}"))
                .output("join", String.class);
    }

    private Run ranDiamond() {
        registerAll();
        Run run = hart.run(diamond().build(), Inputs.of("a", "1").and("b", "2"));
        assertThat(run.output()).isEqualTo("<<1><2>>");
        assertThat(called()).hasSize(3);
        return run;
    }

    @Test
    void anotherInputRunsItsBranchAgainAndWhatFollows() {
        Run first = ranDiamond();
        List<RunEvent> before = journal(first.id());

        Run again = hart.rerun(first.id()).withInput("b", "3").run();

        assertThat(called()).containsExactly("read 3", "read <1><3>");
        assertThat(again.output()).isEqualTo("<<1><3>>");
        assertThat(again.mode()).isEqualTo(Mode.RERUN);
        assertThat(again.id()).isNotEqualTo(first.id());
        assertThat(again.request()).isEqualTo(first.request());
        assertThat(again.savings()).isEmpty();
        assertThat(again.recipe()).isEqualTo(first.recipe());
        assertThat(again.report().keptSteps()).isEqualTo(1);
        assertThat(again.report().steps())
                .extracting(step -> step.action() + " " + step.source() + " " + step.attempts())
                .containsExactly("left KEPT 0", "right PERFORMED 1", "join PERFORMED 1");
        assertThat(journal(first.id())).as("the earlier run").isEqualTo(before);
    }

    @Test
    void theNewJournalNamesWhereItComesFromAndWhatItKept() {
        Run first = ranDiamond();
        long last = journal(first.id()).get(journal(first.id()).size() - 1).seq();

        Run again = hart.rerun(first.id()).withInput("b", "3").run();

        assertThat(journal(again.id()).get(0).data().get("rerunOf"))
                .asString()
                .contains("run=" + first.id(), "event=" + last, "inputs={b=3}", "results={}", "recipe=null");
        assertThat(again.report().notes())
                .containsExactly("runs run " + first.id() + " again from its event " + last + ", changed: input b");
        RunEvent recorded = end(first.id(), "action_1");
        assertThat(end(again.id(), "action_1").data())
                .containsEntry("output", "<1>")
                .containsEntry("args", Map.of("text", "1"))
                .containsEntry("attempt", 0L)
                .containsEntry("keptFrom", Map.of("run", first.id(), "event", recorded.seq()));
        assertThat(journal(again.id()))
                .as("a kept step was never started")
                .noneMatch(event -> event.type() == RunEvent.Type.STEP_STARTED
                        && event.action().equals("action_1"));
        assertThat(hart.runs().get(again.id()).report().keptSteps()).isEqualTo(1);
    }

    @Test
    void withNothingChangedEveryStepIsKeptInOneCommit() {
        Run first = ranDiamond();
        Run again = hart.rerun(first.id()).run();
        assertThat(called()).isEmpty();
        assertThat(again.output()).isEqualTo(first.output());
        assertThat(again.report().keptSteps()).isEqualTo(3);
        assertThat(again.report().commits()).isEqualTo(1);
        assertThat(again.report().notes()).allMatch(note -> note.endsWith(", nothing changed"));
    }

    @Test
    void anEqualResultStopsTheChange() {
        registerAll();
        Run first = hart.run(
                Recipe.named("cut")
                        .input("name", String.class)
                        .action("folded", a -> a.tool("fold").with("text", "{{inputs.name}}"))
                        .action("told", a -> a.tool("write").with("text", "{{folded}}"))
                        .output("told", String.class)
                        .build(),
                Inputs.of("name", "Ann"));
        called();

        assertThat(sources(hart.rerun(first.id()).withInput("name", "ANN").run()))
                .containsExactly(Source.PERFORMED, Source.KEPT);
        assertThat(called()).containsExactly("fold ANN");
        assertThat(sources(hart.rerun(first.id()).withInput("name", "Bo").run()))
                .containsExactly(Source.PERFORMED, Source.PERFORMED);
        assertThat(called()).containsExactly("fold Bo", "write bo");
    }

    @Test
    void aGivenResultStandsForTheCall() {
        Run first = ranDiamond();

        Run again = hart.rerun(first.id()).withResult("left", "mine").run();

        assertThat(called()).containsExactly("read mine<2>");
        assertThat(again.output()).isEqualTo("<mine<2>>");
        assertThat(sources(again)).containsExactly(Source.GIVEN, Source.KEPT, Source.PERFORMED);
        assertThat(end(again.id(), "action_1").data()).containsEntry("given", true);
        assertThat(again.report().notes().get(0))
                .endsWith("changed: result left")
                .doesNotContain("mine");

        assertThat(sources(hart.rerun(first.id()).withResult("left", "<1>").run()))
                .as("the result that was recorded")
                .containsExactly(Source.GIVEN, Source.KEPT, Source.KEPT);
        assertThat(called()).isEmpty();
    }

    @Test
    void aResultIsGivenToAStepByItsOutputOrToTheLastStepOfAnAction() {
        registerAll();
        Run first = hart.run(
                Recipe.named("steps")
                        .action(
                                "both",
                                a -> a.tool("read")
                                        .with("text", "a")
                                        .output("one")
                                        .tool("read")
                                        .with("text", "{{one}}b")
                                        .output("two"))
                        .output("two", String.class)
                        .build(),
                Inputs.none());
        called();
        assertThat(hart.rerun(first.id()).withResult("one", "x").run().output()).isEqualTo("<xb>");
        assertThat(called()).containsExactly("read xb");
        assertThat(hart.rerun(first.id()).withResult("both", "y").run().output())
                .isEqualTo("y");
        assertThat(called()).isEmpty();
    }

    @Test
    void anotherVersionOfTheRecipeRunsOnlyItsChangedActions() {
        Run first = ranDiamond();
        RecipeVersion changed = hart.recipes()
                .save(Recipe.named("diamond")
                        .input("a", String.class)
                        .input("b", String.class)
                        .action("new", a -> a.tool("fold").with("text", "N"))
                        .action("left", a -> a.tool("read").with("text", "{{inputs.a}}"))
                        .action("right", a -> a.tool("read").with("text", "{{inputs.b}}!"))
                        .action("join", a -> a.tool("read").with("text", "{{left}}{{right}}"))
                        .output("join", String.class)
                        .build());

        Run again = hart.rerun(first.id()).withRecipe(changed).run();

        assertThat(called()).containsExactlyInAnyOrder("fold N", "read 2!", "read <1><2!>");
        assertThat(again.output()).isEqualTo("<<1><2!>>");
        assertThat(again.recipe().orElseThrow().version()).isEqualTo(2);
        assertThat(again.report().notes().get(0)).endsWith("changed: recipe diamond@2");
    }

    @Test
    void anActionThatIsGoneIsNotMissedAndItsInputsAreLeftOut() {
        Run first = ranDiamond();
        RecipeVersion shorter = hart.recipes()
                .save(Recipe.named("diamond")
                        .input("a", String.class)
                        .action("left", a -> a.tool("read").with("text", "{{inputs.a}}"))
                        .output("left", String.class)
                        .build());
        Run again = hart.rerun(first.id()).withRecipe(shorter).run();
        assertThat(again.output()).isEqualTo("<1>");
        assertThat(called()).isEmpty();
    }

    @Test
    void aResultThatTheNewVersionDoesNotExpectIsNotKept() {
        registerAll();
        RecipeBuilder recipe = Recipe.named("expecting").action("a", a -> a.tool("read"));
        Run first = hart.run(recipe.build(), Inputs.none());
        RecipeVersion stricter = hart.recipes()
                .save(Recipe.named("expecting")
                        .action("a", a -> a.tool("read").expect(Integer.class))
                        .build());
        called();
        Run again = hart.rerun(first.id()).withRecipe(stricter).run();
        assertThat(again.failure().orElseThrow().code()).isEqualTo("EXPECTATION_FAILED");
        assertThat(called()).isNotEmpty();
    }

    @Test
    void fromAnEventWhatWasRecordedLaterRunsAgain() {
        Run first = ranDiamond();
        long right = end(first.id(), "action_2").seq();

        Run again = hart.rerun(first.id()).from(right).run();
        assertThat(called()).containsExactly("read <1><2>");
        assertThat(sources(again)).containsExactly(Source.KEPT, Source.KEPT, Source.PERFORMED);

        hart.rerun(first.id()).from(journal(first.id()).get(0).seq()).run();
        assertThat(called()).hasSize(3);
    }

    private static Recipe writing() {
        return Recipe.named("writing")
                .input("a", String.class)
                .input("b", String.class)
                .action("first", a -> a.tool("write").with("text", "{{inputs.a}}"))
                .action("second", a -> a.tool("write").with("text", "{{inputs.b}}"))
                .action("check", a -> a.tool("read").with("text", "{{second}}"))
                .action("third", a -> a.tool("write").with("text", "{{check}}"))
                .build();
    }

    @Test
    void aWriteIsRepeatedOnceWithAKeyOfItsOwnAndWhatIsKeptIsNot() {
        registerAll();
        Run first = hart.run(writing(), Inputs.of("a", "1").and("b", "2"));
        String oldKey = tools.calls().get(1).idempotencyKey();
        called();
        tools.clear();

        Run again = hart.rerun(first.id()).withInput("b", "3").run();

        assertThat(called())
                .as("the check and the third may see the effect, though its result is equal")
                .containsExactly("write 3", "read written", "write <written>");
        assertThat(sources(again)).containsExactly(Source.KEPT, Source.PERFORMED, Source.PERFORMED, Source.PERFORMED);
        assertThat(tools.calls().get(0).idempotencyKey()).isNotEqualTo(oldKey);
    }

    @Test
    void aLaterFlowRunsAgainBehindAnEffectButNotBehindAReadThatItDoesNotUse() {
        registerAll();
        Run first = hart.run(
                Recipe.named("flows")
                        .input("a", String.class)
                        .input("b", String.class)
                        .flow(
                                "one",
                                f -> f.action("looked", a -> a.tool("read").with("text", "{{inputs.a}}"))
                                        .action("wrote", a -> a.tool("write").with("text", "{{inputs.b}}")))
                        .flow("two", f -> f.action("told", a -> a.tool("read").with("text", "t")))
                        .build(),
                Inputs.of("a", "1").and("b", "2"));
        called();
        hart.rerun(first.id()).withInput("a", "x").run();
        assertThat(called()).containsExactly("read x");
        hart.rerun(first.id()).withInput("b", "x").run();
        assertThat(called()).containsExactly("write x", "read t");
    }

    private static Recipe wiping() {
        return Recipe.named("wiping")
                .input("a", String.class)
                .input("b", String.class)
                .action("wiped", a -> a.tool("wipe").with("text", "{{inputs.a}}"))
                .action("told", a -> a.tool("read").with("text", "{{inputs.b}}"))
                .build();
    }

    @Test
    void aDestructiveStepAsksAgainUnlessItIsKept() {
        registerAll();
        Run first = hart.run(wiping(), Inputs.of("a", "1").and("b", "2"));
        hart.runs().approve(first.id(), "action_1");
        hart.resume(first.id());
        called();

        Run kept = hart.rerun(first.id()).withInput("b", "3").run();
        assertThat(kept.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(called()).containsExactly("read 3");

        Run asking = hart.rerun(first.id()).withInput("a", "9").run();
        assertThat(asking.state()).isEqualTo(RunState.PAUSED);
        assertThat(called()).doesNotContain("wipe 9");
        hart.runs().approve(asking.id(), "action_1");
        Run done = hart.resume(asking.id());
        assertThat(done.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(called()).containsExactly("wipe 9");
        assertThat(sources(done)).containsExactlyInAnyOrder(Source.PERFORMED, Source.KEPT);
    }

    @Test
    void aFailedRunGoesOnWithACorrectedInput() {
        register("open", Effect.WRITE, (text, context) -> "opened " + text);
        register("pick", Effect.READ, (text, context) -> {
            if ("wrong".equals(text)) {
                throw new ToolFailure("NO_SUCH_COLUMN", "there is no column wrong");
            }
            return text;
        });
        Run failed = hart.run(
                Recipe.named("fails")
                        .input("file", String.class)
                        .input("column", String.class)
                        .action("open", a -> a.tool("open").with("text", "{{inputs.file}}"))
                        .action(
                                "pick",
                                a -> a.tool("pick")
                                        .with("text", "{{inputs.column}}")
                                        .dependsOn(1))
                        .output("pick", String.class)
                        .build(),
                Inputs.of("file", "f").and("column", "wrong"));
        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        called();

        Run again = hart.rerun(failed.id()).withInput("column", "amount").run();

        assertThat(again.output()).isEqualTo("amount");
        assertThat(called()).containsExactly("pick amount");
    }

    @Test
    void aRerunIsRunAgainLikeAnyOtherRunAndNamesTheRunThatMadeAResult() {
        Run first = ranDiamond();
        Run second = hart.rerun(first.id()).withResult("right", "given").run();
        called();

        Run third = hart.rerun(second.id()).withInput("a", "7").run();

        assertThat(called()).containsExactly("read 7", "read <7>given");
        assertThat(end(third.id(), "action_2").data())
                .as("the result that was given stands, as long as its arguments are equal")
                .containsEntry(
                        "keptFrom",
                        Map.of(
                                "run",
                                second.id(),
                                "event",
                                end(second.id(), "action_2").seq()));
        Run fourth = hart.rerun(hart.rerun(first.id()).run().id()).run();
        assertThat(end(fourth.id(), "action_1").data())
                .containsEntry(
                        "keptFrom",
                        Map.of(
                                "run",
                                first.id(),
                                "event",
                                end(first.id(), "action_1").seq()));
        hart.rerun(second.id()).withInput("b", "8").run();
        assertThat(called()).containsExactly("read 8", "read <1><8>");
    }

    @Test
    void theRunsOwnIdIsDifferentInEveryRun() {
        registerAll();
        Run first = hart.run(
                Recipe.named("own")
                        .action("mine", a -> a.tool("read").with("text", "{{run.id}}"))
                        .action("other", a -> a.tool("read").with("text", "x"))
                        .build(),
                Inputs.none());
        called();
        Run again = hart.rerun(first.id()).run();
        assertThat(called()).containsExactly("read " + again.id());
    }

    @Test
    void whatRunsAgainRunsAtTheSameTimeAsBefore() {
        CyclicBarrier together = new CyclicBarrier(2);
        hart.close();
        hart = PreparedTools.open(Hart.configure().inMemory().withoutModel().parallelism(2));
        register("read", Effect.READ, (text, context) -> {
            if (String.valueOf(text).startsWith("new")) {
                together.await(10, TimeUnit.SECONDS);
            }
            return text;
        });
        RecipeBuilder recipe = Recipe.named("wave").input("x", String.class);
        for (int i = 0; i < 6; i++) {
            String text = i % 3 == 1 ? "{{inputs.x}}" + i : "old" + i;
            recipe.action("a" + i, a -> a.tool("read").with("text", text));
        }
        Run first = hart.run(recipe.build(), Inputs.of("x", "old"));
        called();
        Run again = hart.rerun(first.id()).withInput("x", "new").run();
        assertThat(again.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(called()).containsExactlyInAnyOrder("read new1", "read new4");
        assertThat(again.report().keptSteps()).isEqualTo(4);
    }

    @Test
    void startIsTheTwinThatDoesNotBlock() {
        Run first = ranDiamond();
        RunHandle handle = hart.rerun(first.id()).withInput("b", "3").start();
        assertThat(handle.await().output()).isEqualTo("<<1><3>>");
        assertThatThrownBy(() -> hart.rerun("nothing").start()).isInstanceOf(RunNotFoundException.class);
    }

    @Test
    void whatCannotRunAgainIsRefusedAndNothingIsWritten() {
        Run first = ranDiamond();
        Rerun rerun = hart.rerun(first.id());
        List<RunEvent> journal = journal(first.id());
        long started = journal.get(0).seq();
        RecipeVersion more = hart.recipes()
                .save(Recipe.named("more")
                        .input("c", String.class)
                        .action("a", a -> a.tool("read"))
                        .build());

        assertThatThrownBy(() -> hart.rerun("nothing").run())
                .isInstanceOf(RunNotFoundException.class)
                .hasMessage("there is no run nothing");
        assertThatThrownBy(() -> rerun.withInput("c", 1).run())
                .isInstanceOf(InputInvalidException.class)
                .hasMessage("input 'c' is not an input of recipe diamond; it takes a, b");
        assertThatThrownBy(() -> rerun.withInput("a", 1).run())
                .isInstanceOf(InputInvalidException.class)
                .hasMessageStartingWith("input 'a' is of the wrong type");
        assertThatThrownBy(() -> rerun.withRecipe(more).run())
                .isInstanceOf(InputInvalidException.class)
                .hasMessage("input 'c' is missing; recipe more takes c");
        assertThatThrownBy(() -> rerun.withResult("middle", "x").run())
                .isInstanceOf(RerunInvalidException.class)
                .hasMessage("run " + first.id() + " has no step with the output 'middle' and no action of that name;"
                        + " its actions are left, right, join");
        long ledgerOnly = started - 1;
        assertThat(journal).as("an entry of the ledger alone").noneMatch(event -> event.seq() == ledgerOnly);
        for (long none : new long[] {ledgerOnly, journal.get(journal.size() - 1).seq() + 100, 0, -1}) {
            assertThatThrownBy(() -> rerun.from(none).run())
                    .isInstanceOf(RerunInvalidException.class)
                    .hasMessage(
                            "event %d is none of run %s: choose one of its events, such as %d (run.started), %d (step.finished left), %d (step.finished right), %d (step.finished join)",
                            none,
                            first.id(),
                            started,
                            end(first.id(), "action_1").seq(),
                            end(first.id(), "action_2").seq(),
                            end(first.id(), "action_3").seq());
        }

        assertThat(hart.runs().list(10)).extracting(run -> run.id()).containsExactly(first.id());
        assertThat(called()).isEmpty();
    }

    @Test
    void aGivenResultMustBeWhatItsStepAnswers() {
        hart.tools()
                .register(TypedTool.of(
                        "count", "Counts.", PreparedTools.Anything.class, Integer.class, Effect.READ, in -> 3));
        Run first = hart.run(
                Recipe.named("typed")
                        .action("n", a -> a.tool("count").with("text", "x"))
                        .action("t", a -> a.transform("{{n}}!").expect(String.class))
                        .output("t", String.class)
                        .build(),
                Inputs.none());
        assertThatThrownBy(() -> hart.rerun(first.id()).withResult("n", "three").run())
                .isInstanceOf(RerunInvalidException.class)
                .hasMessageStartingWith("the result given for 'n' is of the wrong type: ");
        assertThatThrownBy(() -> hart.rerun(first.id()).withResult("t", 4).run())
                .isInstanceOf(RerunInvalidException.class)
                .hasMessageStartingWith("the result given for 't' is of the wrong type: ");
        assertThat(hart.rerun(first.id()).withResult("n", 4).run().output()).isEqualTo("4!");
        assertThat(hart.runs().list(10)).hasSize(2);
    }

    @Test
    void aRunThatIsNotOverIsRefused() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        register("read", Effect.READ, (text, context) -> {
            begun.countDown();
            release.await();
            return text;
        });
        register("wipe", Effect.DESTRUCTIVE, (text, context) -> text);
        RunHandle running =
                hart.start(Recipe.named("slow").action("a", a -> a.tool("read")).build(), Inputs.none());
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> hart.rerun(running.id()).run())
                .isInstanceOf(RunBusyException.class)
                .hasMessage("run " + running.id()
                        + " is not over; wait for its end, cancel it, or resume it if its process is gone");
        release.countDown();
        running.await();

        Run paused =
                hart.run(Recipe.named("asks").action("a", a -> a.tool("wipe")).build(), Inputs.none());
        assertThatThrownBy(() -> hart.rerun(paused.id()).run())
                .isInstanceOf(RunPausedException.class)
                .hasMessage("run " + paused.id() + " waits for a person: action_1: APPROVAL_REQUIRED;"
                        + " answer it or cancel it before you run it again");
        assertThat(hart.runs().list(10)).hasSize(2);
        hart.runs().cancel(paused.id());
        assertThat(hart.rerun(paused.id()).run().state()).isEqualTo(RunState.PAUSED);
    }

    @Test
    void aWriteThatWasLeftInDoubtIsNotedBeforeItMayHappenTwice() {
        tools.register(hart, "act", Effect.WRITE, (text, context) -> {
            throw new ToolFailure("GONE", "it is gone");
        });
        Run failed = hart.run(PreparedTools.oneAction().build(), Inputs.of("text", "x"));
        assertThat(hart.rerun(failed.id()).run().report().notes())
                .as("it reported back")
                .hasSize(1);

        CountDownLatch never = new CountDownLatch(1);
        tools.register(hart, "slow", Effect.WRITE, (text, context) -> {
            never.await();
            return text;
        });
        Run doubtful = hart.run(
                Recipe.named("slow")
                        .action("a", a -> a.tool("slow").timeout(java.time.Duration.ofMillis(50)))
                        .build(),
                Inputs.none());
        hart.runs().cancel(doubtful.id());
        assertThat(hart.rerun(doubtful.id()).run().report().notes())
                .contains("action_1 of run " + doubtful.id() + " was started and never reported back;"
                        + " where it runs again, it may have its effect a second time");
    }

    @Test
    void aToolThatIsGoneOrOfAnotherVersionIsNotTakenForTheSame() throws IOException {
        hart.close();
        hart = open();
        register("read", Effect.READ, (text, context) -> text);
        Run first = hart.run(
                Recipe.named("tool")
                        .action("a", a -> a.tool("read").with("text", "x"))
                        .build(),
                Inputs.none());
        called();
        hart.close();
        hart = open();
        assertThatThrownBy(() -> hart.rerun(first.id()).run()).isInstanceOf(RecipeInvalidException.class);
        hart.tools().register(tools.tool("read", Effect.READ, "1.1", (text, context) -> {
            called.add("read 1.1");
            return dev.hart.tool.ToolResult.ok(text);
        }));
        Run again = hart.rerun(first.id()).run();
        assertThat(called()).containsExactly("read 1.1");
        assertThat(sources(hart.rerun(again.id()).run())).containsExactly(Source.KEPT);
    }

    private Hart open() {
        return PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel());
    }

    @Test
    void aSecretThatTheJournalDoesNotKeepMustBeGivenAgain() {
        registerAll();
        Recipe recipe = Recipe.named("secret")
                .input("password", String.class)
                .action("in", a -> a.tool("read").with("text", "{{inputs.password}}"))
                .output("in", String.class)
                .build();
        Run first = hart.run(recipe, Inputs.of("password", "open sesame"));
        called();

        Run without = hart.rerun(first.id()).run();
        assertThat(without.state()).isEqualTo(RunState.FAILED);
        assertThat(without.failure().orElseThrow())
                .hasMessageContaining("held a secret, which the journal does not keep");
        assertThat(called()).isEmpty();
        assertThat(hart.rerun(first.id()).withInput("password", "new").run().output())
                .isEqualTo("<new>");
    }

    @Test
    void aSecretThatWasGivenAnewIsNotTakenForTheOldOneByTheNextProcess() {
        registerAll();
        Recipe recipe = Recipe.named("secret")
                .input("password", String.class)
                .input("old", String.class)
                .action("wiped", a -> a.tool("wipe").with("text", "{{inputs.old}}"))
                .action("in", a -> a.tool("read").with("text", Map.of("password", "{{inputs.password}}")))
                .build();
        Run whole = hart.run(
                Recipe.named("first")
                        .input("password", String.class)
                        .action("in", a -> a.tool("read").with("text", Map.of("password", "{{inputs.password}}")))
                        .build(),
                Inputs.of("password", "open sesame"));
        assertThat(sources(hart.rerun(whole.id()).run()))
                .as("the secret is the same, whatever it was")
                .containsExactly(Source.KEPT);
        called();

        Run asking = hart.rerun(whole.id())
                .withRecipe(hart.recipes().save(recipe))
                .withInput("password", "new")
                .withInput("old", "2")
                .run();
        hart.runs().approve(asking.id(), "action_1");
        Run resumed = hart.resume(asking.id());

        assertThat(called()).containsExactly("wipe 2");
        assertThat(resumed.failure().orElseThrow())
                .hasMessageContaining("held a secret, which the journal does not keep");
    }

    @Test
    void aRunThatTaughtARecipeRunsAgainWithItsInputsAndTeachesNothingMore() throws IOException {
        hart.close();
        Files.writeString(folder.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
        Files.writeString(folder.resolve("march.csv"), "item,amount\ncup,7.25\n");
        List<RunEvent.Type> events = new ArrayList<>();
        hart = Hart.configure()
                .inMemory()
                .workspace(folder)
                .withoutModel()
                .onEvent(event -> events.add(event.type()))
                .create();
        Run first = hart.run("Add up column amount of sales.csv and write the total to total.txt");
        assertThat(first.mode()).isEqualTo(Mode.CREATE);
        events.clear();

        Run same = hart.rerun(first.id()).run();
        assertThat(sources(same)).containsOnly(Source.KEPT);
        Run march = hart.rerun(first.id()).withInput("sum_path", "march.csv").run();

        assertThat(march.output(BigDecimal.class)).isEqualByComparingTo("7.25");
        assertThat(folder.resolve("total.txt")).hasContent("7.25");
        assertThat(march.recipe()).isEqualTo(first.recipe());
        assertThat(events).doesNotContain(RunEvent.Type.RECIPE_SAVED, RunEvent.Type.RUN_PLANNING);
        assertThat(hart.recipes().list()).hasSize(1);
    }

    @Test
    void aPlanThatTaughtNothingRunsAgainAsItWasPlannedAndIsNotJudged() {
        hart.close();
        List<String> judged = new ArrayList<>();
        hart = PreparedTools.open(Hart.configure()
                .inMemory()
                .model(new ScriptedReplies(PreparedTools.planOfOneAction()))
                .verifier(outcome -> {
                    judged.add(outcome.action());
                    return new Judgement.Wrong("no");
                }));
        register("act", Effect.READ, (text, context) -> text);
        Run refused = hart.run("act now");
        assertThat(refused.state()).isEqualTo(RunState.FAILED);
        judged.clear();
        called();

        Run again = hart.rerun(refused.id()).run();

        assertThat(again.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(called())
                .as("a result that the verifier would not have is not kept")
                .containsExactly("act now");
        assertThat(judged).isEmpty();
        assertThat(again.recipe()).isEmpty();
        assertThat(again.report().modelCalls()).isZero();
        assertThat(hart.recipes().list()).isEmpty();
        assertThat(hart.runs().get(again.id()).output()).isEqualTo("now");
        assertThatThrownBy(() ->
                        hart.rerun(refused.id()).withInput("text", "later").run())
                .isInstanceOf(InputInvalidException.class)
                .hasMessageContaining("it takes none");
    }
}
