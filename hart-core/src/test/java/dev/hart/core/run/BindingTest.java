package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BindingTest {
    private final Map<String, @Nullable Object> values = new HashMap<>(Map.of(
            "inputs", Map.of("city", "Oslo", "limit", 5L, "exact", true, "price", new BigDecimal("1E+3")),
            "rows", List.of(Map.of("amount", new BigDecimal("2.5")), Map.of("amount", 3L))));

    private @Nullable Object bind(@Nullable Object template) {
        return new Binding(path ->
                        Binding.at(values.get(path.get(0)), path.subList(1, path.size()), String.join(".", path)))
                .bind(template);
    }

    @Test
    void aTextThatIsOnePlaceholderKeepsTheValuesType() {
        assertThat(bind(Map.of("q", "{{inputs.city}} news", "n", "{{inputs.limit}}")))
                .isEqualTo(Map.of("q", "Oslo news", "n", 5L));
        assertThat(bind("{{ inputs.exact }}")).isEqualTo(true);
        assertThat(bind("{{rows}}")).isEqualTo(values.get("rows"));
    }

    @Test
    void insideATextValuesAreWrittenPlainly() {
        assertThat(bind("top {{inputs.limit}}")).isEqualTo("top 5");
        assertThat(bind("{{inputs.limit}}{{inputs.exact}}")).isEqualTo("5true");
        assertThat(bind("{{inputs.price}} NOK")).isEqualTo("1000 NOK");
        assertThat(bind("all: {{rows}}")).isEqualTo("all: [{\"amount\":2.5},{\"amount\":3}]");
    }

    @Test
    void aBackslashMakesBracesLiteral() {
        assertThat(bind("\\{{x}}")).isEqualTo("{{x}}");
        assertThat(bind("\\{{x}} in {{inputs.city}}")).isEqualTo("{{x}} in Oslo");
    }

    @Test
    void aPathGoesIntoObjectsAndLists() {
        assertThat(bind("{{rows.1.amount}}")).isEqualTo(3L);
        assertThat(bind(List.of("{{rows.0.amount}}", 7L))).isEqualTo(List.of(new BigDecimal("2.5"), 7L));
    }

    @Test
    void whatIsNotThereIsAnErrorThatNamesIt() {
        for (String path :
                List.of("rows.2.amount", "rows.-1", "rows.x", "rows.0.total", "inputs.city.x", "rows.99999999999")) {
            assertThatThrownBy(() -> bind("{{" + path + "}}"))
                    .as(path)
                    .isInstanceOf(Binding.Unbound.class)
                    .hasMessageContaining(path);
        }
    }

    @Test
    void nullStandsAloneButNotInsideAText() {
        values.put("nothing", null);
        assertThat(bind("{{nothing}}")).isNull();
        assertThatThrownBy(() -> bind("a {{nothing}}"))
                .isInstanceOf(Binding.Unbound.class)
                .hasMessageContaining("{{nothing}} is null");
    }
}
