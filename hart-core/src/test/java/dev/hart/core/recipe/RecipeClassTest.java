package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.error.InputInvalidException;
import dev.hart.recipe.JavaSource;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.math.BigDecimal;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes as Java classes: they compile with the JDK's compiler, read well, and build the same recipe again. */
@Timeout(120)
class RecipeClassTest {
    private static final int SEEDS = 120;

    @TempDir
    private Path folder;

    private static RecipeVersion version(Recipe recipe) {
        return new RecipeVersion(
                "01a20aa4-b9d0-712d-9b44-4f73f53648ba",
                3,
                2,
                RecipeDocument.contentHash(recipe),
                Instant.EPOCH,
                Status.TRAINED,
                null,
                recipe);
    }

    private ClassLoader compile(List<JavaSource> sources) throws Exception {
        Path classes = folder.resolve("classes");
        List<String> arguments = new ArrayList<>(List.of(
                "-proc:none",
                "-Xlint:all,-classfile",
                "-Werror",
                "-encoding",
                "UTF-8",
                "-implicit:none",
                "-d",
                classes.toString(),
                "-classpath",
                location(Recipe.class)
                        + System.getProperty("path.separator")
                        + location(org.jspecify.annotations.Nullable.class)));
        for (JavaSource source : sources) {
            arguments.add(source.writeTo(folder.resolve("src")).toString());
        }
        StringWriter messages = new StringWriter();
        int result = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(new PrintWriter(messages), new PrintWriter(messages), arguments.toArray(String[]::new));
        assertThat(result).as(messages.toString()).isZero();
        return new URLClassLoader(new URL[] {classes.toUri().toURL()}, RecipeClassTest.class.getClassLoader());
    }

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private static Class<?> load(ClassLoader loader, JavaSource source) throws Exception {
        return loader.loadClass(
                source.packageName().isEmpty() ? source.className() : source.packageName() + "." + source.className());
    }

    private static Recipe build(ClassLoader loader, JavaSource source) throws Exception {
        return (Recipe) load(loader, source).getMethod("recipe").invoke(null);
    }

