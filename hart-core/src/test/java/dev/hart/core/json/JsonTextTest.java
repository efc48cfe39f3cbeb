package dev.hart.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTextTest {
    @Test
    void keysStandInOrderWhateverTheMap() {
        Map<String, Object> inner = new LinkedHashMap<>();
        inner.put("z", new BigDecimal("1.50"));
        inner.put("a", null);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("list", Arrays.asList(1L, true, "é\"\n", inner));
        map.put("first", "x");
        assertThat(JsonText.of(map))
                .isEqualTo("{\"first\":\"x\",\"list\":[1,true,\"é\\\"\\n\",{\"a\":null,\"z\":1.50}]}");
    }

    @Test
    void whatIsNoJsonValueIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonText.of(new Object()));
    }
}
