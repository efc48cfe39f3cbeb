package dev.hart.core.recipe;

import dev.hart.Spark;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Action;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.ActionExperience.FallbackCount;
import dev.hart.recipe.ActionExperience.FallbackUse;
import dev.hart.recipe.ActionExperience.ToolUse;
import dev.hart.recipe.Experience;
import dev.hart.recipe.Flow;
import dev.hart.recipe.RecipeVersion;
import dev.hart.store.Dialect;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rows of the experience with recipes: one for each action of a version that has ended in a run. */
final class ExperienceTable {
    private static final String COLUMNS =
            "flow_id, action_id, attempts, successes, total_ms, model_calls, micro_spark, dead_ends, fallbacks, tools, "
                    + "fallback_counts";
    private static final String SELECT =
            "SELECT " + COLUMNS + " FROM action_experience WHERE recipe_id = ? AND version = ?";
    private static final String INSERT = "INSERT INTO action_experience (recipe_id, version, " + COLUMNS
            + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (recipe_id, version, flow_id, action_id) DO ";
    private static final String UPDATE = """
            UPDATE SET attempts = excluded.attempts, successes = excluded.successes, total_ms = excluded.total_ms,
            model_calls = excluded.model_calls, micro_spark = excluded.micro_spark, dead_ends = excluded.dead_ends,
            fallbacks = excluded.fallbacks, tools = excluded.tools, fallback_counts = excluded.fallback_counts\
            """;

    private ExperienceTable() {}

    private record Place(int flowId, int actionId) {
        static Place of(ActionExperience action) {
            return new Place(action.flowId(), action.actionId());
        }
    }

    /**
     * Adds what one run has shown, each action once. Runs that end at the same time wait for each other here, so it is the
     * last thing in their transactions.
     */
    static void add(Transaction tx, RecipeVersion recipe, List<ActionExperience> gained) throws SQLException {
        if (gained.isEmpty()) {
            return;
        }
        Map<Place, ActionExperience> stored = lock(tx, recipe);
        if (tx.dialect() == Dialect.POSTGRESQL
                && gained.stream().anyMatch(action -> !stored.containsKey(Place.of(action)))) {
            // A row that is not there cannot be locked: two first runs would each write their own sum.
            for (ActionExperience action : gained) {
                write(
                        tx,
                        INSERT + "NOTHING",
                        recipe,
                        ActionExperience.none(action.flowId(), action.actionId(), action.name()));
            }
            stored.putAll(lock(tx, recipe));
        }
        for (ActionExperience action : gained) {
            ActionExperience before = stored.get(Place.of(action));
            write(tx, INSERT + UPDATE, recipe, before == null ? action : before.plus(action));
        }
    }

    private static Map<Place, ActionExperience> lock(Transaction tx, RecipeVersion recipe) throws SQLException {
        return select(
                tx,
                tx.dialect() == Dialect.POSTGRESQL ? SELECT + " ORDER BY flow_id, action_id FOR UPDATE" : SELECT,
                recipe);
    }

    static Experience of(Transaction tx, RecipeVersion recipe) throws SQLException {
        Map<Place, ActionExperience> stored = select(tx, SELECT, recipe);
        List<ActionExperience> actions = new ArrayList<>();
        for (Flow flow : recipe.recipe().flows()) {
            for (Action action : flow.actions()) {
                actions.add(stored.getOrDefault(
                        new Place(flow.flowId(), action.actionId()),
                        ActionExperience.none(flow.flowId(), action.actionId(), action.name())));
            }
        }
        return new Experience(recipe, actions);
    }

