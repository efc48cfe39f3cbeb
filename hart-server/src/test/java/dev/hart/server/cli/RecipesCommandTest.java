package dev.hart.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.recipe.Recipe;
import dev.hart.server.JsonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about stored recipes. */
class RecipesCommandTest {
    @TempDir
    private Path directory;

    private Path data;
    private String out = "";
    private String err = "";

    @BeforeEach
    void recipes() throws IOException {
        data = directory.resolve("data");
        Files.writeString(directory.resolve("march.csv"), "name,amount\nBo,7\nCy,8\n");
        inHart(hart -> {
            hart.recipes().save(total("Old goal").build());
            hart.recipes()
                    .save(total("New goal")
                            .action("summary", a -> a.transform("{{total}} in all"))
                            .build());
        });
    }

    private static dev.hart.recipe.RecipeBuilder total(String goal) {
        return Recipe.named("invoice-total")
                .goal(goal)
                .input("file", Path.class)
                .action(
                        "total",
                        a -> a.tool("csv.sum").with("path", "{{inputs.file}}").with("column", "amount"));
    }

    private void inHart(Consumer<Hart> work) {
        HartBuilder builder =
                Hart.configure().dataDirectory(data).workspace(directory).withoutModel();
        try (Hart hart = builder.create()) {
            work.accept(hart);
        }
    }

