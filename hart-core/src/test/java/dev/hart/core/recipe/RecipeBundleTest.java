package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeCorruptException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.UnsupportedSchemaException;
import dev.hart.guard.Rail;
import dev.hart.guard.Verdict;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBundle;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import dev.hart.tool.TypedTool;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Recipes that go from one node to another. */
@Timeout(60)
class RecipeBundleTest {
    record Text(String text) {}

    private final Hart here = open(Hart.configure().inMemory(), Effect.READ);
    private Hart there = open(Hart.configure().inMemory(), Effect.READ);

    private static Hart open(HartBuilder builder, Effect effect) {
        Hart hart = builder.withoutModel().withoutBuiltInTools().create();
        hart.tools().register(TypedTool.of("say", "Say a text.", Text.class, String.class, effect, Text::text));
        return hart;
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private void reopen(Hart other) {
        there.close();
        there = other;
    }

    private static Recipe greeting(String words) {
        return Recipe.named("greeting")
                .goal("Greet somebody")
                .intent("greet {{inputs.who}}")
                .input("who", String.class)
                .action("text", a -> a.transform(words + " {{inputs.who}}"))
                .action("say", a -> a.tool("say").with("text", "{{text}}"))
                .output("text", String.class)
                .build();
    }

    private static List<String> codes(RecipeInvalidException invalid) {
        return invalid.problems().stream().map(Problem::code).toList();
    }

    private RecipeInvalidException refused(RecipeBundle bundle) {
        List<RecipeVersion> before = there.recipes().list();
        RecipeInvalidException refused = catchThrowableOfType(
                RecipeInvalidException.class, () -> there.recipes().importBundle(bundle.text()));
        assertThat(there.recipes().list()).as("nothing is stored").isEqualTo(before);
        return refused;
    }

    @Test
    void aRecipeWithItsHistoryIsTheSameAtTheOtherNode() {
        RecipeVersion first = here.recipes().save(greeting("Hello"));
        RecipeVersion second = here.recipes().save(greeting("Good day"));
        RecipeBundle bundle = here.recipes().exportBundle(here.recipes().versions("greeting"));
        assertThat(bundle.recipes()).containsExactly(second, first);

        List<RecipeVersion> stored = there.recipes().importBundle(bundle.text(), bundle.publicKey());

        assertThat(stored).containsExactly(second, first);
        assertThat(there.recipes().versions("greeting")).containsExactly(second, first);
        assertThat(there.recipes().get("greeting").parentVersion()).isEqualTo(1);
        assertThat(there.recipes().match("greet Anna"))
                .isInstanceOfSatisfying(
                        MatchResult.Exact.class,
                        match -> assertThat(match.recipe()).isEqualTo(second));
        assertThat(there.recipes().importBundle(bundle.text()))
                .as("once more changes nothing")
                .isEqualTo(stored);
        assertThat(there.recipes().versions("greeting")).hasSize(2);
    }

    @Test
    void oneVersionAloneCanBeCarriedAndGoesOnFromThere() {
        here.recipes().save(greeting("Hello"));
        RecipeVersion second = here.recipes().save(greeting("Good day"));
        there.recipes()
                .importBundle(here.recipes().exportBundle(List.of(second)).text());
        assertThat(there.recipes().versions("greeting")).containsExactly(second);

        RecipeVersion third = there.recipes().save(greeting("Hi"));
        assertThat(third.version()).isEqualTo(3);
        assertThat(third.recipeId()).isEqualTo(second.recipeId());
        here.recipes().importBundle(there.recipes().exportBundle(List.of(third)).text());
        assertThat(here.recipes().versions("greeting"))
                .extracting(RecipeVersion::version)
                .containsExactly(3, 2, 1);
    }

    @Test
    void everyFlippedBitIsFound() {
        here.recipes().save(greeting("Hello"));
        byte[] bytes = here.recipes()
                .exportBundle(List.of(here.recipes().get("greeting")))
                .text()
                .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            int bit = 1 << (i % 8);
            bytes[i] ^= (byte) bit;
            String changed = new String(bytes, StandardCharsets.ISO_8859_1);
            assertThat(catchThrowable(() -> there.recipes().readBundle(changed)))
                    .as("bit %d of byte %d", bit, i)
                    .isInstanceOfAny(RecipeCorruptException.class, UnsupportedSchemaException.class);
            bytes[i] ^= (byte) bit;
        }
        assertThat(there.recipes().list()).isEmpty();
    }

    @Test
    void aBundleOfAnotherKeyOrFormatIsRefused() {
        here.recipes().save(greeting("Hello"));
        RecipeBundle bundle = here.recipes().exportBundle(here.recipes().list());
        String other = there.recipes()
                .exportBundle(List.of(there.recipes().save(greeting("Hello"))))
                .publicKey();

        assertThatThrownBy(() -> there.recipes().importBundle(bundle.text(), other))
                .isInstanceOf(RecipeCorruptException.class)
                .hasMessageContaining(other);
        assertThatThrownBy(() -> there.recipes().readBundle(bundle.text().replace("hart.bundle/1", "hart.bundle/2")))
                .isInstanceOf(UnsupportedSchemaException.class);
        assertThatThrownBy(() -> there.recipes().readBundle("{}")).isInstanceOf(RecipeCorruptException.class);
        assertThatThrownBy(() -> there.recipes().readBundle("no JSON")).isInstanceOf(RecipeCorruptException.class);
    }

