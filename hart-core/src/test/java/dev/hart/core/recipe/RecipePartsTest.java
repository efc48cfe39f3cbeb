package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.Hart;
import dev.hart.error.RecipeInvalidException;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Step;
import dev.hart.tool.Effect;
import dev.hart.tool.TypedTool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stored recipes with fallbacks, questions, waits and recipes inside. */
class RecipePartsTest {
    record Text(String text) {}

    private final Hart hart =
            Hart.configure().inMemory().withoutModel().withoutBuiltInTools().create();

    @BeforeEach
    void registerTools() {
        hart.tools().register(TypedTool.of("say", "Say a text.", Text.class, String.class, Effect.READ, Text::text));
        hart.tools().register(TypedTool.of("send", "Send a text.", Text.class, String.class, Effect.WRITE, Text::text));
    }

    @AfterEach
    void close() {
        hart.close();
    }

    private RecipeVersion save(Recipe recipe) {
        return hart.recipes().save(recipe);
    }

    private static Recipe saying(String name) {
        return Recipe.named(name)
                .input("text", String.class)
                .optionalInput("loud", Boolean.class)
                .action("say", a -> a.tool("say").with("text", "{{inputs.text}}"))
                .output("say", String.class)
                .build();
    }

    private static Recipe running(String name, String inner) {
        return Recipe.named(name)
                .action("sub", a -> a.recipe(inner).with("text", "hi"))
                .output("sub", Object.class)
                .build();
    }

    private List<Problem> problems(Recipe recipe) {
        RecipeInvalidException invalid = catchThrowableOfType(RecipeInvalidException.class, () -> save(recipe));
        assertThat(invalid).as("it must be refused").isNotNull();
        return invalid.problems();
    }

    private static Step onlyStep(RecipeVersion recipe) {
        return recipe.recipe().actions().findFirst().orElseThrow().steps().get(0);
    }

    @Test
    void aDocumentWithEveryPartIsReadBackAsTheSameRecipe() {
        save(saying("inner"));
        RecipeVersion saved = save(Recipe.named("parts")
                .action(
                        "city",
                        a -> a.ask("Which city?").choices("Oslo", "Rome").deadline(Duration.ofDays(1)))
                .action("pause", a -> a.waitFor(Duration.ofSeconds(3)).waitUntil("2026-01-31T09:00:00Z"))
                .action("brief", a -> a.recipe("inner").with("text", "{{city}}"))
                .action(
                        "told",
                        a -> a.tool("send")
                                .with("text", "{{brief}}")
                                .fallback("say it", f -> f.tool("say").with("text", "{{brief}}"))
                                .fallback("call them"))
                .output("told", String.class)
                .build());
        String document = hart.recipes().toJson(saved);
        assertThat(hart.recipes().fromJson(document)).isEqualTo(saved.recipe());
        assertThat(hart.recipes().get("parts")).isEqualTo(saved);
        assertThat(save(hart.recipes().fromJson(document)))
                .as("saving what was read changes nothing")
                .isEqualTo(saved);
    }

    @Test
    void anotherFallbackIsAnotherContent() {
        RecipeVersion first = save(Recipe.named("r")
                .action("a", a -> a.tool("say").with("text", "x").fallback("be silent", f -> f.transform("")))
                .build());
        RecipeVersion second = save(Recipe.named("r")
                .action("a", a -> a.tool("say").with("text", "x").fallback("be silent", f -> f.transform(".")))
                .build());
        assertThat(second.version()).isEqualTo(2);
        assertThat(second.contentHash()).isNotEqualTo(first.contentHash());
    }

    @Test
    void aDocumentWithoutFallbacksIsReadToo() {
        RecipeVersion saved = save(saying("plain"));
        String document = hart.recipes().toJson(saved);
        assertThat(document).contains("\"fallbacks\":[]");
        assertThat(hart.recipes().fromJson(document.replace("\"fallbacks\":[],", "")))
                .isEqualTo(saved.recipe());
    }

