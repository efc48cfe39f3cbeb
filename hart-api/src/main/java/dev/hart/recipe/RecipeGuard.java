package dev.hart.recipe;

import dev.hart.error.InputInvalidException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What watches over a recipe: how its results are judged, when it counts as drifting, and how new versions of it prove
 * themselves. It stands beside the recipe, for all of its versions, and changes none. Immutable.
 *
 * @param check that every replay's result is held against
 * @param drift null when drifting is not looked for
 * @param newVersions how every new version proves itself, whether it was saved, learned, mended or imported; null when a new
 *     version takes over at once
 */
public record RecipeGuard(
        ResultCheck check,
        @Nullable DriftRule drift,
        @Nullable RolloutPlan newVersions) {

    /** A guard with this check alone. */
    public static RecipeGuard check(ResultCheck check) {
        return new RecipeGuard(check, null, null);
    }

    /** The same with a rule that says when the recipe drifts. */
    public RecipeGuard drift(DriftRule drift) {
        return new RecipeGuard(check, drift, newVersions);
    }

    /** The same with a plan by which every new version proves itself. */
    public RecipeGuard newVersions(RolloutPlan plan) {
        return new RecipeGuard(check, drift, plan);
    }

    /** As JSON, with {@code check}, {@code drift} and {@code newVersions}. */
    public Map<String, @Nullable Object> toJson() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("check", check.toJson());
        Map<String, @Nullable Object> rule = new LinkedHashMap<>();
        if (drift != null) {
            rule.put("failures", (long) drift.failures());
            rule.put("outOf", (long) drift.outOf());
            rule.put("fallBack", drift.fallBack());
        }
        json.put("drift", drift == null ? null : rule);
        json.put("newVersions", newVersions == null ? null : newVersions.toJson());
        return json;
    }

    /**
     * The guard that {@link #toJson} wrote; what is left out is not there.
     *
     * @throws InputInvalidException when a field is unknown, of the wrong type or out of its range
     */
    public static RecipeGuard of(Map<String, ? extends @Nullable Object> json) {
        JsonFields fields = new JsonFields("guard", json);
        Map<String, @Nullable Object> check = fields.object("check");
        Map<String, @Nullable Object> drift = fields.object("drift");
        Map<String, @Nullable Object> plan = fields.object("newVersions");
        fields.noMore();
        return new RecipeGuard(
                check == null ? ResultCheck.none() : ResultCheck.of(check),
                drift == null ? null : rule(drift),
                plan == null ? null : RolloutPlan.of(plan));
    }

    private static DriftRule rule(Map<String, @Nullable Object> json) {
        JsonFields fields = new JsonFields("guard.drift", json);
        int failures = fields.integer("failures", 1);
        DriftRule rule =
                new DriftRule(failures, fields.integer("outOf", Math.max(failures, 1)), fields.flag("fallBack"));
        fields.noMore();
        return rule;
    }
}
