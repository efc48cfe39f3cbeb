package dev.hart.embeddings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.spi.SentenceEmbedder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The model finds the recipe for requests that share hardly a word with its examples. */
@Timeout(120)
class BgeSmallEmbedderTest {
    private Hart hart = Hart.configure().inMemory().withoutModel().create();

    @AfterEach
    void close() {
        hart.close();
    }

    private void learnFour(Hart into) {
        into.recipes()
                .save(recipe(
                        "holidays",
                        "how many days of leave do i have",
                        "what is my vacation balance",
                        "holidays i can still take this year",
                        "how much paid time off is left"));
        into.recipes()
                .save(recipe(
                        "expenses",
                        "sum up my travel expenses",
                        "what did my business trips cost",
                        "total of the hotel bills",
                        "how much did i spend on flights for work"));
        into.recipes()
                .save(recipe(
                        "printers",
                        "the printer is jammed",
                        "i cannot print",
                        "no paper comes out of the printer",
                        "fix the office printer"));
        into.recipes()
                .save(Recipe.named("weather")
                        .example("what is the weather like in Oslo", Map.of("city", "Oslo"))
                        .example("will it rain in Cape Town", Map.of("city", "Cape Town"))
                        .example("temperature in Paris please", Map.of("city", "Paris"))
                        .example("is it sunny in Rome today", Map.of("city", "Rome"))
                        .example("forecast for the weekend in Lima", Map.of("city", "Lima"))
                        .input("city", String.class)
                        .action("answer", a -> a.transform("weather of {{inputs.city}}"))
                        .output("answer", String.class)
                        .build());
    }

    private static Recipe recipe(String name, String... requests) {
        RecipeBuilder recipe =
                Recipe.named(name).action("answer", a -> a.transform(name)).output("answer", String.class);
        List.of(requests).forEach(recipe::intent);
        return recipe.build();
    }

    @Test
    void itsVectorsAreOfTheSaidLengthAndTheSameEachTime() {
        SentenceEmbedder embedder = new BgeSmallEmbedder();
        assertThat(embedder.embed("a request"))
                .hasSize(embedder.dimensions())
                .isEqualTo(embedder.embed("a request"))
                .isNotEqualTo(embedder.embed("something else"));
    }

    @Test
    void aRequestInOtherWordsIsReplayedAndOneAboutSomethingElseIsNot() {
        learnFour(hart);
        Run run = hart.run("tell me how many vacation days remain");
        assertThat(run.mode()).isEqualTo(Mode.REUSE);
        assertThat(run.output(String.class)).isEqualTo("holidays");
        MatchResult none = hart.recipes().match("who wrote the brothers karamazov");
        assertThat(none).isInstanceOf(MatchResult.None.class);
        assertThat(none.explain().reason()).contains("comes nearest", "is below");
    }

    @Test
    void theWordsOfAnInputAreFoundAndTheExplanationSaysWhere() {
        learnFour(hart);
        MatchResult result = hart.recipes().match("is it going to rain in Madrid");
        assertThat(result)
                .isInstanceOfSatisfying(
                        MatchResult.Match.class,
                        match -> assertThat(match.inputs().values()).isEqualTo(Map.of("city", "Madrid")));
        assertThat(result.explain().sources())
                .singleElement()
                .satisfies(source -> assertThat(result.explain().request().substring(source.start(), source.end()))
                        .isEqualTo("Madrid"));
        assertThat(result.explain().runnerUp()).isPresent();
        assertThat(result.explain().toString()).contains("weather", "city = \"Madrid\"");
    }

    @Test
    void vectorsAreKeptSoThatASecondProcessFindsTheSame(@TempDir Path data) {
        HartBuilder there = Hart.configure().dataDirectory(data).withoutModel();
        try (Hart first = there.create()) {
            learnFour(first);
            assertThat(first.run("how much vacation do i have left").mode()).isEqualTo(Mode.REUSE);
        }
        try (Hart second = there.create()) {
            assertThat(second.run("how much vacation do i have left").mode()).isEqualTo(Mode.REUSE);
        }
    }
}
