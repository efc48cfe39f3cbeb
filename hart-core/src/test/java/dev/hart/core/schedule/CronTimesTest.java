package dev.hart.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Crontabs, in POSIX numbering. */
class CronTimesTest {
    private static Instant next(String cron, String after) {
        return CronTimes.of(cron).next(Instant.parse(after), ZoneOffset.UTC);
    }

    @Test
    void weekdaysAreMondayToFriday() {
        assertThat(next("0 9 * * 1-5", "2026-01-02T10:00:00Z")).isEqualTo("2026-01-05T09:00:00Z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "* * * * *        | 2026-01-01T00:00:00Z | 2026-01-01T00:01:00Z",
                "*/15 * * * *     | 2026-01-01T00:07:00Z | 2026-01-01T00:15:00Z",
                "5,10 3 * * *     | 2026-01-01T03:05:00Z | 2026-01-01T03:10:00Z",
                "0 0 * * 0        | 2026-01-02T00:00:00Z | 2026-01-04T00:00:00Z",
                "0 0 * * 7        | 2026-01-02T00:00:00Z | 2026-01-04T00:00:00Z",
                "0 0 31 * *       | 2026-02-01T00:00:00Z | 2026-03-31T00:00:00Z",
                "0 0 29 2 *       | 2026-01-01T00:00:00Z | 2028-02-29T00:00:00Z",
                "30 23 31 12 *    | 2026-12-31T23:30:00Z | 2027-12-31T23:30:00Z",
                "0 12 13 * 5      | 2026-01-01T00:00:00Z | 2026-01-02T12:00:00Z",
            })
    void theNextTimeIsTheFirstOneAfterwards(String cron, String after, String next) {
        assertThat(next(cron, after)).isEqualTo(next);
    }

    @Test
    void fieldsAreReadInTheirZone() {
        assertThat(CronTimes.of("0 9 * * *").next(Instant.parse("2026-07-01T00:00:00Z"), ZoneId.of("Europe/Oslo")))
                .isEqualTo("2026-07-01T07:00:00Z");
    }

    @Test
    void anHourThatTheChangeToSummerTimeLeavesOutIsNotLostForTheDay() {
        Instant next = CronTimes.of("30 2 * * *").next(Instant.parse("2026-03-28T12:00:00Z"), ZoneId.of("Europe/Oslo"));
        assertThat(next).isBetween(Instant.parse("2026-03-29T00:59:00Z"), Instant.parse("2026-03-30T00:30:00Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "0 0 0 * *",
                "0 0 * 13 *",
                "0 0 * * 8",
                "a b c d e",
                "@daily x"
            })
    void whatIsNoCrontabIsRefused(String cron) {
        assertThatThrownBy(() -> CronTimes.of(cron)).isInstanceOf(IllegalArgumentException.class);
    }
}
