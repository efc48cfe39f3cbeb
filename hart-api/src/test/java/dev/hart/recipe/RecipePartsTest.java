package dev.hart.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.hart.error.RecipeInvalidException;
import dev.hart.tool.Effect;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Steps that ask, wait and run other recipes, and the fallbacks of actions. */
class RecipePartsTest {
    private static Step stepOf(Consumer<ActionBuilder> writing) {
        return Recipe.named("r")
                .input("at", String.class)
                .action("a", writing)
                .build()
                .actions()
                .findFirst()
                .orElseThrow()
                .steps()
                .get(0);
    }

    private static List<Problem> problems(UnaryOperator<RecipeBuilder> writing) {
        RecipeInvalidException invalid = catchThrowableOfType(
                RecipeInvalidException.class,
                () -> writing.apply(Recipe.named("r")).build());
        assertThat(invalid).as("it must be refused").isNotNull();
        return invalid.problems();
    }

    private static List<String> codes(UnaryOperator<RecipeBuilder> writing) {
        return problems(writing).stream().map(Problem::code).toList();
    }

    /** What is said of one step of that kind with those arguments. */
    private static List<String> said(StepKind kind, Map<String, @Nullable Object> args, @Nullable Duration timeout) {
        Step step = new Step(1, kind, null, null, args, null, Effect.READ, null, timeout, Retry.DEFAULT);
        Flow flow = new Flow(0, "f", "p", "", List.of(), List.of(new Action(1, "a", "", List.of(), List.of(step))));
        Map<String, @Nullable Object> none = Map.of("type", "object", "properties", Map.of());
        RecipeInvalidException invalid = catchThrowableOfType(
                RecipeInvalidException.class, () -> new Recipe("r", "g", List.of(), none, none, List.of(flow)));
        return invalid == null
                ? List.of()
                : invalid.problems().stream().map(Problem::message).toList();
    }

    private static List<String> said(StepKind kind, Map<String, @Nullable Object> args) {
        return said(kind, args, null);
    }

    @Test
    void aQuestionHasItsTextTheTypeOfItsAnswerAndItsDeadline() {
        Step step = stepOf(
                a -> a.ask("How many of {{inputs.at}}?").expect(Integer.class).deadline(Duration.ofHours(2)));
        assertThat(step.kind()).isEqualTo(StepKind.ASK);
        assertThat(step.args())
                .isEqualTo(Map.of(
                        "question",
                        "How many of {{inputs.at}}?",
                        "schema",
                        Map.of("type", "integer"),
                        "deadlineMs",
                        7_200_000L));
        assertThat(step.expect()).isEqualTo(Map.of("type", "integer"));
        assertThat(step.output()).isEqualTo("a");
    }

