package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.Plan;
import dev.hart.recipe.Experience;
import dev.hart.recipe.ImportedDraft;
import dev.hart.recipe.JavaSource;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBundle;
import dev.hart.recipe.RecipeDiff;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import dev.hart.recipe.VersionStanding;
import dev.hart.recipe.VersionStanding.Standing;
import dev.hart.server.JsonText;
import dev.hart.server.RecipeDocuments.DiffDocument;
import dev.hart.server.RecipeDocuments.ExperienceDocument;
import dev.hart.server.RecipeDocuments.PlanDocument;
import dev.hart.server.RecipeLabel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hart recipes}. */
@Command(
        name = "recipes",
        description = "Lists what was learned, and shows what a recipe does and how it has changed.",
        mixinStandardHelpOptions = true)
final class RecipesCommand implements Callable<Integer> {
    private static final String LABEL = "name or id, or name@version";
    private static final String AS_JSON = "print one JSON document instead";
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RuntimeOptions options = new RuntimeOptions();

    RecipesCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return list(options);
    }

    @Command(name = "list", description = "Lists the newest version of every recipe.", mixinStandardHelpOptions = true)
    int list(@Mixin RuntimeOptions options) {
        try (Hart hart = options.open()) {
            List<RecipeVersion> recipes = hart.recipes().list();
            if (recipes.isEmpty()) {
                terminal.line("Nothing learned yet in " + options.place() + ". Teach something: hart run \"...\"");
                return HartCommand.OK;
            }
            table(recipes);
            hart.recipes()
                    .drifting()
                    .forEach(drift -> terminal.line(terminal.tone(
                            Terminal.Tone.BAD,
                            "%s@%d drifts, %d of its last %d replays failed: hart recipes rollouts"
                                    .formatted(drift.recipe(), drift.version(), drift.failures(), drift.outOf()))));
            return HartCommand.OK;
        }
    }

    private void table(List<RecipeVersion> recipes) {
        terminal.table(
                List.of("RECIPE", "INPUTS", "ACTIONS", "CREATED", "SERVES"),
                recipes.stream()
                        .map(version -> List.of(
                                version.label() + (version.status() == Status.DRAFT ? " (draft)" : ""),
                                String.join(", ", version.recipe().inputNames()),
                                Long.toString(version.recipe().actions().count()),
                                Moments.local(version.createdAt()),
                                Terminal.shorten(
                                        String.join(" | ", version.recipe().intents()), 80)))
                        .toList());
    }

    @Command(
            name = "drafts",
            description = "Lists the recipes that are not complete yet.",
            mixinStandardHelpOptions = true)
    int drafts(@Mixin RuntimeOptions options) {
        try (Hart hart = options.open()) {
            List<RecipeVersion> drafts = hart.recipes().drafts();
            if (drafts.isEmpty()) {
                terminal.line("No drafts in " + options.place() + ".");
            } else {
                table(drafts);
            }
            return HartCommand.OK;
        }
    }

    @Command(
            name = "save",
            description = "Stores a hart.recipe/1 document as the next version; an unchanged draft becomes trained.",
            mixinStandardHelpOptions = true)
    int save(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "FILE", description = "the document, as show prints it, changed or not") Path file,
            @Option(names = "--propose", description = "as a candidate, which does not take over yet") boolean proposed)
            throws IOException {
        Map<String, @Nullable Object> document = new LinkedHashMap<>(JsonText.readObject(Files.readAllBytes(file)));
        document.remove("contentHash");
        try (Hart hart = options.open()) {
            Recipe recipe = hart.recipes().fromJson(JsonText.write(document));
            RecipeVersion version =
                    proposed ? hart.recipes().propose(recipe) : hart.recipes().save(recipe);
            terminal.field("Recipe", version.label());
            return HartCommand.OK;
        }
    }

    @Command(
            name = "import-reference",
            description = "Makes a draft of what the reference has stored of one agent.",
            mixinStandardHelpOptions = true)
    int importReference(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "DIR", description = "the folder with its files") Path folder,
            @Parameters(paramLabel = "ID", description = "its prompt id: the definition is ID.json") String promptId) {
        try (Hart hart = options.open()) {
            ImportedDraft imported = hart.recipes().importReference(folder, promptId);
            terminal.field("Draft", imported.draft().label());
            imported.notes().forEach(note -> terminal.field("Note", Terminal.shorten(note, 300)));
            terminal.line("Complete it: hart recipes show " + imported.draft().label()
                    + " > draft.json, edit the file, hart recipes save draft.json");
            return HartCommand.OK;
        }
    }

    @Command(name = "show", description = "Prints a recipe as a JSON document.", mixinStandardHelpOptions = true)
    int show(@Mixin RuntimeOptions options, @Parameters(paramLabel = "NAME", description = LABEL) String name)
            throws IOException {
        try (Hart hart = options.open()) {
            RecipeVersion version = RecipeLabel.find(hart.recipes(), name);
            byte[] document = hart.recipes().toJson(version).getBytes(StandardCharsets.UTF_8);
            terminal.line(JsonText.writeIndented(JsonText.readObject(document)));
            return HartCommand.OK;
        }
    }

    @Command(
            name = "diff",
            description = "Shows what differs between two versions of a recipe.",
            mixinStandardHelpOptions = true)
    int diff(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "NAME", description = "name or id") String name,
            @Parameters(paramLabel = "FROM", description = "a version, such as 1") int from,
            @Parameters(paramLabel = "TO", description = "another version, such as 2") int to,
            @Option(names = "--json", description = AS_JSON) boolean json) {
        try (Hart hart = options.open()) {
            RecipeDiff diff = hart.recipes()
                    .diff(hart.recipes().get(name, from), hart.recipes().get(name, to));
            if (json) {
                terminal.line(JsonText.writeIndented(DiffDocument.of(diff)));
            } else {
                new RecipePrinter(terminal).diff(diff);
            }
            return HartCommand.OK;
        }
    }

    @Command(
            name = "experience",
            description = "Shows how the actions of a recipe went so far.",
            mixinStandardHelpOptions = true)
    int experience(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "NAME", description = LABEL) String name,
            @Option(names = "--json", description = AS_JSON) boolean json) {
        try (Hart hart = options.open()) {
            Experience experience = hart.recipes().experience(RecipeLabel.find(hart.recipes(), name));
            if (json) {
                terminal.line(JsonText.writeIndented(ExperienceDocument.of(experience)));
            } else {
                new RecipePrinter(terminal).experience(experience);
            }
            return HartCommand.OK;
        }
    }

    @Command(
            name = "dry-run",
            description = "Shows what a run of a recipe would do, and runs nothing.",
            mixinStandardHelpOptions = true)
    int dryRun(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "NAME", description = LABEL) String name,
            @Option(
                            names = "--input",
                            paramLabel = "NAME=VALUE",
                            description =
                                    "an input, as text, or as JSON where the recipe wants no text; may be given again")
                    @Nullable
                    Map<String, String> inputs,
            @Option(names = "--json", description = AS_JSON) boolean json) {
        try (Hart hart = options.open()) {
            RecipeVersion version = RecipeLabel.find(hart.recipes(), name);
            Plan plan = hart.dryRun(version, new InputText(spec).inputs(version, inputs == null ? Map.of() : inputs));
            if (json) {
                terminal.line(JsonText.writeIndented(PlanDocument.of(plan)));
            } else {
                new RecipePrinter(terminal).plan(plan);
            }
            return plan.isRunnable() ? HartCommand.OK : HartCommand.FAILED;
        }
    }

    @Command(
            name = "java",
            description = "Writes a recipe as a Java class that builds and runs it.",
            mixinStandardHelpOptions = true)
    int java(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "NAME", description = LABEL) String name,
            @Option(names = "--package", paramLabel = "NAME", defaultValue = "", description = "its package (none)")
                    String packageName,
            @Option(
                            names = "--out",
                            paramLabel = "DIR",
                            description = "a source folder to write the file into; never over a file that is there")
                    @Nullable
                    Path out)
            throws IOException {
        try (Hart hart = options.open()) {
            JavaSource source = hart.recipes().toJava(RecipeLabel.find(hart.recipes(), name), packageName);
            if (out == null) {
                terminal.line(source.text().stripTrailing());
                return HartCommand.OK;
            }
            try {
                terminal.line("wrote " + source.writeTo(out));
                return HartCommand.OK;
            } catch (FileAlreadyExistsException e) {
                return isThere(e);
            }
        }
    }

    @Command(
            name = "export",
            description = "Writes recipes into a signed bundle that another node can import.",
            mixinStandardHelpOptions = true)
    int export(
            @Mixin RuntimeOptions options,
            @Parameters(
                            paramLabel = "NAME",
                            arity = "1..*",
                            description = "name or id for all versions, name@version for one")
                    List<String> names,
            @Option(names = "--out", paramLabel = "FILE", description = "the new file to write (standard output)")
                    @Nullable
                    Path out)
            throws IOException {
        try (Hart hart = options.open()) {
            Set<RecipeVersion> versions = new LinkedHashSet<>();
            for (String name : names) {
                RecipeVersion version = RecipeLabel.find(hart.recipes(), name);
                versions.addAll(
                        name.equals(version.label()) || name.equals(version.recipeId() + "@" + version.version())
                                ? List.of(version)
                                : taken(hart, version.recipeId()));
            }
            RecipeBundle bundle = hart.recipes().exportBundle(List.copyOf(versions));
            if (out == null) {
                terminal.line(bundle.text());
                return HartCommand.OK;
            }
            try {
                bundle.writeTo(out);
            } catch (FileAlreadyExistsException e) {
                return isThere(e);
            }
            terminal.field("Bundle", out.toString());
            terminal.field("Recipes", labels(bundle.recipes()));
            terminal.field("Key", bundle.keyId());
            terminal.field("Public", bundle.publicKey());
            return HartCommand.OK;
        }
    }

    @Command(
            name = "import",
            description = "Stores the recipes of a signed bundle: all of them or none.",
            mixinStandardHelpOptions = true)
    int importBundle(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "FILE", description = "the bundle") Path file,
            @Option(
                            names = "--key",
                            paramLabel = "KEY",
                            description = "the sender's public key, 64 hex digits: refuses a bundle of another key")
                    @Nullable
                    String key)
            throws IOException {
        String text = Files.readString(file);
        try (Hart hart = options.open()) {
            List<RecipeVersion> stored = key == null
                    ? hart.recipes().importBundle(text)
                    : hart.recipes().importBundle(text, key.strip().toLowerCase(Locale.ROOT));
            terminal.field("Recipes", labels(stored));
            terminal.field("Signed by", hart.recipes().readBundle(text).publicKey());
            if (key == null) {
                terminal.line("Whose key that is was not checked: --key takes the sender's.");
            }
            return HartCommand.OK;
        }
    }

    /** All versions but those that do not count here: elsewhere the newest would take over. */
    private static List<RecipeVersion> taken(Hart hart, String recipeId) {
        Set<Integer> withheld = hart.recipes().standings(recipeId).stream()
                .filter(each -> each.standing() == Standing.CANDIDATE
                        || each.standing() == Standing.ROLLED_BACK
                        || each.standing() == Standing.REPLACED)
                .map(VersionStanding::version)
                .collect(Collectors.toSet());
        return hart.recipes().versions(recipeId).stream()
                .filter(version -> !withheld.contains(version.version()))
                .toList();
    }

    private static String labels(List<RecipeVersion> versions) {
        return versions.stream().map(RecipeVersion::label).collect(Collectors.joining(", "));
    }

    private int isThere(FileAlreadyExistsException e) {
        terminal.err().println("hart: " + e.getMessage() + " is there already; move it away, or choose another --out");
        return HartCommand.FAILED;
    }
}
