package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.error.RecipeCorruptException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.error.UnsupportedSchemaException;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import dev.hart.tool.TypedTool;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saving, finding and matching recipes, and their documents. */
class RecipesTest {
    record Text(String text) {}

    private final Hart hart = open(Hart.configure().inMemory());

    private static Hart open(dev.hart.HartBuilder builder) {
        Hart hart = builder.withoutModel().withoutBuiltInTools().create();
        hart.tools().register(TypedTool.of("say", "Say a text.", Text.class, String.class, Effect.READ, Text::text));
        hart.tools().register(TypedTool.of("send", "Send a text.", Text.class, String.class, Effect.WRITE, Text::text));
        return hart;
    }

    @AfterEach
    void close() {
        hart.close();
    }

    private static Recipe fixed(String name, String intent) {
        return Recipe.named(name)
                .intent(intent)
                .action("act", a -> a.transform(name))
                .output("act", String.class)
                .build();
    }

    private static Recipe slots(String name, String tool, String... intents) {
        var recipe = Recipe.named(name)
                .input("what", String.class)
                .action("act", a -> a.tool(tool).with("text", "{{inputs.what}}"))
                .output("act", String.class);
        for (String intent : intents) {
            recipe.intent(intent);
        }
        return recipe.build();
    }

    // ---- versions

    @Test
    void savingUnchangedContentGivesTheStoredVersionBack() {
        RecipeVersion first = hart.recipes().save(fixed("a", "do a"));
        assertThat(hart.recipes().save(fixed("a", "do a"))).isEqualTo(first);
        assertThat(first.version()).isEqualTo(1);
        assertThat(first.parentVersion()).isNull();
    }

    @Test
    void changedContentIsTheNextVersionOfTheSameRecipe() {
        RecipeVersion first = hart.recipes().save(fixed("a", "do a"));
        RecipeVersion second = hart.recipes().save(fixed("a", "do it"));
        assertThat(second.recipeId()).isEqualTo(first.recipeId());
        assertThat(second.version()).isEqualTo(2);
        assertThat(second.parentVersion()).isEqualTo(1);
        assertThat(hart.recipes().get("a")).isEqualTo(second);
        assertThat(hart.recipes().get(first.recipeId(), 1)).isEqualTo(first);
        assertThat(hart.recipes().versions("a")).containsExactly(second, first);
        assertThat(hart.recipes().list()).containsExactly(second);
        assertThatThrownBy(() -> hart.recipes().get("a", 3)).isInstanceOf(RecipeNotFoundException.class);
        assertThatThrownBy(() -> hart.recipes().get("b")).isInstanceOf(RecipeNotFoundException.class);
    }

    @Test
    void aRecipeNamedLikeTheIdOfAnotherIsAnotherRecipe() {
        RecipeVersion first = hart.recipes().save(fixed("a", "do a"));
        RecipeVersion other = hart.recipes().save(fixed(first.recipeId(), "do b"));
        assertThat(other.recipeId()).isNotEqualTo(first.recipeId());
        assertThat(other.version()).isEqualTo(1);
    }

    @Test
    void aRecipeIsHeldAgainstTheToolsItCallsAndEveryProblemIsListed() {
        Recipe recipe = Recipe.named("bad")
                .action("a", a -> a.tool("shout").with("text", "x"))
                .action("b", a -> a.tool("say").with("loud", true))
                .build();
        RecipeInvalidException invalid = catchThrowableOfType(
                RecipeInvalidException.class, () -> hart.recipes().save(recipe));
        assertThat(invalid.problems())
                .extracting(Problem::code)
                .containsExactly("UNKNOWN_TOOL", "UNKNOWN_ARGUMENT", "MISSING_ARGUMENT");
        assertThat(invalid.problems().get(0).path()).isEqualTo("flows[0].actions[0].steps[0]");
        assertThat(hart.recipes().list()).isEmpty();
    }

