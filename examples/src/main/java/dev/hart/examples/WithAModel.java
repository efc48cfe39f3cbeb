package dev.hart.examples;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.recipe.Recipe;

/** Asks a language model in one step of a recipe; any endpoint that speaks OpenAI's chat completions will do. */
public final class WithAModel {
    private static final String HOW_TO = """
            This example needs a language model. Say which one, for instance
              HART_MODEL=gpt-4o-mini HART_MODEL_API_KEY=...
            or, for one on this machine,
              HART_MODEL=llama3.2 HART_MODEL_BASE_URL=http://localhost:11434/v1
            and have dev.hart:hart-langchain4j on the class path.""";

    private WithAModel() {}

    public static void main(String[] args) {
        if (System.getenv("HART_MODEL") == null) {
            System.out.println(HOW_TO);
            return;
        }
        Recipe recipe = Recipe.named("headline")
                .input("story", String.class)
                .action("headline", a -> a.model("Answer with a headline of at most eight words for: {{inputs.story}}"))
                .output("headline", String.class)
                .build();

        try (Hart hart = Hart.configure().inMemory().create()) {
            Run run = hart.run(recipe, Inputs.of("story", "After six dry weeks it rained in Oslo all night."));
            System.out.println("headline: " + run.output());
            System.out.printf(
                    "%d model call, %d tokens in and %d out, %d ms%n",
                    run.report().modelCalls(),
                    run.report().tokens().in(),
                    run.report().tokens().out(),
                    run.elapsed().toMillis());
        }
    }
}
