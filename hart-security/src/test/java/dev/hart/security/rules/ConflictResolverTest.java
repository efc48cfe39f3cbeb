package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hart.security.rules.ConflictResolver.Candidate;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConflictResolverTest {
    @Test
    void the_more_accurate_result_wins_over_the_longer_one() {
        assertThat(winner(candidate("A", "0.90", 16), candidate("B", "0.80", 1_024)))
                .isEqualTo("A");
    }

    @Test
    void among_equally_accurate_ones_the_more_complete_wins_up_to_1024_chars() {
        assertThat(winner(candidate("a", "0.9", 1_023), candidate("b", "0.90", 1_024)))
                .isEqualTo("b");
        assertThat(winner(candidate("a", "0.9", 1_024), candidate("b", "0.9", 9_999)))
                .isEqualTo("a");
        assertThat(winner(candidate("a", "0.9", 0), candidate("b", "0.9", 1))).isEqualTo("a");
    }

    @Test
    void what_nobody_measured_counts_as_half_accurate() {
        assertThat(winner(new Candidate("b", null, 9, List.of()), candidate("a", "0.51", 1)))
                .isEqualTo("a");
        assertThat(winner(new Candidate("b", null, 9, List.of()), candidate("a", "0.49", 1)))
                .isEqualTo("b");
    }

    @Test
    void what_breaks_a_rule_never_wins() {
        Candidate best = new Candidate("A", BigDecimal.ONE, 1_024, List.of("V7"));
        assertThat(winner(best, candidate("B", "0.1", 1))).isEqualTo("B");
        assertThat(ConflictResolver.winner(List.of(best))).isEmpty();
        assertThat(ConflictResolver.winner(List.of())).isEmpty();
    }

    @Test
    void an_accuracy_or_a_length_that_is_none_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> candidate("x", "1.01", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> candidate("x", "-0.01", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> candidate("x", "0.5", -1));
    }

    @ParameterizedTest
    @CsvSource({
        "Build bridge, Destroy bridge, true",
        "Building the bridges, They destroyed our bridge, true",
        "promote the park, remove the litter, false",
        "Build bridge, Build bridge, false",
        "Destroy bridge, Attack bridge, false",
        "Build bridge, Destroy road, false",
        "'', Destroy bridge, false"
    })
    void goals_conflict_when_one_builds_what_the_other_takes_down(String one, String other, boolean conflict) {
        assertThat(ConflictResolver.goalsConflict(one, other)).isEqualTo(conflict);
        assertThat(ConflictResolver.goalsConflict(other, one)).isEqualTo(conflict);
    }

    private static String winner(Candidate... candidates) {
        return ConflictResolver.winner(List.of(candidates)).orElseThrow().id();
    }

    private static Candidate candidate(String id, String accuracy, int length) {
        return new Candidate(id, new BigDecimal(accuracy), length, List.of());
    }
}