    @Test
    void everyProblemWithToolsAndGuardrailsIsNamedAndNothingIsStored() {
        here.tools().register(TypedTool.of("sing", "Sing.", Text.class, String.class, Effect.READ, Text::text));
        RecipeVersion greeting = here.recipes().save(greeting("Hello"));
        RecipeVersion song = here.recipes()
                .save(Recipe.named("song")
                        .goal("forbidden song")
                        .action("sing", a -> a.tool("sing").with("text", "la"))
                        .build());
        reopen(open(
                Hart.configure()
                        .inMemory()
                        .guardrail((rail, subject) ->
                                rail == Rail.PLAN && subject.text().contains("forbidden")
                                        ? new Verdict.Refused("mine", "no")
                                        : Verdict.ALLOWED),
                Effect.WRITE));

        RecipeInvalidException refused = refused(here.recipes().exportBundle(List.of(greeting, song)));

        assertThat(codes(refused))
                .as("say writes here, and sing is missing")
                .containsExactly("TOOLS_DIFFER", "UNKNOWN_TOOL", "GUARDRAIL_REFUSED");
    }

    @Test
    void aNameOrVersionThatMeansSomethingElseHereIsRefused() {
        RecipeVersion mine = here.recipes().save(greeting("Hello"));
        RecipeBundle bundle = here.recipes().exportBundle(List.of(mine));
        there.recipes().save(greeting("Good day"));
        assertThat(codes(refused(bundle))).containsExactly("NAME_TAKEN");

        reopen(open(Hart.configure().inMemory(), Effect.READ));
        there.recipes().importBundle(bundle.text());
        here.recipes().save(greeting("one"));
        there.recipes().save(greeting("other"));
        assertThat(codes(refused(here.recipes().exportBundle(here.recipes().versions("greeting")))))
                .containsExactly("VERSION_DIFFERS");
    }

    @Test
    void aBundleHoldsNoSecretAndIsNeverEmpty() {
        RecipeVersion secret = here.recipes()
                .save(Recipe.named("s")
                        .action("a", a -> a.transform("password=Tr0ub4dor-and-3-horses-9"))
                        .build());
        assertThatThrownBy(() -> here.recipes().exportBundle(List.of(secret)))
                .isInstanceOfSatisfying(
                        RecipeInvalidException.class, e -> assertThat(codes(e)).containsExactly("HOLDS_SECRET"));
        assertThatThrownBy(() -> here.recipes().exportBundle(List.of())).isInstanceOf(InputInvalidException.class);
    }

    @Test
    void aBundleIsWrittenToAFileThatIsNotThere(@TempDir Path folder) throws Exception {
        here.recipes().save(greeting("Hello"));
        RecipeBundle bundle = here.recipes().exportBundle(here.recipes().list());
        Path file = folder.resolve("greeting.bundle");
        bundle.writeTo(file);
        assertThat(there.recipes().readBundle(Files.readString(file))).isEqualTo(bundle);
        assertThatThrownBy(() -> bundle.writeTo(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(there.recipes().readBundle(Files.readString(file) + "\n").recipes())
                .as("an editor may add a line end")
                .isEqualTo(bundle.recipes());
    }

    @Test
    void anImportedRecipeRuns() {
        here.recipes()
                .save(Recipe.named("r")
                        .input("x", String.class)
                        .action("a", a -> a.transform("<{{inputs.x}}>"))
                        .output("a", String.class)
                        .build());
        RecipeVersion stored = there.recipes()
                .importBundle(here.recipes().exportBundle(here.recipes().list()).text())
                .get(0);
        assertThat(there.run(stored, Inputs.of("x", "y")).output()).isEqualTo("<y>");
    }

    @Test
    void theRecipesInsideGoWithTheOneThatRunsThem() {
        RecipeVersion inner = here.recipes()
                .save(Recipe.named("inner").action("a", a -> a.transform(1)).build());
        RecipeVersion outer = here.recipes()
                .save(Recipe.named("outer").action("b", a -> a.recipe(inner)).build());
        RecipeBundle bundle = here.recipes().exportBundle(List.of(outer));
        assertThat(bundle.recipes()).containsExactly(outer, inner);
        assertThat(there.recipes().importBundle(bundle.text())).containsExactly(outer, inner);
        assertThat(there.run(outer, Inputs.none()).recipe()).contains(outer);
    }

    @Test
    void aScheduleFromElsewhereWaitsUntilSomebodyHereLetsItRun() {
        RecipeVersion version = here.recipes()
                .save(Recipe.named("news")
                        .action("say", a -> a.transform("news"))
                        .schedule("0 9 * * *")
                        .build());
        there.recipes()
                .importBundle(here.recipes().exportBundle(List.of(version)).text());
        assertThat(here.schedules().list()).hasSize(1).noneMatch(entry -> entry.paused());
        assertThat(there.schedules().list()).hasSize(1).allMatch(entry -> entry.paused());
    }
}
