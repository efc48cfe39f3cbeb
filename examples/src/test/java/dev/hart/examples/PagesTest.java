package dev.hart.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.Runs;
import dev.hart.recipe.DriftRule;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.recipe.RecipeBundle;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.ResultCheck;
import dev.hart.recipe.RolloutPlan;
import dev.hart.testing.Listings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The listings of the project's pages are lines that were compiled, and the first program prints what its page says. */
class PagesTest {
    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/recipes.md", "docs/runs.md"})
    void theListingsOfThePageAreLinesOfItsSources(String page) {
        Listings.of(page).assertEqualToSources();
    }

    @Test
    void theFirstProgramPrintsWhatTheReadmeSays(@TempDir Path folder) throws IOException {
        PrintStream original = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            firstProgram(folder);
        } finally {
            System.setOut(original);
        }

        String output = printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
        assertThat(output).isEqualTo("CREATE: 42.5\nREUSE: 7.25\nadd-column-write-total@1\n");
        assertThat(readme()).contains("```\n" + output + "```\n");
    }

    @Test
    void aRecipeAsksWaitsAndRunsAnother() {
        try (Hart hart = Hart.configure().inMemory().withoutModel().create()) {
            hart.recipes()
                    .save(Recipe.named("city-brief")
                            .input("city", String.class)
                            .action("brief", a -> a.transform("{{inputs.city}} is worth a visit"))
                            .output("brief", String.class)
                            .build());
            // tag::parts[]
            Recipe invitation = Recipe.named("invitation")
                    .input("at", Instant.class)
                    .action(
                            "city",
                            a -> a.ask("Which city?").choices("Oslo", "Rome").deadline(Duration.ofDays(2)))
                    .action("morning", a -> a.waitUntil("{{inputs.at}}"))
                    .action("brief", a -> a.recipe("city-brief").with("city", "{{city}}"))
                    .output("brief", String.class)
                    .build();
            // end::parts[]
            // tag::answer[]
            Run run = hart.run(invitation, Inputs.of("at", Instant.parse("2026-01-31T09:00:00Z")));
            Runs.Question question = hart.runs().questions(run.id()).get(0);
            hart.runs().answer(run.id(), question.id(), "Oslo");
            Run done = hart.resume(run.id());
            // end::answer[]
            assertThat(question.text()).isEqualTo("Which city?");
            assertThat(done.output()).isEqualTo("Oslo is worth a visit");
        }
    }

    @Test
    void anActionHasFallbacks() {
        // tag::fallbacks[]
        Recipe page = Recipe.named("page")
                .input("url", URI.class)
                .action(
                        "page",
                        a -> a.tool("http.get")
                                .with("url", "{{inputs.url}}")
                                .fallback(
                                        "take the copy of yesterday",
                                        f -> f.tool("file.read").with("path", "page.html"))
                                .fallback("ask Anna for a copy"))
                .output("page", String.class)
                .build();
        // end::fallbacks[]
        assertThat(page.actions().findFirst().orElseThrow().fallbacks()).hasSize(2);
    }

    @Test
    void aRecipeRunsByItselfAndGoesToAnotherNode(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("morning-news.bundle");
        try (Hart hart = Hart.configure().inMemory().withoutModel().create();
                Hart other = Hart.configure().inMemory().withoutModel().create()) {
            // tag::schedule[]
            Recipe news = Recipe.named("morning-news")
                    .action("read", a -> a.tool("http.get").with("url", "https://example.com/news"))
                    .action(
                            "keep",
                            a -> a.tool("file.write").with("path", "news.txt").with("text", "{{read}}"))
                    .schedule("0 9 * * 1-5")
                    .build();
            hart.recipes().save(news);
            hart.schedules().start();
            // end::schedule[]
            // tag::bundle[]
            RecipeBundle bundle = hart.recipes().exportBundle(hart.recipes().versions("morning-news"));
            bundle.writeTo(file);
            other.recipes().importBundle(Files.readString(file), bundle.publicKey()); // all of its recipes, or none
            // end::bundle[]
            assertThat(hart.schedules().list()).singleElement().matches(entry -> !entry.paused());
            assertThat(other.schedules().list()).singleElement().matches(entry -> entry.paused());
        }
    }

    @Test
    void aGuardStandsBesideARecipe() {
        try (Hart hart = Hart.configure()
                .inMemory()
                .withoutModel()
                .judge("no negative totals", (inputs, outputs) -> List.of())
                .create()) {
            hart.recipes()
                    .save(Recipe.named("invoice-total")
                            .input("file", Path.class)
                            .action(
                                    "total",
                                    a -> a.tool("csv.sum")
                                            .with("path", "{{inputs.file}}")
                                            .with("column", "amount"))
                            .output("total", BigDecimal.class)
                            .build());
            // tag::guard[]
            ResultCheck check = ResultCheck.none()
                    .expect(Inputs.of("file", "march.csv"), Map.of("total", 15))
                    .within(new BigDecimal("0.01"))
                    .judgedBy("no negative totals");
            hart.recipes()
                    .guard(
                            "invoice-total",
                            RecipeGuard.check(check)
                                    .drift(DriftRule.of(3, 5).fallingBack())
                                    .newVersions(
                                            RolloutPlan.shadow().minimumRuns(20).slowdown(1.5)));
            // end::guard[]
            assertThat(hart.recipes().guard("invoice-total")).isPresent();
        }
    }

    private static void firstProgram(Path folder) throws IOException {
        // tag::first-program[]
        Files.writeString(folder.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
        Files.writeString(folder.resolve("march.csv"), "item,amount\ncup,7.25\n");

        HartBuilder settings = Hart.configure()
                .workspace(folder)
                .dataDirectory(folder.resolve("data"))
                .withoutModel();
        try (Hart hart = settings.create()) {
            Run first = hart.run("Add up column amount of sales.csv and write the total to total.txt");
            Run again = hart.run("Add up column amount of march.csv and write the total to march.txt");

            System.out.println(first.mode() + ": " + first.output(BigDecimal.class));
            System.out.println(again.mode() + ": " + again.output(BigDecimal.class));
            System.out.println(again.recipe().orElseThrow().label());
        }
        // end::first-program[]
    }

    private static RecipeBuilder totalInAReport(String text) {
        return Recipe.named("total-in-a-report")
                .input("file", Path.class)
                .input("report", Path.class)
                .action(
                        "total",
                        a -> a.tool("csv.sum").with("path", "{{inputs.file}}").with("column", "amount"))
                .action(
                        "write",
                        a -> a.tool("file.write")
                                .with("path", "{{inputs.report}}")
                                .with("text", text))
                .output("total", BigDecimal.class);
    }

    @Test
    void aRunIsRunAgainWithOneThingChanged(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("march.csv"), "item,amount\ncup,7.25\n");
        Files.writeString(folder.resolve("april.csv"), "item,amount\npot,30\n");
        HartBuilder settings = Hart.configure().workspace(folder).inMemory().withoutModel();
        try (Hart hart = settings.create()) {
            Run run = hart.run(
                    totalInAReport("{{total}}").build(),
                    Inputs.of("file", "march.csv").and("report", "total.txt"));
            RecipeVersion rounded =
                    hart.recipes().save(totalInAReport("about {{total}}").build());
            RunEvent event;
            try (Stream<RunEvent> events = hart.runs().events(run.id(), 0)) {
                event = events.findFirst().orElseThrow();
            }

            // tag::rerun[]
            // Another input: what depends on the file.
            Run april = hart.rerun(run.id()).withInput("file", "april.csv").run();
            // Adds nothing up again, only writes.
            Run moved = hart.rerun(run.id()).withInput("report", "total-2.txt").run();
            // The sum is given, not called.
            Run fixed = hart.rerun(run.id())
                    .withResult("total", new BigDecimal("42"))
                    .run();
            // Another version of the recipe.
            Run newer = hart.rerun(run.id()).withRecipe(rounded).run();
            // All that was recorded after this event.
            Run later = hart.rerun(run.id()).from(event.seq()).run();
            // end::rerun[]

            assertThat(Stream.of(april, moved, fixed, newer, later).map(Run::mode))
                    .containsOnly(Mode.RERUN);
            assertThat(Stream.of(april, moved, fixed, newer, later)
                            .map(again -> again.report().keptSteps()))
                    .containsExactly(0, 1, 0, 1, 0);
            assertThat(Stream.of(april, moved, fixed).map(again -> again.output(BigDecimal.class)))
                    .containsExactly(new BigDecimal("30"), new BigDecimal("7.25"), new BigDecimal("42"));
            assertThat(folder.resolve("total-2.txt")).hasContent("7.25");
        }
    }

    private static String readme() throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("README.md"))) {
            folder = folder.getParent();
        }
        assertThat(folder).as("a folder with README.md, here or above").isNotNull();
        return Files.readString(folder.resolve("README.md"));
    }
}
