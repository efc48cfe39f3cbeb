package dev.hart.core.rollout;

import dev.hart.Spark;
import dev.hart.core.rollout.Trial.Arm;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.Rollout.State;
import dev.hart.recipe.Rollout.Tally;
import dev.hart.recipe.RolloutPlan;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rollouts, and what each of their runs came to. A recipe has at most one that goes on. */
public final class RolloutTable {
    private static final String SELECT = """
            SELECT rollout_id, rollout.recipe_id, baseline, candidate, plan, cause, state, started_at, ends_at, ended_at, reasons,
            coalesce((SELECT min(recipe.name) FROM recipe WHERE recipe.recipe_id = rollout.recipe_id), '') FROM rollout\
            """;
    private static final int MOST = 200;

    private static final Tally NOTHING = new Tally(0, 0, Duration.ZERO, Spark.ZERO);

    private RolloutTable() {}

    /** Begins a rollout; its tallies are empty. */
    public static void insert(Transaction tx, Rollout rollout) throws SQLException {
        PreparedStatement insert =
                tx.prepare("INSERT INTO rollout (rollout_id, recipe_id, baseline, candidate, plan, cause, state,"
                        + " started_at, ends_at, reasons) VALUES (?, ?, ?, ?, ?, ?, 'RUNNING', ?, ?, '[]')");
        insert.setString(1, rollout.id());
        insert.setString(2, rollout.recipeId());
        insert.setInt(3, rollout.baseline());
        insert.setInt(4, rollout.candidate());
        insert.setString(5, CanonicalJson.write(rollout.plan().toJson()));
        insert.setString(6, rollout.cause());
        insert.setLong(7, rollout.startedAt().toEpochMilli());
        insert.setLong(8, rollout.endsAt().toEpochMilli());
        insert.executeUpdate();
    }

    /**
     * Ends a rollout.
     *
     * @return false when it had ended: then whoever was first has decided
     */
    public static boolean end(Transaction tx, String rolloutId, RolloutDecision decision, Instant now)
            throws SQLException {
        PreparedStatement update = tx.prepare("UPDATE rollout SET state = ?, reasons = ?, ended_at = ?"
                + " WHERE rollout_id = ? AND state = 'RUNNING'");
        update.setString(1, decision.state().name());
        update.setString(2, CanonicalJson.write(decision.reasons()));
        update.setLong(3, now.toEpochMilli());
        update.setString(4, rolloutId);
        return update.executeUpdate() == 1;
    }

    /** The rollout of a recipe that goes on; null when none does. */
    public static @Nullable Rollout running(Transaction tx, String recipeId) throws SQLException {
        return first(rows(tx, "WHERE rollout.recipe_id = ? AND state = 'RUNNING'", recipeId));
    }

    /** Null when there is none. */
    public static @Nullable Rollout find(Transaction tx, String rolloutId) throws SQLException {
        return first(rows(tx, "WHERE rollout_id = ?", rolloutId));
    }

    /** Those whose time is over and that still go on. */
    public static List<Rollout> overdue(Transaction tx, Instant now) throws SQLException {
        return rows(tx, "WHERE state = 'RUNNING' AND ends_at <= ?", now.toEpochMilli());
    }

    /** Newest first; of one recipe, or of all when {@code recipeId} is null. */
    public static List<Rollout> all(Transaction tx, @Nullable String recipeId) throws SQLException {
        String newest = "ORDER BY started_at DESC, rollout_id DESC LIMIT " + MOST;
        return recipeId == null ? rows(tx, newest) : rows(tx, "WHERE rollout.recipe_id = ? " + newest, recipeId);
    }

    /** Notes what a run came to; a run that was noted stays as it is. */
    public static void addTrial(Transaction tx, String rolloutId, Arm arm, TrialResult result) throws SQLException {
        PreparedStatement insert = tx.prepare("INSERT INTO rollout_trial (rollout_id, run_id, arm, passed, agreed,"
                + " millis, micro_spark, problems) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        insert.setString(1, rolloutId);
        insert.setString(2, result.runId());
        insert.setString(3, arm.name());
        insert.setInt(4, result.passed() ? 1 : 0);
        Boolean agreed = result.agreed();
        insert.setObject(5, agreed == null ? null : agreed ? 1 : 0, Types.INTEGER);
        insert.setLong(6, result.millis());
        insert.setLong(7, result.microSpark());
        insert.setString(8, CanonicalJson.write(result.problems()));
        insert.executeUpdate();
    }

    private static @Nullable Rollout first(List<Rollout> rollouts) {
        return rollouts.isEmpty() ? null : rollouts.get(0);
    }

    private static List<Rollout> rows(Transaction tx, String where, Object... values) throws SQLException {
        PreparedStatement select = tx.prepare(SELECT + " " + where);
        for (int i = 0; i < values.length; i++) {
            select.setObject(i + 1, values[i]);
        }
        List<Rollout> begun = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                begun.add(read(row));
            }
        }
        List<Rollout> rollouts = new ArrayList<>(begun.size());
        for (Rollout rollout : begun) {
            rollouts.add(withTallies(tx, rollout));
        }
        return rollouts;
    }

    private static Rollout read(ResultSet row) throws SQLException {
        Map<String, @Nullable Object> plan = CanonicalJson.readObject(row.getString(5));
        long ended = row.getLong(10);
        Instant endedAt = row.wasNull() ? null : Instant.ofEpochMilli(ended);
        return new Rollout(
                row.getString(1),
                row.getString(2),
                row.getString(12),
                row.getInt(3),
                row.getInt(4),
                RolloutPlan.of(plan),
                row.getString(6),
                State.valueOf(row.getString(7)),
                Instant.ofEpochMilli(row.getLong(8)),
                Instant.ofEpochMilli(row.getLong(9)),
                endedAt,
                WithheldTable.texts(row.getString(11)),
                NOTHING,
                NOTHING,
                0,
                0,
                0);
    }

    private static Rollout withTallies(Transaction tx, Rollout rollout) throws SQLException {
        PreparedStatement select = tx.prepare("SELECT arm, count(*), sum(passed), sum(millis), sum(micro_spark),"
                + " count(agreed), sum(agreed) FROM rollout_trial WHERE rollout_id = ? GROUP BY arm");
        select.setString(1, rollout.id());
        Tally tried = NOTHING;
        Tally current = NOTHING;
        int compared = 0;
        int agreed = 0;
        int notCompared = 0;
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                Tally tally = new Tally(
                        row.getInt(2), row.getInt(3), Duration.ofMillis(row.getLong(4)), new Spark(row.getLong(5)));
                switch (Arm.valueOf(row.getString(1))) {
                    case BASELINE -> current = tally;
                    case CANDIDATE -> {
                        tried = tally;
                        compared = row.getInt(6);
                        agreed = row.getInt(7);
                    }
                    case NOT_COMPARED -> notCompared = tally.runs();
                }
            }
        }
        return new Rollout(
                rollout.id(),
                rollout.recipeId(),
                rollout.recipe(),
                rollout.baseline(),
                rollout.candidate(),
                rollout.plan(),
                rollout.cause(),
                rollout.state(),
                rollout.startedAt(),
                rollout.endsAt(),
                rollout.endedAt(),
                rollout.reasons(),
                tried,
                current,
                compared,
                agreed,
                notCompared);
    }
}