    private static Map<Place, ActionExperience> select(Transaction tx, String sql, RecipeVersion recipe)
            throws SQLException {
        Map<Place, String> names = new HashMap<>();
        for (Flow flow : recipe.recipe().flows()) {
            for (Action action : flow.actions()) {
                names.put(new Place(flow.flowId(), action.actionId()), action.name());
            }
        }
        PreparedStatement select = tx.prepare(sql);
        select.setString(1, recipe.recipeId());
        select.setInt(2, recipe.version());
        Map<Place, ActionExperience> found = new HashMap<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                Place place = new Place(rows.getInt(1), rows.getInt(2));
                found.put(place, read(rows, place, names.getOrDefault(place, "")));
            }
        }
        return found;
    }

    private static ActionExperience read(ResultSet row, Place place, String name) throws SQLException {
        List<FallbackUse> fallbacks = list(row.getString(9)).stream()
                .map(item -> fallback((Map<?, ?>) item))
                .toList();
        ActionExperience known = new ActionExperience(
                place.flowId(),
                place.actionId(),
                name,
                row.getLong(3),
                row.getLong(4),
                Duration.ofMillis(row.getLong(5)),
                row.getLong(6),
                new Spark(row.getLong(7)),
                list(row.getString(8)).stream().map(String::valueOf).toList(),
                fallbacks,
                tools(row.getString(10)));
        Map<String, FallbackCount> counts = counts(row.getString(11));
        // A row from before there were counts has only the newest uses.
        return counts.isEmpty() ? known : known.withFallbackCounts(counts);
    }

    private static Map<String, FallbackCount> counts(String json) {
        Map<String, FallbackCount> counts = new LinkedHashMap<>();
        CanonicalJson.readObject(json).forEach((text, value) -> {
            Map<?, ?> count = (Map<?, ?>) Objects.requireNonNull(value);
            counts.put(text, new FallbackCount(number(count, "uses"), number(count, "successes")));
        });
        return counts;
    }

    private static List<?> list(String json) {
        return (List<?>) Objects.requireNonNull(CanonicalJson.read(json));
    }

    private static FallbackUse fallback(Map<?, ?> json) {
        return new FallbackUse(String.valueOf(json.get("text")), Boolean.TRUE.equals(json.get("worked")));
    }

    private static Map<String, ToolUse> tools(String json) {
        Map<String, ToolUse> tools = new LinkedHashMap<>();
        CanonicalJson.readObject(json).forEach((tool, value) -> {
            Map<?, ?> use = (Map<?, ?>) Objects.requireNonNull(value);
            tools.put(
                    tool,
                    new ToolUse(
                            number(use, "calls"), number(use, "successes"), Duration.ofMillis(number(use, "totalMs"))));
        });
        return tools;
    }

    private static long number(Map<?, ?> json, String field) {
        return (Long) Objects.requireNonNull(json.get(field));
    }

    private static void write(Transaction tx, String sql, RecipeVersion recipe, ActionExperience action)
            throws SQLException {
        PreparedStatement insert = tx.prepare(sql);
        insert.setString(1, recipe.recipeId());
        insert.setInt(2, recipe.version());
        insert.setInt(3, action.flowId());
        insert.setInt(4, action.actionId());
        insert.setLong(5, action.attempts());
        insert.setLong(6, action.successes());
        insert.setLong(7, action.time().toMillis());
        insert.setLong(8, action.modelCalls());
        insert.setLong(9, action.cost().micro());
        insert.setString(10, CanonicalJson.write(action.deadEnds()));
        insert.setString(
                11,
                CanonicalJson.write(action.fallbacks().stream()
                        .map(use -> Map.of("text", use.text(), "worked", use.worked()))
                        .toList()));
        Map<String, @Nullable Object> tools = new LinkedHashMap<>();
        action.tools()
                .forEach((tool, use) -> tools.put(
                        tool,
                        Map.of(
                                "calls",
                                use.calls(),
                                "successes",
                                use.successes(),
                                "totalMs",
                                use.time().toMillis())));
        insert.setString(12, CanonicalJson.write(tools));
        Map<String, @Nullable Object> counts = new LinkedHashMap<>();
        action.fallbackCounts()
                .forEach((text, count) ->
                        counts.put(text, Map.of("uses", count.uses(), "successes", count.successes())));
        insert.setString(13, CanonicalJson.write(counts));
        insert.executeUpdate();
    }
}
