package dev.hart.examples;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.recipe.Recipe;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a recipe by hand from built-in tools, runs it with inputs, and then by a request in words. */
public final class HandWrittenRecipe {
    private HandWrittenRecipe() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createTempDirectory("hart-example-");
        Files.writeString(folder.resolve("march.csv"), "customer,amount\nAnn,19.95\nBob,5.10\n");

        // tag::recipe[]
        Recipe recipe = Recipe.named("invoice-total")
                .goal("The total of a file of invoices, and how many there are")
                .intent("total of {{inputs.file}}")
                .input("file", Path.class)
                .action("count", a -> a.tool("csv.count").with("path", "{{inputs.file}}"))
                .action(
                        "total",
                        a -> a.tool("csv.sum").with("path", "{{inputs.file}}").with("column", "amount"))
                .action("summary", a -> a.transform("{{count}} invoices, {{total}} in all"))
                .output("total", BigDecimal.class)
                .output("summary", String.class)
                .build();
        // end::recipe[]

        try (Hart hart =
                Hart.configure().inMemory().workspace(folder).withoutModel().create()) {
            System.out.println("saved " + hart.recipes().save(recipe).label());

            Run run = hart.run(recipe, Inputs.of("file", "march.csv"));
            System.out.println(run.outputs().get("summary"));

            Run asked = hart.run("Total of march.csv?");
            System.out.println(
                    asked.mode() + " of " + asked.recipe().orElseThrow().label() + ": "
                            + asked.outputs().get("total"));
        }
    }
}
