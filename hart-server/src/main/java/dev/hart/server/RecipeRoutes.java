package dev.hart.server;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.RunHandle;
import dev.hart.Runs;
import dev.hart.Schedules;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import dev.hart.server.Documents.MatchDocument;
import dev.hart.server.Documents.RecipeLine;
import dev.hart.server.Documents.Started;
import dev.hart.server.RecipeDocuments.DiffDocument;
import dev.hart.server.RecipeDocuments.ExperienceDocument;
import dev.hart.server.RecipeDocuments.PlanDocument;
import dev.hart.server.RecipeDocuments.ScheduleLine;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The routes below {@code /recipes}. */
final class RecipeRoutes {
    private static final int RUNS_COUNTED = 1_000;
    private static final String NOT_FOUND = "RECIPE_NOT_FOUND";
    private static final String VERSION = "version";
    private static final Map<String, @Nullable Object> VERSION_NUMBER = Map.of("type", "integer", "minimum", 1);
    private static final Map<String, @Nullable Object> RECIPE = Map.of(
            "type",
            "object",
            "description",
            "a hart.recipe/1 document",
            "required",
            List.of(
                    "schema",
                    "recipeId",
                    "name",
                    "version",
                    "contentHash",
                    "goal",
                    "intents",
                    "inputs",
                    "outputs",
                    "flows"));

    private final Hart hart;
    private final LiveRuns runs;

    RecipeRoutes(Hart hart, LiveRuns runs) {
        this.hart = hart;
        this.runs = runs;
    }

