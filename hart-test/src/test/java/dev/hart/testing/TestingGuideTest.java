package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.model.ModelException;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of docs/testing.md, as they run. */
class TestingGuideTest {

    // tag::first-test[]
    @HartTest
    static class SalesTest {
        @Test
        void aSecondFileIsAddedUpWithoutPlanning(Hart hart, Path workspace) throws IOException {
            Files.writeString(workspace.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
            Files.writeString(workspace.resolve("march.csv"), "item,amount\ncup,7.25\n");

            hart.run("Add up column amount of sales.csv and write the total to total.txt");
            Run again = hart.run("Add up column amount of march.csv and write the total to march.txt");

            assertThat(again)
                    .succeeded()
                    .hasMode(Mode.REUSE)
                    .calledTools("csv.sum", "file.write")
                    .madeNoModelCalls();
            assertThat(workspace.resolve("march.txt")).hasContent("7.25");
        }
    }
    // end::first-test[]

    @Nested
    class Sales extends SalesTest {}

    private static final Recipe HEADLINE = Recipe.named("headline")
            .input("story", String.class)
            .action("headline", a -> a.model("A headline for: {{inputs.story}}"))
            .output("headline", String.class)
            .build();

    // tag::scripted-model[]
    @HartTest
    @Test
    void anOverloadedModelIsAskedAgain(Hart hart, ScriptedModel model, FakeClock clock) {
        model.fail(new ModelException(ModelException.Kind.UNAVAILABLE, "overloaded"))
                .reply("Rain at last");

        Run run = hart.run(HEADLINE, Inputs.of("story", "It rained in Oslo."));

        assertThat(run).hasOutput("Rain at last");
        assertThat(model.requests()).hasSize(2);
        assertThat(clock.naps()).isNotEmpty();
    }
    // end::scripted-model[]

    private static final Recipe TOTAL = Recipe.named("total")
            .input("file", Path.class)
            .action(
                    "total",
                    a -> a.tool("csv.sum").with("path", "{{inputs.file}}").with("column", "amount"))
            .output("total", BigDecimal.class)
            .build();

    // tag::no-model[]
    @HartTest
    @Test
    void aReplayNeedsNoModel(HartBuilder builder, Path workspace) throws IOException {
        Files.writeString(workspace.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
        ScriptedModel throwing = ScriptedModel.alwaysThrowing();

        try (Hart hart = builder.model(throwing).create()) {
            Run run = hart.run(TOTAL, Inputs.of("file", "sales.csv"));

            assertThat(run).hasMode(Mode.REUSE).hasOutput(42.5).madeNoModelCalls();
        }
        assertThat(throwing.requests()).isEmpty();
    }
    // end::no-model[]

    /** Is down twice, then answers. */
    public static final class Weather {
        private int calls;

        @Tool(name = "weather.today", description = "Tell the weather in a city.", effect = Effect.READ)
        public String today(String city) {
            if (++calls <= 2) {
                throw new ToolFailure("DOWN", "the weather service is down", true, null);
            }
            return "rain in " + city;
        }
    }

    private static final Recipe WEATHER = Recipe.named("weather")
            .input("city", String.class)
            .action("weather", a -> a.tool("weather.today").with("city", "{{inputs.city}}"))
            .output("weather", String.class)
            .build();

    // tag::clock[]
    @HartTest
    @Test
    void aServiceThatIsDownIsCalledAgainAfterOneAndTwoSeconds(Hart hart, FakeClock clock) {
        hart.tools().register(new Weather());

        Run run = hart.run(WEATHER, Inputs.of("city", "Oslo"));

        assertThat(run).hasOutput("rain in Oslo").tookSteps(1);
        assertThat(clock.naps()).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }
    // end::clock[]

    @TempDir
    Path recordings;

    @HartTest
    @Test
    void weatherIsReplayedFromARecording(HartBuilder builder) {
        Path file = recordings.resolve("weather.json");
        // tag::cassette[]
        try (Cassette cassette = Cassette.auto(file);
                Hart hart = builder.create()) {
            cassette.tools(new Weather()).forEach(hart.tools()::register);

            assertThat(hart.run(WEATHER, Inputs.of("city", "Oslo"))).hasOutput("rain in Oslo");
        }
        // end::cassette[]
        assertThat(file).content().contains("the weather service is down", "rain in Oslo");
        try (Cassette cassette = Cassette.auto(file);
                Hart hart = builder.create()) {
            cassette.tools(new Weather()).forEach(hart.tools()::register);
            assertThat(hart.run(WEATHER, Inputs.of("city", "Oslo"))).hasOutput("rain in Oslo");
            cassette.assertUsedUp();
        }
    }

    // tag::durable[]
    @HartTest(durable = true)
    @Test
    void aRecipeOutlivesItsRuntime(HartBuilder builder) {
        try (Hart hart = builder.create()) {
            hart.recipes().save(TOTAL);
        }

        try (Hart hart = builder.create()) {
            assertThat(hart.recipes().get("total").recipe().goal()).isEqualTo("total");
        }
    }
    // end::durable[]

    @Test
    void thePageShowsTheseLines() {
        Listings.of("docs/testing.md").assertEqualToSources();
    }
}