    private Map<String, Object> json() throws IOException {
        return JsonText.readObject(out.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aVersionIsProposedTriedPromotedAndRolledBack() throws IOException {
        assertThat(hart("recipes", "show", "invoice-total@1")).isZero();
        Path document = Files.writeString(
                directory.resolve("next.json"), out.replace("Old goal", "Newest goal"), StandardCharsets.UTF_8);
        assertThat(hart("recipes", "save", document.toString(), "--propose")).isZero();
        assertThat(out).contains("invoice-total@3");
        assertThat(hart("recipes", "list")).isZero();
        assertThat(out).contains("invoice-total@2").doesNotContain("invoice-total@3");
        assertThat(hart("recipes", "rollouts")).isZero();
        assertThat(out).startsWith("No rollouts in ");

        assertThat(hart("recipes", "rollouts", "start", "invoice-total@3", "--share", "100", "--runs", "2"))
                .isZero();
        inHart(hart -> hart.run("invoice-total", Inputs.of("file", "march.csv")));
        assertThat(hart("recipes", "rollouts")).isZero();
        assertThat(out).contains("invoice-total@3", "100 %", "1/1 of 2", "running");
        assertThat(hart("recipes", "rollouts", "promote", "invoice-total@3", "--why", "enough seen"))
                .isZero();
        assertThat(hart("recipes", "rollouts", "show", "invoice-total")).isZero();
        assertThat(out).contains("current", "earlier", "promoted", "enough seen");
        assertThat(hart("recipes", "rollouts", "roll-back", "invoice-total@3", "--why", "wrong sums"))
                .isZero();
        assertThat(out).isEqualTo("invoice-total@3 is rolled back; the current version is invoice-total@2.\n");
        assertThat(hart("recipes", "export", "invoice-total")).isZero();
        assertThat(out).as("a version that was rolled back stays at home").doesNotContain("Newest goal");
        assertThat(hart("recipes", "rollouts", "show", "invoice-total", "--json"))
                .isZero();
        assertThat(json()).containsEntry("current", 2L);
        assertThat(hart("recipes", "rollouts", "promote", "invoice-total", "--why", "x"))
                .isEqualTo(2);
        assertThat(err).contains("which version of invoice-total?");
    }

    @Test
    void aGuardIsShownSetAndTakenAwayAndWhatDriftsIsSaid() throws IOException {
        assertThat(hart("recipes", "rollouts", "guard", "invoice-total")).isZero();
        assertThat(out).isEqualTo("invoice-total has no guard.\n");
        Path guard = Files.writeString(directory.resolve("guard.json"), """
            {"check": {"outputs": {"required": ["nothing"]}}, "drift": {"failures": 1, "outOf": 1}}\
            """);
        assertThat(hart("recipes", "rollouts", "guard", "invoice-total", "--set", guard.toString()))
                .isZero();
        assertThat(json()).containsKeys("check", "drift");
        inHart(hart -> hart.run("invoice-total", Inputs.of("file", "march.csv")));
        assertThat(hart("recipes")).isZero();
        assertThat(out).contains("invoice-total@2 drifts, 1 of its last 1 replays failed: hart recipes rollouts");
        assertThat(hart("recipes", "rollouts")).isZero();
        assertThat(out).contains("invoice-total@2 drifts since ", "nothing");
        assertThat(hart("recipes", "rollouts", "guard", "invoice-total", "--remove"))
                .isZero();
        assertThat(hart("recipes")).isZero();
        assertThat(out).doesNotContain("drifts");
    }

    @Test
    void diffShowsWhatHasChangedBetweenTwoVersions() throws IOException {
        assertThat(hart("recipes", "diff", "invoice-total", "1", "2")).isZero();
        assertThat(out)
                .startsWith("invoice-total@1 -> invoice-total@2: 2 changes")
                .contains("~ goal  \"Old goal\" -> \"New goal\"")
                .contains("+ flows.0.actions.2  {");

        assertThat(hart("recipes", "diff", "invoice-total", "2", "1", "--json")).isZero();
        assertThat(json().get("changes").toString())
                .contains("path=goal, change=CHANGED, old=New goal, new=Old goal")
                .contains("path=flows.0.actions.2, change=REMOVED, old=");

        assertThat(hart("recipes", "diff", "invoice-total", "1", "1")).isZero();
        assertThat(out).isEqualTo("invoice-total@1 -> invoice-total@1: no difference" + System.lineSeparator());
        assertThat(hart("recipes", "diff", "invoice-total", "1", "9")).isEqualTo(1);
        assertThat(err).contains("there is no recipe 'invoice-total' version 9");
    }

    @Test
    void experienceShowsHowTheActionsWent() throws IOException {
        inHart(hart -> {
            hart.run(hart.recipes().get("invoice-total"), Inputs.of("file", "march.csv"));
            hart.run(hart.recipes().get("invoice-total"), Inputs.of("file", "missing.csv"));
        });
        assertThat(hart("recipes", "experience", "invoice-total")).isZero();
        assertThat(out)
                .startsWith("invoice-total@2")
                .containsPattern("total +2 +50.0 % +.*avoid .*\\{\\{inputs.file}}.*, low success 50 %")
                .containsPattern("summary +1 +100.0 % ");
        assertThat(hart("recipes", "experience", "invoice-total@1", "--json")).isZero();
        assertThat(json().get("actions").toString()).contains("attempts=0").doesNotContain("successRate");
    }

    @Test
    void dryRunShowsWhatARunWouldDo() throws IOException {
        assertThat(hart("recipes", "dry-run", "invoice-total", "--input", "file=march.csv"))
                .isZero();
        assertThat(out)
                .contains("invoice-total@2 would do:")
                .contains("  1  total")
                .contains("csv.sum  column=\"amount\"  path=\"march.csv\"")
                .contains("  2  summary")
                .contains("TRANSFORM  value=\"{{total}} in all\"")
                .contains("unknown: total never ran");

        assertThat(hart("recipes", "dry-run", "invoice-total", "--json", "--input", "file=march.csv"))
                .isZero();
        assertThat(json()).containsEntry("runnable", true);
        assertThat(json().get("forecast").toString()).contains("unmeasured=[total]");

        assertThat(hart("recipes", "dry-run", "invoice-total")).isEqualTo(1);
        assertThat(err).contains("input 'file' is missing");
        inHart(hart -> assertThat(hart.runs().list(10)).isEmpty());
    }

    @Test
    void javaWritesAClassBelowASourceFolder() throws IOException {
        assertThat(hart("recipes", "java", "invoice-total", "--package", "com.acme"))
                .isZero();
        assertThat(out).startsWith("package com.acme;").contains("public final class InvoiceTotal {");

        Path sources = directory.resolve("src");
        assertThat(hart("recipes", "java", "invoice-total", "--package", "com.acme", "--out", sources.toString()))
                .isZero();
        assertThat(sources.resolve("com/acme/InvoiceTotal.java")).content().startsWith("package com.acme;");
        assertThat(hart("recipes", "java", "invoice-total", "--package", "com.acme", "--out", sources.toString()))
                .isEqualTo(1);
        assertThat(err).contains("is there already");
        assertThat(hart("recipes", "java", "invoice-total", "--package", "no package"))
                .isEqualTo(1);
        assertThat(err).contains("com.acme");
    }

    @Test
    void aBundleGoesToAnotherDataDirectory() {
        String bundle = directory.resolve("total.bundle").toString();
        assertThat(hart("recipes", "export", "invoice-total", "--out", bundle)).isZero();
        assertThat(out).contains("invoice-total@2, invoice-total@1");
        Matcher key = Pattern.compile("Public +([0-9a-f]{64})").matcher(out);
        assertThat(key.find()).isTrue();
        assertThat(hart("recipes", "export", "invoice-total@1", "--out", bundle))
                .isEqualTo(1);

        data = directory.resolve("other");
        String other = key.group(1).substring(1) + "0";
        assertThat(hart("recipes", "import", bundle, "--key", other)).isEqualTo(1);
        assertThat(err).contains("not by " + other);
        assertThat(hart("recipes", "import", bundle, "--key", key.group(1))).isZero();
        assertThat(out).contains("invoice-total@2, invoice-total@1").contains("Signed by " + key.group(1));
        assertThat(hart("recipes", "show", "invoice-total@1")).isZero();
        assertThat(out).contains("Old goal");
    }

    @Test
    void aDraftOfTheReferenceIsCompletedByHandAndSaved() throws IOException {
        Files.writeString(directory.resolve("7.json"), """
            {"name": "greeter", "goal": "Greet", "flows": [
               {"flow_name": "main", "persona": "Assistant", "actions": ["Say hello"]}]}\
            """);
        assertThat(hart("recipes", "import-reference", directory.toString(), "7"))
                .isZero();
        assertThat(out).contains("greeter@1", "action1 was never learned", "hart recipes save");
        assertThat(hart("recipes")).isZero();
        assertThat(out).contains("greeter@1 (draft)").contains("invoice-total@2 ");
        assertThat(hart("recipes", "drafts")).isZero();
        assertThat(out).contains("greeter@1").doesNotContain("invoice-total");

        assertThat(hart("recipes", "show", "greeter")).isZero();
        Path document = directory.resolve("draft.json");
        Files.writeString(document, out.replace("\"goal\" : \"Greet\"", "\"goal\" : \"Greet politely\""));
        assertThat(hart("recipes", "save", document.toString())).isZero();
        assertThat(out).contains("greeter@2");
        assertThat(hart("recipes", "drafts")).isZero();
        assertThat(out).startsWith("No drafts in");
        assertThat(hart("recipes", "save", "nowhere.json")).isEqualTo(1);
        assertThat(err).contains("there is no file nowhere.json").doesNotContain("fault");
        assertThat(hart("recipes", "import-reference", directory.toString(), "../7"))
                .isEqualTo(1);
        assertThat(err).contains("promptId");
    }

    /** Runs a command on this test's data directory and workspace. */
    private int hart(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", data.toString(), "--workspace", directory.toString()));
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8),
                false,
                Map.of());
        int code = HartCommand.execute(terminal, all.toArray(String[]::new));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
