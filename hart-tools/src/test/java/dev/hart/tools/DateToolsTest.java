package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.tools.DateTools.DateUnit;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DateToolsTest {
    private final DateTools dates = new DateTools(InstantSource.fixed(Instant.parse("2026-03-31T23:30:15.5Z")));

    @Test
    void todayDependsOnTheZone() {
        assertThat(dates.today(null)).isEqualTo("2026-03-31");
        assertThat(dates.today("Europe/Berlin")).isEqualTo("2026-04-01");
        assertThat(dates.now(null)).isEqualTo(OffsetDateTime.parse("2026-03-31T23:30:15Z"));
        assertThat(dates.now("Europe/Berlin")).isEqualTo(OffsetDateTime.parse("2026-04-01T01:30:15+02:00"));
        assertFails("ZONE_UNKNOWN", () -> dates.today("Mars/Olympus"))
                .isEqualTo("there is no time zone 'Mars/Olympus'; give one such as Europe/Berlin, UTC or +02:00");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-31, 1, DAYS, 2026-02-01",
        "2026-01-31, 1, MONTHS, 2026-02-28",
        "2024-02-29, 1, YEARS, 2025-02-28",
        "2026-01-01, 2, WEEKS, 2026-01-15",
        "2026-03-01, -1, DAYS, 2026-02-28",
        "9999-12-30, 1, DAYS, 9999-12-31",
        "0001-01-02, -1, DAYS, 0001-01-01"
    })
    void unitsAreAddedToADate(LocalDate date, long amount, DateUnit unit, LocalDate sum) {
        assertThat(dates.add(date, amount, unit)).isEqualTo(sum);
    }

    @ParameterizedTest
    @CsvSource({"9999-12-31, 1, DAYS", "0001-01-01, -1, DAYS", "2026-01-01, 9223372036854775807, WEEKS"})
    void datesBeyondTheYears1To9999AreRefused(LocalDate date, long amount, DateUnit unit) {
        assertFails("DATE_OUT_OF_RANGE", () -> dates.add(date, amount, unit))
                .contains("is beyond the years 1 to 9999; give a smaller amount");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-01, 2026-03-01, DAYS, 59",
        "2026-03-01, 2026-01-01, DAYS, -59",
        "2026-01-31, 2026-02-28, MONTHS, 0",
        "2026-01-31, 2026-03-31, MONTHS, 2",
        "2026-01-01, 2026-01-14, WEEKS, 1",
        "2024-02-29, 2026-02-28, YEARS, 1"
    })
    void wholeUnitsAreCountedBetweenDates(LocalDate from, LocalDate to, DateUnit unit, long count) {
        assertThat(dates.between(from, to, unit)).isEqualTo(count);
    }

    @Test
    void theWeekdayIsNamedInEnglish() {
        assertThat(dates.weekday(LocalDate.parse("2026-11-23"))).isEqualTo("Monday");
        assertThat(dates.weekday(LocalDate.parse("2000-01-01"))).isEqualTo("Saturday");
    }
}
