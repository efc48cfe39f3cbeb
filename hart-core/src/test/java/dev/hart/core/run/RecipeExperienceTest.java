package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs;
import dev.hart.core.model.RecordedSleeps;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.ActionExperience.FallbackUse;
import dev.hart.recipe.Experience;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What runs add to the experience with a recipe, in the commit that ends them. */
@Timeout(20)
class RecipeExperienceTest {
    private final PreparedTools tools = new PreparedTools();
    private Hart hart =
            PreparedTools.open(Hart.configure().inMemory().withoutModel().clock(new RecordedSleeps()));

    @AfterEach
    void close() {
        hart.close();
    }

    private void reopen(Hart other) {
        hart.close();
        hart = other;
    }

    private ActionExperience act(RecipeVersion version) {
        return hart.recipes().experience(version).action("act").orElseThrow();
    }

    private static Recipe twoActions() {
        return Recipe.named("two")
                .input("text", String.class)
                .action("first", a -> a.transform("{{inputs.text}}"))
                .action("act", a -> a.tool("act").with("text", "{{first}}"))
                .output("act", Object.class)
                .build();
    }

    @Test
    void everyActionThatEndedIsCountedAndItsCallsByTool() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        RecipeVersion version = hart.recipes().save(twoActions());
        assertThat(act(version).attempts()).isZero();

        Run run = hart.run(version, Inputs.of("text", "one"));
        hart.run(version, Inputs.of("text", "two"));

