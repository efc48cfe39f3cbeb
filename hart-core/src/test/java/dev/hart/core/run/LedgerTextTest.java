package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LedgerTextTest {
    @Test
    void whatNoDatabaseKeepsIsReplaced() {
        assertThat(LedgerText.of("a\0b\ud83dc\ude00")).isEqualTo("a\uFFFDb\uFFFDc\uFFFD");
        assertThat(LedgerText.of("plain 😀")).isEqualTo("plain 😀");
    }

    @Test
    void onlyALongerTextThanTenThousandCharactersIsCut() {
        assertThat(LedgerText.of("x".repeat(10_000))).hasSize(10_000);
        assertThat(LedgerText.of("x".repeat(10_001))).isEqualTo("x".repeat(10_000) + "…");
    }
}
