package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.hart.security.rules.Governance.Bounds;
import dev.hart.security.rules.GovernanceDecision.Outcome;
import dev.hart.security.rules.GovernanceScorers.Conversation;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GovernanceTest {
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private final TestClock clock = new TestClock();
    private final Governance governance = new Governance(clock);

    @Test
    void one_bad_signal_counts_more_than_one_good_one() {
        assertDecision(decide("content", signal(1), signal(0.1)), "0.316228", Outcome.DEFERRED);
    }

    @ParameterizedTest
    @CsvSource({
        "200, 100, 0.350000, DEFERRED",
        "90, 100, 0.730000, APPROVED",
        "100, 100, 0.700000, APPROVED",
        "100.01, 100, 0.699930, BOUNDED",
        "0, 100, 1.000000, APPROVED",
        "9999, 100, 0.050000, REJECTED",
        "0, 0, 1.000000, APPROVED",
        "0.000001, 0, 0.001000, REJECTED",
        "1000000, , 1.000000, APPROVED"
    })
    void a_cost_is_judged_by_its_budget(BigDecimal cost, @Nullable BigDecimal budget, String score, Outcome outcome) {
        assertDecision(decide("budget", GovernanceScorers.budget(cost, budget)), score, outcome);
    }

    @Test
    void a_cost_against_a_budget_of_0_is_rejected_whatever_the_others_say() {
        List<Signal> signals = new ArrayList<>(Collections.nCopies(50, signal(1)));
        signals.add(GovernanceScorers.budget(BigDecimal.ONE, BigDecimal.ZERO));
        assertThat(governance.decide("budget", signals, 0, Bounds.NONE).outcome())
                .isEqualTo(Outcome.REJECTED);
    }

    @Test
    void trade_without_consent_is_deferred() {
        assertDecision(
                decide("commerce", GovernanceScorers.commerce("books", 0.9, false)), "0.447214", Outcome.DEFERRED);
        assertDecision(
                decide("commerce", GovernanceScorers.commerce("books", 0.9, true)), "1.000000", Outcome.APPROVED);
        assertDecision(
                decide("commerce", GovernanceScorers.commerce("Dark Patterns", 1, true)), "0.020000", Outcome.REJECTED);
        assertDecision(
                decide("commerce", GovernanceScorers.commerce("books", 0.225, true)), "0.500000", Outcome.BOUNDED);
    }

    @Test
    void a_share_of_a_tenth_halves_the_score() {
        assertDecision(
                governance.decide(
                        "budget",
                        List.of(GovernanceScorers.budget(BigDecimal.valueOf(50), HUNDRED)),
                        0,
                        new Bounds(0.1, null, null)),
                "0.425000",
                Outcome.DEFERRED);
    }

    @ParameterizedTest
    @CsvSource({
        "0.05, , , 1",
        "0.2, , , 0.25",
        ", 2, , 1",
        ", 1, , 0.5",
        ", 0, , 0",
        ", , 0.05, 1",
        ", , 0.1, 0.5",
        ", , -1, 1",
        "0.1, 1, 0.1, 0.125"
    })
    void bounds_multiply(@Nullable Double share, @Nullable Integer witnesses, @Nullable Double gain, double factor) {
        assertThat(new Bounds(share, witnesses, gain).factor()).isCloseTo(factor, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({
        "0.7, APPROVED",
        "0.699999, BOUNDED",
        "0.5, BOUNDED",
        "0.499999, DEFERRED",
        "0.3, DEFERRED",
        "0.299999, REJECTED",
        "0, REJECTED",
        "1, APPROVED"
    })
    void a_score_has_one_outcome(double score, Outcome outcome) {
        assertThat(Governance.outcome(score)).isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"0.81, 0.1", "0.8, 0.2", "0.41, 0.2", "0.4, 0.3", "0, 0.3"})
    void confident_signals_are_adjusted_less(double confidence, double most) {
        Signal half = Signal.of("s", 0.5, confidence, 1, "s");
        GovernanceDecision up = governance.decide("goal", List.of(half), 9, Bounds.NONE);
        assertThat(up.intelligentAdjustment().doubleValue()).isCloseTo(most, within(1e-9));
        assertThat(up.finalScore().doubleValue()).isCloseTo(0.5 + most, within(1e-6));
        assertThat(governance
                        .decide("goal", List.of(half), -9, Bounds.NONE)
                        .finalScore()
                        .doubleValue())
                .isCloseTo(0.5 - most, within(1e-6));
    }

    @Test
    void an_adjustment_that_is_no_number_is_refused_and_appends_nothing() {
        String head = decide("goal", signal(1)).auditHash();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> governance.decide("goal", List.of(signal(1)), Double.NaN, Bounds.NONE));
        assertThat(decide("goal", signal(1)).parentHash()).isEqualTo(head);
    }

    @Test
    void an_unknown_domain_or_no_signal_is_deferred_at_best() {
        assertThat(decide("weather", signal(1)).outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(decide("weather", signal(0.1)).outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(governance.decide("goal", List.of(), 0, Bounds.NONE).outcome())
                .isEqualTo(Outcome.DEFERRED);
        assertThat(Governance.aggregate(List.of())).isEqualTo(1.0);
    }

    @Test
    void a_scorer_that_throws_gives_0_and_that_rejects() {
        Signal failed = Signal.from("budget", 1.0, () -> GovernanceScorers.budget(BigDecimal.valueOf(-1), null));
        assertThat(failed.score()).isZero();
        assertThat(decide("budget", failed, signal(1), signal(1)).outcome()).isEqualTo(Outcome.REJECTED);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 100, 1.0, 1.0, 0.9",
        "1, 0, 0.285714, 1.5, 0.5",
        "1, 10000, 0.285714, 1.5, 0.95",
        "3, 600, 0.117647, 1.5, 0.8"
    })
    void padding_does_not_make_harmful_content_milder(
            int matches, int length, double score, double weight, double confidence) {
        Signal signal = GovernanceScorers.content(matches, length);
        assertThat(signal.score()).isCloseTo(score, within(1e-6));
        assertThat(signal.weight()).isEqualTo(weight);
        assertThat(signal.confidence()).isCloseTo(confidence, within(1e-9));
    }

    @Test
    void revenue_is_split_as_agreed_or_scores_little() {
        assertThat(GovernanceScorers.revenue(0.90, 0.09, 0.01).score()).isEqualTo(1.0);
        assertThat(GovernanceScorers.revenue(0.89, 0.10, 0.01).score()).isCloseTo(Math.exp(-0.6), within(1e-9));
        assertThat(GovernanceScorers.revenue(0, 0, 1e6).score()).isGreaterThan(0);
        assertThatIllegalArgumentException().isThrownBy(() -> GovernanceScorers.revenue(Double.NaN, 0, 0));
    }

    @Test
    void trust_goal_and_privacy_have_fixed_scores() {
        assertThat(GovernanceScorers.trust(null).score()).isEqualTo(0.1);
        assertThat(GovernanceScorers.trust(true).score()).isEqualTo(1.0);
        assertThat(GovernanceScorers.trust(false).score()).isEqualTo(0.02);
        assertThat(GovernanceScorers.goal(true).score()).isEqualTo(1.0);
        assertThat(GovernanceScorers.goal(false).score()).isEqualTo(0.05);
        assertThat(GovernanceScorers.privacy(true).score()).isEqualTo(1.0);
        assertThat(GovernanceScorers.privacy(false).score()).isEqualTo(0.02);
    }

    @Test
    void consent_counts_for_24_hours_and_defers_afterwards() {
        assertThat(GovernanceScorers.consent(false, null).score()).isEqualTo(1.0);
        assertThat(GovernanceScorers.consent(true, null).score()).isEqualTo(0.15);
        assertThat(GovernanceScorers.consent(true, Duration.ofHours(-1)).score())
                .isEqualTo(0.15);
        Signal fresh = GovernanceScorers.consent(true, Duration.ofHours(24));
        assertDecision(decide("consent", fresh), "1.000000", Outcome.APPROVED);
        Signal expired = GovernanceScorers.consent(true, Duration.ofHours(24).plusSeconds(1));
        assertDecision(decide("consent", expired), "0.799991", Outcome.DEFERRED);
        assertThat(GovernanceScorers.consent(true, Duration.ofHours(48)).score())
                .isEqualTo(0.4);
        assertThat(GovernanceScorers.consent(true, Duration.ofDays(99)).score()).isEqualTo(0.2);
    }

    @Test
    void self_sovereignty_goes_by_skill_then_gain_then_words() {
        assertThat(GovernanceScorers.selfSovereignty("Weapons Design", 0, 0).score())
                .isEqualTo(0.01);
        assertThat(GovernanceScorers.selfSovereignty("csv", 0.05, 0).score()).isEqualTo(1.0);
        assertThat(GovernanceScorers.selfSovereignty("csv", 0.1, 0).score()).isEqualTo(0.5);
        assertThat(GovernanceScorers.selfSovereignty(null, 5, 0).score()).isEqualTo(0.05);
        assertThat(GovernanceScorers.selfSovereignty(null, 0, 1).score()).isEqualTo(0.25);
        assertThatIllegalArgumentException().isThrownBy(() -> GovernanceScorers.selfSovereignty(null, Double.NaN, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, 0, false, false, false, 0.7",
        "true, false, 0, true, false, false, 1",
        "true, true, 0, true, false, false, 0.6",
        "true, false, 2, true, false, false, 0.5",
        "true, false, 9, true, false, false, 0.3",
        "true, false, 0, false, false, false, 0.7",
        "true, false, 0, true, true, false, 0.5",
        "true, false, 0, true, false, true, 0.4",
        "true, true, 1, false, true, true, 0.063"
    })
    void wellbeing_falls_with_each_thing_that_went_wrong(
            boolean text,
            boolean brief,
            int dismissive,
            boolean value,
            boolean dependency,
            boolean distress,
            double score) {
        assertThat(GovernanceScorers.wellbeing(new Conversation(text, brief, dismissive, value, dependency, distress))
                        .score())
                .isCloseTo(score, within(1e-9));
    }

    @Test
    void who_approves_nearly_everything_is_trusted_less_from_twenty_decisions_on() {
        for (int i = 0; i < 20; i++) {
            assertDecision(decide("goal", signal(0.95)), "0.950000", Outcome.APPROVED);
        }
        assertDecision(decide("goal", signal(0.95)), "0.855000", Outcome.APPROVED);
    }

    @Test
    void eighty_five_of_a_hundred_high_scores_are_not_too_many() {
        for (int i = 0; i < 20; i++) {
            decide("goal", signal(i < 17 ? 0.95 : 0.8)); // 17 of 20 is 85 %
        }
        assertDecision(decide("goal", signal(0.95)), "0.950000", Outcome.APPROVED);
        assertDecision(decide("goal", signal(0.95)), "0.855000", Outcome.APPROVED); // 18 of 21
    }

    @Test
    void a_domain_that_is_nearly_always_rejected_is_doubted() {
        for (int i = 0; i < 15; i++) {
            decide("goal", signal(0.8));
        }
        for (int i = 0; i < 5; i++) {
            decide("trust", signal(0.2));
        }
        assertDecision(decide("trust", signal(1)), "0.850000", Outcome.APPROVED);
        assertDecision(decide("goal", signal(1)), "1.000000", Outcome.APPROVED);
    }

    @Test
    void an_erratic_domain_is_doubted() {
        for (int i = 0; i < 16; i++) {
            decide("goal", signal(0.8));
        }
        for (int i = 0; i < 4; i++) {
            decide("trust", signal(i % 2 == 0 ? 1 : 0.1));
        }
        assertDecision(decide("trust", signal(1)), "0.900000", Outcome.APPROVED);
    }

    @Test
    void decisions_are_a_chain_that_shows_any_change() {
        List<GovernanceDecision> chain = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            chain.add(decide("goal", signal(0.5 + i / 10.0)));
            clock.advance(Duration.ofSeconds(1));
        }
        assertThat(chain.get(0).parentHash()).isEqualTo("0".repeat(64));
        assertThat(chain)
                .extracting(GovernanceDecision::decisionId)
                .doesNotHaveDuplicates()
                .allMatch(id -> id.matches("[0-9a-f]{16}"));
        assertThat(GovernanceDecision.isChain(chain, "0".repeat(64))).isTrue();
        GovernanceDecision second = chain.get(1);
        GovernanceDecision forged = new GovernanceDecision(
                second.decisionId(),
                second.domain(),
                Outcome.APPROVED,
                second.signals(),
                second.aggregateScore(),
                second.intelligentAdjustment(),
                second.finalScore(),
                second.reasoning(),
                second.timestamp(),
                second.auditHash(),
                second.parentHash());
        assertThat(forged.isIntact()).isFalse();
        assertThat(GovernanceDecision.isChain(List.of(chain.get(0), forged), "0".repeat(64)))
                .isFalse();
        assertThat(GovernanceDecision.isChain(List.of(chain.get(0), chain.get(2)), "0".repeat(64)))
                .isFalse();
        assertThat(new Governance(clock, chain)
                        .decide("goal", List.of(signal(1)), 0, Bounds.NONE)
                        .parentHash())
                .isEqualTo(chain.get(3).auditHash());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Governance(clock, List.of(chain.get(0), chain.get(2))));
    }

    @Test
    void threads_append_to_one_chain() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<GovernanceDecision>> calls = Collections.nCopies(64, () -> decide("goal", signal(0.8)));
            List<GovernanceDecision> all = new ArrayList<>();
            for (Future<GovernanceDecision> call : threads.invokeAll(calls)) {
                all.add(call.get());
            }
            assertThat(all).extracting(GovernanceDecision::parentHash).doesNotHaveDuplicates();
        } finally {
            threads.shutdownNow();
        }
    }

    @RepeatedTest(100)
    void scores_are_shares_and_a_better_signal_never_lowers_them(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Signal> signals = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(8); i++) {
            signals.add(
                    Signal.of("s" + i, random.nextDouble(), random.nextDouble(), 0.1 + random.nextDouble() * 5, "s"));
        }
        double before = Governance.aggregate(signals);
        int changed = random.nextInt(signals.size());
        Signal old = signals.get(changed);
        signals.set(
                changed,
                Signal.of(old.name(), old.score() + (1 - old.score()) * random.nextDouble(), 1, old.weight(), "s"));
        assertThat(before).isBetween(0.001, 1.0);
        assertThat(Governance.aggregate(signals)).isBetween(before - 1e-12, 1.0);
        GovernanceDecision decision = governance.decide(
                "goal",
                signals,
                random.nextGaussian(),
                new Bounds(random.nextDouble(), random.nextInt(4), random.nextDouble()));
        assertThat(decision.finalScore()).isBetween(BigDecimal.ZERO, BigDecimal.ONE);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, 1.01, Double.NaN})
    void a_score_that_is_none_is_refused(double score) {
        assertThatIllegalArgumentException().isThrownBy(() -> signal(score));
        assertThatIllegalArgumentException().isThrownBy(() -> Signal.of("s", 1, score, 1, "s"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Bounds(score, null, null));
    }

    @Test
    void a_weight_that_is_none_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Signal.of("s", 1, 1, 0, "s"));
        assertThatIllegalArgumentException().isThrownBy(() -> Signal.of("s", 1, 1, Double.POSITIVE_INFINITY, "s"));
    }

    private GovernanceDecision decide(String domain, Signal... signals) {
        return governance.decide(domain, List.of(signals), 0, Bounds.NONE);
    }

    private static Signal signal(double score) {
        return Signal.of("s", score, 0.9, 1, "s");
    }

    private static void assertDecision(GovernanceDecision decision, String score, Outcome outcome) {
        assertThat(decision.finalScore()).isEqualTo(new BigDecimal(score));
        assertThat(decision.outcome()).isEqualTo(outcome);
    }
}
