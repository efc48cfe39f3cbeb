package dev.hart.core.recipe;

import dev.hart.core.rollout.RolloutTable;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.StepKind;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The versions of a recipe that may be forgotten. */
final class OldVersions {
    private static final List<String> TABLES =
            List.of("action_experience", "recipe_withheld", "replay_result", "recipe_drift", "schedule", "recipe");

    private OldVersions() {}

    /** The runs that taught the stored versions. */
    static Set<String> teachers(Transaction tx) throws SQLException {
        Set<String> runs = new HashSet<>();
        try (ResultSet rows = tx.prepare("SELECT learned_by FROM recipe WHERE learned_by IS NOT NULL")
                .executeQuery()) {
            while (rows.next()) {
                runs.add(rows.getString(1));
            }
        }
        return runs;
    }

    /**
     * Deletes versions that are neither among the newest, nor used, nor needed by anything stored.
     *
     * @return those that were deleted, newest first
     */
    static List<RecipeVersion> delete(Transaction tx, String recipeId, int newest, Set<Integer> used)
            throws SQLException {
        List<RecipeVersion> versions = RecipeStore.query(tx, "WHERE recipe_id = ? ORDER BY version DESC", recipeId);
        Set<Integer> kept = new HashSet<>(used);
        RecipeVersion current = RecipeRollouts.current(tx, recipeId);
        if (current != null) {
            kept.add(current.version());
        }
        Rollout rollout = RolloutTable.running(tx, recipeId);
        if (rollout != null) {
            kept.addAll(List.of(rollout.baseline(), rollout.candidate()));
        }
        kept.addAll(runByOthers(tx, recipeId));
        List<RecipeVersion> old = versions.stream()
                .skip(newest)
                .filter(version -> !kept.contains(version.version()))
                .toList();
        for (RecipeVersion version : old) {
            for (String table : TABLES) {
                PreparedStatement delete = tx.prepare("DELETE FROM " + table + " WHERE recipe_id = ? AND version = ?");
                delete.setString(1, recipeId);
                delete.setInt(2, version.version());
                delete.executeUpdate();
            }
        }
        return old;
    }

    /** Those that steps of stored recipes run. */
    private static Set<Integer> runByOthers(Transaction tx, String recipeId) throws SQLException {
        Set<Integer> run = new HashSet<>();
        for (RecipeVersion other : RecipeStore.query(tx, "WHERE content LIKE ?", "%" + recipeId + "%")) {
            other.recipe()
                    .actions()
                    .flatMap(action -> Stream.concat(
                            action.steps().stream(),
                            action.fallbacks().stream().flatMap(fallback -> fallback.steps().stream())))
                    .filter(step -> step.kind() == StepKind.SUBRECIPE
                            && recipeId.equals(step.args().get("recipeId")))
                    .map(SubrecipeRules::version)
                    .forEach(version -> add(run, version));
        }
        return run;
    }

    private static void add(Set<Integer> run, @Nullable Integer version) {
        if (version != null) {
            run.add(version);
        }
    }
}
