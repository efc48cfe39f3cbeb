package dev.hart.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceholderTest {
    @Test
    void placeholdersAreFoundInOrderWithTheirPlaces() {
        List<Placeholder> found = Placeholder.in("a {{inputs.city}} b {{ steps.2.1.rows }}");
        assertThat(found)
                .containsExactly(
                        new Placeholder(2, 17, List.of("inputs", "city")),
                        new Placeholder(20, 40, List.of("steps", "2", "1", "rows")));
        assertThat(found.get(1)).hasToString("{{steps.2.1.rows}}");
        assertThat(found.get(0).root()).isEqualTo("inputs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no braces", "{one}", "\\{{x}}", "{{open", "}}{{", "{{a{b}}"})
    void otherTextsHaveNone(String text) {
        assertThat(Placeholder.in(text)).isEmpty();
    }

    @Test
    void theyAreFoundAtAnyDepth() {
        assertThat(Placeholder.inValue(Map.of("a", List.of("{{x}}", 1, Map.of("b", "{{y}} {{z}}")))))
                .extracting(Placeholder::root)
                .containsExactly("x", "y", "z");
        assertThat(Placeholder.inValue(null)).isEmpty();
    }

    @Test
    @Timeout(5)
    void aLongTextThatNeverClosesIsReadInOneGo() {
        assertThat(Placeholder.in("{{" + " ".repeat(100_000))).isEmpty();
        assertThat(Placeholder.in("{{".repeat(50_000))).isEmpty();
    }
}
