package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.security.rules.QuarantineEntry.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustQuarantineTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final TestClock clock = new TestClock();
    private final Shelf shelf = new Shelf();
    private final TrustQuarantine quarantine = new TrustQuarantine(shelf, clock);

    @ParameterizedTest
    @CsvSource({
        "1, OBSERVE, true",
        "2, RESTRICT, false",
        "3, ISOLATE, false",
        "4, EXCLUDE, false",
        "5, EXCLUDE, false",
        "99, EXCLUDE, false"
    })
    void only_the_first_level_may_act(int number, Level level, boolean mayAct) {
        assertThat(Level.of(number)).isEqualTo(level);
        quarantine.quarantine("a", Level.of(number), "test");
        assertThat(quarantine.canAct("a")).isEqualTo(mayAct);
        assertThat(quarantine.canAct("b")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void a_level_below_1_is_refused(int number) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Level.of(number))
                .withMessage("a quarantine level is 1 to 4, was " + number + "; to end a quarantine, rehabilitate");
    }

    @Test
    void a_deeper_level_replaces_a_milder_one_and_not_the_other_way_round() {
        quarantine.quarantine("a", Level.RESTRICT, "late");
        clock.advance(Duration.ofHours(1));
        assertThat(quarantine.quarantine("a", Level.OBSERVE, "later").reason()).isEqualTo("late");
        assertThat(quarantine.quarantine("a", Level.RESTRICT, "later").timestamp())
                .isEqualTo(START);
        assertThat(quarantine.quarantine("a", Level.EXCLUDE, "forged"))
                .isEqualTo(new QuarantineEntry(Level.EXCLUDE, "forged", START.plusSeconds(3_600), 0, null, List.of()));
    }

    @Test
    void a_review_is_counted_and_its_notes_are_kept() {
        quarantine.quarantine("a", Level.ISOLATE, "forged");
        clock.advance(Duration.ofMinutes(5));
        quarantine.review("a", "not yet");
        clock.advance(Duration.ofMinutes(5));
        assertThat(quarantine.review("a", "still not"))
                .isEqualTo(new QuarantineEntry(
                        Level.ISOLATE, "forged", START, 2, START.plusSeconds(600), List.of("not yet", "still not")));
        assertThatIllegalArgumentException().isThrownBy(() -> quarantine.review("b", "who?"));
    }

    @Test
    void the_last_hundred_notes_are_kept() {
        quarantine.quarantine("a", Level.ISOLATE, "forged");
        IntStream.rangeClosed(1, 101).forEach(i -> quarantine.review("a", "note " + i));
        QuarantineEntry entry = quarantine.entry("a").orElseThrow();
        assertThat(entry.reviewCount()).isEqualTo(101);
        assertThat(entry.reviewerNotes()).hasSize(100).startsWith("note 2").endsWith("note 101");
    }

    @Test
    void one_who_is_rehabilitated_may_act_again() {
        quarantine.quarantine("a", Level.EXCLUDE, "forged");
        assertThat(quarantine.rehabilitate("a")).isTrue();
        assertThat(quarantine.rehabilitate("a")).isFalse();
        assertThat(quarantine.canAct("a")).isTrue();
        assertThat(shelf.kept).isEmpty();
    }

    @Test
    void quarantines_outlive_the_process() {
        quarantine.quarantine("a", Level.EXCLUDE, "forged");
        assertThat(new TrustQuarantine(shelf, clock).entries()).isEqualTo(quarantine.entries());
    }

    @Test
    void a_store_that_fails_changes_nothing() {
        quarantine.quarantine("a", Level.RESTRICT, "late");
        Map<String, QuarantineEntry> before = quarantine.entries();
        shelf.broken = true;
        assertThatThrownBy(() -> quarantine.quarantine("a", Level.EXCLUDE, "forged"))
                .hasMessage("disk full");
        assertThatThrownBy(() -> quarantine.quarantine("b", Level.EXCLUDE, "forged"))
                .hasMessage("disk full");
        assertThatThrownBy(() -> quarantine.review("a", "note")).hasMessage("disk full");
        assertThatThrownBy(() -> quarantine.rehabilitate("a")).hasMessage("disk full");
        assertThat(quarantine.entries()).isEqualTo(before);
        assertThatThrownBy(() -> new TrustQuarantine(shelf, clock)).hasMessage("disk full");
    }

    @Test
    void a_quarantine_has_a_name_and_a_reason() {
        assertThatIllegalArgumentException().isThrownBy(() -> quarantine.quarantine(" ", Level.OBSERVE, "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> quarantine.quarantine("a", Level.OBSERVE, " "));
        assertThat(shelf.kept).isEmpty();
    }

    private static final class Shelf implements QuarantineStore {
        private final Map<String, QuarantineEntry> kept = new HashMap<>();
        private boolean broken;

        @Override
        public Map<String, QuarantineEntry> load() {
            check();
            return Map.copyOf(kept);
        }

        @Override
        public void save(String subject, QuarantineEntry entry) {
            check();
            kept.put(subject, entry);
        }

        @Override
        public void remove(String subject) {
            check();
            kept.remove(subject);
        }

        private void check() {
            if (broken) {
                throw new IllegalStateException("disk full");
            }
        }
    }
}
