package dev.hart.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DifferencesTest {

    @Test
    void equalValuesHaveNone() {
        assertThat(Differences.between(Map.of("a", List.of(1L)), Map.of("a", List.of(1L))))
                .isEmpty();
    }

    @Test
    void eachPlaceIsNamedByItsPath() {
        Object recorded = Map.of("a", List.of(1L, 2L), "b", Map.of("c", "x"), "gone", true);
        Object asked = Map.of("a", List.of(1L, 3L), "b", Map.of("c", "y"), "new", List.of());

        assertThat(Differences.between(recorded, asked))
                .containsExactly(
                        "a[1]: recorded 2, asked 3",
                        "b.c: recorded \"x\", asked \"y\"",
                        "gone: recorded true, not asked",
                        "new: not recorded, asked []");
    }

    @Test
    void longTextsShowThePlaceWhereTheyPart() {
        String same = "s".repeat(100);

        assertThat(Differences.between(same + "X" + same, same + "Y" + same))
                .containsExactly("(whole): recorded …" + "s".repeat(30) + "X" + "s".repeat(49) + "…, asked …"
                        + "s".repeat(30) + "Y" + "s".repeat(49) + "…");
    }

    @Test
    void textsOfSeveralLinesShowTheLinesThatDiffer() {
        assertThat(Differences.between(Map.of("text", "a\nb\nc"), Map.of("text", "a\nB \"x\"\nc")))
                .containsExactly("""
                        text:
                              @@ line 1 @@
                               a
                              -b
                              +B "x"
                               c""");
    }

    @Test
    void theDistanceCountsTheCharactersThatDiffer() {
        Map<String, String> text = Map.of("text", "rain in Oslo");

        assertThat(Differences.distance(text, text)).isZero();
        assertThat(Differences.distance(text, Map.of("text", "rain in Bonn"))).isEqualTo(4);
        assertThat(Differences.distance(text, Map.of("text", "sun in Oslo"))).isEqualTo(3);
        assertThat(Differences.distance(text, Map.of("text", "rain in Oslo", "n", 12)))
                .isEqualTo(2);
    }
}
