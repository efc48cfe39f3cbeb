package dev.hart.ledger;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one text of a JSON value (RFC 8785): keys sorted, no spaces, numbers as ECMAScript writes a double. Values are those
 * of {@code dev.hart.json}: null, Boolean, String, Long (Integer too), BigDecimal, List and Map with text keys.
 *
 * <p><b>Numbers keep their digits</b>: {@code 1.0} becomes {@code 1}, but an integer beyond 2^53 or a decimal of more digits
 * than a double holds is not rounded, where the RFC would have it so. A total must be the same before and after a crash.
 */
public final class CanonicalJson {
    static final String REDACTED = "[REDACTED]";

    private static final int MAX_DEPTH = 110; // a dev.hart.json value (100) inside a payload
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Canonical text made before, put into another as it is. */
    record Raw(String text) {}

    private final StringBuilder out;
    private final boolean redact;

    private CanonicalJson(StringBuilder out, boolean redact) {
        this.out = out;
        this.redact = redact;
    }

    /** @throws IllegalArgumentException for other types, lone surrogates, numbers beyond a double, and nesting deeper than 110 */
    public static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder(128);
        new CanonicalJson(out, false).value(value, 0);
        return out.toString();
    }

    /** The same, with the values of keys that name secrets replaced. */
    static String writeRedacted(@Nullable Object value) {
        StringBuilder out = new StringBuilder(128);
        new CanonicalJson(out, true).value(value, 0);
        return out.toString();
    }

    /** Lower-case hex SHA-256 of the value's canonical text in UTF-8. */
    public static String sha256(@Nullable Object value) {
        return sha256OfText(write(value));
    }

    /** Lower-case hex SHA-256 of a text in UTF-8. */
    public static String sha256OfText(String text) {
        return HexFormat.of().formatHex(newDigest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** @throws IllegalArgumentException unless the text is one JSON value without repeated keys */
    public static @Nullable Object read(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            Object value = readValue(parser, 0);
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("text after the JSON value, at " + place(parser));
            }
            return value;
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
        }
    }

    /** @throws IllegalArgumentException unless the text is one JSON object */
    @SuppressWarnings("unchecked") // read() makes no other maps
    public static Map<String, @Nullable Object> readObject(String text) {
        if (read(text) instanceof Map<?, ?> object) {
            return (Map<String, @Nullable Object>) object;
        }
        throw new IllegalArgumentException("not a JSON object");
    }

    private static @Nullable Object readValue(JsonParser parser, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("nested deeper than " + MAX_DEPTH + " levels");
        }
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new IllegalArgumentException("not JSON: the text ends at " + place(parser));
        }
        return switch (token) {
            case VALUE_NULL -> null;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case START_ARRAY -> {
                List<@Nullable Object> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(readValue(parser, depth + 1));
                }
                yield Collections.unmodifiableList(items);
            }
            case START_OBJECT -> {
                Map<String, @Nullable Object> fields = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    fields.put(name, readValue(parser, depth + 1));
                }
                yield Collections.unmodifiableMap(fields);
            }
            default -> throw new IllegalArgumentException("not JSON: " + token + " at " + place(parser));
        };
    }

    private static Object integer(JsonParser parser) throws IOException {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            return new BigDecimal(parser.getBigIntegerValue());
        }
        return parser.getLongValue();
    }

    private static String place(JsonParser parser) {
        var at = parser.currentLocation();
        return "line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    private void value(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("nested deeper than " + MAX_DEPTH + " levels");
        }
        if (value == null) {
            out.append("null");
        } else if (value instanceof String text) {
            string(text);
        } else if (value instanceof Long || value instanceof Integer) {
            integer(((Number) value).longValue());
        } else if (value instanceof Map<?, ?> fields) {
            object(fields, depth);
        } else if (value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof Collection<?> items) {
            array(items, depth);
        } else if (value instanceof BigDecimal number) {
            Es6Number.append(number, out);
        } else if (value instanceof BigInteger number) {
            Es6Number.append(new BigDecimal(number), out);
        } else if (value instanceof Double || value instanceof Float) {
            Es6Number.append(((Number) value).doubleValue(), out);
        } else if (value instanceof Raw raw) {
            out.append(raw.text());
        } else {
            throw new IllegalArgumentException(
                    value.getClass().getName() + " is no JSON value: convert it with dev.hart.json.Json.valueOf");
        }
    }

    private void integer(long number) {
        out.append(number);
    }

    private void array(Collection<?> items, int depth) {
        out.append('[');
        String separator = "";
        for (Object item : items) {
            out.append(separator);
            value(item, depth + 1);
            separator = ",";
        }
        out.append(']');
    }

    private void object(Map<?, ?> fields, int depth) {
        String[] names = new String[fields.size()];
        int count = 0;
        for (Object key : fields.keySet()) {
            if (!(key instanceof String name)) {
                throw new IllegalArgumentException("a JSON object has text keys, was " + key);
            }
            names[count++] = name;
        }
        Arrays.sort(names); // by UTF-16 units, as the RFC asks
        out.append('{');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.append(',');
            }
            string(names[i]);
            out.append(':');
            if (redact && SecretNames.isSecret(names[i])) {
                string(REDACTED);
            } else {
                value(fields.get(names[i]), depth + 1);
            }
        }
        out.append('}');
    }

    private void string(String text) {
        out.append('"');
        int copied = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\' && !Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new IllegalArgumentException("a text has half a character (lone surrogate) at position " + i);
                }
                i++;
                continue;
            }
            out.append(text, copied, i);
            copied = i + 1;
            escape(c);
        }
        out.append(text, copied, text.length()).append('"');
    }

    private void escape(char c) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> out.append("\\u00").append(HexFormat.of().toHexDigits((byte) c));
        }
    }
}
