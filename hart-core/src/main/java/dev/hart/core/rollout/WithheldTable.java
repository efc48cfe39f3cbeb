package dev.hart.core.rollout;

import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.VersionStanding.Standing;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The trained versions that are not to be taken though they are new enough. The current version of a recipe is the newest trained
 * one that is not here: that, and nothing else, says which it is.
 */
public final class WithheldTable {
    /** True of the row {@code recipe} of each recipe's current version. */
    public static final String IS_CURRENT = """
            version = (SELECT max(trained.version) FROM recipe trained WHERE trained.recipe_id = recipe.recipe_id\
             AND trained.status = 'TRAINED' AND NOT EXISTS (SELECT 1 FROM recipe_withheld\
             WHERE recipe_withheld.recipe_id = trained.recipe_id AND recipe_withheld.version = trained.version))\
            """;
    /** True of the row {@code recipe} of a version that is not withheld. */
    public static final String IS_NOT_WITHHELD = """
            NOT EXISTS (SELECT 1 FROM recipe_withheld\
             WHERE recipe_withheld.recipe_id = recipe.recipe_id AND recipe_withheld.version = recipe.version)\
            """;

    private WithheldTable() {}

    /**
     * One row.
     *
     * @param imported whether its schedules wait until somebody here lets them run
     */
    public record Row(Standing standing, boolean imported, List<String> reasons) {}

    /** Keeps a version from being the current one; it may be here already. */
    public static void put(
            Transaction tx, String recipeId, int version, Standing standing, boolean imported, List<String> reasons)
            throws SQLException {
        PreparedStatement insert = tx.prepare(
                "INSERT INTO recipe_withheld (recipe_id, version, standing, imported, reasons) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (recipe_id, version) DO UPDATE SET standing = excluded.standing,"
                        + " reasons = excluded.reasons");
        insert.setString(1, recipeId);
        insert.setInt(2, version);
        insert.setString(3, standing.name());
        insert.setInt(4, imported ? 1 : 0);
        insert.setString(5, CanonicalJson.write(reasons));
        insert.executeUpdate();
    }

    /** Lets a version be the current one again, if it is the newest then. */
    public static void remove(Transaction tx, String recipeId, int version) throws SQLException {
        PreparedStatement delete = tx.prepare("DELETE FROM recipe_withheld WHERE recipe_id = ? AND version = ?");
        delete.setString(1, recipeId);
        delete.setInt(2, version);
        delete.executeUpdate();
    }

    /** The withheld versions of a recipe. */
    public static Map<Integer, Row> of(Transaction tx, String recipeId) throws SQLException {
        PreparedStatement select =
                tx.prepare("SELECT version, standing, imported, reasons FROM recipe_withheld WHERE recipe_id = ?");
        select.setString(1, recipeId);
        Map<Integer, Row> rows = new HashMap<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                rows.put(
                        row.getInt(1),
                        new Row(Standing.valueOf(row.getString(2)), row.getInt(3) != 0, texts(row.getString(4))));
            }
        }
        return rows;
    }

    static List<String> texts(String json) {
        return ((List<?>) Objects.requireNonNull(CanonicalJson.read(json)))
                .stream().map(String::valueOf).toList();
    }
}
