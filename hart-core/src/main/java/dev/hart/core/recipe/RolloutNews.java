package dev.hart.core.recipe;

import dev.hart.RunEvent;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Rollout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something to tell the listeners once the commit is durable that made it so. */
public record RolloutNews(RunEvent.Type type, Map<String, @Nullable Object> data) {

    static RolloutNews started(Rollout rollout) {
        Map<String, @Nullable Object> data = of(rollout);
        data.put("cause", rollout.cause());
        data.put("mode", rollout.plan().mode().name());
        return new RolloutNews(RunEvent.Type.ROLLOUT_STARTED, data);
    }

    static RolloutNews tried(Rollout rollout, boolean counts, boolean passed, List<String> problems) {
        Map<String, @Nullable Object> data = of(rollout);
        data.put("counts", counts);
        data.put("passed", passed);
        data.put("problems", problems);
        return new RolloutNews(RunEvent.Type.ROLLOUT_TRIED, data);
    }

    static RolloutNews ended(Rollout rollout, Rollout.State state, List<String> reasons) {
        Map<String, @Nullable Object> data = of(rollout);
        data.put("state", state.name());
        data.put("reasons", reasons);
        return new RolloutNews(RunEvent.Type.ROLLOUT_ENDED, data);
    }

    static RolloutNews drifting(RecipeVersion version, int failures, int outOf, List<String> problems) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("recipe", version.recipe().name());
        data.put("recipeId", version.recipeId());
        data.put("version", (long) version.version());
        data.put("failures", (long) failures);
        data.put("outOf", (long) outOf);
        data.put("problems", problems);
        return new RolloutNews(RunEvent.Type.RECIPE_DRIFTING, data);
    }

    private static Map<String, @Nullable Object> of(Rollout rollout) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("rollout", rollout.id());
        data.put("recipe", rollout.recipe());
        data.put("recipeId", rollout.recipeId());
        data.put("baseline", (long) rollout.baseline());
        data.put("candidate", (long) rollout.candidate());
        return data;
    }
}
