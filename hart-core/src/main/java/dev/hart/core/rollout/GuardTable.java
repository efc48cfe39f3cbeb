package dev.hart.core.rollout;

import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.RecipeGuard;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The guards of recipes, and what the last replays of guarded recipes came to. */
public final class GuardTable {
    /** As many as a drift rule may look at. */
    private static final int KEPT = 1_000;

    private GuardTable() {}

    /** The guard of a recipe; null when it has none. */
    public static @Nullable RecipeGuard find(Transaction tx, String recipeId) throws SQLException {
        PreparedStatement select = tx.prepare("SELECT guard FROM recipe_guard WHERE recipe_id = ?");
        select.setString(1, recipeId);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? RecipeGuard.of(CanonicalJson.readObject(row.getString(1))) : null;
        }
    }

    /** Puts a guard beside a recipe; null takes it away. What earlier replays came to was judged by another guard, so it goes. */
    public static void put(Transaction tx, String recipeId, @Nullable RecipeGuard guard) throws SQLException {
        for (String table : new String[] {"recipe_guard", "replay_result", "recipe_drift"}) {
            PreparedStatement delete = tx.prepare("DELETE FROM " + table + " WHERE recipe_id = ?");
            delete.setString(1, recipeId);
            delete.executeUpdate();
        }
        if (guard != null) {
            PreparedStatement insert = tx.prepare("INSERT INTO recipe_guard (recipe_id, guard) VALUES (?, ?)");
            insert.setString(1, recipeId);
            insert.setString(2, CanonicalJson.write(guard.toJson()));
            insert.executeUpdate();
        }
    }

    /** Notes what a replay came to, and forgets those that no rule looks at any more. */
    public static void addResult(Transaction tx, String recipeId, int version, long at, TrialResult result)
            throws SQLException {
        PreparedStatement insert =
                tx.prepare("INSERT INTO replay_result (recipe_id, version, run_id, at, passed, problems)"
                        + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        insert.setString(1, recipeId);
        insert.setInt(2, version);
        insert.setString(3, result.runId());
        insert.setLong(4, at);
        insert.setInt(5, result.passed() ? 1 : 0);
        insert.setString(6, CanonicalJson.write(result.problems()));
        insert.executeUpdate();
        PreparedStatement delete = tx.prepare("""
                DELETE FROM replay_result WHERE recipe_id = ? AND version = ? AND run_id IN
                (SELECT old.run_id FROM replay_result old WHERE old.recipe_id = ? AND old.version = ?
                 ORDER BY old.run_id DESC LIMIT 100 OFFSET ?)\
                """);
        delete.setString(1, recipeId);
        delete.setInt(2, version);
        delete.setString(3, recipeId);
        delete.setInt(4, version);
        delete.setInt(5, KEPT);
        delete.executeUpdate();
    }

    /**
     * How the last replays of a version went.
     *
     * @param problems of the latest that failed
     */
    public record Lately(int failures, int replays, List<String> problems) {}

    /** Looks at so many of the last replays. */
    public static Lately lately(Transaction tx, String recipeId, int version, int outOf) throws SQLException {
        PreparedStatement select = tx.prepare("SELECT passed, problems FROM replay_result"
                + " WHERE recipe_id = ? AND version = ? ORDER BY run_id DESC LIMIT ?");
        select.setString(1, recipeId);
        select.setInt(2, version);
        select.setInt(3, outOf);
        int failures = 0;
        int replays = 0;
        List<String> problems = List.of();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                replays++;
                if (row.getInt(1) == 0) {
                    if (failures == 0) {
                        problems = WithheldTable.texts(row.getString(2));
                    }
                    failures++;
                }
            }
        }
        return new Lately(failures, replays, problems);
    }

    /**
     * Notes since when a version drifts.
     *
     * @return false when it was known to
     */
    public static boolean drifts(Transaction tx, String recipeId, int version, long since) throws SQLException {
        PreparedStatement insert = tx.prepare(
                "INSERT INTO recipe_drift (recipe_id, version, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
        insert.setString(1, recipeId);
        insert.setInt(2, version);
        insert.setLong(3, since);
        return insert.executeUpdate() == 1;
    }

    /** Notes that a version does not drift. */
    public static void steady(Transaction tx, String recipeId, int version) throws SQLException {
        PreparedStatement delete = tx.prepare("DELETE FROM recipe_drift WHERE recipe_id = ? AND version = ?");
        delete.setString(1, recipeId);
        delete.setInt(2, version);
        delete.executeUpdate();
    }

    /** Since when a version drifts; null when it does not. */
    public static @Nullable Long driftsSince(Transaction tx, String recipeId, int version) throws SQLException {
        PreparedStatement select = tx.prepare("SELECT since FROM recipe_drift WHERE recipe_id = ? AND version = ?");
        select.setString(1, recipeId);
        select.setInt(2, version);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? row.getLong(1) : null;
        }
    }
}
