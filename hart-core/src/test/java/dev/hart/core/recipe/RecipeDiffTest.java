package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.hart.Hart;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeDiff;
import dev.hart.recipe.RecipeDiff.Change;
import dev.hart.recipe.RecipeDiff.Kind;
import dev.hart.recipe.RecipeVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code recipes().diff} says of two versions. */
class RecipeDiffTest {
    private final Hart hart =
            Hart.configure().inMemory().withoutModel().withoutBuiltInTools().create();

    @AfterEach
    void close() {
        hart.close();
    }

    private RecipeDiff diff(Recipe before, Recipe after) {
        RecipeVersion from = hart.recipes().save(before);
        RecipeVersion to = hart.recipes().save(after);
        RecipeDiff diff = hart.recipes().diff(from, to);
        assertThat(diff.from()).isEqualTo(from);
        assertThat(diff.to()).isEqualTo(to);
        assertThat(diff.isEmpty()).isEqualTo(from.contentHash().equals(to.contentHash()));
        return diff;
    }

    private static Recipe reordered(Recipe recipe, int... actionIds) {
        Flow flow = recipe.flows().get(0);
        List<Action> actions = Arrays.stream(actionIds)
                .mapToObj(id -> flow.actions().get(id - 1))
                .toList();
        return new Recipe(
                recipe.name(),
                recipe.goal(),
                recipe.intents(),
                recipe.inputs(),
                recipe.outputs(),
                List.of(new Flow(0, flow.name(), flow.persona(), flow.subGoal(), List.of(), actions)));
    }

    @Test
    void equalContentsDoNotDiffer() {
        Recipe recipe = Recipe.named("r").action("a", a -> a.transform("x")).build();
        assertThat(diff(recipe, recipe).changes()).isEmpty();
    }

    @Test
    void everyPartThatDiffersIsNamedWithItsOldAndItsNewValue() {
        Recipe before = Recipe.named("r")
                .goal("old")
                .intent("do {{inputs.x}}")
                .input("x", String.class)
                .action("a", a -> a.transform(Map.of("text", "{{inputs.x}}", "gone", 1)))
                .build();
        Recipe after = Recipe.named("r")
                .goal("new")
                .intent("make {{inputs.x}}")
                .input("x", Long.class)
                .action(
                        "a",
                        a -> a.transform(Map.of("text", "x: {{inputs.x}}", "come", 2))
                                .transform("{{steps.1.1}}"))
                .build();

        List<Change> changes = diff(before, after).changes();

        assertThat(changes)
                .contains(
                        new Change("goal", Kind.CHANGED, "old", "new"),
                        new Change("intents", Kind.REMOVED, "do {{inputs.x}}", null),
                        new Change("intents", Kind.ADDED, null, "make {{inputs.x}}"),
                        new Change("inputs.properties.x.type", Kind.CHANGED, "string", "integer"),
                        new Change(
                                "flows.0.actions.1.steps.1.args.value.text",
                                Kind.CHANGED,
                                "{{inputs.x}}",
                                "x: {{inputs.x}}"),
                        new Change("flows.0.actions.1.steps.1.args.value.gone", Kind.REMOVED, 1L, null),
                        new Change("flows.0.actions.1.steps.1.args.value.come", Kind.ADDED, null, 2L));
        assertThat(changes)
                .filteredOn(change -> change.path().equals("flows.0.actions.1.steps.2"))
                .singleElement()
                .satisfies(change -> assertThat(change.kind()).isEqualTo(Kind.ADDED))
                .satisfies(change ->
                        assertThat(((Map<?, ?>) change.after()).get("kind")).isEqualTo("TRANSFORM"));
    }

    @Test
    void actionsAreMatchedByIdSoThatOneMoreIsOneChange() {
        Recipe two = Recipe.named("r")
                .action("a", a -> a.transform("x"))
                .action("b", a -> a.transform("y"))
                .build();
        Recipe one = Recipe.named("r").action("a", a -> a.transform("x")).build();

        assertThat(diff(one, two).changes())
                .extracting(Change::path, Change::kind)
                .containsExactly(tuple("flows.0.actions.2", Kind.ADDED));
        assertThat(diff(two, one).changes())
                .extracting(Change::path, Change::kind)
                .containsExactly(tuple("flows.0.actions.2", Kind.REMOVED));
    }

    @Test
    void anotherOrderOfTheSameActionsIsAChange() {
        Recipe recipe = Recipe.named("r")
                .action("a", a -> a.transform("x"))
                .action("b", a -> a.transform("y"))
                .action("c", a -> a.transform("z"))
                .build();
        assertThat(diff(recipe, reordered(recipe, 1, 3, 2)).changes())
                .containsExactly(new Change("flows.0.actions", Kind.CHANGED, List.of(1L, 2L, 3L), List.of(1L, 3L, 2L)));
    }

    @Test
    void anotherOrderOfIntentsIsAChange() {
        Recipe before = Recipe.named("r")
                .intent("one")
                .intent("two")
                .action("a", a -> a.transform("x"))
                .build();
        Recipe after = Recipe.named("r")
                .intent("two")
                .intent("one")
                .action("a", a -> a.transform("x"))
                .build();
        assertThat(diff(before, after).changes())
                .containsExactly(new Change("intents", Kind.CHANGED, List.of("one", "two"), List.of("two", "one")));
    }

    @Test
    void listsInArgumentsAreComparedPlaceByPlace() {
        Recipe before = Recipe.named("r")
                .action("a", a -> a.transform(List.of(Map.of("n", 1), Map.of("n", 2))))
                .build();
        Recipe after = Recipe.named("r")
                .action("a", a -> a.transform(List.of(Map.of("n", 1), Map.of("n", 3), "more")))
                .build();
        assertThat(diff(before, after).changes())
                .containsExactly(
                        new Change("flows.0.actions.1.steps.1.args.value.1.n", Kind.CHANGED, 2L, 3L),
                        new Change("flows.0.actions.1.steps.1.args.value.2", Kind.ADDED, null, "more"));
    }

    @Test
    void recipesOfOtherNamesDifferInTheirName() {
        Recipe one =
                Recipe.named("one").goal("g").action("a", a -> a.transform("x")).build();
        Recipe two =
                Recipe.named("two").goal("g").action("a", a -> a.transform("x")).build();
        assertThat(diff(one, two).changes()).containsExactly(new Change("name", Kind.CHANGED, "one", "two"));
    }
}
