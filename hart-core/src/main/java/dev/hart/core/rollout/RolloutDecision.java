package dev.hart.core.rollout;

import dev.hart.recipe.Rollout;
import dev.hart.recipe.Rollout.State;
import dev.hart.recipe.Rollout.Tally;
import dev.hart.recipe.RolloutPlan;
import dev.hart.recipe.RolloutPlan.Mode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a rollout, by what it has shown alone. A candidate takes over only with as many runs as its plan asks for and
 * every condition met. It is rolled back as soon as it can no longer meet one, when too little of it can be compared, and when its
 * time is over: so each rollout ends.
 *
 * @param reasons each a sentence
 */
public record RolloutDecision(State state, List<String> reasons) {
    /** Differences below this are the machine's, not the version's. */
    private static final long SAME_MILLIS = 50;

    private static final int NOT_COMPARED_BASE = 20;

    /** What is decided now; null when it goes on. */
    public static @Nullable RolloutDecision of(Rollout rollout, Instant now) {
        List<String> failed = failed(rollout);
        if (!failed.isEmpty()) {
            return new RolloutDecision(State.ROLLED_BACK, failed);
        }
        RolloutPlan plan = rollout.plan();
        Tally tried = rollout.tried();
        if (tried.runs() >= plan.minimumRuns() && isComparable(rollout)) {
            return new RolloutDecision(State.PROMOTED, List.of(met(rollout)));
        }
        if (!now.isBefore(rollout.endsAt())) {
            return new RolloutDecision(
                    State.ROLLED_BACK,
                    List.of("its time of " + plan.longest() + " is over with " + tried.runs() + " of "
                            + plan.minimumRuns() + " runs"
                            + (tried.runs() < plan.minimumRuns()
                                    ? ""
                                    : ", and none of the current version to compare with")
                            + (rollout.notCompared() == 0 ? "" : "; " + rollout.notCompared() + " did not count")));
        }
        int most = NOT_COMPARED_BASE + 10 * plan.minimumRuns();
        if (rollout.notCompared() >= most) {
            return new RolloutDecision(
                    State.ROLLED_BACK,
                    List.of(rollout.notCompared() + " runs could not be compared, and only " + tried.runs()
                            + " could"));
        }
        return null;
    }

    private static String met(Rollout rollout) {
        Tally tried = rollout.tried();
        return tried.passed() + " of " + tried.runs() + " runs passed"
                + (rollout.plan().mode() == Mode.SHADOW
                        ? ", " + rollout.agreed() + " of " + rollout.compared() + " came to the same result"
                        : "");
    }

    private static boolean isComparable(Rollout rollout) {
        return (rollout.plan().slowdown() == null && rollout.plan().costRise() == null)
                || rollout.current().runs() > 0;
    }

    /** Which conditions are not met, or cannot be any more. */
    private static List<String> failed(Rollout rollout) {
        RolloutPlan plan = rollout.plan();
        Tally tried = rollout.tried();
        int missing = Math.max(0, plan.minimumRuns() - tried.runs());
        List<String> failed = new ArrayList<>();
        if (isOut(tried.passed(), tried.runs(), plan.successRate(), missing)) {
            failed.add("%d of %d runs failed or did not pass; %s of %d must"
                    .formatted(
                            tried.runs() - tried.passed(),
                            tried.runs(),
                            percent(plan.successRate()),
                            Math.max(plan.minimumRuns(), tried.runs())));
        }
        if (plan.mode() == Mode.SHADOW && isOut(rollout.agreed(), rollout.compared(), plan.agreement(), missing)) {
            failed.add("%d of %d results differ from those of version %d; %s must agree"
                    .formatted(
                            rollout.compared() - rollout.agreed(),
                            rollout.compared(),
                            rollout.baseline(),
                            percent(plan.agreement())));
        }
        Tally current = rollout.current();
        if (tried.runs() < plan.minimumRuns() || current.runs() == 0) {
            return failed;
        }
        BigDecimal slowdown = plan.slowdown();
        if (slowdown != null
                && isMore(
                        tried.time().toMillis(),
                        tried.runs(),
                        current.time().toMillis(),
                        current.runs(),
                        slowdown,
                        SAME_MILLIS)) {
            failed.add("its runs take %d ms on average, those of version %d %d ms; %s times as long is allowed"
                    .formatted(
                            tried.time().toMillis() / tried.runs(),
                            rollout.baseline(),
                            current.time().toMillis() / current.runs(),
                            slowdown.toPlainString()));
        }
        BigDecimal costRise = plan.costRise();
        if (costRise != null
                && isMore(tried.cost().micro(), tried.runs(), current.cost().micro(), current.runs(), costRise, 0)) {
            failed.add("its runs cost %d µSpark on average, those of version %d %d; %s times as much is allowed"
                    .formatted(
                            tried.cost().micro() / tried.runs(),
                            rollout.baseline(),
                            current.cost().micro() / current.runs(),
                            costRise.toPlainString()));
        }
        return failed;
    }

    /** Whether so many good ones are too few, also if all were good that are still missing. */
    private static boolean isOut(int good, int all, BigDecimal share, int missing) {
        return BigDecimal.valueOf(good + missing).compareTo(share.multiply(BigDecimal.valueOf(all + missing))) < 0;
    }

    private static boolean isMore(
            long tried, int triedRuns, long current, int currentRuns, BigDecimal times, long same) {
        BigDecimal average = average(tried, triedRuns);
        BigDecimal before = average(current, currentRuns);
        BigDecimal allowed = before.multiply(times);
        return average.compareTo(allowed.max(before.min(allowed).add(BigDecimal.valueOf(same)))) > 0;
    }

    private static BigDecimal average(long sum, int runs) {
        return BigDecimal.valueOf(sum).divide(BigDecimal.valueOf(runs), 6, RoundingMode.HALF_UP);
    }

    private static String percent(BigDecimal share) {
        return share.movePointRight(2).stripTrailingZeros().toPlainString() + " %";
    }
}
