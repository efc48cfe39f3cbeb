package dev.hart.server;

import dev.hart.Recipes;
import dev.hart.recipe.Drift;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.RolloutPlan;
import dev.hart.recipe.VersionStanding;
import dev.hart.recipe.VersionStanding.Standing;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the routes and commands about guards and rollouts answer. */
public final class RolloutDocuments {
    private RolloutDocuments() {}

    /** The guard of a recipe, as {@link RecipeGuard#toJson} writes it; without {@code guard} when there is none. */
    public record GuardDocument(Optional<Map<String, @Nullable Object>> guard) {
        public static GuardDocument of(Recipes recipes, String recipe) {
            return new GuardDocument(recipes.guard(recipe).map(RecipeGuard::toJson));
        }
    }

    /** What every version of one recipe is to it, and its rollouts, newest first. */
    public record StandingDocument(
            Optional<Integer> current,
            Optional<DriftDocument> drift,
            List<VersionStanding> versions,
            List<RolloutDocument> rollouts) {
        public static StandingDocument of(Recipes recipes, String recipe) {
            String id = recipes.get(recipe).recipeId();
            List<RolloutDocument> rollouts =
                    recipes.rollouts(recipe).stream().map(RolloutDocument::of).toList();
            List<VersionStanding> standings = recipes.standings(recipe);
            return new StandingDocument(
                    standings.stream()
                            .filter(each -> each.standing() == Standing.CURRENT)
                            .map(VersionStanding::version)
                            .findFirst(),
                    recipes.drifting().stream()
                            .filter(drift -> drift.recipeId().equals(id))
                            .map(DriftDocument::of)
                            .findFirst(),
                    standings,
                    rollouts);
        }
    }

    /** The newest rollouts of all recipes, and the recipes that drift. */
    public record RolloutsDocument(List<RolloutDocument> rollouts, List<DriftDocument> drifting) {
        public static RolloutsDocument of(Recipes recipes) {
            return new RolloutsDocument(
                    recipes.rollouts().stream().map(RolloutDocument::of).toList(),
                    recipes.drifting().stream().map(DriftDocument::of).toList());
        }
    }

    /** A recipe whose current version drifts. */
    public record DriftDocument(
            String recipeId,
            String recipe,
            int version,
            Instant since,
            int failures,
            int outOf,
            List<String> problems) {
        static DriftDocument of(Drift drift) {
            return new DriftDocument(
                    drift.recipeId(),
                    drift.recipe(),
                    drift.version(),
                    drift.since(),
                    drift.failures(),
                    drift.outOf(),
                    drift.problems());
        }
    }

    /** What one version has shown; money in micro-Spark, as text. */
    public record TallyDocument(int runs, int passed, long ms, String costMicroSpark) {
        static TallyDocument of(Rollout.Tally tally) {
            return new TallyDocument(
                    tally.runs(),
                    tally.passed(),
                    tally.time().toMillis(),
                    Long.toString(tally.cost().micro()));
        }
    }

    /** How a version proves itself. */
    public record PlanDocument(
            RolloutPlan.Mode mode,
            int share,
            int minimumRuns,
            String longest,
            BigDecimal successRate,
            BigDecimal agreement,
            Optional<BigDecimal> slowdown,
            Optional<BigDecimal> costRise) {
        static PlanDocument of(RolloutPlan plan) {
            return new PlanDocument(
                    plan.mode(),
                    plan.share(),
                    plan.minimumRuns(),
                    plan.longest().toString(),
                    plan.successRate(),
                    plan.agreement(),
                    Optional.ofNullable(plan.slowdown()),
                    Optional.ofNullable(plan.costRise()));
        }
    }

    /** One rollout as it stands. */
    public record RolloutDocument(
            String id,
            String recipeId,
            String recipe,
            int baseline,
            int candidate,
            PlanDocument plan,
            String cause,
            Rollout.State state,
            Instant startedAt,
            Instant endsAt,
            Optional<Instant> endedAt,
            List<String> reasons,
            TallyDocument tried,
            TallyDocument current,
            int compared,
            int agreed,
            int notCompared) {
        public static RolloutDocument of(Rollout rollout) {
            return new RolloutDocument(
                    rollout.id(),
                    rollout.recipeId(),
                    rollout.recipe(),
                    rollout.baseline(),
                    rollout.candidate(),
                    PlanDocument.of(rollout.plan()),
                    rollout.cause(),
                    rollout.state(),
                    rollout.startedAt(),
                    rollout.endsAt(),
                    Optional.ofNullable(rollout.endedAt()),
                    rollout.reasons(),
                    TallyDocument.of(rollout.tried()),
                    TallyDocument.of(rollout.current()),
                    rollout.compared(),
                    rollout.agreed(),
                    rollout.notCompared());
        }
    }
}
