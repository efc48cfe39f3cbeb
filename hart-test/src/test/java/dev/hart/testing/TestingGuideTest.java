package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.model.LanguageModel;
import dev.hart.model.ModelException;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.function.Supplier;
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

    // tag::scripted-tool[]
    @HartTest
    @Test
    void aPaymentIsLimited(Hart hart) {
        try (ScriptedTool pay = ScriptedTool.inPlaceOf(new Bank(Path.of("unused")), "bank.pay")) {
            hart.tools().register(pay.when("limit", 500).answer("paid 500"));
            hart.tools()
                    .register(ScriptedTool.named("bank.limit", Effect.READ)
                            .failForNow("DOWN", "come back later")
                            .answer(500));

            assertThat(hart.run(PAY, Inputs.of("amount", 900))).hasOutput("paid 500");
        }
    }
    // end::scripted-tool[]

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

    private static final Recipe FORECAST = Recipe.named("forecast")
            .action("oslo", a -> a.tool("weather.next").with("city", "Oslo"))
            .action("bonn", a -> a.tool("weather.next").with("city", "Bonn"))
            .action("text", a -> a.transform("{{oslo}}, {{bonn}}"))
            .output("text", String.class)
            .build();

    // tag::shuffled[]
    @ShuffledSteps(times = 5)
    void citiesMayAnswerInAnyOrder(Hart hart) {
        hart.tools()
                .register(ScriptedTool.named("weather.next", Effect.READ)
                        .otherwise(arguments -> "sun in " + arguments.get("city")));

        assertThat(hart.run(FORECAST, Inputs.none())).hasOutput("sun in Oslo, sun in Bonn");
    }
    // end::shuffled[]

    // tag::golden[]
    @HartTest
    @Test
    void aPaymentGoesItsUsualWay(Hart hart, Path workspace, Faults faults) {
        hart.tools().register(new Bank(workspace));
        faults.tool("bank.limit").fails("DOWN");

        Run run = hart.run(PAY, Inputs.of("amount", 120));

        assertThat(run)
                .isLikeGolden(TestingGuideTest.class, "payment")
                .hadEffects("bank.pay")
                .attempted("bank.limit", 2)
                .usedOneKeyForEachStep()
                .hadEventsInOrder("action_1 step.failed", "action_1 step.finished", "action_2 step.started");
    }
    // end::golden[]

    // tag::evaluation[]
    @HartTest
    @Test
    void mostRequestsAreUnderstood(Hart hart, Path workspace) throws IOException {
        Files.writeString(workspace.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
        Path cases = workspace.resolve("cases.jsonl");
        Files.writeString(cases, """
                {"id": "sum", "request": "Add up column amount of sales.csv", "expected": 42.5}
                {"id": "again", "request": "Add up column amount of sales.csv", "expected": 42.5}
                {"id": "missing", "request": "Add up column amount of june.csv", "expectedFailure": "FILE_NOT_FOUND"}
                {"id": "hard", "request": "Tell me a joke about column amount", "expected": "ha"}
                """);

        EvaluationReport report = Evaluation.ofJsonLines(cases).run(hart);

        report.writeMarkdown(workspace.resolve("report.md"));
        assertThat(report)
                .hasAccuracyOfAtLeast(0.75)
                .isCorrectFor("sum", "again", "missing")
                .madeAtMostModelCalls(0);
    }
    // end::evaluation[]

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

    /** Stands for a model behind a network. */
    static final class Newsroom implements Supplier<LanguageModel> {
        @Override
        public LanguageModel get() {
            return ScriptedModel.create().named("newsroom/1").otherwise(request -> "Oslo gets wet");
        }
    }

    // tag::recorded[]
    @Recorded(model = Newsroom.class)
    @Test
    void aHeadlineIsShort(Hart hart) {
        Run run = hart.run(HEADLINE, Inputs.of("story", "It rained in Oslo."));

        assertThat(run.output(String.class)).hasSizeLessThan(60);
    }
    // end::recorded[]

    // tag::crash[]
    @CrashEverywhere
    void anInvoiceIsPaidOnceWhereverTheProcessDies(Hart hart, Path workspace) throws IOException {
        hart.tools().register(new Bank(workspace));

        Run run = hart.run(PAY, Inputs.of("amount", 120));

        assertThat(run).hasOutput("paid 120");
        assertThat(workspace.resolve("payments.txt")).hasContent("120");
    }
    // end::crash[]

    private static final Recipe PAY = Recipe.named("pay")
            .input("amount", Integer.class)
            .action("limit", a -> a.tool("bank.limit"))
            .action(
                    "paid",
                    a -> a.tool("bank.pay").with("amount", "{{inputs.amount}}").with("limit", "{{limit}}"))
            .output("paid", String.class)
            .build();

    /** Pays into a file. */
    public static final class Bank {
        private final Path workspace;

        Bank(Path workspace) {
            this.workspace = workspace;
        }

        @Tool(name = "bank.limit", description = "Tell the most that may be paid.", effect = Effect.READ)
        public int limit() {
            return 500;
        }

        @Tool(name = "bank.pay", description = "Pay an amount.", effect = Effect.WRITE)
        public String pay(int amount, int limit) throws IOException {
            Files.writeString(
                    workspace.resolve("payments.txt"),
                    Math.min(amount, limit) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            return "paid " + amount;
        }
    }

    // tag::faults[]
    @HartTest
    @Test
    void aPaymentThatTimesOutIsNotRepeated(Hart hart, Path workspace, Faults faults) {
        hart.tools().register(new Bank(workspace));
        faults.tool("bank.limit").fails("DOWN", 2);
        faults.tool("bank.pay").timesOut();

        Run run = hart.run(PAY, Inputs.of("amount", 120));

        assertThat(run).isPausedFor("action_2: IN_DOUBT").calledTools("bank.limit");
    }
    // end::faults[]

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
