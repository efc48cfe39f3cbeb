package dev.hart.security.trust;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object of signed bytes, read without any leeway: UTF-8, no name twice, whole numbers only, nothing behind it,
 * and exactly the expected fields. Values are {@link String}, {@link Long}, {@link Boolean}, {@link List} and
 * {@link StrictJson.Fields}.
 */
final class StrictJson {
    private static final int MAX_DEPTH = 8;
    private static final int MAX_TIME = 30;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(20)
                    .build())
            .build();

    private StrictJson() {}

    /** @throws MalformedException when the bytes are anything but one such object */
    static Fields object(byte[] utf8) throws MalformedException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("it is no UTF-8", e);
        }
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedException("it is no JSON object");
            }
            Fields fields = fields(parser);
            if (parser.nextToken() != null) {
                throw new MalformedException("something follows the JSON object");
            }
            return fields;
        } catch (IOException e) {
            throw new MalformedException("it is no JSON that every reader reads alike", e);
        }
    }

    private static Fields fields(JsonParser parser) throws IOException, MalformedException {
        Map<String, Object> values = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            values.put(name, value(parser));
        }
        return new Fields(Collections.unmodifiableMap(values));
    }

    private static Object value(JsonParser parser) throws IOException, MalformedException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_STRING) {
            String text = parser.getText();
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
                throw new MalformedException("a text holds half a character");
            }
            return text;
        }
        if (token == JsonToken.VALUE_NUMBER_INT) {
            return parser.getLongValue();
        }
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
            return token == JsonToken.VALUE_TRUE;
        }
        if (token == JsonToken.START_OBJECT) {
            return fields(parser);
        }
        if (token == JsonToken.START_ARRAY) {
            List<Object> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(parser));
            }
            return Collections.unmodifiableList(items);
        }
        throw new MalformedException("null and numbers with a fraction are not allowed");
    }

    /** The fields of one object. */
    record Fields(Map<String, Object> values) {

        /** As maps and lists all the way down. */
        Map<String, Object> plain() {
            Map<String, Object> plain = new LinkedHashMap<>();
            values.forEach((name, value) -> plain.put(name, plain(value)));
            return plain;
        }

        private static Object plain(Object value) {
            if (value instanceof Fields fields) {
                return fields.plain();
            }
            return value instanceof List<?> items
                    ? items.stream().map(Fields::plain).toList()
                    : value;
        }

        /** @throws MalformedException when a field is missing, or there is another one */
        Fields only(Set<String> names) throws MalformedException {
            for (String name : names) {
                if (!values.containsKey(name)) {
                    throw new MalformedException("field " + name + " is missing");
                }
            }
            if (values.size() != names.size()) {
                throw new MalformedException("it has other fields than " + String.join(", ", names));
            }
            return this;
        }

        String text(String name) throws MalformedException {
            return get(name, String.class);
        }

        long number(String name) throws MalformedException {
            return get(name, Long.class);
        }

        Fields object(String name) throws MalformedException {
            return get(name, Fields.class);
        }

        List<?> list(String name) throws MalformedException {
            return get(name, List.class);
        }

        /** An instant in UTC, such as 2026-01-01T00:00:00Z. */
        Instant instant(String name) throws MalformedException {
            String text = text(name);
            // Four digits of the year: what is added to it later cannot overflow.
            if (text.length() > MAX_TIME || !text.endsWith("Z") || !Character.isDigit(text.charAt(0))) {
                throw new MalformedException("field " + name + " is no time in UTC");
            }
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw new MalformedException("field " + name + " is no time in UTC", e);
            }
        }

        private <T> T get(String name, Class<T> type) throws MalformedException {
            @Nullable Object value = values.get(name);
            if (value == null || !type.isInstance(value)) {
                throw new MalformedException(
                        value == null ? "field " + name + " is missing" : "field " + name + " has the wrong type");
            }
            return type.cast(value);
        }
    }
}
