package dev.hart.core.schedule;

import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Schedule;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When the schedules of the current version of each recipe are due next, and what became of the last time. What a
 * schedule is stands in its recipe.
 */
public final class ScheduleTable {
    private static final String COLUMNS =
            "recipe_id, version, number, paused, next_at, last_at, last_run, last_skipped";

    private ScheduleTable() {}

    /**
     * One row.
     *
     * @param number from 1, in the recipe's order
     * @param nextAt milliseconds since 1970; null for never
     */
    record Row(
            String recipeId,
            int version,
            int number,
            boolean paused,
            @Nullable Long nextAt,
            @Nullable Long lastAt,
            @Nullable String lastRun,
            @Nullable String lastSkipped) {

        String id() {
            return recipeId + "@" + version + "/schedule-" + number;
        }
    }

    /**
     * Puts the schedules of a version, which is the current one of its recipe from now on, in the place of those of the
     * version before; in the transaction that makes it so.
     */
    public static void register(Transaction tx, RecipeVersion version, boolean paused, Instant now)
            throws SQLException {
        PreparedStatement delete = tx.prepare("DELETE FROM schedule WHERE recipe_id = ? AND version <> ?");
        delete.setString(1, version.recipeId());
        delete.setInt(2, version.version());
        delete.executeUpdate();
        List<Schedule> schedules = version.recipe().schedules();
        for (int i = 0; i < schedules.size(); i++) {
            PreparedStatement insert = tx.prepare("INSERT INTO schedule (recipe_id, version, number, paused, next_at)"
                    + " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
            insert.setString(1, version.recipeId());
            insert.setInt(2, version.version());
            insert.setInt(3, i + 1);
            insert.setInt(4, paused ? 1 : 0);
            set(insert, 5, next(schedules.get(i), now));
            insert.executeUpdate();
        }
    }

    /** Whether a recipe has schedules, and somebody has paused all of them. */
    public static boolean isPaused(Transaction tx, String recipeId) throws SQLException {
        PreparedStatement select = tx.prepare("SELECT count(*), sum(paused) FROM schedule WHERE recipe_id = ?");
        select.setString(1, recipeId);
        try (ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1) > 0 && row.getLong(1) == row.getLong(2);
        }
    }

    static @Nullable Long next(Schedule schedule, Instant after) {
        Instant next = CronTimes.of(schedule.cron()).next(after, schedule.zone());
        return next == null ? null : next.toEpochMilli();
    }

    static List<Row> all(Transaction tx) throws SQLException {
        return rows(tx.prepare("SELECT " + COLUMNS + " FROM schedule"
                + " ORDER BY paused, CASE WHEN next_at IS NULL THEN 1 ELSE 0 END, next_at, recipe_id, number"));
    }

    static List<Row> due(Transaction tx, long now, int most) throws SQLException {
        PreparedStatement select = tx.prepare("SELECT " + COLUMNS + " FROM schedule WHERE paused = 0 AND next_at <= ?"
                + " ORDER BY next_at, recipe_id, number LIMIT ?");
        select.setLong(1, now);
        select.setInt(2, most);
        return rows(select);
    }

    /** When the next one is due; null when none will be. */
    static @Nullable Long nextDue(Transaction tx) throws SQLException {
        try (ResultSet row =
                tx.prepare("SELECT min(next_at) FROM schedule WHERE paused = 0").executeQuery()) {
            row.next();
            return longOrNull(row, 1);
        }
    }

    /** Null when there is none. */
    static @Nullable Row find(Transaction tx, String recipeId, int version, int number) throws SQLException {
        PreparedStatement select =
                tx.prepare("SELECT " + COLUMNS + " FROM schedule WHERE recipe_id = ? AND version = ? AND number = ?");
        select.setString(1, recipeId);
        select.setInt(2, version);
        select.setInt(3, number);
        List<Row> found = rows(select);
        return found.isEmpty() ? null : found.get(0);
    }

    /**
     * Notes what became of a due time, and when the next one is.
     *
     * @return false when another process was faster
     */
    static boolean done(Transaction tx, Row due, @Nullable Long next, @Nullable String run, @Nullable String skipped)
            throws SQLException {
        PreparedStatement update =
                tx.prepare("UPDATE schedule SET next_at = ?, last_at = ?, last_run = ?, last_skipped = ?"
                        + " WHERE recipe_id = ? AND version = ? AND number = ? AND next_at = ? AND paused = 0");
        set(update, 1, next);
        set(update, 2, due.nextAt());
        update.setString(3, run);
        update.setString(4, skipped);
        update.setString(5, due.recipeId());
        update.setInt(6, due.version());
        update.setInt(7, due.number());
        set(update, 8, due.nextAt());
        return update.executeUpdate() == 1;
    }

    static void pause(Transaction tx, Row row, boolean paused, @Nullable Long next) throws SQLException {
        PreparedStatement update = tx.prepare(
                "UPDATE schedule SET paused = ?, next_at = ?" + " WHERE recipe_id = ? AND version = ? AND number = ?");
        update.setInt(1, paused ? 1 : 0);
        set(update, 2, next);
        update.setString(3, row.recipeId());
        update.setInt(4, row.version());
        update.setInt(5, row.number());
        update.executeUpdate();
    }

    private static void set(PreparedStatement statement, int place, @Nullable Long value) throws SQLException {
        statement.setObject(place, value, Types.BIGINT);
    }

    private static @Nullable Long longOrNull(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static List<Row> rows(PreparedStatement select) throws SQLException {
        List<Row> rows = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                rows.add(new Row(
                        row.getString(1),
                        row.getInt(2),
                        row.getInt(3),
                        row.getInt(4) != 0,
                        longOrNull(row, 5),
                        longOrNull(row, 6),
                        row.getString(7),
                        row.getString(8)));
            }
        }
        return rows;
    }
}
