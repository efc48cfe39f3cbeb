package dev.hart.security.canonical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalTextTest {
    @Test
    void textsAreEscapedAsRfc8785Says() {
        assertThat(CanonicalText.of(Map.of("b", "\"\\\b\f\n\r\t\u0001/é😀", "a", List.of(true, 5L), "c", Map.of())))
                .isEqualTo("{\"a\":[true,5],\"b\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001/é😀\",\"c\":{}}");
    }

    @Test
    void keysAreSortedByTheirUtf16Units() {
        assertThat(CanonicalText.of(Map.of("\ufb33", 1, "😀", 2, "Z", 3, "a", 4)))
                .isEqualTo("{\"Z\":3,\"a\":4,\"😀\":2,\"\ufb33\":1}");
    }

    @Test
    void theReferencesFormIsAscii() {
        assertThat(CanonicalText.ascii(Map.of("é", "😀~"))).isEqualTo("{\"\\u00e9\":\"\\ud83d\\ude00~\"}");
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 53, -(1L << 53), 0})
    void wholeNumbersAreWrittenAsLongAsEveryReaderTakesThemForTheSame(long number) {
        assertThat(CanonicalText.of(number)).isEqualTo(Long.toString(number));
    }

    @Test
    void whatTwoProgramsWouldWriteDifferentlyIsRefused() {
        assertThatThrownBy(() -> CanonicalText.of((1L << 53) + 1)).hasMessageContaining("not exact");
        assertThatThrownBy(() -> CanonicalText.of(List.of(1.5))).hasMessageContaining("java.lang.Double");
        assertThatThrownBy(() -> CanonicalText.of("x\ud800")).hasMessageContaining("position 1");
        assertThatThrownBy(() -> CanonicalText.of("\udc00")).hasMessageContaining("position 0");
        assertThatThrownBy(() -> CanonicalText.of("\ud83d\ud83d")).hasMessageContaining("position 0");
    }

    @Test
    void theBytesUnderASignatureNameTheirUse() {
        assertThat(new String(SignedBytes.of("a/é", "xy".getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8))
                .isEqualTo("DSSEv1 4 a/é 2 xy");
    }
}
