package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.hart.HartClock;
import dev.hart.Spark;
import dev.hart.core.json.SchemaCheck;
import dev.hart.core.tool.ToolRegistry;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.security.Guardrails;
import dev.hart.security.NodeKey;
import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Recipes in a PostgreSQL database, shared by two processes. */
@Timeout(120)
class RecipesOnPostgresTest {
    private final String url = PostgresServer.freshDatabase();
    private final Store here = Store.postgres(url);
    private final Store there = Store.postgres(url);
    private final RecipeStore one = recipes(here);
    private final RecipeStore other = recipes(there);

    private static RecipeStore recipes(Store store) {
        return new RecipeStore(
                store,
                new ToolRules(new ToolRegistry()),
                new InputCheck(SchemaCheck::new),
                HartClock.system(),
                () -> UuidCreator.getTimeOrderedEpoch().toString(),
                Guardrails::builtIn,
                NodeKey::inMemory,
                () -> null,
                List.of(),
                new ResultJudging(SchemaCheck::new, Map.of()));
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private static Recipe fixed(String name, String intent) {
        return Recipe.named(name)
                .intent(intent)
                .action("act", a -> a.transform(name))
                .output("act", String.class)
                .build();
    }

    @Test
    void recipesAreSavedReadAndMatchedAsOnSqlite() {
        RecipeVersion first = one.save(fixed("a", "do a"));
        assertThat(one.save(fixed("a", "do a"))).isEqualTo(first);
        RecipeVersion second = other.save(fixed("a", "do it"));
        RecipeVersion b = one.save(fixed("b", "do b"));
        assertThat(second.version()).isEqualTo(2);
        assertThat(second.parentVersion()).isEqualTo(1);
        assertThat(one.get("a")).isEqualTo(second);
        assertThat(one.get(first.recipeId(), 1)).isEqualTo(first);
        assertThat(other.versions("a")).containsExactly(second, first);
        assertThat(other.list()).containsExactly(b, second);
        assertThat(other.match("do b"))
                .isInstanceOfSatisfying(
                        MatchResult.Exact.class,
                        match -> assertThat(match.recipe()).isEqualTo(b));
    }

    @Test
    void whatALearningWorkSavesIsSeenByTheOtherProcess() {
        assertThat(other.match("do a")).isNotInstanceOf(MatchResult.Exact.class);
        RecipeVersion learned = here.write(tx -> one.saveLearned(tx, fixed("a", "do a"), "run-1", new ArrayList<>()));
        RecipeVersion beside =
                here.write(tx -> one.saveLearned(tx, fixed("a", "do another"), "run-2", new ArrayList<>()));
        assertThat(other.get("a").learnedBy()).isEqualTo("run-1");
        assertThat(beside.recipe().name()).isEqualTo("a-2");
        assertThat(other.match("do a"))
                .isInstanceOfSatisfying(
                        MatchResult.Exact.class,
                        match -> assertThat(match.recipe()).isEqualTo(learned));
    }

    @Test
    void versionsSavedAtTheSameTimeFollowEachOther() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<RecipeVersion>> saved = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                Recipe recipe = fixed("a", "do " + i);
                RecipeStore by = i % 2 == 0 ? one : other;
                saved.add(threads.submit(() -> by.save(recipe)));
            }
            List<Integer> versions = new ArrayList<>();
            for (Future<RecipeVersion> version : saved) {
                versions.add(version.get().version());
            }
            assertThat(versions)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, 16).boxed().toList());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void experienceOfRunsThatEndAtTheSameTimeIsAllCounted() throws Exception {
        RecipeVersion recipe = one.save(fixed("a", "do a"));
        ActionExperience run = new ActionExperience(
                0, 1, "act", 1, 1, Duration.ofMillis(5), 0, Spark.ZERO, List.of(), List.of(), Map.of());
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Boolean>> added = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Store store = i % 2 == 0 ? here : there;
                added.add(threads.submit(() -> store.write(tx -> {
                    one.addExperience(tx, recipe, List.of(run));
                    return true;
                })));
            }
            for (Future<Boolean> done : added) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
        ActionExperience all = other.experience(recipe).action("act").orElseThrow();
        assertThat(all.attempts()).isEqualTo(40);
        assertThat(all.time()).isEqualTo(Duration.ofMillis(200));
    }
}
