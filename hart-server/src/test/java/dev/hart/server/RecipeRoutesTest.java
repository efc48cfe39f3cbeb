package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The routes below {@code /recipes}, over HTTP. */
@Timeout(60)
class RecipeRoutesTest {
    @TempDir
    private Path directory;

    private ServedHart served;

    @BeforeEach
    void serve() throws IOException {
        served = new ServedHart(directory, settings -> settings);
        served.hart.recipes().save(greeting("Hello {{inputs.name}}"));
        served.hart.recipes().save(greeting("Good day {{inputs.name}}"));
    }

    @AfterEach
    void close() {
        served.close();
    }

    private static Recipe greeting(String text) {
        return Recipe.named("greet")
                .intent("greet {{inputs.name}}")
                .input("name", String.class)
                .action("say", action -> action.transform(text))
                .output("say", String.class)
                .build();
    }

    private void assertRefused(ServedHart.Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json()).containsEntry("code", code);
    }

    @Test
    void anOldVersionIsShownAndRunWhenItIsAskedFor() {
        assertThat(served.get("/recipes/greet").json()).containsEntry("version", 2L);
        assertThat(served.get("/recipes/greet?version=1").json()).containsEntry("version", 1L);
        String run = String.valueOf(served.post("/recipes/greet/runs?version=1", "{\"inputs\":{\"name\":\"Ann\"}}")
                .json()
                .get("id"));
        served.get("/runs/" + run + "/events");
        assertThat(served.get("/runs/" + run).json()).containsEntry("output", "Hello Ann");
        assertRefused(served.get("/recipes/greet?version=3"), 404, "RECIPE_NOT_FOUND");
        assertRefused(served.get("/recipes/greet?version=0"), 400, "invalid_query");
        assertRefused(served.get("/recipes/greet?version=one"), 400, "invalid_query");
    }

    @Test
    void versionsAreCompared() {
        Map<String, Object> diff = served.get("/recipes/greet/diff?from=1").json();
        assertThat(diff.get("changes"))
                .isEqualTo(List.of(Map.of(
                        "path",
                        "flows.0.actions.1.steps.1.args.value",
                        "change",
                        "CHANGED",
                        "old",
                        "Hello {{inputs.name}}",
                        "new",
                        "Good day {{inputs.name}}")));
        assertThat(served.get("/recipes/greet/diff?from=2&to=2").json()).containsEntry("changes", List.of());
        assertThat(served.get("/recipes/greet/diff").json())
                .as("the newest two")
                .isEqualTo(diff);
        assertRefused(served.get("/recipes/greet/diff?from=1&to=9"), 404, "RECIPE_NOT_FOUND");
        assertRefused(served.get("/recipes/none/diff?from=1"), 404, "RECIPE_NOT_FOUND");
    }

    @Test
    void aDryRunSaysWhatWouldHappenAndRunsNothing() {
        Map<String, Object> plan = served.post("/recipes/greet/dry-run", "{\"inputs\":{\"name\":\"Ann\"}}")
                .json();
        assertThat(plan).containsEntry("runnable", true).containsEntry("problems", List.of());
        assertThat(String.valueOf(plan.get("waves"))).contains("Good day Ann");
        assertThat(served.hart.runs().list(10)).isEmpty();
        assertRefused(served.post("/recipes/greet/dry-run", "{\"inputs\":{}}"), 400, "INPUT_INVALID");
        assertRefused(served.post("/recipes/greet/dry-run", "{}"), 400, "invalid_request");
    }

    @Test
    void experienceIsThatOfTheVersion() {
        RecipeVersion first = served.hart.recipes().get("greet", 1);
        served.hart.run(first, dev.hart.Inputs.of("name", "Ann"));
        assertThat(String.valueOf(
                        served.get("/recipes/greet/experience?version=1").json().get("actions")))
                .contains("attempts=1", "successes=1");
        assertThat(String.valueOf(served.get("/recipes/greet/experience").json().get("actions")))
                .contains("attempts=0");
    }

    @Test
    void aMatchSaysWhichWordsEachInputCameFrom() {
        Map<String, Object> match =
                served.post("/recipes/match", "{\"request\":\"Greet Ann!\"}").json();
        assertThat(match).containsEntry("match", "EXACT");
        assertThat(String.valueOf(match.get("why"))).contains("input=name", "words=Ann", "start=6", "end=9");
        Map<String, Object> none =
                served.post("/recipes/match", "{\"request\":\"Sing a song\"}").json();
        assertThat(none).containsEntry("match", "NONE");
        assertThat(String.valueOf(none.get("why"))).contains("reason=");
    }

    @Test
    void schedulesAreShownPausedAndRun() {
        served.hart
                .recipes()
                .save(Recipe.named("news")
                        .action("say", action -> action.transform("news"))
                        .output("say", String.class)
                        .schedule("0 9 * * 1-5")
                        .build());
        assertThat(served.get("/recipes/news/schedules").body())
                .contains("\"number\":1", "\"cron\":\"0 9 * * 1-5\"", "\"paused\":false", "\"next\":\"");
        assertThat(served.post("/recipes/news/schedules/1/pause", "").body()).contains("\"paused\":true");
        assertThat(served.post("/recipes/news/schedules/1/unpause", "").body()).contains("\"paused\":false");
        ServedHart.Answer started = served.post("/recipes/news/schedules/1/runs", "");
        assertThat(started.status()).isEqualTo(202);
        String run = String.valueOf(started.json().get("id"));
        served.get("/runs/" + run + "/events");
        assertThat(served.get("/runs/" + run).json()).containsEntry("output", "news");
        assertRefused(served.post("/recipes/news/schedules/2/pause", ""), 404, "RECIPE_NOT_FOUND");
        assertThat(served.get("/recipes/greet/schedules").body()).isEqualTo("[]");
    }

    private String output(String run) {
        served.get("/runs/" + run + "/events");
        return String.valueOf(served.get("/runs/" + run).json().get("output"));
    }

    private String run(String query) {
        return output(String.valueOf(served.post("/recipes/greet/runs" + query, "{\"inputs\":{\"name\":\"Ann\"}}")
                .json()
                .get("id")));
    }

    @Test
    @SuppressWarnings("unchecked")
    void aVersionIsTriedAndDecidedOverHttp() {
        served.hart.recipes().propose(greeting("Hi {{inputs.name}}"));
        assertThat(served.get("/recipes/greet").json()).containsEntry("version", 2L);
        ServedHart.Answer begun =
                served.post("/recipes/greet/rollouts", "{\"version\":3,\"plan\":{\"share\":100,\"minimumRuns\":2}}");
        assertThat(begun.status()).as(begun.body()).isEqualTo(201);
        assertThat(begun.json()).containsEntry("state", "RUNNING").containsEntry("candidate", 3L);
        assertRefused(served.post("/recipes/greet/rollouts", "{\"version\":1}"), 400, "INPUT_INVALID");
        assertRefused(
                served.post("/recipes/greet/rollouts", "{\"version\":1,\"plan\":{\"runs\":2}}"), 400, "INPUT_INVALID");
        assertRefused(served.post("/recipes/greet/rollouts", "{\"version\":9}"), 404, "RECIPE_NOT_FOUND");
        assertThat(run("?version=2")).isEqualTo("Good day Ann");
        assertThat(run("")).isEqualTo("Hi Ann");
        assertThat(run("")).isEqualTo("Hi Ann");
        Map<String, Object> standing = served.get("/recipes/greet/rollouts").json();
        assertThat(standing).containsEntry("current", 3L);
        assertThat(((List<Map<String, Object>>) standing.get("rollouts")).get(0))
                .containsEntry("state", "PROMOTED")
                .containsEntry("reasons", List.of("2 of 2 runs passed"));
        ServedHart.Answer back = served.post("/recipes/greet/roll-back", "{\"version\":3,\"why\":\"too familiar\"}");
        assertThat(back.json()).containsEntry("current", 2L);
        assertThat(((List<Map<String, Object>>) back.json().get("versions")).get(0))
                .containsEntry("standing", "ROLLED_BACK")
                .containsEntry("reasons", List.of("too familiar"));
        assertThat(run("")).isEqualTo("Good day Ann");
        assertThat(served.post("/recipes/greet/promote", "{\"version\":1,\"why\":\"the first was best\"}")
                        .json())
                .containsEntry("current", 1L);
        assertThat((List<Object>) served.get("/rollouts").json().get("rollouts"))
                .hasSize(1);
    }

    @Test
    @SuppressWarnings("unchecked")
    void aGuardIsDeclaredAndARecipeThatDriftsIsReportedOverHttp() {
        assertThat(served.get("/recipes/greet/guard").json()).doesNotContainKey("guard");
        ServedHart.Answer set = served.post("/recipes/greet/guard", """
            {"guard": {"check": {"expected": [{"outputs": {"say": "Hello Ann"}}]},
                       "drift": {"failures": 1, "outOf": 2}}}\
            """);
        assertThat(set.status()).as(set.body()).isEqualTo(200);
        assertThat(((Map<String, Object>) set.json().get("guard")).get("drift"))
                .isEqualTo(Map.of("failures", 1L, "outOf", 2L, "fallBack", false));
        assertThat(run("")).isEqualTo("Good day Ann");
        assertThat((Map<String, Object>)
                        served.get("/recipes/greet/rollouts").json().get("drift"))
                .containsEntry("failures", 1L)
                .containsEntry("problems", List.of("/say is \"Good day Ann\", not \"Hello Ann\""));
        assertThat((List<Object>) served.get("/rollouts").json().get("drifting"))
                .hasSize(1);
        assertRefused(
                served.post("/recipes/greet/guard", "{\"guard\":{\"check\":{\"judges\":[\"nobody\"]}}}"),
                400,
                "INPUT_INVALID");
        assertThat(served.post("/recipes/greet/guard", "{}").json()).doesNotContainKey("guard");
        assertThat((List<Object>) served.get("/rollouts").json().get("drifting"))
                .isEmpty();
    }
}
