package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.hart.security.rules.FraudSignals.Reward;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Outliers and FraudSignals. */
class FraudSignalsTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void one_huge_value_among_ten_is_an_anomaly_by_medians() {
        List<Double> values = with(Collections.nCopies(9, 50.0), 1_000_000);
        assertThat(Outliers.score(1_000_000, values)).isCloseTo(7.979, within(0.0005));
        assertThat(FraudSignals.impressionAnomaly(1_000_000, values)).isTrue();
        assertThat(FraudSignals.impressionAnomaly(50, values)).isFalse();
    }

    @Test
    void with_distances_the_score_goes_by_their_median() {
        // median 100, distances 10 10 0 10 10 and 400: MAD 10
        List<Double> values = List.of(90.0, 110.0, 100.0, 90.0, 110.0, 500.0, 100.0);
        assertThat(Outliers.score(500, values)).isCloseTo(0.6745 * 400 / 10, within(1e-9));
    }

    @Test
    void equal_values_have_no_outlier() {
        assertThat(Outliers.score(50, Collections.nCopies(9, 50.0))).isZero();
    }

    @Test
    void five_nodes_are_needed() {
        assertThat(FraudSignals.impressionAnomaly(9_000, List.of(50.0, 51.0, 52.0, 9_000.0)))
                .isFalse();
        assertThat(FraudSignals.impressionAnomaly(9_000, List.of(50.0, 51.0, 52.0, 53.0, 9_000.0)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"49, false", "50, true"})
    void fifty_views_are_needed(double views, boolean anomaly) {
        assertThat(FraudSignals.impressionAnomaly(views, with(List.of(1.0, 2.0, 3.0, 2.0), views)))
                .isEqualTo(anomaly);
    }

    @ParameterizedTest
    @CsvSource({"9.99, false", "10, true"})
    void ten_spark_are_needed(double spark, boolean anomaly) {
        assertThat(FraudSignals.rewardVelocityAnomaly(spark, with(List.of(0.1, 0.2, 0.3, 0.2), spark)))
                .isEqualTo(anomaly);
    }

    @ParameterizedTest
    @CsvSource({"199, false", "200, true"})
    void twice_the_median_is_needed(double views, boolean anomaly) {
        List<Double> values = with(Collections.nCopies(9, 100.0), views);
        assertThat(Outliers.score(views, values)).isGreaterThan(Outliers.LIMIT);
        assertThat(FraudSignals.impressionAnomaly(views, values)).isEqualTo(anomaly);
    }

    @RepeatedTest(50)
    void a_larger_lead_never_scores_less_and_is_never_undefined(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Double> others = new ArrayList<>();
        for (int i = 0; i < 4 + random.nextInt(20); i++) {
            others.add((double) random.nextInt(100));
        }
        double before = Double.NEGATIVE_INFINITY;
        for (double x = 200; x < 1e9; x *= 3) {
            double score = Outliers.score(x, with(others, x));
            assertThat(score).isFinite().isGreaterThanOrEqualTo(before - 1e-9);
            before = score;
        }
    }

    @Test
    void values_that_are_none_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Outliers.score(1, List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> Outliers.score(Double.NaN, List.of(1.0)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Outliers.score(1, List.of(1.0, Double.POSITIVE_INFINITY)));
    }

    @ParameterizedTest
    @CsvSource({"50, 100, false", "49, 100, true", "0, 0, false", "0, 1, true", "60, 50, false"})
    void half_of_the_claimed_count_passes(long actual, long claimed, boolean fails) {
        assertThat(FraudSignals.failsCount(actual, claimed)).isEqualTo(fails);
    }

    @ParameterizedTest
    @CsvSource({
        "6, 18, 0, 0, false",
        "6, 19, 0, 0, true",
        "5, 99, 0, 0, false",
        "0, 0, 11, 33, false",
        "0, 0, 11, 34, true",
        "0, 0, 10, 99, false"
    })
    void more_than_tripled_is_a_jump(long agentsBefore, long agents, long postsBefore, long posts, boolean jump) {
        assertThat(FraudSignals.scoreJump(agentsBefore, agents, postsBefore, posts))
                .isEqualTo(jump);
    }

    @Test
    void reports_disagree_from_over_half_of_their_mean() {
        assertThat(FraudSignals.consensusDisagreement(List.of(3L, 5L))).isFalse(); // 2 / 4
        assertThat(FraudSignals.consensusDisagreement(List.of(29L, 49L))).isTrue(); // 20 / 39
        assertThat(FraudSignals.consensusDisagreement(List.of(1L))).isFalse();
        assertThat(FraudSignals.consensusDisagreement(List.of(0L, 0L))).isFalse();
    }

    @Test
    void one_attester_above_four_fifths_looks_like_collusion() {
        assertThat(FraudSignals.collusion(Map.of("a", 4, "b", 1))).isFalse();
        assertThat(FraudSignals.collusion(Map.of("a", 5, "b", 1))).isTrue();
        assertThat(FraudSignals.collusion(Map.of("a", 4))).isFalse();
        assertThat(FraudSignals.collusion(Map.of("a", 5))).isTrue();
        assertThat(FraudSignals.collusion(Map.of())).isFalse();
    }

    @Test
    void rewards_confirmed_by_the_own_operator_are_self_dealing_from_over_half_of_over_five() {
        assertThat(FraudSignals.selfDealing(rewards(3, 3), 0, 0)).isFalse();
        assertThat(FraudSignals.selfDealing(rewards(4, 2), 0, 0)).isTrue();
        assertThat(FraudSignals.selfDealing(rewards(5, 0), 0, 0)).isFalse();
        assertThat(FraudSignals.selfDealing(rewards(6, 0), 0, 0)).isTrue();
        assertThat(FraudSignals.selfDealing(rewards(0, 100), 0, 0)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"10, 2, false", "11, 2, true", "11, 3, false", "11, 0, true"})
    void many_impressions_by_few_witnesses_are_self_dealing(long impressions, int witnesses, boolean expected) {
        assertThat(FraudSignals.selfDealing(List.of(), impressions, witnesses)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "10, 8, 0, 100.01, true",
        "10, 7, 0, 100.01, false",
        "10, 8, 0, 100, false",
        "5, 4, 0, 101, true",
        "4, 4, 0, 101, false",
        "0, 0, 11, 200.01, true",
        "0, 0, 10, 200.01, false",
        "0, 0, 11, 200, false"
    })
    void spending_on_goals_that_fail_or_are_left_is_gaming(
            int goals, int failed, int abandoned, BigDecimal spent, boolean gaming) {
        assertThat(FraudSignals.sparkGaming(goals, failed, abandoned, spent)).isEqualTo(gaming);
    }

    @Test
    void two_witnesses_that_are_paid_back_are_a_ring() {
        assertThat(FraudSignals.witnessRing(Map.of("a", 5, "b", 5), Map.of("a", 5, "b", 5)))
                .isTrue();
        assertThat(FraudSignals.witnessRing(Map.of("a", 10), Map.of("a", 9))).isTrue();
        assertThat(FraudSignals.witnessRing(Map.of("a", 10), Map.of("a", 8))).isFalse();
        assertThat(FraudSignals.witnessRing(Map.of("a", 5, "b", 5), Map.of("a", 5, "b", 4)))
                .isFalse();
        assertThat(FraudSignals.witnessRing(Map.of("a", 9), Map.of("a", 9))).isFalse();
        assertThat(FraudSignals.witnessRing(Map.of("a", 5, "b", 5, "c", 5), Map.of("a", 5, "b", 5, "c", 5)))
                .isFalse();
        assertThat(FraudSignals.witnessRing(Map.of("a", 10), Map.of())).isFalse();
    }

    @Test
    void ten_of_twenty_within_five_seconds_are_a_cluster() {
        assertThat(FraudSignals.temporalClustering(times(20, 5_000))).isTrue();
        assertThat(FraudSignals.temporalClustering(times(20, 5_001))).isFalse();
        assertThat(FraudSignals.temporalClustering(times(19, 5_000))).isFalse();
    }

    @Test
    void who_computes_as_much_as_all_auditors_dominates_from_four_nodes_on() {
        assertThat(FraudSignals.auditDominance(6, List.of(1.0, 2.0, 3.0))).isTrue();
        assertThat(FraudSignals.auditDominance(5.9, List.of(1.0, 2.0, 3.0))).isFalse();
        assertThat(FraudSignals.auditDominance(99, List.of(1.0, 2.0))).isFalse();
    }

    @Test
    void negative_counts_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> FraudSignals.failsCount(-1, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> FraudSignals.collusion(Map.of("a", -5, "b", 10)));
        assertThatIllegalArgumentException().isThrownBy(() -> FraudSignals.witnessRing(Map.of("a", -1), Map.of()));
    }

    /** Ten events spread over {@code spanMs}, and the others minutes apart. */
    private static List<Instant> times(int events, long spanMs) {
        List<Instant> times = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            times.add(T.plusMillis(spanMs * i / 9));
        }
        times.add(T.plusMillis(spanMs));
        for (int i = times.size(); i < events; i++) {
            times.add(T.plusSeconds(60L * i));
        }
        return times;
    }

    private static List<Reward> rewards(int own, int others) {
        List<Reward> rewards = new ArrayList<>(Collections.nCopies(own, new Reward("ann", "ann")));
        rewards.addAll(Collections.nCopies(others, new Reward("ann", "bob")));
        return rewards;
    }

    private static List<Double> with(List<Double> values, double x) {
        List<Double> all = new ArrayList<>(values);
        all.add(x);
        return all;
    }
}
