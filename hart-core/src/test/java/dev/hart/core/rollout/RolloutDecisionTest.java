package dev.hart.core.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Spark;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.Rollout.State;
import dev.hart.recipe.Rollout.Tally;
import dev.hart.recipe.RolloutPlan;
import dev.hart.recipe.RolloutPlan.Mode;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a rollout has shown decides, and nothing else. */
class RolloutDecisionTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** What a rollout has shown, run by run. */
    private static final class Shown {
        final RolloutPlan plan;
        int runs;
        int passed;
        long millis;
        long cost;
        int baselineRuns;
        long baselineMillis;
        long baselineCost;
        int compared;
        int agreed;
        int notCompared;
        Instant now = START;

        Shown(RolloutPlan plan) {
            this.plan = plan;
        }

        Shown runs(int runs, int passed) {
            this.runs = runs;
            this.passed = passed;
            return this;
        }

        Shown compared(int compared, int agreed) {
            this.compared = compared;
            this.agreed = agreed;
            return this;
        }

        Shown took(long each, long baselineEach) {
            baselineRuns = 10;
            millis = each * runs;
            baselineMillis = baselineEach * 10;
            return this;
        }

        Shown costs(long each, long baselineEach) {
            baselineRuns = 10;
            cost = each * runs;
            baselineCost = baselineEach * 10;
            return this;
        }

        Shown notCompared(int runs) {
            notCompared = runs;
            return this;
        }

        Shown after(Duration time) {
            now = START.plus(time);
            return this;
        }

        RolloutDecision decision() {
            return RolloutDecision.of(
                    new Rollout(
                            "r",
                            "id",
                            "report",
                            1,
                            2,
                            plan,
                            "",
                            State.RUNNING,
                            START,
                            START.plus(plan.longest()),
                            null,
                            List.of(),
                            new Tally(runs, passed, Duration.ofMillis(millis), new Spark(cost)),
                            new Tally(
                                    baselineRuns,
                                    baselineRuns,
                                    Duration.ofMillis(baselineMillis),
                                    new Spark(baselineCost)),
                            compared,
                            agreed,
                            notCompared),
                    now);
        }

        State state() {
            RolloutDecision decision = decision();
            return decision == null ? State.RUNNING : decision.state();
        }
    }

    private static Shown share() {
        return new Shown(RolloutPlan.share(20).minimumRuns(10).successRate(0.8));
    }

    private static Shown shadow() {
        return new Shown(RolloutPlan.shadow().minimumRuns(10).agreement(0.8));
    }

    @Test
    void aVersionTakesOverWithItsLastMissingRunAndNotBefore() {
        assertThat(share().runs(9, 9).state()).isEqualTo(State.RUNNING);
        assertThat(share().runs(10, 10).state()).isEqualTo(State.PROMOTED);
        assertThat(share().runs(10, 8).state()).isEqualTo(State.PROMOTED);
        assertThat(share().runs(10, 7).state()).isEqualTo(State.ROLLED_BACK);
    }

    @Test
    void aVersionThatCannotReachItsShareAnyMoreIsRolledBackAtOnce() {
        assertThat(share().runs(2, 0).state()).isEqualTo(State.RUNNING);
        assertThat(share().runs(3, 0).state()).isEqualTo(State.ROLLED_BACK);
        assertThat(share().runs(3, 0).decision().reasons())
                .containsExactly("3 of 3 runs failed or did not pass; 80 % of 10 must");
    }

    @Test
    void aShadowMustAgreeWhereItCouldBeCompared() {
        assertThat(shadow().runs(10, 10).compared(10, 8).state()).isEqualTo(State.PROMOTED);
        assertThat(shadow().runs(10, 10).compared(10, 7).state()).isEqualTo(State.ROLLED_BACK);
        assertThat(shadow().runs(10, 10).compared(5, 4).state()).isEqualTo(State.PROMOTED);
        assertThat(shadow().runs(10, 10).compared(5, 3).state()).isEqualTo(State.ROLLED_BACK);
        assertThat(shadow().runs(10, 10).compared(0, 0).state()).isEqualTo(State.PROMOTED);
        assertThat(shadow().runs(2, 2).compared(2, 0).state()).isEqualTo(State.RUNNING);
        assertThat(shadow().runs(3, 3).compared(3, 0).state()).isEqualTo(State.ROLLED_BACK);
    }

    @Test
    void agreementIsNoConditionWhenTheVersionAnswersItself() {
        assertThat(share().runs(10, 10).compared(10, 0).state()).isEqualTo(State.PROMOTED);
    }

    @Test
    void aVersionThatIsTooSlowOrTooDearIsRolledBack() {
        Shown slow = new Shown(RolloutPlan.share(20).minimumRuns(10).slowdown(1.5));
        assertThat(slow.runs(10, 10).took(150, 100).state()).isEqualTo(State.PROMOTED);
        assertThat(slow.runs(10, 10).took(151, 100).state()).isEqualTo(State.ROLLED_BACK);
        assertThat(slow.runs(10, 10).took(50, 0).state())
                .as("50 ms more are the machine's")
                .isEqualTo(State.PROMOTED);
        assertThat(slow.runs(10, 10).took(51, 0).state()).isEqualTo(State.ROLLED_BACK);
        Shown dear = new Shown(RolloutPlan.share(20).minimumRuns(10).costRise(2));
        assertThat(dear.runs(10, 10).costs(200, 100).state()).isEqualTo(State.PROMOTED);
        assertThat(dear.runs(10, 10).costs(201, 100).state()).isEqualTo(State.ROLLED_BACK);
        assertThat(dear.runs(10, 10).costs(1, 0).state()).isEqualTo(State.ROLLED_BACK);
        assertThat(dear.runs(10, 10).costs(0, 0).state()).isEqualTo(State.PROMOTED);
    }

    @Test
    void withNothingToCompareTimeWithItWaitsUntilItsTimeIsOver() {
        Shown slow = new Shown(RolloutPlan.share(20).minimumRuns(10).slowdown(1.5)).runs(10, 10);
        assertThat(slow.state()).isEqualTo(State.RUNNING);
        assertThat(slow.after(Duration.ofDays(7)).state()).isEqualTo(State.ROLLED_BACK);
    }

    @Test
    void whenItsTimeIsOverAVersionWithTooFewRunsIsRolledBack() {
        assertThat(share().runs(9, 9).after(Duration.ofDays(7).minusMillis(1)).state())
                .isEqualTo(State.RUNNING);
        RolloutDecision over =
                share().runs(9, 9).after(Duration.ofDays(7)).notCompared(4).decision();
        assertThat(over.state()).isEqualTo(State.ROLLED_BACK);
        assertThat(over.reasons()).containsExactly("its time of PT168H is over with 9 of 10 runs; 4 did not count");
        assertThat(share().runs(10, 10).after(Duration.ofDays(8)).state()).isEqualTo(State.PROMOTED);
    }

    @Test
    void aVersionThatCanHardlyEverBeComparedIsRolledBack() {
        assertThat(shadow().runs(1, 1).notCompared(119).state()).isEqualTo(State.RUNNING);
        assertThat(shadow().runs(1, 1).notCompared(120).state()).isEqualTo(State.ROLLED_BACK);
    }

    /** Any sequence of outcomes: it ends, by the last missing run at the latest, and never takes over below a bound. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverTheRunsComeToARolloutEndsAndKeepsItsBounds(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            RolloutPlan plan = plan(random);
            Shown shown = new Shown(plan);
            double good = random.nextDouble();
            RolloutDecision decision = null;
            int steps = 0;
            while (decision == null) {
                assertThat(++steps)
                        .as("seed %d, round %d, %s", seed, round, plan)
                        .isLessThan(5_000);
                happen(shown, random, good);
                decision = shown.decision();
            }
            if (decision.state() == State.PROMOTED) {
                assertBounds(shown);
            } else {
                assertThat(decision.state()).isEqualTo(State.ROLLED_BACK);
                assertThat(decision.reasons()).isNotEmpty();
            }
            assertThat(shown.decision()).as("it is the same when asked again").isEqualTo(decision);
        }
    }

    private static RolloutPlan plan(Random random) {
        RolloutPlan plan = (random.nextBoolean() ? RolloutPlan.shadow() : RolloutPlan.share(1 + random.nextInt(99)))
                .minimumRuns(1 + random.nextInt(30))
                .successRate(random.nextInt(11) / 10.0)
                .agreement(random.nextInt(11) / 10.0);
        if (random.nextInt(3) == 0) {
            plan = plan.slowdown(0.5 + random.nextDouble() * 2);
        }
        return random.nextInt(3) == 0 ? plan.costRise(0.5 + random.nextDouble() * 2) : plan;
    }

    private static void happen(Shown shown, Random random, double good) {
        shown.now = shown.now.plus(Duration.ofMinutes(random.nextInt(600)));
        int what = random.nextInt(10);
        if (what < 3) {
            shown.baselineRuns++;
            shown.baselineMillis += random.nextInt(400);
            shown.baselineCost += random.nextInt(10);
        } else if (what == 3) {
            shown.notCompared++;
        } else {
            shown.runs++;
            shown.passed += random.nextDouble() < good ? 1 : 0;
            shown.millis += random.nextInt(400);
            shown.cost += random.nextInt(10);
            if (shown.plan.mode() == Mode.SHADOW && random.nextInt(5) > 0) {
                shown.compared++;
                shown.agreed += random.nextDouble() < good ? 1 : 0;
            }
        }
    }

    private static void assertBounds(Shown shown) {
        RolloutPlan plan = shown.plan;
        assertThat(shown.runs).isGreaterThanOrEqualTo(plan.minimumRuns());
        assertThat(BigDecimal.valueOf(shown.passed))
                .isGreaterThanOrEqualTo(plan.successRate().multiply(BigDecimal.valueOf(shown.runs)));
        if (plan.mode() == Mode.SHADOW) {
            assertThat(BigDecimal.valueOf(shown.agreed))
                    .isGreaterThanOrEqualTo(plan.agreement().multiply(BigDecimal.valueOf(shown.compared)));
        }
        if (plan.slowdown() != null) {
            double before = (double) shown.baselineMillis / shown.baselineRuns;
            assertThat((double) shown.millis / shown.runs)
                    .isLessThanOrEqualTo(Math.max(
                                    before * plan.slowdown().doubleValue(),
                                    before * Math.min(1, plan.slowdown().doubleValue()) + 50)
                            + 0.001);
        }
        if (plan.costRise() != null) {
            assertThat((double) shown.cost / shown.runs)
                    .isLessThanOrEqualTo((double) shown.baselineCost
                                    / shown.baselineRuns
                                    * plan.costRise().doubleValue()
                            + 0.001);
        }
    }

    @Test
    void theShareOfTheRunsIsAboutWhatWasAskedForAndTheSameEachTime() {
        int taken = 0;
        for (int i = 0; i < 10_000; i++) {
            boolean takes = RolloutShare.takes("rollout", "run-" + i, 20);
            assertThat(RolloutShare.takes("rollout", "run-" + i, 20)).isEqualTo(takes);
            assertThat(!takes || RolloutShare.takes("rollout", "run-" + i, 21))
                    .as("a greater share keeps the runs of a smaller one")
                    .isTrue();
            taken += takes ? 1 : 0;
        }
        assertThat(taken).isBetween(1_850, 2_150);
        assertThat(RolloutShare.takes("rollout", "run", 0)).isFalse();
        assertThat(RolloutShare.takes("rollout", "run", 100)).isTrue();
    }
}
