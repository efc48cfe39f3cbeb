package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hart.Spark;
import dev.hart.security.rules.ComputeDemocracy.NodeWeight;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComputeDemocracyTest {
    private static final BigDecimal CAP = new BigDecimal("0.05");

    @ParameterizedTest
    @CsvSource({
        "1, 8, 1.000000, 20",
        "2, 16, 3.000000, 60",
        "10, 8, 4.321928, 86.43856",
        "100, 8, 5.000000, 100",
        "0, 0, 1.000000, 20",
        "1, 4, 1.000000, 20",
        "16, 8, 5.000000, 100",
        "15, 8, 4.906891, 98.13782",
        "16, 0.5, 2.000000, 40"
    })
    void a_node_weighs_the_logarithm_of_its_hardware(int gpus, double ramGb, BigDecimal weight, String reward) {
        assertThat(ComputeDemocracy.weight(gpus, ramGb)).isEqualTo(weight);
        assertThat(ComputeDemocracy.adjustedReward(new Spark(100_000_000), weight))
                .hasToString(reward);
    }

    @Test
    void negative_hardware_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ComputeDemocracy.weight(-5, 64))
                .withMessage("a node has 0 GPUs or more, was -5");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void memory_that_is_no_amount_is_refused(double ramGb) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ComputeDemocracy.weight(1, ramGb))
                .withMessage("a node has 0 GB of memory or more, was " + ramGb);
    }

    @Test
    void a_reward_is_rounded_to_the_even_micro_spark() {
        assertThat(ComputeDemocracy.adjustedReward(new Spark(1), new BigDecimal("2.5")))
                .isEqualTo(new Spark(0));
        assertThat(ComputeDemocracy.adjustedReward(new Spark(3), new BigDecimal("2.5")))
                .isEqualTo(new Spark(2));
    }

    @Test
    void a_weight_above_5_or_a_negative_reward_is_refused() {
        assertThat(ComputeDemocracy.adjustedReward(new Spark(7), new BigDecimal("5.0000004")))
                .isEqualTo(new Spark(7));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ComputeDemocracy.adjustedReward(new Spark(7), new BigDecimal("5.000001")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ComputeDemocracy.adjustedReward(new Spark(-1), BigDecimal.ONE));
    }

    @Test
    void only_verified_nodes_count_and_count_for_their_operator() {
        assertThat(ComputeDemocracy.byOperator(List.of(
                        node("n1", "ann", true, "1.5"),
                        node("n2", "ann", true, "2"),
                        node("n3", "ann", false, "5"),
                        node("n4", "bob", true, "1"))))
                .containsOnly(Map.entry("ann", new BigDecimal("3.5")), Map.entry("bob", BigDecimal.ONE));
    }

    @Test
    void shares_are_rounded_to_four_decimals() {
        assertThat(ComputeDemocracy.shares(Map.of("a", BigDecimal.ONE, "b", BigDecimal.valueOf(2))))
                .containsOnly(Map.entry("a", new BigDecimal("0.3333")), Map.entry("b", new BigDecimal("0.6667")));
        assertThat(ComputeDemocracy.shares(Map.of())).isEmpty();
    }

    @Test
    void nothing_is_measured_below_20_operators() {
        Map<String, BigDecimal> nineteen = equal(19);
        nineteen.put("o0", BigDecimal.valueOf(1_000));
        assertThat(ComputeDemocracy.concentrated(nineteen)).isEmpty();
        assertThat(ComputeDemocracy.capped(nineteen)).isEqualTo(nineteen);
    }

    @Test
    void twenty_equal_operators_have_5_percent_each_and_that_is_not_more() {
        assertThat(ComputeDemocracy.concentrated(equal(20))).isEmpty();
    }

    @Test
    void one_operator_above_5_percent_of_20_is_lowered_until_all_are_equal() {
        Map<String, BigDecimal> weights = equal(20);
        weights.put("o0", new BigDecimal("1.000001"));
        assertThat(ComputeDemocracy.concentrated(weights)).containsExactly("o0");
        assertThat(ComputeDemocracy.capped(weights).values())
                .allSatisfy(w -> assertThat(w).isEqualByComparingTo("1"));
    }

    @Test
    void the_largest_of_many_gets_a_nineteenth_of_what_the_others_weigh() {
        Map<String, BigDecimal> weights = equal(39);
        weights.put("big", BigDecimal.valueOf(30));
        Map<String, BigDecimal> capped = ComputeDemocracy.capped(weights);
        assertThat(capped)
                .hasSize(40)
                .containsEntry("big", new BigDecimal("2.052631"))
                .containsEntry("o3", BigDecimal.ONE);
    }

    @RepeatedTest(200)
    void after_capping_no_share_is_above_5_percent_and_the_order_is_kept(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Map<String, BigDecimal> weights = new HashMap<>();
        int operators = 20 + random.nextInt(60);
        for (int i = 0; i < operators; i++) {
            double size = Math.exp(random.nextGaussian() * 3);
            weights.put("o" + i, new BigDecimal(size).setScale(6, RoundingMode.CEILING));
        }
        Map<String, BigDecimal> capped = ComputeDemocracy.capped(weights);
        BigDecimal most = capped.values().stream()
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .multiply(CAP);
        assertThat(ComputeDemocracy.concentrated(capped)).isEmpty();
        assertThat(capped.keySet()).isEqualTo(weights.keySet());
        weights.forEach((operator, weight) -> {
            assertThat(capped.get(operator)).isBetween(BigDecimal.ZERO, weight).isLessThanOrEqualTo(most);
            weights.forEach((other, more) -> {
                if (weight.compareTo(more) < 0) {
                    assertThat(capped.get(operator)).isLessThanOrEqualTo(capped.get(other));
                }
            });
        });
    }

    @RepeatedTest(100)
    void more_hardware_never_weighs_less_and_the_weight_stays_from_1_to_5(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int gpus = random.nextInt(2_000);
        double ramGb = Math.exp(random.nextDouble() * 12);
        BigDecimal weight = ComputeDemocracy.weight(gpus, ramGb);
        assertThat(weight).isBetween(BigDecimal.ONE, BigDecimal.valueOf(5));
        assertThat(weight.scale()).isEqualTo(6);
        assertThat(ComputeDemocracy.weight(gpus + random.nextInt(5), ramGb * (1 + random.nextDouble())))
                .isGreaterThanOrEqualTo(weight);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "0.0000001"})
    void a_weight_that_is_none_is_refused(String weight) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> node("n", "o", true, weight))
                .withMessageContaining(weight.equals("0.0000001") ? "1E-7" : weight);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ComputeDemocracy.capped(Map.of("o", new BigDecimal(weight))));
    }

    private static Map<String, BigDecimal> equal(int operators) {
        Map<String, BigDecimal> weights = new HashMap<>();
        for (int i = 0; i < operators; i++) {
            weights.put("o" + i, BigDecimal.ONE);
        }
        return weights;
    }

    private static NodeWeight node(String node, String operator, boolean verified, String weight) {
        return new NodeWeight(node, operator, verified, new BigDecimal(weight));
    }
}
