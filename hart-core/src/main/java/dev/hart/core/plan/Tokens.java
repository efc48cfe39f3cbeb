package dev.hart.core.plan;

import dev.hart.core.plan.Token.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Splits a text into {@link Token}s. What has a form of its own (addresses, paths, dates, quotes, formulas) is one token. */
final class Tokens {
    private static final Pattern URL = Pattern.compile(
            "https?://[^\\s\"'<>]*[^\\s\"'<>.,;:!?)]|(?:www\\.)?[\\w-]+\\.(?:com|org|net|gov|edu|io)\\b(?:/[^\\s.,;]*)?");
    private static final Pattern EMAIL = Pattern.compile("[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"|“([^”]+)”|‘([^’]+)’|`([^`]+)`");
    private static final Pattern SINGLE_QUOTED =
            Pattern.compile("(?<![\\p{L}\\p{N}])'(\\S[^'\\n]*(?:'\\p{L}[^'\\n]*)*)'(?![\\p{L}\\p{N}])");
    private static final Pattern PATH = Pattern.compile(
            "(?:~/|\\.{1,2}/|/|[A-Za-z]:[\\\\/])?(?:[\\w.@+-]+[\\\\/])*[\\w@+-][\\w.@+-]*(?:/(?=\\s|$))?");
    private static final Pattern TIME = Pattern.compile(
            "(\\d{1,2})(?::(\\d{2}))(?::(\\d{2}))?(?:\\s?([ap])\\.?m\\b\\.?)?|(\\d{1,2})\\s?([ap])\\.?m\\b\\.?",
            Pattern.CASE_INSENSITIVE);
    private static final String VARIABLE = "[xyztn](?![\\p{L}\\p{N}])";
    private static final String TERM =
            "(?:(?:\\d+(?:\\.\\d+)?\\s?\\*?\\s?)?(?:(?:sin|cos|tan|exp|ln|log|sqrt)\\([^()]*\\)|" + VARIABLE
                    + ")(?:\\s?(?:\\^|\\*\\*)\\s?-?\\d+)?|\\d+(?:\\.\\d+)?|\\([^()]*[-+*/^][^()]*\\))";
    private static final Pattern FORMULA = Pattern.compile(
            "(?:[fgy](?:\\([a-z]\\))?\\s*=\\s*)?-?" + TERM + "(?:\\s*(?:[-+/^]|\\*\\*?)\\s*" + TERM + ")*");
    private static final Pattern HAS_VARIABLE = Pattern.compile("(?:=.*|^[^=]*)" + VARIABLE);
    private static final Pattern ARITHMETIC = Pattern.compile(
            "[(\\s]*-?\\d+(?:\\.\\d+)?[)\\s]*(?:(?:\\s*[+*/^%]\\s*|\\s+-\\s+)[(\\s]*-?\\d+(?:\\.\\d+)?(?:\\s*\\))*)+");
    private static final Pattern YEARS = Pattern.compile("(?:19|20)\\d{2}[-–/](?:19|20)?\\d{2}\\b");
    private static final Pattern NUMBER = Pattern.compile(
            "(?:\\d{1,3}(?:,\\d{3})+(?!\\d|,\\d)(?:\\.\\d+)?|\\d+(?:\\.\\d+)?|\\.\\d+)(?:[eE][-+]?\\d+\\b)?");
    private static final Pattern WORD = Pattern.compile("\\p{Lu}(?:\\.\\p{Lu})+\\.?|(?:Dr|Mr|Mrs|Ms|St|vs)\\."
            + "|[\\p{L}_][\\p{L}\\p{M}\\p{N}_]*#?(?:['’&-][\\p{L}\\p{N}_]+)*");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Tokens(String text) {
        this.text = text;
    }

    /** The tokens of a request. */
    static List<Token> of(String text) {
        Tokens tokens = new Tokens(text);
        tokens.read();
        return List.copyOf(tokens.tokens);
    }

    /** The stems of the words in a description or name, whose parts may be joined by {@code _}, {@code .} or capitals. */
    static List<String> stems(String name) {
        List<String> stems = new ArrayList<>();
        for (String word : words(name)) {
            stems.add(Stemmer.stem(word));
        }
        return stems;
    }

    /** The same as lower-case words. */
    static List<String> words(String name) {
        List<String> words = new ArrayList<>();
        String spaced = name.replaceAll("([a-z])([A-Z])", "$1 $2").replaceAll("(\\p{L})(\\d)", "$1 $2");
        for (String word : spaced.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}']+", -1)) {
            if (!word.isEmpty()) {
                words.add(word.endsWith("'s") ? word.substring(0, word.length() - 2) : word);
            }
        }
        return words;
    }

    private void read() {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (!(matched(Kind.URL, URL)
                    || matched(Kind.EMAIL, EMAIL)
                    || quoted()
                    || bracket()
                    || path()
                    || date()
                    || time()
                    || formula()
                    || matched(Kind.QUOTED, YEARS)
                    || number()
                    || matched(Kind.WORD, WORD))) {
                add(Kind.SIGN, at, at + 1, null);
            }
        }
    }

    private @Nullable Matcher looking(Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        matcher.region(at, text.length()).useTransparentBounds(true).useAnchoringBounds(false);
        return matcher.lookingAt() ? matcher : null;
    }

    private boolean matched(Kind kind, Pattern pattern) {
        Matcher match = looking(pattern);
        if (match == null) {
            return false;
        }
        add(kind, match.start(), match.end(), null);
        return true;
    }

    private boolean quoted() {
        Matcher match = looking(QUOTED);
        if (match == null) {
            match = looking(SINGLE_QUOTED);
        }
        if (match == null || match.end() - match.start() == text.strip().length()) {
            return false;
        }
        for (int group = 1; group <= match.groupCount(); group++) {
            if (match.group(group) != null) {
                Kind kind = isPath(match.group(group)) ? Kind.PATH : Kind.QUOTED;
                add(kind, match.start(group), match.end(group), null);
            }
        }
        at = match.end();
        return true;
    }

    private boolean bracket() {
        Optional<Brackets.Parsed> parsed = Brackets.at(text, at);
        parsed.ifPresent(value -> add(Kind.BRACKET, at, value.end(), value.value()));
        return parsed.isPresent();
    }

    private boolean path() {
        Matcher match = looking(PATH);
        if (match == null) {
            return false;
        }
        int end = match.end();
        while (end > at && (text.charAt(end - 1) == '.' || text.charAt(end - 1) == '-')) {
            end--;
        }
        if (end == at || !isPath(text.substring(at, end))) {
            return false;
        }
        add(Kind.PATH, at, end, null);
        return true;
    }

    private static boolean isPath(String word) {
        if (word.indexOf(' ') >= 0 && word.indexOf('/') < 0) {
            return false;
        }
        int dot = word.lastIndexOf('.');
        if (dot > 0 && Lexicon.english().isFileExtension(word.substring(dot + 1).toLowerCase(Locale.ROOT))) {
            return true;
        }
        boolean rooted =
                word.startsWith("/") || word.startsWith("~/") || word.startsWith("./") || word.startsWith("../");
        return rooted ? word.length() > 2 : word.endsWith("/") && word.length() > 2;
    }

    private boolean date() {
        Matcher match = looking(Dates.PATTERN);
        Dates.Date date = match == null ? null : Dates.of(match);
        if (match == null || date == null) {
            return false;
        }
        add(Kind.DATE, match.start(), match.end(), date);
        return true;
    }

    private boolean time() {
        Matcher match = looking(TIME);
        if (match == null) {
            return false;
        }
        int hour = Integer.parseInt(match.group(1) != null ? match.group(1) : match.group(5));
        int minute = match.group(2) == null ? 0 : Integer.parseInt(match.group(2));
        String half = match.group(4) != null ? match.group(4) : match.group(6);
        if (half != null) {
            hour = hour % 12 + (half.equalsIgnoreCase("p") ? 12 : 0);
        }
        if (hour > 24 || minute > 59) {
            return false;
        }
        add(Kind.TIME, match.start(), match.end(), "%02d:%02d".formatted(hour, minute));
        return true;
    }

    private boolean formula() {
        if (!tokens.isEmpty() && at > 0 && Character.isLetterOrDigit(text.charAt(at - 1))) {
            return false;
        }
        Matcher match = looking(FORMULA);
        if (match != null
                && match.end() - at > 1
                && HAS_VARIABLE.matcher(match.group()).find()
                && match.group().matches(".*(?:[\\^*(]|\\d[xyztn]|[-+/]).*")) {
            add(Kind.EXPRESSION, match.start(), match.end(), null);
            return true;
        }
        match = looking(ARITHMETIC);
        if (match != null) {
            int end = match.end();
            while (Character.isWhitespace(text.charAt(end - 1))) {
                end--;
            }
            add(Kind.EXPRESSION, match.start(), end, null);
            return true;
        }
        return false;
    }

    private boolean number() {
        Matcher match = looking(NUMBER);
        if (match == null) {
            return false;
        }
        BigDecimal value = new BigDecimal(match.group().replace(",", ""));
        add(Kind.NUMBER, match.start(), match.end(), Numbers.plain(value));
        return true;
    }

    private void add(Kind kind, int start, int end, @Nullable Object value) {
        String part = text.substring(start, end);
        String lower = part.toLowerCase(Locale.ROOT).replace('’', '\'');
        String bare = lower.endsWith("'s") ? lower.substring(0, lower.length() - 2) : lower;
        tokens.add(new Token(kind, part, lower, kind == Kind.WORD ? Stemmer.stem(bare) : "", start, end, value));
        at = end;
    }
}
