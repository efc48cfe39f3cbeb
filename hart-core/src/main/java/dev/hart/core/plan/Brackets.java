package dev.hart.core.plan;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lists, pairs and objects that stand in a request as in a program: {@code [1, 2]}, {@code (3.5, -2)}, {@code {'math': 90}}. Quotes may
 * be single or double, and plain words need none. A compass point turns a number into a coordinate: {@code 12.5 S} is -12.5.
 */
final class Brackets {
    private static final int MAX_DEPTH = 8;
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"|'([^']*)'");
    private static final Pattern NUMBER =
            Pattern.compile("(-?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?)\\s*°?\\s*([NSEWnsew]\\b)?(?=\\s*[,:\\]})])");
    private static final Pattern WORDS = Pattern.compile("[^\\[\\](){},:'\"]+");

    private final String text;
    private int at;

    private Brackets(String text, int at) {
        this.text = text;
        this.at = at;
    }

    /** A value and where it ends. */
    record Parsed(Object value, int end) {}

    /** The list or object that begins at the position; a list in round brackets counts when it holds numbers only. */
    static Optional<Parsed> at(String text, int start) {
        char open = text.charAt(start);
        if (open != '[' && open != '(' && open != '{') {
            return Optional.empty();
        }
        Brackets brackets = new Brackets(text, start);
        return brackets.value(0)
                .filter(value -> open != '(' || isPairOfNumbers(value))
                .map(value -> new Parsed(value, brackets.at));
    }

    private static boolean isPairOfNumbers(Object value) {
        return value instanceof List<?> items
                && items.size() > 1
                && items.stream().allMatch(Number.class::isInstance);
    }

    private Optional<Object> value(int depth) {
        skipSpace();
        if (at >= text.length() || depth > MAX_DEPTH) {
            return Optional.empty();
        }
        return switch (text.charAt(at)) {
            case '[' -> items(']', depth);
            case '(' -> items(')', depth);
            case '{' -> object(depth);
            default -> scalar();
        };
    }

    private Optional<Object> items(char close, int depth) {
        List<Object> items = new ArrayList<>();
        do {
            at++;
            skipSpace();
            if (isAt(close)) {
                break;
            }
            Optional<Object> item = value(depth + 1);
            if (item.isEmpty()) {
                return item;
            }
            items.add(item.get());
            skipSpace();
        } while (isAt(','));
        return closed(close, items);
    }

    private Optional<Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        do {
            at++;
            skipSpace();
            if (isAt('}')) {
                break;
            }
            Optional<Object> key = scalar();
            skipSpace();
            if (key.isEmpty() || !isAt(':')) {
                return Optional.empty();
            }
            at++;
            Optional<Object> value = value(depth + 1);
            if (value.isEmpty()) {
                return value;
            }
            members.put(key.get().toString(), value.get());
            skipSpace();
        } while (isAt(','));
        return closed('}', members);
    }

    private Optional<Object> closed(char close, Object value) {
        if (!isAt(close)) {
            return Optional.empty();
        }
        at++;
        return Optional.of(value);
    }

    private Optional<Object> scalar() {
        Matcher quoted = QUOTED.matcher(text).region(at, text.length());
        if (quoted.lookingAt()) {
            at = quoted.end();
            return Optional.of(quoted.group(1) != null ? quoted.group(1) : quoted.group(2));
        }
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (number.lookingAt()) {
            at = number.end();
            String compass = number.group(2);
            BigDecimal value = new BigDecimal(number.group(1));
            return Optional.of(Numbers.plain(compass != null && "SWsw".contains(compass) ? value.negate() : value));
        }
        Matcher words = WORDS.matcher(text).region(at, text.length());
        if (words.lookingAt() && !words.group().isBlank()) {
            at = words.end();
            return Optional.of(words.group().strip());
        }
        return Optional.empty();
    }

    private boolean isAt(char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }
}
