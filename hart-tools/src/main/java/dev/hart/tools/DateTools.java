package dev.hart.tools;

import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tools for dates, in the ISO calendar, years 1 to 9999. Thread-safe. */
public final class DateTools {
    private static final int MAX_YEAR = 9999;

    private final InstantSource clock;

    DateTools(InstantSource clock) {
        this.clock = clock;
    }

    /** What is counted between dates. */
    public enum DateUnit {
        DAYS(ChronoUnit.DAYS),
        WEEKS(ChronoUnit.WEEKS),
        MONTHS(ChronoUnit.MONTHS),
        YEARS(ChronoUnit.YEARS);

        private final ChronoUnit unit;

        DateUnit(ChronoUnit unit) {
            this.unit = unit;
        }
    }

    @Tool(
            name = "date.today",
            description = "Tell today's date.",
            effect = Effect.READ,
            reach = {})
    public LocalDate today(
            @Param(value = "The time zone, such as Europe/Berlin; UTC unless given", optional = true) @Nullable
                    String zone) {
        return LocalDate.ofInstant(clock.instant(), zone(zone));
    }

    @Tool(
            name = "date.now",
            description = "Tell the current date and time.",
            effect = Effect.READ,
            reach = {})
    public OffsetDateTime now(
            @Param(value = "The time zone, such as Europe/Berlin; UTC unless given", optional = true) @Nullable
                    String zone) {
        return OffsetDateTime.ofInstant(clock.instant(), zone(zone)).truncatedTo(ChronoUnit.SECONDS);
    }

    @Tool(
            name = "date.add",
            description = "Add days, weeks, months or years to a date, or subtract them with a negative amount.",
            effect = Effect.READ,
            reach = {})
    public LocalDate add(
            @Param("The date to start from") LocalDate date,
            @Param("How many units to add; negative goes back") long amount,
            @Param("The unit of the amount") DateUnit unit) {
        try {
            return inRange(date.plus(amount, unit.unit));
        } catch (DateTimeException | ArithmeticException e) {
            throw new ToolFailure(
                    "DATE_OUT_OF_RANGE",
                    "%s plus %d %s is beyond the years 1 to %d; give a smaller amount"
                            .formatted(date, amount, unit.name().toLowerCase(Locale.ROOT), MAX_YEAR),
                    false,
                    e);
        }
    }

    @Tool(
            name = "date.between",
            description = "Count the whole days, weeks, months or years between two dates.",
            effect = Effect.READ,
            reach = {})
    public long between(
            @Param("The first date") LocalDate from,
            @Param("The second date; before the first gives a negative count") LocalDate to,
            @Param("The unit to count") DateUnit unit) {
        return unit.unit.between(from, to);
    }

    @Tool(
            name = "date.weekday",
            description = "Tell which day of the week a date is.",
            effect = Effect.READ,
            reach = {})
    public String weekday(@Param("The date whose weekday is asked for") LocalDate date) {
        return date.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
    }

    private static LocalDate inRange(LocalDate date) {
        if (date.getYear() < 1 || date.getYear() > MAX_YEAR) {
            throw new DateTimeException("year " + date.getYear());
        }
        return date;
    }

    private static ZoneId zone(@Nullable String name) {
        if (name == null) {
            return ZoneOffset.UTC;
        }
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new ToolFailure(
                    "ZONE_UNKNOWN",
                    "there is no time zone '%s'; give one such as Europe/Berlin, UTC or +02:00"
                            .formatted(Quoted.shorten(name)),
                    false,
                    e);
        }
    }
}
