package dev.hart.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Eight times the text takes about eight times as long; a quadratic check would take 64 times. */
@Tag("performance")
class LinearTimeTest {
    private static final Guardrails GUARDRAILS = Guardrails.builtIn();
    private static final int SMALL = 131_072;
    private static final double MOST = 12;
    private static final long TOO_SHORT_TO_COMPARE = 10_000_000;
    /** A busy machine only ever makes a round slower, so the fastest of several is the time that counts. */
    private static final int MOST_ROUNDS = 20;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

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
        double ratio = Double.MAX_VALUE;
        long smallNanos = Long.MAX_VALUE;
        long largeNanos = Long.MAX_VALUE;
        for (int round = 0; round < MOST_ROUNDS && ratio >= MOST; round++) {
            smallNanos = Math.min(smallNanos, nanos(small));
            largeNanos = Math.min(largeNanos, nanos(large));
            ratio = (double) largeNanos / Math.max(smallNanos, TOO_SHORT_TO_COMPARE);
        }

        assertThat(ratio).isLessThan(MOST);
    }

    /** Of this thread's processor: what else the machine does, the garbage collector included, is not the check's time. */
    private static long nanos(String text) {
        long start = THREADS.getCurrentThreadCpuTime();
        check(text);
        return THREADS.getCurrentThreadCpuTime() - start;
    }

    private static void check(String text) {
        GUARDRAILS.check(Rail.TOOL_RESULT, Subject.text(text, Provenance.TOOL));
    }
}
