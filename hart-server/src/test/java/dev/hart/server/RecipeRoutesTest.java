package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Inputs;
import dev.hart.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The routes about what is known of stored recipes. */
class RecipeRoutesTest {
    private ServedHart served;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        served = new ServedHart(directory, settings -> settings);
        served.hart.recipes().save(greeting("Hello"));
        served.hart.recipes().save(greeting("Good day"));
    }

    @AfterEach
    void close() {
        served.close();
    }

    private static Recipe greeting(String words) {
        return Recipe.named("greeting")
                .input("who", String.class)
                .action("text", a -> a.transform(words + " {{inputs.who}}"))
                .output("text", String.class)
                .build();
    }

    @Test
    void diffComparesTwoVersionsOrTheNewestTwo() {
        ServedHart.Answer newest = served.get("/recipes/greeting/diff");
        assertThat(newest.status()).isEqualTo(200);
        assertThat(newest.json().get("changes"))
                .isEqualTo(List.of(Map.of(
                        "path", "flows.0.actions.1.steps.1.args.value",
                        "change", "CHANGED",
                        "old", "Hello {{inputs.who}}",
                        "new", "Good day {{inputs.who}}")));
        assertThat(served.get("/recipes/greeting/diff?from=2&to=1").body())
                .contains("\"old\":\"Good day {{inputs.who}}\"");
        assertThat(served.get("/recipes/greeting/diff?from=1&to=1").json()).containsEntry("changes", List.of());
        assertThat(served.get("/recipes/greeting/diff?from=x").json()).containsEntry("code", "invalid_query");
        assertThat(served.get("/recipes/greeting/diff?from=0").status()).isEqualTo(400);
        assertThat(served.get("/recipes/greeting/diff?from=9").json()).containsEntry("code", "RECIPE_NOT_FOUND");
        assertThat(served.get("/recipes/nothing/diff").status()).isEqualTo(404);
    }

    @Test
    void experienceIsThatOfTheNewestVersion() {
        assertThat(served.get("/recipes/greeting/experience").body()).contains("\"attempts\":0");
        served.hart.run(served.hart.recipes().get("greeting"), Inputs.of("who", "Anna"));
        assertThat(served.get("/recipes/greeting/experience").body())
                .contains("\"attempts\":1", "\"successRate\":1", "\"name\":\"text\"");
        assertThat(served.get("/recipes/nothing/experience").status()).isEqualTo(404);
    }

    @Test
    void aDryRunSaysWhatARunWouldDoAndRunsNothing() {
        int before = served.hart.runs().list(1_000).size();
        ServedHart.Answer plan = served.post("/recipes/greeting/dry-run", "{\"inputs\":{\"who\":\"Anna\"}}");
        assertThat(plan.status()).isEqualTo(200);
        assertThat(plan.json()).containsEntry("runnable", true).containsEntry("problems", List.of());
        assertThat(plan.body()).contains("\"value\":\"Good day Anna\"", "\"expectedMs\":0");
        assertThat(served.post("/recipes/greeting/dry-run", "{\"inputs\":{}}").json())
                .containsEntry("code", "INPUT_INVALID");
        assertThat(served.post("/recipes/nothing/dry-run", "{\"inputs\":{}}").status()).isEqualTo(404);
        assertThat(served.hart.runs().list(1_000)).hasSize(before);
    }
}