    @Test
    void theStepsOfFallbacksAreHeldAgainstTheToolsToo() {
        List<Problem> problems = problems(Recipe.named("r")
                .action(
                        "a",
                        a -> a.tool("say")
                                .with("text", "x")
                                .fallback(
                                        "shout",
                                        f -> f.tool("shout").tool("send").with("loud", true)))
                .build());
        assertThat(problems)
                .extracting(Problem::path)
                .containsExactly(
                        "flows[0].actions[0].fallbacks[0].steps[0]",
                        "flows[0].actions[0].fallbacks[0].steps[1].args.loud",
                        "flows[0].actions[0].fallbacks[0].steps[1].args");
    }

    // ---- recipes inside recipes

    @Test
    void theRecipeInsideIsFixedToItsNewestVersionWhenItIsSaved() {
        RecipeVersion inner = save(saying("inner"));
        RecipeVersion outer = save(running("outer", "inner"));
        assertThat(onlyStep(outer).args())
                .isEqualTo(Map.of("recipeId", inner.recipeId(), "version", 1L, "inputs", Map.of("text", "hi")));
        assertThat(onlyStep(outer).effect()).isEqualTo(Effect.READ);
        assertThat(save(running("outer", "inner"))).isEqualTo(outer);
    }

    @Test
    void theEffectIsTheHighestInside() {
        save(Recipe.named("sending")
                .input("text", String.class)
                .action(
                        "say",
                        a -> a.tool("say")
                                .with("text", "{{inputs.text}}")
                                .fallback("send", f -> f.tool("send").with("text", "{{inputs.text}}")))
                .output("say", String.class)
                .build());
        save(Recipe.named("middle")
                .input("text", String.class)
                .action("sub", a -> a.recipe("sending").with("text", "{{inputs.text}}"))
                .output("sub", Object.class)
                .build());
        assertThat(onlyStep(save(running("outer", "middle"))).effect()).isEqualTo(Effect.WRITE);
    }

    @Test
    void everyProblemOfARecipeInsideIsNamedTogetherWithThoseOfTools() {
        save(saying("inner"));
        List<Problem> problems = problems(Recipe.named("r")
                .action("a", a -> a.recipe("nothing"))
                .action("b", a -> a.recipe("inner", 2).with("text", "x"))
                .action("c", a -> a.recipe("inner").with("loudly", true))
                .action("d", a -> a.tool("shout"))
                .build());
        assertThat(problems)
                .extracting(Problem::code)
                .containsExactly("UNKNOWN_RECIPE", "UNKNOWN_RECIPE", "UNKNOWN_INPUT", "MISSING_INPUT", "UNKNOWN_TOOL");
        assertThat(problems.get(1).message()).isEqualTo("there is no recipe 'inner' version 2; save it first");
        assertThat(problems.get(1).path()).isEqualTo("flows[0].actions[1].steps[0]");
    }

    @Test
    void aRecipeThatRunsItselfThroughAnotherIsRefused() {
        save(saying("first"));
        save(running("second", "first"));
        List<Problem> problems = problems(running("first", "second"));
        assertThat(problems).extracting(Problem::code).containsExactly("RECURSION", "UNKNOWN_INPUT");
        assertThat(problems.get(0).message())
                .isEqualTo("second@1 is this recipe, or runs it; a recipe cannot run itself");
        assertThat(problems(running("new", "new"))).extracting(Problem::code).containsExactly("UNKNOWN_RECIPE");
    }

    @Test
    void recipesAreAtMostEightDeepWithinOneAnother() {
        save(saying("r1"));
        for (int depth = 2; depth <= 8; depth++) {
            String inner = "r" + (depth - 1);
            save(Recipe.named("r" + depth)
                    .input("text", String.class)
                    .action("sub", a -> a.recipe(inner).with("text", "{{inputs.text}}"))
                    .output("sub", Object.class)
                    .build());
        }
        assertThat(problems(running("r9", "r8"))).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo("TOO_DEEP");
            assertThat(problem.message())
                    .isEqualTo("with r8@1 recipes are 9 deep within one another, at most 8 may be");
        });
    }
}
