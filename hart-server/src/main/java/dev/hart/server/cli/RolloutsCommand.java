package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.recipe.Drift;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.RolloutPlan;
import dev.hart.recipe.RolloutPlan.Mode;
import dev.hart.recipe.VersionStanding;
import dev.hart.server.JsonText;
import dev.hart.server.RecipeLabel;
import dev.hart.server.RolloutDocuments.RolloutDocument;
import dev.hart.server.RolloutDocuments.RolloutsDocument;
import dev.hart.server.RolloutDocuments.StandingDocument;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hart recipes rollouts}. */
@Command(
        name = "rollouts",
        description = "Lists the versions that prove themselves, and the recipes that drift; decides about them.",
        mixinStandardHelpOptions = true)
final class RolloutsCommand implements Callable<Integer> {
    private static final String ONE = "name@version";
    private static final int LONGEST = 120;
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RuntimeOptions options = new RuntimeOptions();

    @Option(names = "--json", description = "print one JSON document instead")
    private boolean json;

    RolloutsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return list(options, json);
    }

    @Command(
            name = "list",
            description = "Lists the rollouts of all recipes, newest first, and the recipes that drift.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin RuntimeOptions options,
            @Option(names = "--json", description = "print one JSON document instead") boolean json) {
        try (Hart hart = options.open()) {
            if (json) {
                terminal.line(JsonText.writeIndented(RolloutsDocument.of(hart.recipes())));
                return HartCommand.OK;
            }
            hart.recipes().drifting().forEach(this::drift);
            List<Rollout> rollouts = hart.recipes().rollouts();
            if (rollouts.isEmpty()) {
                terminal.line("No rollouts in " + options.place() + ".");
                return HartCommand.OK;
            }
            table(rollouts);
            return HartCommand.OK;
        }
    }

    private void drift(Drift drift) {
        terminal.line(terminal.tone(Terminal.Tone.BAD, drift.recipe() + "@" + drift.version() + " drifts")
                + " since " + Moments.local(drift.since()) + ": " + drift.failures() + " of its last " + drift.outOf()
                + " replays failed. " + Terminal.shorten(String.join("; ", drift.problems()), LONGEST));
    }

    private void table(List<Rollout> rollouts) {
        terminal.table(
                List.of("VERSION", "AGAINST", "HOW", "RUNS", "STATE", "STARTED", "WHY"),
                rollouts.stream()
                        .map(rollout -> List.of(
                                rollout.label(),
                                Integer.toString(rollout.baseline()),
                                rollout.plan().mode() == Mode.SHADOW
                                        ? "shadow"
                                        : rollout.plan().share() + " %",
                                rollout.tried().passed() + "/" + rollout.tried().runs() + " of "
                                        + rollout.plan().minimumRuns(),
                                rollout.state().name().toLowerCase(Locale.ROOT),
                                Moments.local(rollout.startedAt()),
                                Terminal.shorten(
                                        rollout.reasons().isEmpty()
                                                ? rollout.cause()
                                                : String.join("; ", rollout.reasons()),
                                        LONGEST)))
                        .toList());
    }

    @Command(
            name = "show",
            description = "Shows what each version of a recipe is, and its rollouts.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "NAME", description = "name or id") String name,
            @Option(names = "--json", description = "print one JSON document instead") boolean json) {
        try (Hart hart = options.open()) {
            if (json) {
                terminal.line(JsonText.writeIndented(StandingDocument.of(hart.recipes(), name)));
                return HartCommand.OK;
            }
            for (VersionStanding each : hart.recipes().standings(name)) {
                terminal.field(
                        Integer.toString(each.version()),
                        each.standing().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                                + (each.reasons().isEmpty() ? "" : ": " + String.join("; ", each.reasons())));
            }
            List<Rollout> rollouts = hart.recipes().rollouts(name);
            if (!rollouts.isEmpty()) {
                table(rollouts);
            }
            return HartCommand.OK;
        }
    }

    @Command(
            name = "start",
            description = "Lets a version prove itself against the current one.",
            mixinStandardHelpOptions = true)
    int start(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "NAME@VERSION", description = ONE) String label,
            @Option(names = "--share", paramLabel = "PERCENT", description = "of the requests it does (0: shadow)")
                    int share,
            @Option(names = "--runs", defaultValue = "20", description = "fewest runs (${DEFAULT-VALUE})") int runs,
            @Option(names = "--longest", defaultValue = "P7D", description = "longest time (${DEFAULT-VALUE})")
                    Duration longest,
            @Option(names = "--success-rate", defaultValue = "1", description = "0 to 1 (${DEFAULT-VALUE})")
                    BigDecimal successRate,
            @Option(names = "--agreement", defaultValue = "1", description = "of shadows, 0 to 1 (${DEFAULT-VALUE})")
                    BigDecimal agreement,
            @Option(names = "--slowdown", paramLabel = "TIMES", description = "how many times as long it may take")
                    @Nullable
                    BigDecimal slowdown,
            @Option(names = "--cost-rise", paramLabel = "TIMES", description = "how many times as much it may cost")
                    @Nullable
                    BigDecimal costRise,
            @Option(names = "--json", description = "print one JSON document instead") boolean json) {
        try (Hart hart = options.open()) {
            Rollout rollout = hart.recipes()
                    .rollout(
                            named(hart, label),
                            new RolloutPlan(
                                    share == 0 ? Mode.SHADOW : Mode.SHARE,
                                    share,
                                    runs,
                                    longest,
                                    successRate,
                                    agreement,
                                    slowdown,
                                    costRise));
            if (json) {
                terminal.line(JsonText.writeIndented(RolloutDocument.of(rollout)));
            } else {
                terminal.field("Rollout", rollout.id());
                terminal.field("Ends", Moments.local(rollout.endsAt()) + " at the latest");
            }
            return HartCommand.OK;
        }
    }

    /** Decisions are about one version, so its number must be there. */
    private RecipeVersion named(Hart hart, String label) {
        if (!label.matches(".+@\\d{1,9}")) {
            throw new ParameterException(spec.commandLine(), "which version of " + label + "? Say " + label + "@2");
        }
        return RecipeLabel.find(hart.recipes(), label);
    }

    @Command(name = "promote", description = "Makes a version the current one.", mixinStandardHelpOptions = true)
    int promote(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "NAME@VERSION", description = ONE) String label,
            @Option(names = "--why", required = true, description = "said where the decision is shown") String why) {
        try (Hart hart = options.open()) {
            RecipeVersion version = named(hart, label);
            hart.recipes().promote(version, why);
            terminal.line(version.label() + " is the current version.");
            return HartCommand.OK;
        }
    }

    @Command(
            name = "roll-back",
            description = "Takes a version out; when it is the current one, the one before it is so again.",
            mixinStandardHelpOptions = true)
    int rollBack(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "NAME@VERSION", description = ONE) String label,
            @Option(names = "--why", required = true, description = "said where the decision is shown") String why) {
        try (Hart hart = options.open()) {
            RecipeVersion version = named(hart, label);
            hart.recipes().rollBack(version, why);
            terminal.line(version.label() + " is rolled back; the current version is "
                    + hart.recipes().current(version.recipeId()).label() + ".");
            return HartCommand.OK;
        }
    }

    @Command(
            name = "guard",
            description = "Shows the guard of a recipe, puts one beside it, or takes it away.",
            mixinStandardHelpOptions = true)
    int guard(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "NAME", description = "name or id") String name,
            @Option(
                            names = "--set",
                            paramLabel = "FILE",
                            description = "a JSON document with check, drift, newVersions")
                    @Nullable
                    Path file,
            @Option(names = "--remove", description = "take the guard away") boolean remove)
            throws IOException {
        if (file != null && remove) {
            throw new ParameterException(spec.commandLine(), "either --set or --remove, not both");
        }
        try (Hart hart = options.open()) {
            if (remove) {
                hart.recipes().unguard(name);
            } else if (file != null) {
                hart.recipes().guard(name, RecipeGuard.of(JsonText.readObject(Files.readAllBytes(file))));
            }
            terminal.line(hart.recipes()
                    .guard(name)
                    .map(guard -> JsonText.writeIndented(guard.toJson()))
                    .orElse(name + " has no guard."));
            return HartCommand.OK;
        }
    }
}