    void describe(RouteTable table) {
        table.get("/recipes")
                .summary("The newest version of every recipe")
                .answersListOf(RecipeLine.class)
                .handle(Access.USER, call -> Reply.ok(lines(hart.recipes().list())));
        table.get("/recipes/{id}")
                .summary("One recipe, by name or id")
                .query(VERSION, "which version; the newest unless given", VERSION_NUMBER)
                .answers(200, RouteTable.JSON, RECIPE)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> {
                    RecipeVersion version = asked(call);
                    return new Reply.Content(
                            RouteTable.JSON, hart.recipes().toJson(version).getBytes(StandardCharsets.UTF_8));
                });
        table.get("/recipes/{id}/versions")
                .summary("All versions of one recipe, newest first")
                .answersListOf(RecipeLine.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> {
                    String name = hart.recipes().get(call.id()).recipe().name();
                    return Reply.ok(lines(hart.recipes().versions(name)));
                });
        table.get("/recipes/{id}/diff")
                .summary("What differs between two versions of one recipe")
                .query("from", "the version before; the one before that unless given", VERSION_NUMBER)
                .query("to", "the version after; the newest unless given", VERSION_NUMBER)
                .answers(200, DiffDocument.class)
                .refuses(400, "invalid_query")
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> {
                    RecipeVersion to = version(call, "to");
                    int from = call.number("from", Math.max(1, to.version() - 1), 1, Integer.MAX_VALUE);
                    return Reply.ok(DiffDocument.of(
                            hart.recipes().diff(hart.recipes().get(to.recipeId(), from), to)));
                });
        table.get("/recipes/{id}/experience")
                .summary("What runs have shown about one version of a recipe")
                .query(VERSION, "which version; the newest unless given", VERSION_NUMBER)
                .answers(200, ExperienceDocument.class)
                .refuses(404, NOT_FOUND)
                .handle(
                        Access.USER,
                        call -> Reply.ok(ExperienceDocument.of(hart.recipes().experience(asked(call)))));
        table.post("/recipes/{id}/dry-run")
                .summary("What a run with the given inputs would do; calls nothing")
                .query(VERSION, "which version; the newest unless given", VERSION_NUMBER)
                .takes(RunRoutes.objectOf("inputs", Map.of("type", "object")))
                .answers(200, PlanDocument.class)
                .refuses(400, "INPUT_INVALID")
                .refuses(404, NOT_FOUND)
                .handle(
                        Access.USER,
                        call -> Reply.ok(PlanDocument.of(hart.dryRun(asked(call), new Inputs(call.object("inputs"))))));
        table.post("/recipes/{id}/runs")
                .summary("Runs one recipe with the given inputs, in the background")
                .query(
                        VERSION,
                        "which version, and no other; unless given the current one, or the one that its rollout"
                                + " chooses",
                        VERSION_NUMBER)
                .takes(RunRoutes.objectOf("inputs", Map.of("type", "object")))
                .answers(202, Started.class)
                .refuses(400, "INPUT_INVALID")
                .refuses(404, NOT_FOUND)
                .refuses(503, "too_many_runs")
                .handle(Access.USER, call -> {
                    RecipeVersion version = asked(call);
                    Inputs inputs = new Inputs(call.object("inputs"));
                    boolean named = call.query(VERSION) != null || version.status() == Status.DRAFT;
                    RunHandle handle = runs.start(
                            version.recipe().goal(),
                            () -> named ? hart.start(version, inputs) : hart.start(version.recipeId(), inputs));
                    return new Reply.Document(202, new Started(handle.id()));
                });
        table.get("/recipes/{id}/schedules")
                .summary("When the recipe runs by itself")
                .answersListOf(ScheduleLine.class)
                .refuses(404, NOT_FOUND)
                .handle(
                        Access.USER,
                        call -> Reply.ok(
                                schedules(call).stream().map(ScheduleLine::of).toList()));
        table.post("/recipes/{id}/schedules/{number}/pause")
                .summary("Keeps a schedule of the recipe from running")
                .answersListOf(ScheduleLine.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> paused(call, true));
        table.post("/recipes/{id}/schedules/{number}/unpause")
                .summary("Lets a paused schedule run at its next time")
                .answersListOf(ScheduleLine.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> paused(call, false));
        table.post("/recipes/{id}/schedules/{number}/runs")
                .summary("Runs what a schedule of the recipe would, now and in the background")
                .answers(202, Started.class)
                .refuses(404, NOT_FOUND)
                .handle(
                        Access.USER,
                        call -> new Reply.Document(
                                202,
                                new Started(
                                        hart.schedules().runNow(schedule(call)).id())));
        table.post("/recipes/match")
                .summary("Which stored recipe does a request; runs nothing")
                .takes(RunRoutes.objectOf("request", RunRoutes.REQUEST_TEXT))
                .answers(200, MatchDocument.class)
                .handle(
                        Access.USER,
                        call -> Reply.ok(MatchDocument.of(hart.recipes().match(call.text("request")))));
    }

    private List<Schedules.Entry> schedules(Call call) {
        String ofRecipe = hart.recipes().get(call.id()).recipeId() + "@";
        return hart.schedules().list().stream()
                .filter(entry -> entry.id().startsWith(ofRecipe))
                .toList();
    }

    /** The id of the schedule with that number. */
    private String schedule(Call call) {
        String number = call.context().pathParam("number");
        return schedules(call).stream()
                .map(Schedules.Entry::id)
                .filter(id -> id.endsWith("/schedule-" + number))
                .findFirst()
                .orElseThrow(() -> new RecipeNotFoundException("recipe " + call.id() + " has no schedule " + number
                        + "; GET /recipes/" + call.id() + "/schedules shows those it has"));
    }

    private Reply paused(Call call, boolean paused) {
        String id = schedule(call);
        if (paused) {
            hart.schedules().pause(id);
        } else {
            hart.schedules().unpause(id);
        }
        return Reply.ok(schedules(call).stream().map(ScheduleLine::of).toList());
    }

    private RecipeVersion asked(Call call) {
        return version(call, VERSION);
    }

    /** The version whose number is in the query; the newest when there is none. */
    private RecipeVersion version(Call call, String query) {
        int number = call.number(query, 0, 1, Integer.MAX_VALUE);
        return number == 0 ? hart.recipes().get(call.id()) : hart.recipes().get(call.id(), number);
    }

    private List<RecipeLine> lines(List<RecipeVersion> versions) {
        Map<String, Long> uses = hart.runs().list(RUNS_COUNTED).stream()
                .filter(run -> run.mode() == Mode.REUSE && run.recipeName() != null)
                .collect(Collectors.groupingBy(RecipeRoutes::recipeName, Collectors.counting()));
        return versions.stream()
                .map(version -> RecipeLine.of(
                        version, uses.getOrDefault(version.recipe().name(), 0L)))
                .toList();
    }

    private static String recipeName(Runs.Summary run) {
        return String.valueOf(run.recipeName());
    }
}
