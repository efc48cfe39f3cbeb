package dev.hart.core.model;

import dev.hart.core.model.LenientJson.Repair;
import dev.hart.json.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON parser that notes each repair it makes; a text that it reads without one is JSON.
 *
 * <p>{@link #search} stays linear because it never goes back: where a value turns out not to be one, the search goes on at
 * the char that showed it.
 */
final class TolerantJsonParser {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_NUMBER_LENGTH = 400;
    private static final int MAX_EXPONENT_DIGITS = 4;
    private static final String NONE = "";

    /** Stands for "no value here", because null is a value. */
    private static final Object NO_VALUE = new Object();

    private final String text;
    private final int end;
    private int at;
    private int openLists;
    private int openObjects;
    private boolean tooDeep;
    private final EnumSet<Repair> repairs = EnumSet.noneOf(Repair.class);
    private final List<@Nullable Object> values = new ArrayList<>();

    TolerantJsonParser(String text, int start, int end) {
        this.text = text;
        this.at = start;
        this.end = end;
    }

    List<@Nullable Object> values() {
        return values;
    }

    EnumSet<Repair> repairs() {
        return repairs;
    }

    /** Whether the text is exactly one value that needs no repair. */
    boolean readWhole() {
        skipSpace();
        Object value = value();
        skipSpace();
        values.add(value);
        return value != NO_VALUE && at == end && repairs.isEmpty();
    }

    /** Collects the objects and arrays in the text; false when there is none, or one is nested too deep. */
    boolean search() {
        boolean prose = false;
        while (at < end) {
            char c = text.charAt(at);
            if (c != '{' && c != '[') {
                prose |= !Character.isWhitespace(c);
                at++;
                continue;
            }
            int start = at;
            EnumSet<Repair> before = EnumSet.copyOf(repairs);
            openLists = 0;
            openObjects = 0;
            Object value = value();
            if (tooDeep) {
                return false;
            }
            if (value != NO_VALUE && !isEmptyAndCut(value)) {
                values.add(value);
            } else {
                prose = true;
                repairs.clear();
                repairs.addAll(before);
                at = Math.max(at, start + 1);
            }
        }
        if (prose) {
            repairs.add(Repair.PROSE);
        }
        return !values.isEmpty();
    }

    /** A lone bracket in a text is not yet a value. */
    private boolean isEmptyAndCut(@Nullable Object value) {
        return at >= end
                && "}]".indexOf(text.charAt(end - 1)) < 0
                && (Map.of().equals(value) || List.of().equals(value));
    }

    private @Nullable Object value() {
        if (at >= end) {
            return NO_VALUE;
        }
        char c = text.charAt(at);
        if (c == '{' || c == '[') {
            if (openLists + openObjects >= MAX_DEPTH) {
                tooDeep = true;
                return NO_VALUE;
            }
            return c == '{' ? object() : list();
        }
        if (isQuote(c)) {
            return string();
        }
        if (c == '-' || c == '–' || c == '—' || isDigit(c)) {
            return number();
        }
        return word();
    }

    private Object object() {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        openObjects++;
        at++;
        boolean comma = true;
        while (true) {
            skipSpace();
            if (at >= end || (text.charAt(at) == ']' && openLists > 0)) {
                repairs.add(Repair.MISSING_CLOSER);
                break;
            }
            if (text.charAt(at) == '}') {
                noteTrailingComma(comma, object.isEmpty());
                at++;
                break;
            }
            if (!comma) {
                return NO_VALUE;
            }
            String key = key();
            skipSpace();
            if (key == null || at >= end || text.charAt(at) != ':') {
                return at >= end ? cutInKey(object) : NO_VALUE;
            }
            at++;
            skipSpace();
            if (at >= end) {
                return cutInKey(object);
            }
            Object value = value();
            if (value == NO_VALUE) {
                return NO_VALUE;
            }
            object.put(key, value);
            comma = skipComma();
        }
        openObjects--;
        return Collections.unmodifiableMap(object);
    }

    /** The text ended behind a key: the key goes, what came before stays. */
    private Object cutInKey(Map<String, @Nullable Object> object) {
        repairs.add(Repair.MISSING_CLOSER);
        openObjects--;
        return Collections.unmodifiableMap(object);
    }

    private Object list() {
        List<@Nullable Object> items = new ArrayList<>();
        openLists++;
        at++;
        boolean comma = true;
        while (true) {
            skipSpace();
            if (at >= end || (text.charAt(at) == '}' && openObjects > 0)) {
                repairs.add(Repair.MISSING_CLOSER);
                break;
            }
            if (text.charAt(at) == ']') {
                noteTrailingComma(comma, items.isEmpty());
                at++;
                break;
            }
            if (!comma) {
                return NO_VALUE;
            }
            Object value = value();
            if (value == NO_VALUE) {
                return NO_VALUE;
            }
            items.add(value);
            comma = skipComma();
        }
        openLists--;
        return Collections.unmodifiableList(items);
    }

    private void noteTrailingComma(boolean comma, boolean empty) {
        if (comma && !empty) {
            repairs.add(Repair.TRAILING_COMMA);
        }
    }

    private boolean skipComma() {
        skipSpace();
        if (at < end && text.charAt(at) == ',') {
            at++;
            return true;
        }
        return false;
    }

    private @Nullable String key() {
        if (isQuote(text.charAt(at))) {
            return string();
        }
        String name = identifier();
        if (name.isEmpty()) {
            return null;
        }
        repairs.add(Repair.UNQUOTED_KEY);
        return name;
    }

    private String identifier() {
        int start = at;
        if (at < end && isNameStart(text.charAt(at))) {
            at++;
            while (at < end && (isNameStart(text.charAt(at)) || isDigit(text.charAt(at)) || text.charAt(at) == '-')) {
                at++;
            }
        }
        return at == start ? NONE : text.substring(start, at);
    }

    private @Nullable Object word() {
        int start = at;
        String word = identifier();
        switch (word) {
            case "true":
                return true;
            case "false":
                return false;
            case "null":
                return null;
            case "True":
                repairs.add(Repair.PYTHON_WORD);
                return true;
            case "False":
                repairs.add(Repair.PYTHON_WORD);
                return false;
            case "None":
                repairs.add(Repair.PYTHON_WORD);
                return null;
            default:
                at = Math.max(start, at);
                return NO_VALUE;
        }
    }

    private @Nullable Object number() {
        int start = at;
        char sign = text.charAt(at);
        boolean longDash = sign == '–' || sign == '—';
        if (longDash || sign == '-') {
            at++;
        }
        int digits = at;
        int whole = skipDigits();
        if (whole == 0 || (whole > 1 && text.charAt(digits) == '0')) {
            return NO_VALUE;
        }
        if (at < end && text.charAt(at) == '.') {
            at++;
            if (skipDigits() == 0) {
                return NO_VALUE;
            }
        }
        if (at < end && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (at < end && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            int exponent = skipDigits();
            if (exponent == 0 || exponent > MAX_EXPONENT_DIGITS) {
                return NO_VALUE;
            }
        }
        if (at - start > MAX_NUMBER_LENGTH) {
            return NO_VALUE;
        }
        if (longDash) {
            repairs.add(Repair.LONG_DASH);
        }
        return Json.valueOf(new BigDecimal((digits > start ? "-" : NONE) + text.substring(digits, at)));
    }

    private int skipDigits() {
        int start = at;
        while (at < end && isDigit(text.charAt(at))) {
            at++;
        }
        return at - start;
    }

    private String string() {
        char open = text.charAt(at);
        if (open != '"') {
            repairs.add(open == '\'' ? Repair.SINGLE_QUOTES : Repair.CURLY_QUOTES);
        }
        at++;
        StringBuilder string = new StringBuilder();
        while (at < end) {
            char c = text.charAt(at);
            if (closes(open, c)) {
                at++;
                return string.toString();
            }
            if (c == '\\' && at + 1 < end) {
                at++;
                escape(string);
                continue;
            }
            if (c < ' ') {
                repairs.add(Repair.LOOSE_STRING);
            }
            string.append(c);
            at++;
        }
        repairs.add(Repair.MISSING_CLOSER);
        return string.toString();
    }

    /** An apostrophe inside a single-quoted text does not close it: what follows a close is punctuation or the end. */
    private boolean closes(char open, char c) {
        if (open == '"') {
            return c == '"';
        }
        if (!isQuote(c) || isSingle(open) != isSingle(c)) {
            return false;
        }
        int next = at + 1;
        while (next < end && Character.isWhitespace(text.charAt(next))) {
            next++;
        }
        return next >= end || ",:}]".indexOf(text.charAt(next)) >= 0;
    }

    private void escape(StringBuilder string) {
        char c = text.charAt(at);
        int known = "\"\\/bfnrt".indexOf(c);
        if (known >= 0) {
            string.append("\"\\/\b\f\n\r\t".charAt(known));
            at++;
            return;
        }
        if (c == 'u' && at + 4 < end) {
            int code = 0;
            for (int i = 1; i <= 4 && code >= 0; i++) {
                int digit = text.charAt(at + i) < 0x80 ? Character.digit(text.charAt(at + i), 16) : -1;
                code = digit < 0 ? -1 : code * 16 + digit;
            }
            if (code >= 0) {
                string.append((char) code);
                at += 5;
                return;
            }
        }
        repairs.add(Repair.LOOSE_STRING);
        if (!isQuote(c)) {
            string.append('\\');
        }
        string.append(c);
        at++;
    }

    private void skipSpace() {
        while (at < end) {
            char c = text.charAt(at);
            if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
                at++;
            } else if (c == '\u00a0' || c == '\ufeff' || Character.isWhitespace(c)) {
                repairs.add(Repair.PROSE);
                at++;
            } else if (c == '#' || isNext("//")) {
                skipPast("\n");
            } else if (isNext("/*")) {
                at += 2;
                skipPast("*/");
            } else {
                return;
            }
        }
    }

    private boolean isNext(String expected) {
        return at + expected.length() <= end && text.startsWith(expected, at);
    }

    private void skipPast(String commentEnd) {
        repairs.add(Repair.COMMENT);
        while (at < end && !isNext(commentEnd)) {
            at++;
        }
        at = Math.min(end, at + commentEnd.length());
    }

    private static boolean isQuote(char c) {
        return c == '"' || c == '“' || c == '”' || c == '„' || isSingle(c);
    }

    private static boolean isSingle(char c) {
        return c == '\'' || c == '‘' || c == '’';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    }
}