    @Test
    void aSavedStepHasTheEffectAndTheVersionOfItsTool() {
        RecipeVersion saved = hart.recipes().save(slots("post", "send", "send {{inputs.what}}"));
        var step = saved.recipe().actions().findFirst().orElseThrow().steps().get(0);
        assertThat(step.effect()).isEqualTo(Effect.WRITE);
        assertThat(step.toolVersion()).isEqualTo("1");
    }

    @Test
    void twoRuntimesOnOneDirectorySeeEachOthersRecipes(@TempDir Path folder) {
        try (Hart one = open(Hart.configure().dataDirectory(folder));
                Hart two = open(Hart.configure().dataDirectory(folder))) {
            assertThat(two.recipes().match("do a")).isInstanceOf(MatchResult.None.class);
            RecipeVersion saved = one.recipes().save(fixed("a", "do a"));
            assertThat(two.recipes().get("a")).isEqualTo(saved);
            assertThat(two.run("do a").mode()).isEqualTo(Mode.REUSE);
            assertThat(two.recipes().save(fixed("a", "do a"))).isEqualTo(saved);
            assertThat(one.runs().list(10)).hasSize(1);
        }
    }

    // ---- documents

    @Test
    void aDocumentIsReadBackAsTheSameRecipe() {
        Recipe recipe = Recipe.named("all")
                .goal("everything")
                .intent("do {{inputs.what}}")
                .input("what", String.class)
                .optionalInput("limit", Integer.class)
                .flow(
                        "one",
                        f -> f.persona("Writer")
                                .subGoal("write")
                                .action(
                                        "say",
                                        a -> a.description("say it")
                                                .tool("say")
                                                .with("text", "{{inputs.what}}")
                                                .timeout(Duration.ofDays(29))
                                                .retry(5, Duration.ofDays(100))
                                                .expect(String.class)))
                .flow("two", f -> f.action("shown", a -> a.transform(List.of("{{say}}", 1.5, "\\{{x}}"))))
                .output("shown", Object.class)
                .build();
        RecipeVersion saved = hart.recipes().save(recipe);
        String document = hart.recipes().toJson(saved);
        assertThat(hart.recipes().fromJson(document)).isEqualTo(saved.recipe());
        assertThat(hart.recipes().get("all").recipe()).isEqualTo(saved.recipe());
        assertThat(document).contains("\"schema\":\"hart.recipe/1\"").contains(saved.contentHash());
    }

    @Test
    void theHashIsThatOfTheContentAlone() {
        String here = hart.recipes().save(fixed("a", "do a")).contentHash();
        hart.recipes().save(fixed("a", "do it"));
        RecipeVersion again = hart.recipes().save(fixed("a", "do a"));
        assertThat(again.version()).isEqualTo(3);
        assertThat(again.contentHash()).isEqualTo(here).startsWith("sha256:").hasSize(71);
        try (Hart other = open(Hart.configure().inMemory())) {
            assertThat(other.recipes().save(fixed("a", "do a")).contentHash()).isEqualTo(here);
        }
    }

    @Test
    void aDocumentThatWasChangedOrCannotBeReadIsRefused() {
        String document = hart.recipes().toJson(hart.recipes().save(fixed("a", "do a")));
        assertThatThrownBy(() -> hart.recipes().fromJson(document.replace("do a", "do b")))
                .isInstanceOf(RecipeCorruptException.class)
                .hasMessageContaining("changed after it was saved");
        for (String bad : List.of(
                "",
                "[]",
                "null",
                "nonsense",
                "{}",
                document.replace("\"flows\"", "\"flow\""),
                document.replace("\"dependsOn\":[]", "\"dependsOn\":[null]"),
                document.replace("\"schedules\":[]", "\"schedules\":[{\"kind\":\"TIME\"}]"),
                document.replace("\"READ\"", "\"LOUD\""))) {
            assertThatThrownBy(() -> hart.recipes().fromJson(bad)).as(bad).isInstanceOf(RecipeCorruptException.class);
        }
    }

    @Test
    void aDocumentOfANewerFormatIsUnsupported() {
        String document = hart.recipes().toJson(hart.recipes().save(fixed("a", "do a")));
        for (String newer : List.of(
                document.replace("hart.recipe/1", "hart.recipe/2"),
                document.replace("\"TRANSFORM\"", "\"PAINT\""))) {
            assertThatThrownBy(() -> hart.recipes().fromJson(newer)).isInstanceOf(UnsupportedSchemaException.class);
        }
    }

