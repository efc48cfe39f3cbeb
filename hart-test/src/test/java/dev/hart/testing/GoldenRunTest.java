package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenRunTest {
    private static final Recipe TOTAL = Recipe.named("total")
            .input("file", Path.class)
            .action(
                    "total",
                    a -> a.tool("csv.sum").with("path", "{{inputs.file}}").with("column", "amount"))
            .action("word", a -> a.model("Say {{total}} in words."))
            .action("kept", a -> a.tool("file.write").with("path", "total.txt").with("text", "{{word}}"))
            .action("when", a -> a.transform("{{clock.now}}, run {{run.id}}"))
            .output("word", String.class)
            .output("when", String.class)
            .build();

    private static final String GOLDEN = """
            REUSE run, SUCCEEDED
            request: total
            inputs: {"file":"sales.csv"}
            action_1
              step 1, attempt 1: TOOL csv.sum READ {"column":"amount","path":"sales.csv"}
                failed with DOWN: injected: DOWN
              step 1, attempt 2: TOOL csv.sum READ {"column":"amount","path":"sales.csv"}
                gave 42.5
            action_2
              step 1, attempt 1: MODEL READ {"prompt":"Say 42.5 in words."}
                gave "about forty"
            action_3
              step 1, attempt 1: TOOL file.write IDEMPOTENT {"path":"total.txt","text":"about forty"}
                gave {"bytes":11,"path":"total.txt"}
            action_4
              step 1, attempt 1: TRANSFORM READ {"value":"<time>, run <id>"}
                gave "<time>, run <id>"
            outputs: {"when":"<time>, run <id>","word":"about forty"}
            model calls: {"step":1}
            """;

    @TempDir
    Path resources;

    private final Map<String, String> settings = new HashMap<>(Map.of("hart.ci", "false", "hart.update", "false"));

    private static Run run(Hart hart, Path workspace, Faults faults, ScriptedModel model) throws IOException {
        Files.writeString(workspace.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
        faults.tool("csv.sum").fails("DOWN");
        model.reply("about forty");
        return hart.run(TOTAL, Inputs.of("file", "sales.csv"));
    }

    private String problem(String text) {
        settings.put("hart.test.resources", resources.toString());
        TestSettings own = new TestSettings(key -> Optional.ofNullable(settings.get(key)));
        return GoldenFile.of(own, GoldenRunTest.class, "total").problem(text);
    }

    private Path file() {
        return resources.resolve("dev/hart/testing/GoldenRunTest/total.golden.txt");
    }

    @Test
    @HartTest
    void theTextOfARunHasNoIdsAndNoTimes(Hart hart, Path workspace, Faults faults, ScriptedModel model)
            throws IOException {
        assertThat(GoldenText.of(run(hart, workspace, faults, model))).isEqualTo(GOLDEN);
    }

    @Test
    @HartTest
    void theTextOfARunThatFailedSaysWhy(Hart hart) {
        Run run = hart.run(
                Recipe.named("read")
                        .action("text", a -> a.tool("file.read").with("path", "missing.txt"))
                        .build(),
                Inputs.none());

        assertThat(GoldenText.of(run))
                .startsWith("REUSE run, FAILED with FILE_NOT_FOUND\n")
                .contains("\n    failed with FILE_NOT_FOUND: ", "\nfailure: ")
                .endsWith("\nmodel calls: none\n");
    }

    @Test
    @HartTest
    void fallbacksAndAnswersAreTold(Hart hart) {
        hart.tools().register(ScriptedTool.named("near.look", Effect.READ).fail("CLOSED", "closed"));
        hart.tools().register(ScriptedTool.named("far.look", Effect.READ).answer("tea"));
        Run paused = hart.run(
                Recipe.named("order")
                        .action("size", a -> a.ask("Which size?"))
                        .action("found", a -> a.tool("near.look").fallback("look elsewhere", f -> f.tool("far.look")))
                        .output("size", Object.class)
                        .output("found", Object.class)
                        .build(),
                Inputs.none());
        String question = hart.runs().questions(paused.id()).get(0).id();
        hart.runs().answer(paused.id(), question, "large");
        Run run = hart.resume(paused.id());

        assertThat(run).succeeded().usedOneKeyForEachStep();
        assertThat(GoldenText.of(run)).contains("""
                    asked
                    answered "large"
                """, """
                  step 1, attempt 1: TOOL near.look READ {}
                    failed with CLOSED: closed
                  fallback 1 step 1, attempt 1: TOOL far.look READ {}
                    gave "tea"
                """);
    }

    @Test
    void aMissingFileIsWrittenAndThenCompared() {
        assertThat(problem(GOLDEN)).isNull();
        assertThat(file()).hasContent(GOLDEN);

        assertThat(problem(GOLDEN)).isNull();
        String drifted = GOLDEN.replace("about forty", "forty-two");
        assertThat(problem(drifted)).isEqualTo("""
                The run is not like the golden file %s:
                --- total.golden.txt
                +++ this run
                @@ line 8 @@
                     gave 42.5
                 action_2
                   step 1, attempt 1: MODEL READ {"prompt":"Say 42.5 in words."}
                -    gave "about forty"
                +    gave "forty-two"
                 action_3
                -  step 1, attempt 1: TOOL file.write IDEMPOTENT {"path":"total.txt","text":"about forty"}
                +  step 1, attempt 1: TOOL file.write IDEMPOTENT {"path":"total.txt","text":"forty-two"}
                     gave {"bytes":11,"path":"total.txt"}
                 action_4
                   step 1, attempt 1: TRANSFORM READ {"value":"<time>, run <id>"}
                     gave "<time>, run <id>"
                -outputs: {"when":"<time>, run <id>","word":"about forty"}
                +outputs: {"when":"<time>, run <id>","word":"forty-two"}
                 model calls: {"step":1}
                If the new run is right, run the test once with -Dhart.update=true.""".formatted(file()));
        assertThat(file()).as("is not changed").hasContent(GOLDEN);
    }

    @Test
    void anUpdateReplacesTheFile() {
        problem(GOLDEN);
        settings.put("hart.update", "true");

        assertThat(problem("other\n")).isNull();
        assertThat(file()).hasContent("other\n");
    }

    @Test
    void inCiNothingIsWritten() {
        settings.put("hart.ci", "true");

        assertThat(problem(GOLDEN))
                .isEqualTo(
                        "there is no golden file %s, and this is CI, where none is written: run the test on your machine, read the file and commit it"
                                .formatted(file()));
        settings.put("hart.update", "true");
        assertThat(problem(GOLDEN))
                .isEqualTo(
                        "hart.update is set, and this is CI, where no golden file is written: update on your machine");
        assertThat(resources).isEmptyDirectory();
    }

    @Test
    @HartTest
    void aRunIsComparedWithTheFileBesideItsTest(Hart hart, Path workspace, Faults faults, ScriptedModel model)
            throws IOException {
        Run run = run(hart, workspace, faults, model);

        assertThat(run).isLikeGolden(GoldenRunTest.class, "total");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThat(run).isLikeGolden(GoldenRunTest.class, "other"))
                .withMessageContainingAll(
                        "The run is not like the golden file ",
                        "GoldenRunTest/other.golden.txt:",
                        "\n-    gave 12.5\n+    gave 42.5\n");
    }

    @Test
    void aNameThatIsNoFileNameIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GoldenFile.of(TestSettings.ofProcess(), GoldenRunTest.class, "../total"))
                .withMessage("a golden file is named by 1 to 100 letters, digits and . _ - but was '../total'");
    }
}
