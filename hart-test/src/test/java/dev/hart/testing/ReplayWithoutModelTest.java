package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.Spark;
import dev.hart.recipe.Recipe;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Worked case 37: replaying TOOL and TRANSFORM steps asks no model, which one that always throws proves. */
@HartTest(durable = true)
class ReplayWithoutModelTest {
    private final ScriptedModel throwing = ScriptedModel.alwaysThrowing();

    @BeforeEach
    void writeFiles(Path workspace) throws IOException {
        Files.writeString(workspace.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
        Files.writeString(workspace.resolve("march.csv"), "item,amount\ncup,7.25\n");
    }

    @Test
    void aRecipeWrittenByHandIsReplayed(HartBuilder builder, Path workspace) {
        Recipe recipe = Recipe.named("summary")
                .input("file", Path.class)
                .action(
                        "total",
                        a -> a.tool("csv.sum").with("path", "{{inputs.file}}").with("column", "amount"))
                .action("line", a -> a.transform("in all: {{total}}"))
                .action(
                        "save",
                        a -> a.tool("file.write").with("path", "line.txt").with("text", "{{line}}"))
                .output("total", BigDecimal.class)
                .build();

        try (Hart hart = builder.model(throwing).create()) {
            assertThat(hart.run(recipe, Inputs.of("file", "sales.csv")))
                    .succeeded()
                    .hasMode(Mode.REUSE)
                    .hasOutput(new BigDecimal("42.50"))
                    .calledTools("csv.sum", "file.write")
                    .tookSteps(3)
                    .madeNoModelCalls()
                    .costAtMost(Spark.ZERO);
        }
        assertThat(workspace.resolve("line.txt")).hasContent("in all: 42.5");
        assertThat(throwing.requests()).isEmpty();
    }

    @Test
    void aLearnedRecipeIsReplayedFromARequestInWords(HartBuilder builder, Path workspace) {
        try (Hart hart = builder.create()) {
            Run first = hart.run("Add up column amount of sales.csv and write the total to total.txt");
            assertThat(first).succeeded().hasMode(Mode.CREATE);
        }

        try (Hart hart = builder.model(throwing).create()) {
            Run again = hart.run("Add up column amount of march.csv and write the total to march.txt");
            assertThat(again)
                    .succeeded()
                    .hasMode(Mode.REUSE)
                    .calledTools("csv.sum", "file.write")
                    .madeNoModelCalls();
        }
        assertThat(workspace.resolve("total.txt")).hasContent("42.5");
        assertThat(workspace.resolve("march.txt")).hasContent("7.25");
        assertThat(throwing.requests()).isEmpty();
    }
}
