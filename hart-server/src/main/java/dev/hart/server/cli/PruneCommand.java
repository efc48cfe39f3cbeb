package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.recipe.RecipeVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hart prune}. */
@Command(
        name = "prune",
        description =
                "Deletes old runs, and versions of recipes that nothing needs. Export evidence of a run first if that"
                        + " may be asked for.",
        mixinStandardHelpOptions = true)
final class PruneCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private RuntimeOptions options = new RuntimeOptions();

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--runs-older-than",
            paramLabel = "DAYS",
            description = "delete runs that ended more than so many days ago")
    private @Nullable Integer days;

    @Option(
            names = "--keep-versions",
            paramLabel = "N",
            description = "delete what is behind the newest N versions of a recipe and no stored run used")
    private @Nullable Integer versions;

    @Option(names = "--recipe", paramLabel = "NAME", description = "the recipe of --keep-versions; all if left out")
    private @Nullable String recipe;

    PruneCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (days == null && versions == null) {
            throw new ParameterException(
                    spec.commandLine(), "what is to be deleted? Give --runs-older-than, --keep-versions, or both");
        }
        if ((days != null && days < 0) || (versions != null && versions < 1)) {
            throw new ParameterException(spec.commandLine(), "DAYS is at least 0 and N at least 1");
        }
        try (Hart hart = options.open()) {
            if (days != null) {
                Instant moment = Instant.now().minus(Duration.ofDays(days));
                terminal.line("Deleted " + hart.retention().deleteRunsEndedBefore(moment) + " runs.");
            }
            if (versions != null) {
                List<String> names = recipe != null
                        ? List.of(recipe)
                        : hart.recipes().list().stream()
                                .map(RecipeVersion::recipeId)
                                .toList();
                int deleted = 0;
                for (String name : names) {
                    for (RecipeVersion version : hart.retention().deleteVersionsBehind(name, versions)) {
                        terminal.line("Deleted " + version.label() + ".");
                        deleted++;
                    }
                }
                terminal.line("Deleted " + deleted + " versions.");
            }
            return HartCommand.OK;
        }
    }
}