    @Test
    void choicesAreTheValuesThatMayBeAnswered() {
        assertThat(stepOf(a -> a.ask("Which?").choices("red", "blue")).args().get("schema"))
                .isEqualTo(Map.of("type", "string", "enum", List.of("red", "blue")));
        assertThat(stepOf(a -> a.ask("Which?").choices(1, "two")).args().get("schema"))
                .isEqualTo(Map.of("enum", List.of(1L, "two")));
        assertThatThrownBy(() -> stepOf(a -> a.ask("Which?").choices()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("action 'a': choices needs at least one");
    }

    @Test
    void aStepWaitsForATimeOrUntilOne() {
        assertThat(stepOf(a -> a.waitFor(Duration.ofMinutes(5))).args()).isEqualTo(Map.of("ms", 300_000L));
        assertThat(stepOf(a -> a.waitUntil("{{inputs.at}}")).args()).isEqualTo(Map.of("until", "{{inputs.at}}"));
    }

    @Test
    void aStepRunsAnotherRecipeWithInputs() {
        Step step = stepOf(a -> a.recipe("city-brief", 2).with("city", "{{inputs.at}}"));
        assertThat(step.kind()).isEqualTo(StepKind.SUBRECIPE);
        assertThat(step.tool()).isNull();
        assertThat(step.args())
                .isEqualTo(Map.of("recipeId", "city-brief", "version", 2L, "inputs", Map.of("city", "{{inputs.at}}")));
        assertThat(stepOf(a -> a.recipe("city-brief")).args())
                .isEqualTo(Map.of("recipeId", "city-brief", "inputs", Map.of()));
    }

    @Test
    void whatTheStepReadsOfOtherActionsComesBeforeIt() {
        Recipe recipe = Recipe.named("r")
                .action("city", a -> a.ask("Which city?"))
                .action("brief", a -> a.recipe("city-brief").with("city", "{{city}}"))
                .build();
        assertThat(recipe.flows().get(0).actions().get(1).dependsOn()).containsExactly(1);
    }

    @Test
    void aQuestionIsRefusedWithoutTextWithOtherArgumentsAndWithADeadlineOutOfRange() {
        assertThat(said(StepKind.ASK, Map.of())).containsExactly("an ASK step needs the argument 'question'");
        assertThat(said(StepKind.ASK, Map.of("question", " ")))
                .containsExactly("the question of an ASK step is a text that is not blank");
        assertThat(said(StepKind.ASK, Map.of("question", "?", "schema", "text")))
                .containsExactly("the schema of an ASK step is a JSON Schema, an object");
        assertThat(said(StepKind.ASK, Map.of("question", "?", "who", "me")))
                .containsExactly("an ASK step has the arguments question, schema, deadlineMs, not 'who'");
        long year = Duration.ofDays(365).toMillis();
        assertThat(said(StepKind.ASK, Map.of("question", "?", "deadlineMs", 1))).isEmpty();
        assertThat(said(StepKind.ASK, Map.of("question", "?", "deadlineMs", year)))
                .isEmpty();
        for (Object bad : List.of(0, year + 1, "1", 1.5)) {
            assertThat(said(StepKind.ASK, Map.of("question", "?", "deadlineMs", bad)))
                    .containsExactly("deadlineMs is a whole number of milliseconds, 1 to 365 days, was " + bad);
        }
    }

    @Test
    void aWaitHasOneEndThatCanBeReached() {
        long year = Duration.ofDays(365).toMillis();
        assertThat(said(StepKind.WAIT, Map.of("ms", 0))).isEmpty();
        assertThat(said(StepKind.WAIT, Map.of("ms", year))).isEmpty();
        assertThat(said(StepKind.WAIT, Map.of("until", "2026-01-31T09:00:00+01:00")))
                .isEmpty();
        assertThat(said(StepKind.WAIT, Map.of("ms", -1))).hasSize(1);
        assertThat(said(StepKind.WAIT, Map.of("ms", year + 1)))
                .containsExactly("ms is a whole number of milliseconds, 0 to 365 days, was " + (year + 1));
        assertThat(said(StepKind.WAIT, Map.of("until", "2026-01-31")))
                .containsExactly("until is a time such as 2026-01-31T09:00:00Z, was 2026-01-31");
        assertThat(said(StepKind.WAIT, Map.of()))
                .containsExactly("a WAIT step has either the argument 'ms' or 'until'");
        assertThat(said(StepKind.WAIT, Map.of("ms", 1, "until", "2026-01-31T09:00:00Z")))
                .containsExactly("a WAIT step has either the argument 'ms' or 'until'");
    }

    @Test
    void aSubrecipeIsNamedByALiteralIdAndAPositiveVersion() {
        assertThat(said(StepKind.SUBRECIPE, Map.of("recipeId", "x", "version", 1, "inputs", Map.of())))
                .isEmpty();
        assertThat(said(StepKind.SUBRECIPE, Map.of()))
                .containsExactly("a SUBRECIPE step needs the argument 'recipeId'");
        assertThat(said(StepKind.SUBRECIPE, Map.of("recipeId", "{{run.id}}")))
                .containsExactly("recipeId is the id or name of a recipe, without placeholders, was {{run.id}}");
        assertThat(said(StepKind.SUBRECIPE, Map.of("recipeId", "x", "version", 0)))
                .containsExactly("version is a number from 1, was 0");
        assertThat(said(StepKind.SUBRECIPE, Map.of("recipeId", "x", "inputs", List.of())))
                .containsExactly("the inputs of a SUBRECIPE step are an object");
    }

    @Test
    void onlyToolsAndTheModelHaveATimeout() {
        Duration second = Duration.ofSeconds(1);
        assertThat(said(StepKind.ASK, Map.of("question", "?"), second))
                .containsExactly("an ASK step has no timeout; set its deadline");
        assertThat(said(StepKind.WAIT, Map.of("ms", 1), second)).hasSize(1);
        assertThat(said(StepKind.SUBRECIPE, Map.of("recipeId", "x"), second)).hasSize(1);
        assertThat(said(StepKind.MODEL, Map.of("prompt", "x"), second)).isEmpty();
    }

    @Test
    void onlyToolsAndRecipesHaveEffects() {
        assertThat(codes(r -> r.action("a", a -> a.transform(1).effect(Effect.WRITE))))
                .containsExactly("INVALID_STEP");
        Recipe.named("r")
                .action("a", a -> a.recipe("x").effect(Effect.WRITE))
                .action("b", a -> a.tool("x").effect(Effect.WRITE))
                .build();
    }

    // ---- fallbacks

    @Test
    void aFallbackStandsForTheActionsOwnSteps() {
        Action action = Recipe.named("r")
                .input("url", String.class)
                .action(
                        "page",
                        a -> a.tool("http.get")
                                .with("url", "{{inputs.url}}")
                                .fallback(
                                        "ask the archive",
                                        f -> f.tool("archive.find")
                                                .with("url", "{{inputs.url}}")
                                                .output("found")
                                                .tool("archive.get")
                                                .with("id", "{{found.id}}")
                                                .effect(Effect.WRITE))
                                .fallback("look for a mirror by hand"))
                .output("page", String.class)
                .build()
                .actions()
                .findFirst()
                .orElseThrow();
        assertThat(action.fallbacks())
                .extracting(Fallback::text)
                .containsExactly("ask the archive", "look for a mirror by hand");
        assertThat(action.fallbacks().get(0).steps())
                .extracting(Step::index, Step::output)
                .containsExactly(tuple(1, "found"), tuple(2, "page"));
        assertThat(action.fallbacks().get(1).steps()).isEmpty();
        assertThat(action.effect()).isEqualTo(Effect.WRITE);
    }

    @Test
    void whatAFallbackReadsComesBeforeItsAction() {
        Recipe recipe = Recipe.named("r")
                .action("a", a -> a.transform(1))
                .action("b", a -> a.tool("t").fallback("use a", f -> f.transform("{{a}}")))
                .build();
        assertThat(recipe.flows().get(0).actions().get(1).dependsOn()).containsExactly(1);
    }

    @Test
    void aFallbackMayReadWhatItsActionCameToBeforeItFailed() {
        Recipe.named("r")
                .action(
                        "b",
                        a -> a.tool("find")
                                .output("found")
                                .tool("get")
                                .with("id", "{{found}}")
                                .fallback("say what was found", f -> f.transform("{{found}} {{steps.1.1}}")))
                .build();
    }

    @Test
    void everyProblemOfAFallbackIsNamed() {
        List<Problem> problems = problems(r -> r.action("a", a -> a.transform(1))
                .action(
                        "b",
                        a -> a.tool("t")
                                .fallback(
                                        " ",
                                        f -> f.ask(" ")
                                                .output("a")
                                                .transform("{{nowhere}}")
                                                .output("inputs")))
                .output("b", Object.class));
        assertThat(problems)
                .extracting(Problem::code)
                .containsExactlyInAnyOrder(
                        "EMPTY", // its text
                        "INVALID_STEP", // the question
                        "DUPLICATE_OUTPUT", // of the other action
                        "UNKNOWN_PLACEHOLDER",
                        "INVALID_NAME", // a reserved output
                        "MISSING_OUTPUT"); // the recipe's
        assertThat(problems).extracting(Problem::path).allMatch(path -> path.startsWith("flows[0].actions[1].fallb"));
    }

    @Test
    void whatOthersReadOfAnActionEachFallbackMustGive() {
        assertThat(problems(r -> r.action(
                                "a",
                                a -> a.tool("find")
                                        .output("found")
                                        .tool("get")
                                        .fallback("no luck", f -> f.transform("none")))
                        .action("b", a -> a.transform("{{found}}"))))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo("MISSING_OUTPUT");
                    assertThat(problem.message())
                            .isEqualTo(
                                    "'found' is read by other steps, so a step of the fallback must have that output");
                });
        assertThat(codes(r -> r.action(
                                "a", a -> a.tool("find").tool("get").fallback("no luck", f -> f.transform("none")))
                        .action("b", a -> a.transform("{{steps.1.1}}"))))
                .containsExactly("MISSING_OUTPUT");
        Recipe.named("r")
                .action("a", a -> a.tool("find").tool("get").fallback("no luck", f -> f.transform("none")))
                .action("b", a -> a.transform("{{steps.1.2}} {{a}}"))
                .build();
    }

    @Test
    void anActionHasAtMostTenFallbacksAndAFallbackAHundredSteps() {
        assertThat(codes(r -> r.action("a", a -> {
                    a.tool("t");
                    for (int i = 1; i <= 11; i++) {
                        a.fallback("hint " + i);
                    }
                })))
                .containsExactly("TOO_LARGE");
        assertThat(codes(r -> r.action("a", a -> a.tool("t").fallback("long", f -> transforms(f, 101)))))
                .containsExactly("TOO_LARGE");
        Recipe.named("r")
                .action("a", a -> a.tool("t").fallback("long", f -> transforms(f, 100)))
                .build();
    }

    private static void transforms(FallbackBuilder fallback, int steps) {
        for (int i = 1; i <= steps; i++) {
            fallback.transform(i);
        }
    }
}
