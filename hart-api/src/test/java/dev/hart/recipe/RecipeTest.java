package dev.hart.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.error.RecipeInvalidException;
import dev.hart.tool.Effect;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeTest {
    private static final Map<String, @Nullable Object> NO_FIELDS = Map.of("type", "object", "properties", Map.of());

    private static List<Problem> problems(Runnable making) {
        RecipeInvalidException invalid = catchThrowableOfType(RecipeInvalidException.class, making::run);
        assertThat(invalid).as("it must be refused").isNotNull();
        assertThat(invalid.code()).isEqualTo("RECIPE_INVALID");
        return invalid.problems();
    }

    private static List<String> codes(UnaryOperator<RecipeBuilder> writing) {
        return problems(() -> writing.apply(Recipe.named("r")).build()).stream()
                .map(Problem::code)
                .toList();
    }

    private static Step step(int index, StepKind kind, @Nullable String tool, Map<String, @Nullable Object> args) {
        return new Step(index, kind, tool, null, args, null, Effect.READ, null, null, Retry.DEFAULT);
    }

    private static Action action(int id, List<Integer> dependsOn) {
        return new Action(id, "a" + id, "", dependsOn, List.of(step(1, StepKind.TRANSFORM, null, Map.of("value", 1))));
    }

    private static Recipe of(Flow... flows) {
        return new Recipe("r", "g", List.of(), NO_FIELDS, NO_FIELDS, List.of(flows));
    }

    private static Flow flow(int id, Action... actions) {
        return new Flow(id, "f", "p", "", List.of(), List.of(actions));
    }

    @Test
    void whatAnActionReadsItDependsOn() {
        Recipe recipe = Recipe.named("city-brief")
                .input("city", String.class)
                .action("find", a -> a.tool("web.search").with("q", "{{inputs.city}} news"))
                .action("brief", a -> a.model("Summarise {{find}} and {{steps.1.1.title}}"))
                .output("brief", String.class)
                .build();
        assertThat(recipe.flows().get(0).persona()).isEqualTo("Assistant");
        assertThat(recipe.flows().get(0).actions().get(1).dependsOn()).containsExactly(1);
        assertThat(recipe.inputNames()).containsExactly("city");
        assertThat(recipe.outputNames()).containsExactly("brief");
        assertThat(recipe.goal()).isEqualTo("city-brief");
    }

    @Test
    void aFlowWaitsForTheOneBeforeIt() {
        Recipe recipe = Recipe.named("r")
                .flow("one", f -> f.action("a", a -> a.transform(1)))
                .flow("two", f -> f.action("b", a -> a.transform("{{a}}")))
                .build();
        assertThat(recipe.flows().get(1).dependsOn()).containsExactly(0);
        assertThat(recipe.actions()).extracting(Action::name).containsExactly("a", "b");
    }

    @Test
    void everyProblemIsListedAtOnce() {
        List<Problem> problems = problems(() -> Recipe.named("no spaces!")
                .intent("do {{inputs.nothing}}")
                .action("1st", a -> a.transform("{{nowhere}}"))
                .action("empty", a -> {})
                .output("total", Integer.class)
                .build());
        assertThat(problems)
                .extracting(Problem::code)
                .containsExactlyInAnyOrder(
                        "INVALID_NAME", // the recipe
                        "UNKNOWN_PLACEHOLDER", // the intent
                        "INVALID_NAME", // the action
                        "INVALID_NAME", // its output
                        "UNKNOWN_PLACEHOLDER", // its argument
                        "EMPTY",
                        "UNKNOWN_OUTPUT");
        assertThat(problems).extracting(Problem::path).contains("flows[0].actions[0].steps[0].args", "outputs.total");
    }

    @Test
    void aRecipeNeedsFlowsAFlowActionsAnActionSteps() {
        assertThat(codes(r -> r)).containsExactly("EMPTY");
        assertThat(codes(r -> r.flow("f", f -> {}))).containsExactly("EMPTY");
        assertThat(codes(r -> r.action("a", a -> {}))).containsExactly("EMPTY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ä", "a.b"})
    void aRecipesNameIsPlain(String name) {
        assertThat(problems(() ->
                        Recipe.named(name).action("a", a -> a.transform(1)).build()))
                .extracting(Problem::path)
                .containsExactly("name");
        assertThat(problems(() -> Recipe.named("x".repeat(65))
                        .action("a", a -> a.transform(1))
                        .build()))
                .hasSize(1);
    }

    @Test
    void namesAndOutputsAreUniqueAndNotReserved() {
        assertThat(codes(r -> r.action("a", a -> a.transform(1)).action("a", a -> a.transform(2))))
                .containsExactlyInAnyOrder("DUPLICATE_NAME", "DUPLICATE_OUTPUT");
        assertThat(codes(r -> r.action("a", a -> a.transform(1).output("x"))
                        .action("b", a -> a.transform(2).output("x"))))
                .containsExactly("DUPLICATE_OUTPUT");
        for (String reserved : List.of("inputs", "steps", "run", "clock")) {
            assertThat(codes(r -> r.action("a", a -> a.transform(1).output(reserved))))
                    .containsExactly("INVALID_NAME");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{inputs.town}}",
                "{{inputs}}",
                "{{a}}",
                "{{b}}",
                "{{steps.1.1}}",
                "{{steps.9.1}}",
                "{{steps.1}}",
                "{{run}}",
                "{{run.name}}",
                "{{clock.later}}",
                "{{}}"
            })
    void aPlaceholderReadsAnInputOrAnEarlierStep(String placeholder) {
        assertThat(codes(r -> r.input("city", String.class).action("a", a -> a.transform("x " + placeholder))))
                .contains("UNKNOWN_PLACEHOLDER");
    }

    @Test
    void knownPlaceholdersAndEscapedOnesAreFine() {
        Recipe recipe = Recipe.named("r")
                .input("city", String.class)
                .action(
                        "a",
                        a -> a.transform(1)
                                .output("first")
                                .transform(List.of(
                                        "{{first}} {{inputs.city.name}} {{steps.1.1}}",
                                        Map.of("k", "{{run.id}} {{clock.now}} \\{{nowhere}}"))))
                .build();
        assertThat(recipe.flows().get(0).actions().get(0).dependsOn()).isEmpty();
    }

    @Test
    void aStepHasWhatItsKindNeeds() {
        assertThat(stepCodes(step(1, StepKind.TOOL, null, Map.of()))).containsExactly("INVALID_STEP");
        assertThat(stepCodes(step(1, StepKind.MODEL, "t", Map.of("prompt", "p"))))
                .containsExactly("INVALID_STEP");
        assertThat(stepCodes(step(1, StepKind.MODEL, null, Map.of()))).containsExactly("INVALID_STEP");
        assertThat(stepCodes(step(1, StepKind.TRANSFORM, null, Map.of()))).containsExactly("INVALID_STEP");
        assertThat(stepCodes(step(2, StepKind.TOOL, "t", Map.of()))).containsExactly("INVALID_ID");
    }

    private static List<String> stepCodes(Step step) {
        return problems(() -> of(flow(0, new Action(1, "a", "", List.of(), List.of(step))))).stream()
                .map(Problem::code)
                .toList();
    }

    @Test
    void aTimeoutIsOneMillisecondToThirtyDays() {
        for (Duration bad :
                List.of(Duration.ZERO, Duration.ofNanos(999_999), Duration.ofMillis(-1), Duration.ofDays(31))) {
            assertThat(codes(r -> r.action("a", a -> a.tool("t").timeout(bad)))).containsExactly("INVALID_STEP");
        }
        Recipe.named("r")
                .action("a", a -> a.tool("t").timeout(Duration.ofMillis(1)))
                .build();
    }

    @Test
    void idsAreCountedAndDependenciesAreThere() {
        assertThat(problems(() -> of(flow(1, action(1, List.of())))))
                .extracting(Problem::code)
                .containsExactly("INVALID_ID");
        assertThat(problems(() -> of(flow(0, action(0, List.of())))))
                .extracting(Problem::code)
                .containsExactly("DUPLICATE_ID");
        assertThat(problems(() -> of(flow(0, action(1, List.of(9))))))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo("UNKNOWN_DEPENDENCY");
                    assertThat(problem.message()).isEqualTo("action 1 depends on 9, which is not there");
                });
        assertThat(problems(() -> of(new Flow(0, "f", "p", "", List.of(3), List.of(action(1, List.of()))))))
                .extracting(Problem::code)
                .containsExactly("UNKNOWN_DEPENDENCY");
        assertThat(of(flow(0, action(1, List.of(1)))).flows())
                .as("an action may name itself")
                .hasSize(1);
    }

    @Test
    void aCycleIsReportedWithAllThatWaitForItAndItsShortestForm() {
        assertThat(problems(() -> of(flow(0, action(1, List.of(2)), action(2, List.of(1)), action(3, List.of(2))))))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo("CYCLE");
                    assertThat(problem.message())
                            .isEqualTo("actions [1, 2, 3] wait for each other; the shortest cycle is 1 → 2 → 1");
                });
    }

    @Test
    void theShorterOfTwoCyclesIsNamed() {
        Flow flow = flow(
                0,
                action(1, List.of(2)),
                action(2, List.of(3)),
                action(3, List.of(1)),
                action(4, List.of(5)),
                action(5, List.of(4)));
        assertThat(problems(() -> of(flow)).get(0).message()).endsWith("the shortest cycle is 4 → 5 → 4");
    }

    @Test
    void aFlowHasAPersonaAndTheSchemasAreOfObjects() {
        assertThat(codes(r -> r.flow("f", f -> f.persona(" ").action("a", a -> a.transform(1)))))
                .containsExactly("UNKNOWN_PERSONA");
        assertThat(problems(() -> new Recipe(
                        "r",
                        "g",
                        List.of(),
                        Map.of("type", "array"),
                        NO_FIELDS,
                        List.of(flow(0, action(1, List.of()))))))
                .extracting(Problem::code)
                .containsExactly("INVALID_SCHEMA");
        assertThat(codes(r -> r.input("no space", String.class).action("a", a -> a.transform(1))))
                .containsExactly("INVALID_NAME");
    }

    @Test
    void aRecipeHasAtMostAThousandActionsAndAnActionAHundredSteps() {
        assertThat(codes(r -> {
                    IntStream.rangeClosed(1, 1_001).forEach(i -> r.action("a" + i, a -> a.transform(1)));
                    return r;
                }))
                .containsExactly("TOO_LARGE");
        assertThat(codes(r -> r.action("a", a -> IntStream.rangeClosed(1, 101).forEach(i -> a.transform(i)))))
                .containsExactly("TOO_LARGE");
    }
}
