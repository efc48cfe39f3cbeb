package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.ActionExperience.FallbackCount;
import dev.hart.recipe.Recipe;
import dev.hart.store.testing.PostgresServer;
import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** V6 of the recipe tables over rows that were there before it: they count the uses of fallbacks that they still have. */
@Timeout(120)
class FallbackCountsMigrationTest {
    private static final String WITHOUT_COUNTS = "ALTER TABLE action_experience DROP COLUMN fallback_counts";

    @TempDir
    Path folder;

    /** Tools of which one never works. */
    public static final class Shop {
        @Tool(name = "shop.closed", description = "Is closed.", effect = Effect.READ)
        public String closed(@Param("what") String what) {
            throw new IllegalStateException("closed");
        }

        @Tool(name = "shop.open", description = "Sells it.", effect = Effect.READ)
        public String open(@Param("what") String what) {
            return what;
        }
    }

    private static Hart open(HartBuilder builder) {
        Hart hart = builder.withoutModel().withoutBuiltInTools().create();
        hart.tools().register(new Shop());
        return hart;
    }

    private static Recipe recipe() {
        return Recipe.named("buy")
                .input("what", String.class)
                .action(
                        "buy",
                        a -> a.tool("shop.closed")
                                .with("what", "{{inputs.what}}")
                                .retry(1, Duration.ofSeconds(1))
                                .fallback(
                                        "the other shop",
                                        f -> f.tool("shop.open").with("what", "{{inputs.what}}")))
                .output("buy", String.class)
                .build();
    }

    private static ActionExperience buy(Hart hart) {
        return hart.recipes()
                .experience(hart.recipes().get("buy"))
                .action("buy")
                .orElseThrow();
    }

    private static void runElevenTimes(HartBuilder builder) {
        try (Hart hart = open(builder)) {
            hart.recipes().save(recipe());
            for (int i = 0; i < 11; i++) {
                hart.run("buy", Inputs.of("what", "tea " + i));
            }
            assertThat(buy(hart).fallbackCounts()).containsEntry("the other shop", new FallbackCount(11, 11));
        }
    }

    private static void runAgain(HartBuilder builder) {
        try (Hart hart = open(builder)) {
            ActionExperience before = buy(hart);
            assertThat(before.attempts()).isEqualTo(11);
            assertThat(before.fallbacks()).hasSize(10);
            assertThat(before.fallbackCounts())
                    .as("only the newest uses are known")
                    .containsEntry("the other shop", new FallbackCount(10, 10));

            assertThat(hart.run("buy", Inputs.of("what", "cup")).output()).isEqualTo("cup");

            assertThat(buy(hart).attempts()).isEqualTo(12);
            assertThat(buy(hart).fallbackCounts())
                    .as("from now on every use is counted")
                    .containsEntry("the other shop", new FallbackCount(11, 11));
            assertThat(buy(hart).fallbacks()).hasSize(10);
        }
    }

    private static void execute(String url, String... commands) throws SQLException {
        try (Connection database = DriverManager.getConnection(url);
                Statement statement = database.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        }
    }

    @Test
    void onSqliteTheRowsKeepWhatTheyHad() throws SQLException {
        runElevenTimes(Hart.configure().dataDirectory(folder));
        execute(
                "jdbc:sqlite:" + folder.resolve("hart.db"),
                WITHOUT_COUNTS,
                "DELETE FROM schema_migration WHERE component = 'recipe' AND version = 6");
        runAgain(Hart.configure().dataDirectory(folder));
    }

    @Test
    void onPostgresTheRowsKeepWhatTheyHad() throws SQLException {
        String url = PostgresServer.freshDatabase();
        runElevenTimes(Hart.configure().dataDirectory(folder).database(url));
        execute(url, WITHOUT_COUNTS, "DELETE FROM recipe_schema_history WHERE version = '6'");
        runAgain(Hart.configure().dataDirectory(folder).database(url));
    }
}
