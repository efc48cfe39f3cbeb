package dev.hart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InputsTest {
    @Test
    void inputsKeepTheirOrderAndTheLastValueOfAName() {
        Inputs inputs = Inputs.of("b", 1).and("a", Path.of("x.csv")).and("b", 2).and("none", null);
        assertThat(inputs.values().keySet()).containsExactly("b", "a", "none");
        assertThat(inputs.values())
                .containsEntry("b", 2L)
                .containsEntry("a", "x.csv")
                .containsEntry("none", null);
        assertThat(Inputs.none().values()).isEmpty();
    }

    @Test
    void inputsAreJsonValuesThatCannotBeChanged() {
        assertThatThrownBy(() -> Inputs.of("x", new Object())).isInstanceOf(IllegalArgumentException.class);
        Map<String, Object> values = Inputs.of("x", 1).values();
        assertThatThrownBy(values::clear).isInstanceOf(UnsupportedOperationException.class);
    }
}