    // ---- matching

    @Test
    void closeWordsAreNotEnoughButAnIntentWithASlotIs() {
        hart.recipes().save(fixed("dogs", "open chrome and search dogs"));
        assertThat(RecipeIndex.jaccard(
                        RecipeIndex.words("open chrome and search cats"),
                        RecipeIndex.words("open chrome and search dogs")))
                .isEqualByComparingTo("0.6667");
        assertThat(hart.recipes().match("open chrome and search cats")).isInstanceOf(MatchResult.None.class);

        hart.recipes().save(slots("search", "say", "open chrome and search {{inputs.what}}"));
        assertThat(hart.recipes().match("open chrome and search cats"))
                .isInstanceOfSatisfying(
                        MatchResult.Exact.class,
                        exact -> assertThat(exact.inputs()).isEqualTo(Inputs.of("what", "cats")));
    }

    @Test
    void theTemplateWithMoreFixedCharactersWinsAndATieIsAmbiguous() {
        hart.recipes().save(slots("wide", "say", "show {{inputs.what}}"));
        RecipeVersion narrow = hart.recipes().save(slots("narrow", "say", "show {{inputs.what}} as a chart"));
        assertThat(hart.recipes().match("show sales as a chart"))
                .isInstanceOfSatisfying(
                        MatchResult.Exact.class,
                        exact -> assertThat(exact.recipe()).isEqualTo(narrow));
        hart.recipes().save(slots("same", "say", "show {{inputs.what}} as a chart"));
        assertThat(hart.recipes().match("show sales as a chart"))
                .isInstanceOfSatisfying(
                        MatchResult.Ambiguous.class,
                        several -> assertThat(several.candidates()).hasSize(2));
    }

    @Test
    void aSlotMustConvertToItsInputsType() {
        hart.recipes()
                .save(Recipe.named("top")
                        .intent("top {{inputs.n}}")
                        .input("n", Integer.class)
                        .action("act", a -> a.transform("{{inputs.n}}"))
                        .output("act", Integer.class)
                        .build());
        assertThat(hart.recipes().match("top five")).isInstanceOf(MatchResult.None.class);
        assertThat(hart.run("Top 5.").output(int.class)).isEqualTo(5);
    }

    @Test
    void aLeadOfATenthDecides() {
        RecipeVersion any = hart.recipes().save(fixed("a", "do a"));
        assertThat(choose(any, "0.92", "0.85")).isInstanceOf(MatchResult.Ambiguous.class);
        assertThat(choose(any, "0.92", "0.82")).isInstanceOf(MatchResult.Match.class);
        assertThat(choose(any, "0.92", "0.80")).isInstanceOf(MatchResult.Match.class);
        assertThat(RecipeIndex.choose("do", List.of())).isInstanceOf(MatchResult.None.class);
    }

    private static MatchResult choose(RecipeVersion recipe, String first, String second) {
        return RecipeIndex.choose(
                "do",
                List.of(
                        new MatchResult.Candidate(recipe, new BigDecimal(first)),
                        new MatchResult.Candidate(recipe, new BigDecimal(second))));
    }

    @Test
    void aRecipeWithEffectsIsNotReplayedBecauseItsWordsAreClose() {
        hart.recipes()
                .save(Recipe.named("mail")
                        .intent("send the weekly report to all of the team")
                        .action("act", a -> a.tool("send").with("text", "report"))
                        .output("act", String.class)
                        .build());
        String close = "send the weekly report to all of the team members";
        assertThat(hart.recipes().match(close)).isInstanceOf(MatchResult.Match.class);
        assertThatThrownBy(() -> hart.run(close)).isInstanceOf(dev.hart.error.CannotPlanException.class);
        assertThat(hart.run("send the weekly report to all of the team").mode()).isEqualTo(Mode.REUSE);
        assertThat(hart.runs().list(10)).hasSize(1);
    }