    @Test
    void everyRecipeCompilesAndComesBackWithTheSameHash() throws Exception {
        Map<JavaSource, RecipeVersion> sources = new LinkedHashMap<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            RecipeVersion version = version(RandomRecipes.of(seed));
            sources.put(RecipeClass.of(version, "seed" + seed + ".made"), version);
        }
        ClassLoader loader = compile(List.copyOf(sources.keySet()));
        for (Map.Entry<JavaSource, RecipeVersion> source : sources.entrySet()) {
            Recipe built = build(loader, source.getKey());
            assertThat(RecipeDocument.content(built))
                    .as(source.getKey().text())
                    .isEqualTo(RecipeDocument.content(source.getValue().recipe()));
            assertThat(RecipeDocument.contentHash(built))
                    .isEqualTo(source.getValue().contentHash());
        }
    }

    @Test
    void theClassReadsAsIfAPersonHadWrittenIt() {
        Recipe recipe = Recipe.named("invoice-total")
                .goal("The total of a file of invoices, and a summary")
                .intent("total of {{inputs.file}}")
                .input("file", Path.class, "The file with the invoices")
                .optionalInput("currency_name", String.class)
                .action(
                        "total",
                        a -> a.tool("csv.sum", "1")
                                .with("path", "{{inputs.file}}")
                                .with("column", "amount"))
                .action(
                        "summary",
                        a -> a.description("Write the summary")
                                .model("Sum up in one line:\n{{total}} {{inputs.currency_name}}")
                                .retry(2, java.time.Duration.ofSeconds(5)))
                .output("total", BigDecimal.class)
                .output("summary", String.class)
                .build();

        JavaSource source = RecipeClass.of(version(recipe), "com.acme");

        assertThat(source.file()).isEqualTo(Path.of("com", "acme", "InvoiceTotal.java"));
        assertThat(source.text()).isEqualTo("""
                package com.acme;

                import dev.hart.Hart;
                import dev.hart.Inputs;
                import dev.hart.Run;
                import dev.hart.RunHandle;
                import dev.hart.recipe.Recipe;
                import java.math.BigDecimal;
                import java.nio.file.Path;
                import java.time.Duration;

                /**
                 * The total of a file of invoices, and a summary.
                 *
                 * <p>Written from the recipe {@code invoice-total@3}, %s. Saving {@link #recipe()} as it
                 * is gives that version back, changed it becomes the next one.
                 */
                public final class InvoiceTotal {
                    /** The recipe's name. */
                    public static final String NAME = "invoice-total";

                    private InvoiceTotal() {}

                    /**
                     * What a run takes.
                     *
                     * @param file The file with the invoices
                     * @param currencyName the input {@code currency_name}; null to leave it out
                     */
                    public record Arguments(Path file, String currencyName) {
                        private Inputs inputs() {
                            Inputs inputs = Inputs.none();
                            inputs = inputs.and("file", file);
                            if (currencyName != null) {
                                inputs = inputs.and("currency_name", currencyName);
                            }
                            return inputs;
                        }
                    }

                    /** The recipe. */
                    public static Recipe recipe() {
                        return Recipe.named(NAME)
                                .goal("The total of a file of invoices, and a summary")
                                .intent("total of {{inputs.file}}")
                                .input("file", Path.class, "The file with the invoices")
                                .optionalInput("currency_name", String.class)
                                .action("total", a -> a
                                        .tool("csv.sum", "1")
                                        .with("path", "{{inputs.file}}")
                                        .with("column", "amount"))
                                .action("summary", a -> a
                                        .description("Write the summary")
                                        .model(\"""
                                                Sum up in one line:
                                                {{total}} {{inputs.currency_name}}\""")
                                        .retry(2, Duration.ofSeconds(5)))
                                .output("total", BigDecimal.class)
                                .output("summary", String.class)
                                .build();
                    }

                    /** Runs the recipe, and blocks until that is done. */
                    public static Run run(Hart hart, Arguments arguments) {
                        return hart.run(recipe(), arguments.inputs());
                    }

                    /** Runs the recipe in the background. */
                    public static RunHandle start(Hart hart, Arguments arguments) {
                        return hart.start(recipe(), arguments.inputs());
                    }

                    /** What a run has come to. */
                    public record Results(BigDecimal total, String summary) {}

                    /** What a run has come to; throws the run's failure when it did not succeed. */
                    public static Results result(Run run) {
                        return run.output(Results.class);
                    }
                }
                """.formatted(RecipeDocument.contentHash(recipe)));
    }

    @Test
    void theClassOfAStoredRecipeRunsItAndSavesNothingNew() throws Exception {
        try (Hart hart =
                Hart.configure().inMemory().withoutModel().withoutBuiltInTools().create()) {
            RecipeVersion stored = hart.recipes()
                    .save(Recipe.named("again")
                            .input("the-text", String.class)
                            .input("times", Long.class)
                            .action("all", a -> a.transform("{{inputs.times}} times {{inputs.the-text}}"))
                            .output("all", String.class)
                            .build());
            JavaSource source = hart.recipes().toJava(stored, "com.acme");

            Class<?> again = load(compile(List.of(source)), source);
            Class<?> arguments = again.getClasses()[0];
            Constructor<?> constructor = arguments.getConstructor(String.class, Long.class);
            Run run = (Run)
                    again.getMethod("run", Hart.class, arguments).invoke(null, hart, constructor.newInstance("ab", 3L));

            assertThat(run.recipe()).contains(stored);
            assertThat(again.getMethod("result", Run.class).invoke(null, run)).isEqualTo("3 times ab");
            assertThat(hart.recipes().versions("again")).containsExactly(stored);
        }
    }

    @Test
    void aRecipeOfManyActionsCompiles() throws Exception {
        var recipe = Recipe.named("many");
        for (int i = 1; i <= 400; i++) {
            int n = i;
            recipe.action("a" + i, a -> a.transform(n == 1 ? "begin" : "{{a" + (n - 1) + "}}"));
        }
        RecipeVersion version = version(recipe.build());
        JavaSource source = RecipeClass.of(version, "");
        assertThat(RecipeDocument.contentHash(build(compile(List.of(source)), source)))
                .isEqualTo(version.contentHash());
    }

    @Test
    void aFileThatIsThereIsNeverWrittenOver() throws Exception {
        JavaSource source = RecipeClass.of(
                version(Recipe.named("x").action("a", a -> a.transform(1)).build()), "com.acme");
        Path file = source.writeTo(folder);
        Files.writeString(file, "mine");
        assertThatThrownBy(() -> source.writeTo(folder)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"com.acme.", "1com", "com..acme", "com.new", "a b", "x;y", "../x"})
    void aPackageThatIsNoneIsRefused(String packageName) {
        RecipeVersion version =
                version(Recipe.named("x").action("a", a -> a.transform(1)).build());
        assertThatThrownBy(() -> RecipeClass.of(version, packageName))
                .isInstanceOf(InputInvalidException.class)
                .hasMessageContaining("com.acme");
    }

    @Test
    void aRunWithoutInputsTakesNoArguments() throws Exception {
        RecipeVersion version = version(Recipe.named("x")
                .action("a", a -> a.transform(List.of("b")))
                .output("a", List.class)
                .build());
        JavaSource source = RecipeClass.of(version, "");
        try (Hart hart = Hart.configure().inMemory().withoutModel().create()) {
            Class<?> made = load(compile(List.of(source)), source);
            Run run = (Run) made.getMethod("run", Hart.class).invoke(null, hart);
            assertThat(made.getMethod("result", Run.class).invoke(null, run)).isEqualTo(List.of("b"));
            assertThat(hart.run(version.recipe(), Inputs.none()).recipe()).isEqualTo(run.recipe());
        }
    }
}
