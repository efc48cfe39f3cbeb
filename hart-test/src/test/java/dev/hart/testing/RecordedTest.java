package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.model.LanguageModel;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedTest {
    private static final AtomicInteger CALLS = new AtomicInteger();
    private static String question = "";
    private static String city = "";

    @TempDir
    Path resources;

    private final Map<String, String> settings = new LinkedHashMap<>();

    @BeforeEach
    void chooseAFolder() {
        CALLS.set(0);
        question = "Say it\nin one line:\nthanks";
        city = "Oslo";
        settings.put("hart.test.resources", resources.toString());
        settings.put("hart.ci", "false");
        settings.put("hart.record", "false");
    }

    private Path recording(Class<?> tests, String name) {
        return resources
                .resolve("dev/hart/testing/RecordedTest.Cases." + tests.getSimpleName())
                .resolve(name + ".recording.json");
    }

    private List<Throwable> failuresOf(Class<?> tests) {
        return Launch.failures(tests, settings);
    }

    @Test
    void theFirstRunAsksAndLaterOnesAnswerFromTheFile() throws IOException {
        assertThat(failuresOf(Cases.Weather.class)).isEmpty();
        assertThat(CALLS).hasValue(2);
        Path file = recording(Cases.Weather.class, "asks");
        String recorded = Files.readString(file);

        assertThat(failuresOf(Cases.Weather.class)).isEmpty();
        assertThat(CALLS).as("calls of the real model and tool").hasValue(2);
        assertThat(file).content().isEqualTo(recorded);
    }

    @Test
    void secretsAreNotKept() {
        failuresOf(Cases.Weather.class);

        assertThat(recording(Cases.Weather.class, "asks"))
                .content()
                .contains("Rain in Oslo", "\"apiKey\" : \"***\"")
                .doesNotContain("hush");
    }

    @Test
    void aPromptThatDriftsFailsAndShowsItsLines() {
        failuresOf(Cases.Weather.class);
        question = "Say it\nin two lines:\nthanks";

        assertThat(failuresOf(Cases.Weather.class)).singleElement().satisfies(failure -> {
            assertThat(failure)
                    .hasMessageContainingAll("it failed with MODEL_REFUSED", "this call of model is not recorded in");
            assertThat(failure.getSuppressed())
                    .singleElement()
                    .satisfies(drift -> assertThat(drift.getMessage())
                            .contains("the nearest is call 2 of the file, with these differences:")
                            .contains("""
                              - messages[0].text:
                                  @@ line 1 @@
                                   Say it
                                  -in one line:
                                  +in two lines:
                                   thanks
                            If the new question is right, record it anew: delete the file."""));
        });
        assertThat(CALLS).hasValue(2);
    }

    @Test
    void aToolsArgumentThatDriftsFails() {
        failuresOf(Cases.Weather.class);
        city = "Bergen";

        assertThat(failuresOf(Cases.Weather.class))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .hasMessageContaining("it failed with NOT_RECORDED")
                        .hasMessageContaining("city: recorded \"Oslo\", asked \"Bergen\""));
        assertThat(CALLS).hasValue(2);
    }

    @Test
    void anAnswerThatNobodyAskedForFailsATestThatPasses() {
        failuresOf(Cases.Weather.class);
        question = "";

        assertThat(failuresOf(Cases.Weather.class))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageStartingWith("1 of 2 calls in " + recording(Cases.Weather.class, "asks")
                                + " were not asked for:\n  - model "));
    }

    @Test
    void recordingAnewReplacesTheFile() {
        failuresOf(Cases.Weather.class);
        city = "Bergen";
        settings.put("hart.record", "true");

        assertThat(failuresOf(Cases.Weather.class)).isEmpty();
        assertThat(CALLS).hasValue(4);
        assertThat(recording(Cases.Weather.class, "asks"))
                .content()
                .contains("Rain in Bergen")
                .doesNotContain("Oslo");
    }

    @Test
    void aTestThatFailsRecordsNothing() {
        assertThat(failuresOf(Cases.Fails.class)).hasSize(1);

        assertThat(CALLS).hasValue(1);
        assertThat(resources).isEmptyDirectory();
    }

    @Test
    void inCiAMissingRecordingFailsBeforeAnythingIsCalled() {
        settings.put("hart.ci", "true");

        assertThat(failuresOf(Cases.Weather.class))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .isInstanceOf(AssertionError.class)
                        .hasMessage(
                                "there is no recording %s, and this is CI, where none is made: run the test on your"
                                        + " machine, read the file and commit it",
                                recording(Cases.Weather.class, "asks")));
        assertThat(CALLS).hasValue(0);
        assertThat(resources).isEmptyDirectory();
    }

    @Test
    void inCiARecordingIsReplayedAndNeverMadeAnew() {
        failuresOf(Cases.Weather.class);
        settings.put("hart.ci", "true");

        assertThat(failuresOf(Cases.Weather.class)).isEmpty();
        settings.put("hart.record", "true");
        assertThat(failuresOf(Cases.Weather.class))
                .singleElement()
                .satisfies(
                        failure -> assertThat(failure)
                                .hasMessage(
                                        "hart.record is set, and this is CI, where nothing is recorded: record on your machine"));
        assertThat(CALLS).hasValue(2);
    }

    @Test
    void builtInToolsOfTheWorkspaceAreCalledInEveryRun() {
        assertThat(failuresOf(Cases.WritesAFile.class)).isEmpty();
        assertThat(failuresOf(Cases.WritesAFile.class)).isEmpty();
        assertThat(recording(Cases.WritesAFile.class, "writes")).content().contains("\"calls\" : [ ]");
    }

    @Test
    void onlyToolsThatAreNamedAreRecordedWhenSomeAre() {
        assertThat(failuresOf(Cases.NamesOneTool.class)).isEmpty();
        assertThat(failuresOf(Cases.NamesOneTool.class)).isEmpty();

        assertThat(CALLS).as("the other tool is called each time").hasValue(2);
    }

    @Test
    void eachInvocationHasAFileOfItsOwn() {
        assertThat(failuresOf(Cases.Repeats.class)).isEmpty();

        assertThat(recording(Cases.Repeats.class, "repeats-1")).content().contains("Rain in city 1");
        assertThat(recording(Cases.Repeats.class, "repeats-2")).content().contains("Rain in city 2");
    }

    @Test
    void theModelOfABuilderIsRecordedToo() {
        assertThat(failuresOf(Cases.BringsItsModel.class)).isEmpty();
        assertThat(failuresOf(Cases.BringsItsModel.class)).isEmpty();

        assertThat(CALLS).hasValue(1);
    }

    @Test
    void aRecordingWhoseTestIsGoneFails() throws IOException {
        failuresOf(Cases.Weather.class);
        Path stray = Files.copy(recording(Cases.Weather.class, "asks"), recording(Cases.Weather.class, "asked-1"));

        assertThat(failuresOf(Cases.Weather.class))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .hasMessage(
                                "no test of %s uses [%s]: delete or rename it", Cases.Weather.class.getName(), stray));
    }

    @Test
    void aScriptAndARecordingExcludeEachOther() {
        assertThat(failuresOf(Cases.ScriptsToo.class))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .hasMessageContaining("its model is scripted: leave out @Recorded or the ScriptedModel"));
    }

    /** Answers what it is asked, and counts. */
    static final class Echo implements Supplier<LanguageModel> {
        @Override
        public LanguageModel get() {
            ScriptedModel echo = ScriptedModel.create().named("echo/1");
            return echo.otherwise(request -> {
                CALLS.incrementAndGet();
                return request.messages().get(0).text();
            });
        }
    }

    /** Counts its calls. */
    public static final class WeatherTools {
        @Tool(name = "weather.today", description = "Tell the weather in a city.", effect = Effect.READ)
        public Map<String, String> today(String city) {
            CALLS.incrementAndGet();
            return Map.of("text", "Rain in " + city, "apiKey", "hush");
        }
    }

    private static final Recipe WEATHER = Recipe.named("weather")
            .input("city", String.class)
            .action("weather", a -> a.tool("weather.today").with("city", "{{inputs.city}}"))
            .output("weather", Object.class)
            .build();

    private static final Recipe ASK = Recipe.named("ask")
            .input("question", String.class)
            .action("answer", a -> a.model("{{inputs.question}}"))
            .output("answer", String.class)
            .build();

    /** Tests that are run by the launcher only. */
    static final class Cases {
        private Cases() {}

        static class Weather {
            @Recorded(model = Echo.class)
            @Test
            void asks(Hart hart) {
                hart.tools().register(new WeatherTools());
                assertThat(hart.run(WEATHER, Inputs.of("city", city))).succeeded();
                if (!question.isEmpty()) {
                    assertThat(hart.run(ASK, Inputs.of("question", question))).hasOutput(question);
                }
            }
        }

        static class Fails {
            @Recorded(model = Echo.class)
            @Test
            void fails(Hart hart) {
                assertThat(hart.run(ASK, Inputs.of("question", "why?"))).hasOutput("because");
            }
        }

        @Recorded
        static class WritesAFile {
            @Test
            void writes(Hart hart, Path workspace) throws IOException {
                Files.writeString(workspace.resolve("a.csv"), "item,amount\ntea,12.50\n");
                hart.run("Add up column amount of a.csv and write the total to b.txt");
                assertThat(workspace.resolve("b.txt")).hasContent("12.5");
            }
        }

        static class NamesOneTool {
            @Recorded(tools = "time.*")
            @Test
            void asks(Hart hart) {
                hart.tools().register(new WeatherTools());
                assertThat(hart.run(WEATHER, Inputs.of("city", city))).succeeded();
            }
        }

        @Recorded
        static class Repeats {
            private static int round;

            @RepeatedTest(2)
            void repeats(Hart hart) {
                hart.tools().register(new WeatherTools());
                assertThat(hart.run(WEATHER, Inputs.of("city", "city " + ++round)))
                        .succeeded();
            }
        }

        @Recorded
        static class BringsItsModel {
            @Test
            void asks(HartBuilder builder) {
                try (Hart hart = builder.model(new Echo().get()).create()) {
                    assertThat(hart.run(ASK, Inputs.of("question", "well?"))).hasOutput("well?");
                }
            }
        }

        @Recorded
        static class ScriptsToo {
            @Test
            void asks(Hart hart, ScriptedModel model) {}
        }
    }
}