    // ---- matching by examples

    private static Recipe withExamples(String name, String tool, String... requests) {
        dev.hart.recipe.RecipeBuilder recipe = Recipe.named(name)
                .action("act", a -> {
                    if (tool.isEmpty()) {
                        a.transform(name);
                    } else {
                        a.tool(tool).with("text", name);
                    }
                })
                .output("act", String.class);
        List.of(requests).forEach(recipe::intent);
        return recipe.build();
    }

    private static final String[] TAXI = {
        "call me a taxi",
        "i need a taxi to the station",
        "order a cab",
        "get me a taxi home",
        "taxi to the airport please"
    };

    @Test
    void aRecipeThatReadsIsReplayedForARequestLikeItsExamples() {
        hart.recipes().save(withExamples("taxi", "", TAXI));
        hart.recipes()
                .save(withExamples("timer", "", "start a timer", "timer for an hour", "set a timer for the oven"));
        assertThat(hart.run("call me a taxi to the airport").output(String.class))
                .isEqualTo("taxi");
        MatchResult match = hart.recipes().match("call me a taxi to the airport");
        assertThat(match).isInstanceOf(MatchResult.Match.class);
        assertThat(match.explain().reason()).startsWith("taxi").contains("with probability", "going by its examples");
        assertThat(match.explain().ranking().get(0).nearest()).isIn((Object[]) TAXI);
        assertThat(match.explain().runnerUp())
                .hasValueSatisfying(
                        second -> assertThat(second.recipe().recipe().name()).isEqualTo("timer"));
    }

    @Test
    void aRecipeWithEffectsNeedsMoreAndTheExplanationSaysSo() {
        hart.recipes().save(withExamples("taxi", "send", TAXI));
        MatchResult none = hart.recipes().match("taxi for my mother");
        assertThat(none).isInstanceOf(MatchResult.None.class);
        assertThat(none.explain().reason()).contains("comes nearest", "a recipe with effects needs");
    }

    @Test
    void theExplanationOfATemplateSaysWhereEachInputStands() {
        hart.recipes().save(slots("search", "say", "open chrome and search {{inputs.what}}"));
        MatchResult exact = hart.recipes().match("Open  chrome and search  white cats!");
        assertThat(exact.explain().request()).isEqualTo("Open chrome and search white cats");
        assertThat(exact.explain().sources())
                .containsExactly(new dev.hart.recipe.MatchExplanation.Source("what", "white cats", 23, 33));
        assertThat(exact.explain())
                .hasToString("the intent \"open chrome and search {{inputs.what}}\" of "
                        + hart.recipes().get("search").label()
                        + " fits the whole request\n  what = \"white cats\", characters 23 to 33");
    }

    @Test
    void aNewVersionTakesThePlaceOfTheOldOneInMatching() {
        hart.recipes().save(fixed("a", "do the first thing"));
        assertThat(hart.recipes().match("do the first thing")).isInstanceOf(MatchResult.Exact.class);
        RecipeVersion second = hart.recipes().save(fixed("a", "do the second thing"));
        assertThat(second.version()).isEqualTo(2);
        assertThat(hart.recipes().match("do the first thing")).isInstanceOf(MatchResult.None.class);
        assertThat(hart.recipes().match("do the second thing")).isInstanceOf(MatchResult.Exact.class);
    }

    @Test
    void anExampleBecomesAnIntentAndItsWordsExamplesOfTheInputs() {
        Recipe recipe = Recipe.named("w")
                .example("rain in Oslo on Oslo day", Map.of("city", "Oslo"))
                .input("city", String.class)
                .action("act", a -> a.transform("{{inputs.city}}"))
                .build();
        assertThat(recipe.intents()).containsExactly("rain in {{inputs.city}} on Oslo day");
        assertThat(recipe.inputs().get("properties").toString()).contains("examples", "Oslo");
        assertThatThrownBy(() -> Recipe.named("w").example("rain", Map.of("city", "Oslo")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the words 'Oslo' of input 'city' do not occur in the example 'rain'");
    }
}