        Experience experience = hart.recipes().experience(version);
        assertThat(experience.recipe()).isEqualTo(version);
        assertThat(experience.actions()).extracting(ActionExperience::name).containsExactly("first", "act");
        assertThat(experience.actions()).extracting(ActionExperience::attempts).containsExactly(2L, 2L);
        assertThat(experience.actions()).extracting(ActionExperience::successes).containsExactly(2L, 2L);
        assertThat(experience.actions().get(0).tools()).isEmpty();
        assertThat(act(version).tools()).containsOnlyKeys("act");
        assertThat(act(version).tools().get("act").calls()).isEqualTo(2);
        assertThat(run.report().commits()).as("the closing commit has it").isEqualTo(2);
    }

    @Test
    void aFailureIsADeadEndWithTheNamesOfInputsForTheirValues() {
        tools.register(hart, "act", Effect.READ, (text, context) -> {
            throw new IllegalStateException("no room for " + text);
        });
        RecipeVersion version = hart.recipes().save(twoActions());

        assertThat(hart.run(version, Inputs.of("text", "Anna Miller")).state()).isEqualTo(RunState.FAILED);
        assertThat(hart.run(version, Inputs.of("text", "Bo Chen")).state()).isEqualTo(RunState.FAILED);

        assertThat(act(version).attempts()).isEqualTo(2);
        assertThat(act(version).successes()).isZero();
        assertThat(act(version).tools().get("act").calls())
                .as("three attempts each")
                .isEqualTo(6);
        assertThat(act(version).deadEnds())
                .singleElement()
                .asString()
                .contains("no room for {{inputs.text}}")
                .doesNotContain("Anna", "Bo Chen");
    }

    @Test
    void aCallThatSucceedsAtTheSecondAttemptIsOneSuccessAndOneDeadEnd() {
        AtomicInteger calls = new AtomicInteger();
        hart.tools()
                .register(tools.tool(
                        "act",
                        Effect.WRITE,
                        (text, context) -> calls.getAndIncrement() == 0
                                ? ToolResult.failed("BUSY", "the door is closed", true)
                                : ToolResult.ok(text)));
        RecipeVersion version = hart.recipes().save(twoActions());

        assertThat(hart.run(version, Inputs.of("text", "one")).state()).isEqualTo(RunState.SUCCEEDED);

        assertThat(act(version).attempts()).isEqualTo(1);
        assertThat(act(version).successes()).isEqualTo(1);
        assertThat(act(version).deadEnds()).containsExactly("BUSY: the door is closed");
        assertThat(act(version).tools().get("act").calls()).isEqualTo(2);
        assertThat(act(version).tools().get("act").successes()).isEqualTo(1);
    }

    @Test
    void theRunThatTeachesARecipeIsItsFirstExperience() {
        reopen(PreparedTools.open(Hart.configure()
                .inMemory()
                .model(new ScriptedReplies(
                        PreparedTools.planOfOneAction(), "{\"status\":\"completed\"}", "{\"status\":\"completed\"}"))));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);

        Run run = hart.run("do it now");

        assertThat(run.mode()).isEqualTo(Mode.CREATE);
        assertThat(act(run.recipe().orElseThrow()).attempts()).isEqualTo(1);
        assertThat(act(run.recipe().orElseThrow()).modelCalls())
                .as("planning and verifying are no calls of the recipe")
                .isZero();
    }

    @Test
    void modelCallsOfStepsAreCounted() {
        reopen(PreparedTools.open(Hart.configure().inMemory().model(new ScriptedReplies("yes", "no"))));
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("ask")
                        .action("act", a -> a.model("Well?"))
                        .output("act", String.class)
                        .build());
        hart.run(version, Inputs.none());
        hart.run(version, Inputs.none());
        assertThat(act(version).modelCalls()).isEqualTo(2);
    }

    @Test
    void whatARerunKeepsIsNoExperience() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("two")
                        .input("a", String.class)
                        .input("b", String.class)
                        .action("act", a -> a.tool("act").with("text", "{{inputs.a}}"))
                        .action("other", a -> a.tool("act").with("text", "{{inputs.b}}"))
                        .build());
        Run run = hart.run(version, Inputs.of("a", "x").and("b", "y"));

        hart.rerun(run.id()).withInput("b", "z").run();

        assertThat(act(version).attempts()).isEqualTo(1);
        assertThat(hart.recipes()
                        .experience(version)
                        .action("other")
                        .orElseThrow()
                        .attempts())
                .isEqualTo(2);
    }

    @Test
    void experienceBelongsToAVersionAndOutlivesTheRuntime(@TempDir Path folder) {
        reopen(PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel()));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        RecipeVersion first = hart.recipes().save(twoActions());
        hart.run(first, Inputs.of("text", "one"));
        RecipeVersion second = hart.recipes()
                .save(Recipe.named("two")
                        .action("act", a -> a.tool("act").timeout(Duration.ofSeconds(3)))
                        .build());
        hart.close();

        hart = PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel());
        assertThat(act(hart.recipes().get("two", 1)).attempts()).isEqualTo(1);
        assertThat(act(second).attempts()).isZero();
    }

    @Test
    void fallbacksAreRememberedWithWhatReallyRanAndWhetherItWorked() {
        tools.register(hart, "act", Effect.READ, (text, context) -> {
            throw new IllegalStateException("not today");
        });
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("ways")
                        .input("text", String.class)
                        .action(
                                "act",
                                a -> a.tool("act")
                                        .with("text", "{{inputs.text}}")
                                        .retry(1, Duration.ZERO)
                                        .fallback(
                                                "call again",
                                                b -> b.tool("act")
                                                        .with("text", "x")
                                                        .retry(1, Duration.ZERO))
                                        .fallback("make it up", b -> b.transform("made up")))
                        .output("act", String.class)
                        .build());

        assertThat(hart.run(version, Inputs.of("text", "one")).output()).isEqualTo("made up");

        assertThat(act(version).attempts()).isEqualTo(1);
        assertThat(act(version).successes()).isEqualTo(1);
        assertThat(act(version).fallbacks())
                .containsExactly(new FallbackUse("make it up", true), new FallbackUse("call again", false));
        assertThat(act(version).tools().get("act").calls()).isEqualTo(2);
        assertThat(act(version).hints()).contains("avoid ", "try make it up");
    }

    @Test
    void whatAPersonTakesToAnswerIsNotTheTimeOfTheAction() throws Exception {
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("ask")
                        .action("act", a -> a.ask("Well?").expect(String.class))
                        .output("act", String.class)
                        .build());
        Run paused = hart.run(version, Inputs.none());
        assertThat(paused.state()).isEqualTo(RunState.PAUSED);
        assertThat(act(version).attempts()).isZero();
        Runs.Question question = hart.runs().questions(paused.id()).get(0);
        hart.runs().answer(paused.id(), question.id(), "yes");
        hart.resume(paused.id());
        assertThat(act(version).attempts()).isEqualTo(1);
        assertThat(act(version).time()).isZero();
    }

    @Test
    void modelCallsOfARecipeInsideCountForTheActionToo() {
        reopen(PreparedTools.open(Hart.configure().inMemory().model(new ScriptedReplies("yes"))));
        RecipeVersion inner = hart.recipes()
                .save(Recipe.named("inner")
                        .action("act", a -> a.model("Well?"))
                        .output("act", String.class)
                        .build());
        RecipeVersion outer = hart.recipes()
                .save(Recipe.named("outer").action("act", a -> a.recipe(inner)).build());
        hart.run(outer, Inputs.none());
        assertThat(act(outer).modelCalls()).isEqualTo(1);
        assertThat(act(inner).modelCalls()).isEqualTo(1);
        assertThat(act(inner).cost()).isEqualTo(act(outer).cost());
    }
}
