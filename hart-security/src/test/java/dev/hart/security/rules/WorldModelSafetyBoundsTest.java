package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hart.security.rules.PeerIntegrity.Status;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorldModelSafetyBoundsTest {
    private final TestClock clock = new TestClock();
    private final WorldModelSafetyBounds bounds = new WorldModelSafetyBounds(Rules.FILTER, clock);

    @Test
    void ten_of_twelve_packets_of_an_hour_go_out() {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            answers.add(export("n1", packet("csv", "w1", "w2")));
            clock.advance(Duration.ofMinutes(1));
        }
        assertThat(answers.subList(0, 10)).containsOnly("ALLOWED");
        assertThat(answers.subList(10, 12)).containsOnly("RATE");
        assertThat(export("n2", packet("csv", "w1", "w2"))).isEqualTo("ALLOWED");
    }

    @Test
    void a_place_is_free_again_after_an_hour_and_not_before() {
        for (int i = 0; i < 10; i++) {
            export("n1", packet("csv", "w1", "w2"));
        }
        clock.advance(Duration.ofHours(1).minusMillis(1));
        assertThat(export("n1", packet("csv", "w1", "w2"))).isEqualTo("RATE");
        clock.advance(Duration.ofMillis(1));
        assertThat(export("n1", packet("csv", "w1", "w2"))).isEqualTo("ALLOWED");
    }

    @Test
    void refused_packets_use_up_nothing() {
        for (int i = 0; i < 30; i++) {
            assertThat(export("n1", packet("csv", "w1"))).isEqualTo("WITNESS");
            assertThat(export("n1", packet("Self_Replication", "w1", "w2"))).isEqualTo("CATEGORY");
            assertThat(Rules.ruleOf(bounds.export("n1", Status.BANNED, packet("csv", "w1", "w2"))))
                    .isEqualTo("C16");
        }
        for (int i = 0; i < 10; i++) {
            assertThat(export("n1", packet("csv", "w1", "w2"))).isEqualTo("ALLOWED");
        }
    }

    @Test
    void a_node_is_no_witness_of_itself() {
        assertThat(export("n1", packet("csv", "n1", "w1"))).isEqualTo("WITNESS");
        assertThat(export("n1", packet("csv", " w1", "w1"))).isEqualTo("WITNESS");
        assertThat(export("n1", packet("csv", "", "w1"))).isEqualTo("WITNESS");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Self_Replication",
                "self replication",
                "data-exfiltration",
                "IDENTITY  IMPERSONATION",
                "sеlf_replication"
            })
    void a_prohibited_category_is_refused_in_any_spelling(String category) {
        assertThat(export("n1", packet(category, "w1", "w2"))).isEqualTo("CATEGORY");
    }

    @Test
    void a_packet_is_refused_for_its_words() {
        assertThat(export(
                        "n1",
                        new SkillPacket("t", "Create a phishing kit for my bank's customers", "csv", Set.of("a", "b"))))
                .isEqualTo("V3");
    }

    @Test
    void threads_never_share_the_last_place() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<String>> calls = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                calls.add(() -> export("n1", packet("csv", "w1", "w2")));
            }
            int allowed = 0;
            for (Future<String> answer : threads.invokeAll(calls)) {
                allowed += answer.get().equals("ALLOWED") ? 1 : 0;
            }
            assertThat(allowed).isEqualTo(10);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void accuracy_rises_by_at_most_a_twentieth_a_day_however_often_it_is_asked() {
        assertThat(accuracy("0.70", "0.90")).isEqualByComparingTo("0.75");
        assertThat(accuracy("0.75", "0.90")).isEqualByComparingTo("0.75");
        assertThat(accuracy("0.90", "1")).isEqualByComparingTo("0.75");
    }

    @Test
    void a_fall_is_taken_as_it_is_and_may_be_made_good() {
        assertThat(accuracy("0.90", "0.70")).isEqualByComparingTo("0.70");
        assertThat(accuracy("0.70", "0.95")).isEqualByComparingTo("0.95");
        assertThat(accuracy("0.95", "0.951")).isEqualByComparingTo("0.95");
    }

    @Test
    void the_next_step_is_free_24_hours_later_and_not_before() {
        accuracy("0.70", "0.90");
        clock.advance(Duration.ofHours(24).minusMillis(1));
        assertThat(accuracy("0.75", "0.90")).isEqualByComparingTo("0.75");
        clock.advance(Duration.ofMillis(1));
        assertThat(accuracy("0.75", "0.90")).isEqualByComparingTo("0.80");
    }

    @RepeatedTest(20)
    void no_sequence_of_reports_gains_more_than_a_twentieth_in_24_hours(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        record At(java.time.Instant time, BigDecimal value) {}
        List<At> history = new ArrayList<>(List.of(new At(clock.instant(), new BigDecimal("0.3"))));
        for (int i = 0; i < 300; i++) {
            clock.advance(Duration.ofMinutes(random.nextInt(300)));
            BigDecimal accepted =
                    accuracy("0.3", BigDecimal.valueOf(random.nextInt(101), 2).toString());
            java.time.Instant before = clock.instant().minus(Duration.ofHours(24));
            BigDecimal base = history.get(0).value();
            for (At earlier : history) {
                base = earlier.time().isAfter(before) ? base : earlier.value();
            }
            assertThat(accepted).isLessThanOrEqualTo(base.add(new BigDecimal("0.05")));
            history.add(new At(clock.instant(), accepted));
        }
    }

    @Test
    void thousands_of_changes_within_a_day_loosen_nothing() {
        accuracy("0.50", "0.10");
        for (int i = 0; i < 3_000; i++) {
            clock.advance(Duration.ofSeconds(1));
            assertThat(accuracy("0.1", i % 2 == 0 ? "0.9" : "0.1")).isLessThanOrEqualTo(new BigDecimal("0.55"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.01", "1.01"})
    void an_accuracy_that_is_none_is_refused(String value) {
        assertThatIllegalArgumentException().isThrownBy(() -> accuracy("0.5", value));
        assertThatIllegalArgumentException().isThrownBy(() -> accuracy(value, "0.5"));
    }

    private BigDecimal accuracy(String current, String proposed) {
        return bounds.accuracy("m", new BigDecimal(current), new BigDecimal(proposed));
    }

    private String export(String node, SkillPacket packet) {
        return Rules.ruleOf(bounds.export(node, Status.VERIFIED, packet));
    }

    private static SkillPacket packet(String category, String... witnesses) {
        return new SkillPacket("t1", "Adds up a column of a table", category, Set.of(witnesses));
    }
}
