package dev.hart.recipe;

import dev.hart.error.InputInvalidException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a new version of a recipe proves itself before it takes the place of the current one. Immutable.
 *
 * @param mode how it runs until then
 * @param share which percentage of the requests the new version does, 1 to 100; 0 in the mode SHADOW
 * @param minimumRuns of the new version that count before it can take over, 1 to 100,000; 20 unless set
 * @param longest time until it has taken over or is rolled back; 7 days unless set
 * @param successRate the share of its runs that must end well and pass the recipe's check, 0 to 1; 1 unless set
 * @param agreement the share of its shadow runs whose result must be that of the current version, 0 to 1; 1 unless set. Not
 *     looked at in the mode SHARE
 * @param slowdown how many times as long as the current version it may take, by the average of both; null for any. What is
 *     less than 50 ms does not count
 * @param costRise how many times as much as the current version it may cost, by the average of both; null for any
 */
public record RolloutPlan(
        Mode mode,
        int share,
        int minimumRuns,
        Duration longest,
        BigDecimal successRate,
        BigDecimal agreement,
        @Nullable BigDecimal slowdown,
        @Nullable BigDecimal costRise) {
    private static final int MOST_RUNS = 100_000;
    private static final Duration MOST_TIME = Duration.ofDays(365);

    /** How the new version runs. */
    public enum Mode {
        /**
         * The current version answers; the new one runs beside it, for the comparison alone. It only reads: every step that does
         * more gets what the same call gave the current version, and where there was no such call, the run is not compared.
         */
        SHADOW,
        /** The new version answers a share of the requests. */
        SHARE
    }

    public RolloutPlan {
        check("share", mode == Mode.SHADOW ? share == 0 : share >= 1 && share <= 100, "1 to 100 percent", share);
        check("minimumRuns", minimumRuns >= 1 && minimumRuns <= MOST_RUNS, "1 to " + MOST_RUNS, minimumRuns);
        check(
                "longest",
                longest.compareTo(Duration.ZERO) > 0 && longest.compareTo(MOST_TIME) <= 0,
                "longer than zero and at most 365 days",
                longest);
        check("successRate", isShare(successRate), "between 0 and 1", successRate);
        check("agreement", isShare(agreement), "between 0 and 1", agreement);
        check("slowdown", slowdown == null || slowdown.signum() > 0, "more than 0", slowdown);
        check("costRise", costRise == null || costRise.signum() > 0, "more than 0", costRise);
        check(
                "share",
                share < 100 || (slowdown == null && costRise == null),
                "less than 100 percent, or there is nothing to compare time and cost with",
                share);
    }

    private static boolean isShare(BigDecimal value) {
        return value.signum() >= 0 && value.compareTo(BigDecimal.ONE) <= 0;
    }

    private static void check(String field, boolean holds, String allowed, @Nullable Object value) {
        if (!holds) {
            throw new InputInvalidException(field, "must be " + allowed + ", was " + value);
        }
    }

    /** The new version runs beside the current one. */
    public static RolloutPlan shadow() {
        return new RolloutPlan(Mode.SHADOW, 0, 20, Duration.ofDays(7), BigDecimal.ONE, BigDecimal.ONE, null, null);
    }

    /** The new version does that percentage of the requests, 1 to 100. */
    public static RolloutPlan share(int percent) {
        return new RolloutPlan(Mode.SHARE, percent, 20, Duration.ofDays(7), BigDecimal.ONE, BigDecimal.ONE, null, null);
    }

    /** The same with so many runs of the new version before it can take over, 1 to 100,000. */
    public RolloutPlan minimumRuns(int runs) {
        return new RolloutPlan(mode, share, runs, longest, successRate, agreement, slowdown, costRise);
    }

    /** The same with at most this time, longer than zero and at most 365 days. */
    public RolloutPlan longest(Duration time) {
        return new RolloutPlan(mode, share, minimumRuns, time, successRate, agreement, slowdown, costRise);
    }

    /** The same with this share of its runs that must end well and pass the recipe's check, 0 to 1. */
    public RolloutPlan successRate(double rate) {
        return new RolloutPlan(
                mode, share, minimumRuns, longest, BigDecimal.valueOf(rate), agreement, slowdown, costRise);
    }

    /** The same with this share of its shadow runs that must come to the result of the current version, 0 to 1. */
    public RolloutPlan agreement(double rate) {
        return new RolloutPlan(
                mode, share, minimumRuns, longest, successRate, BigDecimal.valueOf(rate), slowdown, costRise);
    }

    /** The same with so many times as long as the current version it may take, more than 0. */
    public RolloutPlan slowdown(double times) {
        return new RolloutPlan(
                mode, share, minimumRuns, longest, successRate, agreement, BigDecimal.valueOf(times), costRise);
    }

    /** The same with so many times as much as the current version it may cost, more than 0. */
    public RolloutPlan costRise(double times) {
        return new RolloutPlan(
                mode, share, minimumRuns, longest, successRate, agreement, slowdown, BigDecimal.valueOf(times));
    }

    /** As JSON, with the names of this record; {@code longest} as in {@code P7D}. */
    public Map<String, @Nullable Object> toJson() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("mode", mode.name());
        json.put("share", (long) share);
        json.put("minimumRuns", (long) minimumRuns);
        json.put("longest", longest.toString());
        json.put("successRate", successRate);
        json.put("agreement", agreement);
        json.put("slowdown", slowdown);
        json.put("costRise", costRise);
        return json;
    }

    /**
     * The plan that {@link #toJson} wrote; what is left out has its default.
     *
     * @throws InputInvalidException when a field is unknown, of the wrong type or out of its range
     */
    public static RolloutPlan of(Map<String, ? extends @Nullable Object> json) {
        JsonFields fields = new JsonFields("rollout", json);
        String mode = fields.text("mode");
        int share = fields.integer("share", 0);
        RolloutPlan plan = new RolloutPlan(
                mode == null ? (share == 0 ? Mode.SHADOW : Mode.SHARE) : mode(mode),
                share,
                fields.integer("minimumRuns", 20),
                fields.duration("longest", Duration.ofDays(7)),
                fields.decimal("successRate", BigDecimal.ONE),
                fields.decimal("agreement", BigDecimal.ONE),
                fields.decimal("slowdown"),
                fields.decimal("costRise"));
        fields.noMore();
        return plan;
    }

    private static Mode mode(String name) {
        return Arrays.stream(Mode.values())
                .filter(mode -> mode.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new InputInvalidException("rollout.mode", "must be SHADOW or SHARE, was " + name));
    }
}
