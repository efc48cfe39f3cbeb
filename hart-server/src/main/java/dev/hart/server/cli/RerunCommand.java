package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.Rerun;
import dev.hart.recipe.RecipeVersion;
import dev.hart.server.RecipeLabel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hart rerun}. */
@Command(
        name = "rerun",
        description = "Runs a run again with something changed: only what depends on it is done again.",
        mixinStandardHelpOptions = true)
final class RerunCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RuntimeOptions options = new RuntimeOptions();

    @Option(names = "--json", description = "print the run as one JSON document instead")
    private boolean json;

    @Parameters(paramLabel = "ID", arity = "1", description = "the run that runs again")
    private String id = "";

    @Option(names = "--from", paramLabel = "SEQ", description = "what was recorded after this event runs again")
    private @Nullable Long from;

    @Option(
            names = "--input",
            paramLabel = "NAME=VALUE",
            description = "another input, as text, or as JSON where the recipe wants no text; may be given again")
    private Map<String, String> inputs = new LinkedHashMap<>();

    @Option(
            names = "--result",
            paramLabel = "STEP=JSON",
            description = "the result of a step or action, which is not called then; may be given again")
    private Map<String, String> results = new LinkedHashMap<>();

    @Option(names = "--recipe", paramLabel = "NAME@VERSION", description = "another version of the recipe")
    private @Nullable String recipe;

    RerunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        InputText texts = new InputText(spec);
        try (Hart hart = options.open()) {
            RunsCommand.find(hart, id);
            Rerun rerun = hart.rerun(id);
            RecipeVersion version = recipe == null ? null : RecipeLabel.find(hart.recipes(), recipe);
            if (version != null) {
                rerun = rerun.withRecipe(version);
            } else if (!inputs.isEmpty()) {
                version = hart.runs().get(id).recipe().orElse(null);
            }
            for (Map.Entry<String, String> input : inputs.entrySet()) {
                rerun = rerun.withInput(input.getKey(), texts.input(version, input.getKey(), input.getValue()));
            }
            for (Map.Entry<String, String> result : results.entrySet()) {
                rerun = rerun.withResult(result.getKey(), texts.json("--result", result.getKey(), result.getValue()));
            }
            if (from != null) {
                rerun = rerun.from(from);
            }
            return new RunPrinter(terminal, hart, options.place()).follow(rerun.start(), json);
        }
    }
}
