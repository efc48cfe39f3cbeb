package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** HART itself under its own harness: whatever dies when, and whatever ends first, a run comes to the same end. */
class EngineSurvivalTest {
    private static final Recipe FAN = Recipe.named("fan")
            .action("one", a -> a.tool("number.look").with("of", "one"))
            .action("two", a -> a.tool("number.look").with("of", "two"))
            .action("three", a -> a.tool("number.look").with("of", "three").retry(9, Duration.ofSeconds(1)))
            .action("kept", a -> a.tool("number.keep").with("all", "{{one}}{{two}}{{three}}"))
            .output("kept", String.class)
            .build();

    private static final Recipe WIPE = Recipe.named("wipe")
            .action("look", a -> a.tool("disk.look"))
            .action("wiped", a -> a.tool("disk.wipe").with("what", "{{look}}"))
            .output("wiped", String.class)
            .build();

    /** Planned, run, and learned in the same commit that ends the run; then found again. */
    @CrashEverywhere(allowInDoubt = false)
    void aRequestIsLearnedOnceWhereverItsProcessDies(Hart hart, Path workspace) throws IOException {
        Files.writeString(workspace.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
        hart.run("Add up column amount of sales.csv and write the total to total.txt");

        assertThat(workspace.resolve("total.txt")).hasContent("42.5");
        assertThat(hart.recipes().list()).hasSize(1);
    }

    /** A person approves what takes something away, once, and knows whether it was taken. */
    @CrashEverywhere(allowInDoubt = false)
    void whatIsApprovedIsDoneOnce(Hart hart, Path workspace) {
        Path wiped = workspace.resolve("wiped");
        hart.tools().register(ScriptedTool.named("disk.look", Effect.READ).otherwise(arguments -> "dust"));
        hart.tools()
                .register(ScriptedTool.named("disk.wipe", Effect.DESTRUCTIVE).otherwise(arguments -> {
                    write(wiped, Files.exists(wiped) ? "twice" : "once");
                    return "clean";
                }));

        Run run = hart.run(WIPE, Inputs.none());
        for (int i = 0; i < 3 && run.state() == RunState.PAUSED; i++) {
            String waiting =
                    hart.runs().find(run.id()).orElseThrow().waitingFor().get(0);
            if (waiting.contains("IN_DOUBT")) {
                hart.runs()
                        .resolve(
                                run.id(),
                                "action_2",
                                Files.exists(wiped) ? new InDoubt.TakeAsDone("clean") : new InDoubt.RunAgain());
            } else {
                hart.runs().approve(run.id(), "action_2");
            }
            run = hart.resume(run.id());
        }

        assertThat(run).hasOutput("clean");
        assertThat(wiped).hasContent("once");
    }

    /** A recipe inside another is one run of its own, taken up with the outer one, and a question is answered once. */
    @CrashEverywhere(allowInDoubt = false)
    void aRunInsideAndAQuestionSurvive(Hart hart) {
        hart.tools().register(ScriptedTool.named("number.look", Effect.READ).otherwise(arguments -> "3"));
        RecipeVersion inner = hart.recipes()
                .save(Recipe.named("inner")
                        .action("three", a -> a.tool("number.look").with("of", "three"))
                        .output("three", String.class)
                        .build());
        Run run = hart.run(
                Recipe.named("outer")
                        .action("inside", a -> a.recipe(inner))
                        .action("size", a -> a.ask("Which size?").expect(String.class))
                        .output("size", String.class)
                        .build(),
                Inputs.none());
        for (int i = 0; i < 3 && run.state() == RunState.PAUSED; i++) {
            String id = run.id();
            hart.runs().questions(id).forEach(question -> hart.runs().answer(id, question.id(), "large"));
            run = hart.resume(id);
        }

        assertThat(run).hasOutput("large");
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ShuffledSteps(times = 20)
    void neitherOrderNorFailuresChangeWhatARunComesTo(Hart hart, Faults faults, FakeClock clock) {
        hart.tools()
                .register(ScriptedTool.named("number.look", Effect.READ).otherwise(arguments -> arguments.get("of")));
        hart.tools()
                .register(ScriptedTool.named("number.keep", Effect.WRITE).otherwise(arguments -> arguments.get("all")));
        faults.tool("number.look")
                .fails("DOWN")
                .clockJumps(Duration.ofHours(-3))
                .fails("DOWN")
                .clockJumps(Duration.ofHours(3));

        Run run = hart.run(FAN, Inputs.none());

        assertThat(run)
                .hasMode(Mode.REUSE)
                .hasOutput("onetwothree")
                .hadEffects("number.keep")
                .attempted("number.look", 5)
                .attempted("number.keep", 1)
                .usedOneKeyForEachStep();
        assertThat(run.elapsed()).as("on a clock that went back and forth").isNotNull();
    }
}
