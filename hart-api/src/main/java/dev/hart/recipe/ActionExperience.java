package dev.hart.recipe;

import dev.hart.Spark;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What runs have shown about one action of a recipe. Everything is counted in integers; rates and averages are computed when
 * they are asked for.
 *
 * @param attempts how often it ended, well or not; an action that was tried again in one run counts each time
 * @param successes how often it ended well
 * @param time spent in its calls, in whole milliseconds; what it waited for a person or another attempt is not in it
 * @param modelCalls of its MODEL steps
 * @param cost of those calls
 * @param deadEnds what went wrong, without values of inputs and secrets; newest first, at most 20, each once
 * @param fallbacks which other ways were tried, and whether they worked; newest first, at most 10
 * @param tools its calls by the tool's name
 * @param fallbackCounts every use of its fallbacks so far, by their texts
 */
public record ActionExperience(
        int flowId,
        int actionId,
        String name,
        long attempts,
        long successes,
        Duration time,
        long modelCalls,
        Spark cost,
        List<String> deadEnds,
        List<FallbackUse> fallbacks,
        Map<String, ToolUse> tools,
        Map<String, FallbackCount> fallbackCounts) {
    /** At most this many dead ends are kept. */
    public static final int MAX_DEAD_ENDS = 20;

    /** At most this many uses of fallbacks are kept. */
    public static final int MAX_FALLBACKS = 10;

    private static final int DEAD_ENDS_HINTED = 3;
    private static final int FALLBACKS_HINTED = 2;
    /** Of a fallback that nobody has tried: above 0, below 1 and a rate. */
    private static final BigDecimal UNTRIED = new BigDecimal("0.5");

    public ActionExperience {
        deadEnds = List.copyOf(deadEnds);
        fallbacks = List.copyOf(fallbacks);
        tools = Collections.unmodifiableMap(new LinkedHashMap<>(tools));
        fallbackCounts = Collections.unmodifiableMap(new LinkedHashMap<>(fallbackCounts));
    }

    /** Experience whose uses of fallbacks are all that there were. */
    public ActionExperience(
            int flowId,
            int actionId,
            String name,
            long attempts,
            long successes,
            Duration time,
            long modelCalls,
            Spark cost,
            List<String> deadEnds,
            List<FallbackUse> fallbacks,
            Map<String, ToolUse> tools) {
        this(
                flowId,
                actionId,
                name,
                attempts,
                successes,
                time,
                modelCalls,
                cost,
                deadEnds,
                fallbacks,
                tools,
                counts(fallbacks));
    }

    /** The same with these counts of its fallbacks. */
    public ActionExperience withFallbackCounts(Map<String, FallbackCount> counts) {
        return new ActionExperience(
                flowId,
                actionId,
                name,
                attempts,
                successes,
                time,
                modelCalls,
                cost,
                deadEnds,
                fallbacks,
                tools,
                counts);
    }

    private static Map<String, FallbackCount> counts(List<FallbackUse> uses) {
        Map<String, FallbackCount> counts = new LinkedHashMap<>();
        uses.forEach(use -> counts.merge(use.text(), new FallbackCount(1, use.worked() ? 1 : 0), FallbackCount::plus));
        return counts;
    }

    /** Nothing yet. */
    public static ActionExperience none(int flowId, int actionId, String name) {
        return new ActionExperience(
                flowId, actionId, name, 0, 0, Duration.ZERO, 0, Spark.ZERO, List.of(), List.of(), Map.of());
    }

    /** Another way that was tried after a failure. @param text as the recipe has it */
    public record FallbackUse(String text, boolean worked) {}

    /** How often a fallback was tried, and how often it worked. */
    public record FallbackCount(long uses, long successes) {
        /** Both together. */
        public FallbackCount plus(FallbackCount other) {
            return new FallbackCount(uses + other.uses, successes + other.successes);
        }
    }

    /** The calls of one tool, every attempt of a step counted. @param time in whole milliseconds */
    public record ToolUse(long calls, long successes, Duration time) {
        /** Both together. */
        public ToolUse plus(ToolUse other) {
            return new ToolUse(calls + other.calls, successes + other.successes, time.plus(other.time));
        }
    }

    /**
     * This and what came after it.
     *
     * @param newer of the same action
     */
    public ActionExperience plus(ActionExperience newer) {
        Map<String, ToolUse> used = new LinkedHashMap<>(tools);
        newer.tools.forEach((tool, use) -> used.merge(tool, use, ToolUse::plus));
        Map<String, FallbackCount> tried = new LinkedHashMap<>(fallbackCounts);
        newer.fallbackCounts.forEach((text, count) -> tried.merge(text, count, FallbackCount::plus));
        return new ActionExperience(
                flowId,
                actionId,
                name,
                attempts + newer.attempts,
                successes + newer.successes,
                time.plus(newer.time),
                modelCalls + newer.modelCalls,
                cost.plus(newer.cost),
                Stream.concat(newer.deadEnds.stream(), deadEnds.stream())
                        .distinct()
                        .limit(MAX_DEAD_ENDS)
                        .toList(),
                Stream.concat(newer.fallbacks.stream(), fallbacks.stream())
                        .limit(MAX_FALLBACKS)
                        .toList(),
                used,
                tried);
    }

    /**
     * The order in which a replay tries fallbacks: those that have worked by their success rate, the highest first; then those
     * that nobody has tried; then those that never worked. Equals stay in the order of the recipe.
     *
     * @param fallbacks of the action, in the order of the recipe
     * @return their places in that list, from 0
     */
    public List<Integer> fallbackOrder(List<Fallback> fallbacks) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < fallbacks.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparing((Integer place) -> standing(fallbacks.get(place)))
                .reversed());
        return order;
    }

    /** Its success rate; untried stands between what has worked at least once and what never has. */
    private BigDecimal standing(Fallback fallback) {
        FallbackCount count = fallbackCounts.get(fallback.text());
        if (count == null || count.uses() == 0) {
            return UNTRIED;
        }
        return count.successes() == 0
                ? BigDecimal.ZERO
                : BigDecimal.ONE.add(BigDecimal.valueOf(count.successes())
                        .divide(BigDecimal.valueOf(count.uses()), 9, RoundingMode.HALF_UP));
    }

    /** {@code successes / attempts}, four decimals HALF_UP; empty without attempts. */
    public Optional<BigDecimal> successRate() {
        return attempts == 0
                ? Optional.empty()
                : Optional.of(
                        BigDecimal.valueOf(successes).divide(BigDecimal.valueOf(attempts), 4, RoundingMode.HALF_UP));
    }

    /** {@code time / attempts}; empty without attempts. */
    public Optional<Duration> averageTime() {
        return attempts == 0 ? Optional.empty() : Optional.of(time.dividedBy(attempts));
    }

    /** {@code cost / attempts}, rounded up to a micro-Spark; empty without attempts. */
    public Optional<Spark> averageCost() {
        return attempts == 0 ? Optional.empty() : Optional.of(new Spark(-Math.floorDiv(-cost.micro(), attempts)));
    }

    /**
     * What to know before doing it again, in one line for a person or a model: what to avoid, what helped, how long it takes, and
     * a warning when fewer than 7 of 10 attempts ended well.
     */
    public String hints() {
        List<String> hints = new ArrayList<>();
        if (!deadEnds.isEmpty()) {
            hints.add("avoid "
                    + String.join(
                            "; ", deadEnds.stream().limit(DEAD_ENDS_HINTED).toList()));
        }
        List<String> helped = fallbacks.stream()
                .filter(FallbackUse::worked)
                .map(FallbackUse::text)
                .distinct()
                .limit(FALLBACKS_HINTED)
                .toList();
        if (!helped.isEmpty()) {
            hints.add("try " + String.join("; ", helped));
        }
        if (attempts > 0) {
            BigDecimal seconds = BigDecimal.valueOf(time.toMillis())
                    .divide(BigDecimal.valueOf(attempts).movePointRight(3), 1, RoundingMode.HALF_UP);
            if (seconds.signum() > 0) {
                hints.add("~" + seconds.toPlainString() + " s");
            }
        }
        if (successes * 10 < attempts * 7) {
            BigDecimal percent = BigDecimal.valueOf(successes)
                    .movePointRight(2)
                    .divide(BigDecimal.valueOf(attempts), 0, RoundingMode.HALF_UP);
            hints.add("low success " + percent.toPlainString() + " %");
        }
        return hints.isEmpty() ? "No prior experience recorded." : String.join(", ", hints);
    }
}
