package dev.hart.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.tool.Param;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonTest {
    enum Size {
        SMALL
    }

    record Order(@Param(name = "order-no") int number, Optional<String> note, List<Size> sizes) {}

    @Test
    void equalNumbersAreEqualValues() {
        for (Number five :
                List.of((byte) 5, (short) 5, 5, 5L, 5.0f, 5.0, new BigDecimal("5.00"), BigInteger.valueOf(5))) {
            assertThat(Json.valueOf(five)).isEqualTo(5L);
        }
        assertThat(Json.valueOf(2.50)).isEqualTo(new BigDecimal("2.5"));
        assertThat(Json.valueOf(0.1f)).isEqualTo(new BigDecimal("0.1"));
        assertThat(Json.valueOf(-0.0)).isEqualTo(0L);
        assertThat(Json.valueOf(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
        assertThat(Json.valueOf(BigInteger.TWO.pow(63))).isEqualTo(new BigDecimal("9223372036854775808"));
    }

    @Test
    void recordsEnumsPathsAndDatesHaveAForm() {
        assertThat(Json.valueOf(new Order(7, Optional.empty(), List.of(Size.SMALL))))
                .isEqualTo(new LinkedHashMap<>() {
                    private static final long serialVersionUID = 1;

                    {
                        put("order-no", 7L);
                        put("note", null);
                        put("sizes", List.of("SMALL"));
                    }
                });
        assertThat(Json.valueOf(Arrays.asList(
                        Path.of("a"),
                        URI.create("http://h/"),
                        LocalDate.of(2026, 1, 2),
                        Duration.ofSeconds(3),
                        'c',
                        null)))
                .isEqualTo(Arrays.asList("a", "http://h/", "2026-01-02", "PT3S", "c", null));
        assertThat(Json.valueOf(new int[] {1, 2})).isEqualTo(List.of(1L, 2L));
    }

    @Test
    void whatHasNoFormIsRefused() {
        assertThatThrownBy(() -> Json.valueOf(new Object())).hasMessageContaining("has no JSON form");
        assertThatThrownBy(() -> Json.valueOf(Double.NaN)).hasMessageContaining("not a JSON number");
        assertThatThrownBy(() -> Json.valueOf(Map.of(1, 2))).hasMessageContaining("text keys");
        List<Object> endless = new ArrayList<>();
        endless.add(endless);
        assertThatThrownBy(() -> Json.valueOf(endless)).hasMessageContaining("deeper than 100");
    }

    @Test
    void aValueIsACopyThatCannotBeChanged() {
        List<Object> mine = new ArrayList<>(List.of("a"));
        List<?> value = (List<?>) Json.valueOf(mine);
        mine.add("b");
        assertThat(value).hasSize(1);
        assertThatThrownBy(value::clear).isInstanceOf(UnsupportedOperationException.class);
    }
}
