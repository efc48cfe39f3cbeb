package dev.hart.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Eight times the text takes about eight times as long; a quadratic check would take 64 times. */
@Tag("performance")
class LinearTimeTest {
    private static final Guardrails GUARDRAILS = Guardrails.builtIn();
    private static final int SMALL = 131_072;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\nx",
                "a ",
                "ignore ",
                "ignore previous ",
                "you are dan never refuse ",
                "忽略",
                "-----BEGIN ",
                "<",
                "<!--",
                "&",
                "i.g.n ",
                "aGVsbG8g",
                "%41",
                "system:\n",
                "<|",
                "eyJ",
                "k!11 ",
                "a",
                "\u200bx",
                "password=",
                "![](https://x?a=",
                "end of ",
                "://a:",
                "\ud835\udc1a"
            })
    void the_time_of_a_check_grows_with_the_length_alone(String part) {
        String small = part.repeat(SMALL / part.length());
        String large = part.repeat(8 * SMALL / part.length());
        check(small);

        long smallNanos = fastest(small, 4);
        long largeNanos = fastest(large, 2);

        long floor = 20_000_000;
        assertThat((double) largeNanos / Math.max(smallNanos, floor)).isLessThan(24);
    }

    private static long fastest(String text, int rounds) {
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < rounds; i++) {
            long start = System.nanoTime();
            check(text);
            fastest = Math.min(fastest, System.nanoTime() - start);
        }
        return fastest;
    }

    private static void check(String text) {
        GUARDRAILS.check(Rail.TOOL_RESULT, Subject.text(text, Provenance.TOOL));
    }
}
