package dev.hart.core.model;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as language models write it: in a code fence, among prose, with single quotes or a bracket missing. For model
 * output only, never for stored files.
 *
 * <p>A text that is JSON as a whole is taken as it is. Else only what stands behind the first {@code @user} counts, and of
 * that the code fences if they hold a value; what is left is searched for objects and arrays, and those are repaired. The
 * words inside a string are never changed. Takes time linear in the length of the text, calls nothing and throws nothing.
 */
public final class LenientJson {
    private static final int MAX_BYTES = 1 << 20;
    private static final String ADDRESSEE = "@user";
    private static final String FENCE = "```";

    /** What had to be mended or left out. */
    public enum Repair {
        /** Text up to {@code @user} was dropped. */
        ADDRESSEE,
        CODE_FENCE,
        /** Text around the value was dropped. */
        PROSE,
        /** One of several values was chosen. */
        SEVERAL_VALUES,
        SINGLE_QUOTES,
        CURLY_QUOTES,
        LONG_DASH,
        TRAILING_COMMA,
        COMMENT,
        UNQUOTED_KEY,
        /** {@code True}, {@code False} or {@code None}. */
        PYTHON_WORD,
        /** A raw control character, or a backslash before a character that needs none, stood in a string. */
        LOOSE_STRING,
        /** A string, list or object had no end: the answer may have been cut off. */
        MISSING_CLOSER
    }

    /**
     * A value that was found.
     *
     * @param value as {@link dev.hart.json.Json} has it
     * @param repairs none when the text was JSON
     */
    public record Reading(@Nullable Object value, Set<Repair> repairs) {
        public Reading {
            repairs = Set.copyOf(repairs);
        }
    }

    private LenientJson() {}

    /**
     * The one object that an answer means. Of an array, or of several values, the last object with a field {@code status},
     * else the first object; without any object, the first value. Empty when there is no value, when the text is longer
     * than 1 MiB, or when the value is nested deeper than 100 levels.
     */
    public static Optional<Reading> read(String text) {
        return find(text).map(LenientJson::choose);
    }

    /** The first value as it stands, arrays included; for answers that may be an array. Empty as in {@link #read}. */
    public static Optional<Reading> readFirst(String text) {
        return find(text).map(found -> {
            if (found.values().size() > 1) {
                found.repairs().add(Repair.SEVERAL_VALUES);
            }
            return new Reading(found.values().get(0), found.repairs());
        });
    }

    private record Found(List<@Nullable Object> values, EnumSet<Repair> repairs) {}

    private static Optional<Found> find(String text) {
        if (isTooLong(text)) {
            return Optional.empty();
        }
        TolerantJsonParser whole = new TolerantJsonParser(text, 0, text.length());
        if (whole.readWhole()) {
            return Optional.of(new Found(whole.values(), EnumSet.noneOf(Repair.class)));
        }
        EnumSet<Repair> repairs = EnumSet.noneOf(Repair.class);
        int start = text.indexOf(ADDRESSEE);
        if (start >= 0) {
            repairs.add(Repair.ADDRESSEE);
            start += ADDRESSEE.length();
        } else {
            start = 0;
        }
        Optional<Found> fenced = inFences(text, start);
        Optional<Found> found = fenced.isPresent() ? fenced : search(text, start, text.length());
        found.ifPresent(f -> f.repairs().addAll(repairs));
        return found;
    }

    private static Optional<Found> inFences(String text, int start) {
        List<@Nullable Object> values = new ArrayList<>();
        EnumSet<Repair> repairs = EnumSet.of(Repair.CODE_FENCE);
        int open = text.indexOf(FENCE, start);
        while (open >= 0) {
            int body = open + FENCE.length();
            int close = text.indexOf(FENCE, body);
            int end = close < 0 ? text.length() : close;
            search(text, afterLanguage(text, body, end), end).ifPresent(found -> {
                values.addAll(found.values());
                repairs.addAll(found.repairs());
            });
            open = close < 0 ? -1 : text.indexOf(FENCE, close + FENCE.length());
        }
        return values.isEmpty() ? Optional.empty() : Optional.of(new Found(values, repairs));
    }

    private static int afterLanguage(String text, int start, int end) {
        int at = start;
        while (at < end && Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static Optional<Found> search(String text, int start, int end) {
        TolerantJsonParser parser = new TolerantJsonParser(text, start, end);
        return parser.search() ? Optional.of(new Found(parser.values(), parser.repairs())) : Optional.empty();
    }

    private static Reading choose(Found found) {
        List<@Nullable Object> values = found.values();
        if (values.size() == 1 && !(values.get(0) instanceof List)) {
            return new Reading(values.get(0), found.repairs());
        }
        List<Map<?, ?>> objects = new ArrayList<>();
        for (Object value : values) {
            if (value instanceof Map<?, ?> object) {
                objects.add(object);
            } else if (value instanceof List<?> items) {
                items.forEach(item -> {
                    if (item instanceof Map<?, ?> object) {
                        objects.add(object);
                    }
                });
            }
        }
        if (objects.isEmpty()) {
            return new Reading(values.get(0), found.repairs());
        }
        found.repairs().add(Repair.SEVERAL_VALUES);
        return new Reading(lastMatching(objects, object -> object.containsKey("status")), found.repairs());
    }

    private static Map<?, ?> lastMatching(List<Map<?, ?>> objects, Predicate<Map<?, ?>> condition) {
        for (int i = objects.size() - 1; i >= 0; i--) {
            if (condition.test(objects.get(i))) {
                return objects.get(i);
            }
        }
        return objects.get(0);
    }

    /** Counts UTF-8 bytes only as far as needed. */
    private static boolean isTooLong(String text) {
        if (text.length() > MAX_BYTES) {
            return true;
        }
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes > MAX_BYTES;
    }
}
