package dev.hart.core.plan;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Dates as people write them: {@code 2024-03-01}, {@code 3/1/2024}, {@code March 1st, 2024}, {@code 1 March}, {@code March 2024}. */
final class Dates {
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final String MONTH =
            "(?<%s>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
                    + "|nov(?:ember)?|dec(?:ember)?)\\b\\.?";
    private static final String DAY = "(?<%s>\\d{1,2})(?:st|nd|rd|th)?\\b";
    private static final String YEAR = "(?<%s>\\d{4})\\b";

    /** Alternatives share no group name in Java, hence the number at the end of each. */
    private static final String FORMS = "\\b(?:"
            + "(?<y1>\\d{4})[-/.](?<m1>\\d{1,2})[-/.](?<d1>\\d{1,2})\\b"
            + "|(?<a2>\\d{1,2})[-/.](?<b2>\\d{1,2})[-/.](?<y2>\\d{4})\\b"
            + "|" + YEAR.formatted("y3") + ",?\\s+" + MONTH.formatted("m3") + "\\s+" + DAY.formatted("d3")
            + "|" + MONTH.formatted("m4") + "\\s*" + DAY.formatted("d4") + "(?:,?\\s*(?:of\\s+)?" + YEAR.formatted("y4")
            + ")?"
            + "|" + DAY.formatted("d5") + "\\s+(?:of\\s+)?" + MONTH.formatted("m5") + "(?:,?\\s*" + YEAR.formatted("y5")
            + ")?"
            + "|" + MONTH.formatted("m6") + ",?\\s+(?:of\\s+)?" + YEAR.formatted("y6") + ")";

    static final Pattern PATTERN = Pattern.compile(FORMS, Pattern.CASE_INSENSITIVE);

    /**
     * A date, or the part of one that was said.
     *
     * @param year 0 when not said
     * @param day 0 when not said
     */
    record Date(int year, int month, int day) {

        boolean isWhole() {
            return year > 0 && day > 0;
        }

        Date inYear(int otherYear) {
            return new Date(otherYear, month, day);
        }

        /** The date in a form such as {@code YYYY-MM-DD}; null when a part of the form is not known. */
        @Nullable
        String as(String form) {
            String lower = form.toLowerCase(Locale.ROOT);
            if ((lower.contains("y") && year == 0) || (lower.contains("d") && day == 0)) {
                return null;
            }
            return lower.replace("yyyy", "%04d".formatted(year))
                    .replace("yy", "%02d".formatted(year % 100))
                    .replace("mm", "%02d".formatted(month))
                    .replace("dd", "%02d".formatted(day));
        }
    }

    private Dates() {}

    /** The date of a match of {@link #PATTERN}; null when there is no such day, as on 30 February. */
    static @Nullable Date of(Matcher match) {
        int year = first(match, "y1", "y2", "y3", "y4", "y5", "y6");
        int month;
        int day;
        if (match.group("a2") != null) {
            int a = Integer.parseInt(match.group("a2"));
            int b = Integer.parseInt(match.group("b2"));
            month = a > 12 ? b : a;
            day = a > 12 ? a : b;
        } else {
            day = first(match, "d1", "d3", "d4", "d5");
            month = match.group("m1") != null ? Integer.parseInt(match.group("m1")) : monthOf(match);
        }
        try {
            LocalDate checked = LocalDate.of(year == 0 ? 2000 : year, month, day == 0 ? 1 : day);
            return new Date(year, checked.getMonthValue(), day);
        } catch (DateTimeException e) {
            return null; // digits in the shape of a date that name no day: left to be read as numbers
        }
    }

    private static int monthOf(Matcher match) {
        for (String group : List.of("m3", "m4", "m5", "m6")) {
            String name = match.group(group);
            if (name != null) {
                return MONTHS.indexOf(name.substring(0, 3).toLowerCase(Locale.ROOT)) + 1;
            }
        }
        return 0;
    }

    private static int first(Matcher match, String... groups) {
        for (String group : groups) {
            String digits = match.group(group);
            if (digits != null) {
                return Integer.parseInt(digits);
            }
        }
        return 0;
    }
}
