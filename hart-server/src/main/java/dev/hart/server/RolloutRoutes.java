package dev.hart.server;

import dev.hart.Hart;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RolloutPlan;
import dev.hart.server.RolloutDocuments.GuardDocument;
import dev.hart.server.RolloutDocuments.RolloutDocument;
import dev.hart.server.RolloutDocuments.RolloutsDocument;
import dev.hart.server.RolloutDocuments.StandingDocument;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes about guards, and about versions that prove themselves. */
final class RolloutRoutes {
    private static final String NOT_FOUND = "RECIPE_NOT_FOUND";
    private static final String INVALID = "INPUT_INVALID";
    private static final Map<String, @Nullable Object> VERSION = Map.of("type", "integer", "minimum", 1L);
    private static final Map<String, @Nullable Object> TRIED = Map.of(
            "type",
            "object",
            "required",
            List.of("version"),
            "properties",
            Map.of(
                    "version",
                    VERSION,
                    "plan",
                    Map.of("type", "object", "description", "mode, share, minimumRuns, longest, successRate, …")));
    private static final Map<String, @Nullable Object> DECIDED = Map.of(
            "type",
            "object",
            "required",
            List.of("version", "why"),
            "properties",
            Map.of("version", VERSION, "why", Map.of("type", "string", "minLength", 1L, "maxLength", 1_000L)));

    private final Hart hart;

    RolloutRoutes(Hart hart) {
        this.hart = hart;
    }

    void describe(RouteTable table) {
        table.get("/rollouts")
                .summary("The newest rollouts of all recipes, and the recipes that drift")
                .answers(200, RolloutsDocument.class)
                .handle(Access.USER, call -> Reply.ok(RolloutsDocument.of(hart.recipes())));
        table.get("/recipes/{id}/rollouts")
                .summary("Which version of a recipe is the current one, what the others are, and its rollouts")
                .answers(200, StandingDocument.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, this::standing);
        table.post("/recipes/{id}/rollouts")
                .summary("Lets a version prove itself against the current one")
                .takes(TRIED)
                .answers(201, RolloutDocument.class)
                .refuses(400, INVALID)
                .refuses(404, NOT_FOUND)
                .handle(
                        Access.USER,
                        call -> new Reply.Document(
                                201,
                                RolloutDocument.of(
                                        hart.recipes().rollout(version(call), RolloutPlan.of(call.object("plan"))))));
        table.post("/recipes/{id}/promote")
                .summary("Makes a version the current one, whatever its rollout says")
                .takes(DECIDED)
                .answers(200, StandingDocument.class)
                .refuses(400, INVALID)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> {
                    hart.recipes().promote(version(call), call.text("why"));
                    return standing(call);
                });
        table.post("/recipes/{id}/roll-back")
                .summary("Takes a version out; when it is the current one, the one before it is so again")
                .takes(DECIDED)
                .answers(200, StandingDocument.class)
                .refuses(400, INVALID)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> {
                    hart.recipes().rollBack(version(call), call.text("why"));
                    return standing(call);
                });
        table.get("/recipes/{id}/guard")
                .summary("How the results of a recipe are judged, and how its new versions prove themselves")
                .answers(200, GuardDocument.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, this::guard);
        table.post("/recipes/{id}/guard")
                .summary("Puts a guard beside a recipe; without one, takes it away")
                .takes(Map.of(
                        "type", "object", "properties", Map.of("guard", Map.of("type", List.of("object", "null")))))
                .answers(200, GuardDocument.class)
                .refuses(400, INVALID)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> {
                    if (call.body().get("guard") == null) {
                        hart.recipes().unguard(call.id());
                    } else {
                        hart.recipes().guard(call.id(), RecipeGuard.of(call.object("guard")));
                    }
                    return guard(call);
                });
    }

    private Reply guard(Call call) {
        return Reply.ok(GuardDocument.of(hart.recipes(), call.id()));
    }

    private Reply standing(Call call) {
        return Reply.ok(StandingDocument.of(hart.recipes(), call.id()));
    }

    private RecipeVersion version(Call call) {
        Object version = call.body().get("version");
        return hart.recipes().get(call.id(), version instanceof Number number ? number.intValue() : 0);
    }
}
