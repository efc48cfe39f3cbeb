package dev.hart.core.match;

import java.text.DateFormatSymbols;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A request as words with their places in it.
 *
 * @param text the request
 * @param starts where each word begins
 * @param ends behind the last character of each word
 * @param lower each word in lower case
 */
record Words(String text, List<Integer> starts, List<Integer> ends, List<String> lower) {
    private static final Set<String> NUMBERS = Set.of(
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "fifteen",
            "twenty",
            "thirty",
            "forty",
            "fifty",
            "hundred",
            "thousand",
            "half",
            "dozen");
    private static final Set<String> TIME = Set.of(
            "second",
            "seconds",
            "minute",
            "minutes",
            "hour",
            "hours",
            "day",
            "days",
            "weeks",
            "months",
            "years",
            "morning",
            "afternoon",
            "evening",
            "night",
            "weekend",
            "now",
            "o'clock",
            "a.m",
            "p.m",
            "later",
            "winter",
            "spring",
            "summer",
            "autumn",
            "fall",
            "lunch",
            "dinner",
            "breakfast",
            "supper",
            "brunch",
            "daily",
            "weekly");
    /** Of the United States: their names, or the word of a name that only it has, and their postal letters. */
    private static final Set<String> STATES = Set.of(
            ("alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho"
                            + " illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota"
                            + " mississippi missouri montana nebraska nevada hampshire jersey mexico york carolina dakota ohio"
                            + " oklahoma oregon pennsylvania rhode tennessee texas utah vermont virginia washington wisconsin"
                            + " wyoming al ak az ar ca co ct de fl ga id il ia ks ky la md ma mi mn ms mo mt ne nv nh nj nm ny nc"
                            + " nd oh pa ri sc sd tn tx ut vt va wa wv wi wy")
                    .split(" "));

    private static final Set<String> CITIES = cities();
    private static final Set<String> CALENDAR = calendar();
    private static final Set<String> COUNTRIES = countries();

    static Words of(String text) {
        List<Integer> starts = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        List<String> lower = new ArrayList<>();
        int from = -1;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ' ';
            boolean letter = Character.isLetterOrDigit(c);
            boolean inner = from >= 0
                    && (c == '\'' || c == '.' || c == '-' || c == ':' || c == '/' || c == '_' || c == '@')
                    && i + 1 < text.length()
                    && Character.isLetterOrDigit(text.charAt(i + 1));
            if (letter || inner) {
                from = from < 0 ? i : from;
                continue;
            }
            if (from >= 0) {
                add(text, from, i, starts, ends, lower);
                from = -1;
            }
            if (!Character.isWhitespace(c) && i < text.length()) {
                add(text, i, i + 1, starts, ends, lower);
            }
        }
        return new Words(text, starts, ends, lower);
    }

    private static void add(
            String text, int from, int to, List<Integer> starts, List<Integer> ends, List<String> lower) {
        starts.add(from);
        ends.add(to);
        lower.add(text.substring(from, to).toLowerCase(Locale.ROOT));
    }

    int size() {
        return starts.size();
    }

    /** A word, or what stands for the places before the first and behind the last. */
    String at(int i) {
        return i < 0 ? "<s>" : i >= size() ? "</s>" : lower.get(i);
    }

    /** What a word looks like: kinds of characters, with repetitions left out. */
    String shape(int i) {
        StringBuilder shape = new StringBuilder();
        for (int c = starts.get(i); c < ends.get(i); c++) {
            char letter = text.charAt(c);
            char kind = Character.isUpperCase(letter)
                    ? 'X'
                    : Character.isLetter(letter) ? 'x' : Character.isDigit(letter) ? '9' : letter;
            if (shape.length() < 2 || shape.charAt(shape.length() - 1) != kind) {
                shape.append(kind);
            }
        }
        return shape.toString();
    }

    /** What kind of thing a word is by itself: a number, part of a date, part of a country's name, or nothing known. */
    String kind(int i) {
        String word = lower.get(i);
        if (NUMBERS.contains(word) || word.chars().allMatch(Character::isDigit)) {
            return "number";
        }
        if (CALENDAR.contains(word)) {
            return "calendar";
        }
        if (TIME.contains(word)) {
            return "time";
        }
        if (STATES.contains(word)) {
            return "state";
        }
        return COUNTRIES.contains(word) ? "country" : CITIES.contains(word) ? "city" : "";
    }

    private static Set<String> calendar() {
        Set<String> words = new HashSet<>(Set.of(
                "today", "tomorrow", "yesterday", "tonight", "noon", "midnight", "am", "pm", "week", "month", "year"));
        DateFormatSymbols symbols = DateFormatSymbols.getInstance(Locale.ENGLISH);
        for (String[] names : List.of(
                symbols.getMonths(), symbols.getWeekdays(), symbols.getShortMonths(), symbols.getShortWeekdays())) {
            for (String name : names) {
                words.add(name.toLowerCase(Locale.ROOT));
            }
        }
        words.remove("");
        return Set.copyOf(words);
    }

    private static Set<String> countries() {
        Set<String> words = new HashSet<>();
        for (String code : Locale.getISOCountries()) {
            for (String part : Terms.split(new Locale("", code).getDisplayCountry(Locale.ENGLISH))) {
                if (part.length() > 3) {
                    words.add(part);
                }
            }
        }
        return Set.copyOf(words);
    }

    /** The cities that name a time zone. */
    private static Set<String> cities() {
        Set<String> words = new HashSet<>();
        for (String zone : ZoneId.getAvailableZoneIds()) {
            for (String part : zone.substring(zone.lastIndexOf('/') + 1)
                    .toLowerCase(Locale.ROOT)
                    .split("_", -1)) {
                if (part.length() > 3 && part.chars().allMatch(Character::isLetter)) {
                    words.add(part);
                }
            }
        }
        return Set.copyOf(words);
    }
}
