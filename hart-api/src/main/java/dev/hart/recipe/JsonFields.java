package dev.hart.recipe;

import dev.hart.error.InputInvalidException;
import dev.hart.json.Json;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The fields of a JSON object, read one by one; each is of its type or refused by its name. Not thread-safe. */
final class JsonFields {
    private final String name;
    private final Map<String, @Nullable Object> json;
    private final Set<String> read = new HashSet<>();

    JsonFields(String name, Map<String, ? extends @Nullable Object> json) {
        this.name = name;
        try {
            this.json = Json.objectOf(json);
        } catch (IllegalArgumentException e) {
            throw new InputInvalidException(name, "is no JSON object: " + e.getMessage());
        }
    }

    private @Nullable Object value(String field) {
        read.add(field);
        return json.get(field);
    }

    private InputInvalidException wrong(String field, String expected, Object found) {
        return new InputInvalidException(name + "." + field, "must be " + expected + ", was " + found);
    }

    /** Refuses fields that were not read: a misspelt condition must not be one that is not there. */
    void noMore() {
        for (String field : json.keySet()) {
            if (!read.contains(field)) {
                throw new InputInvalidException(
                        name, "has no field '" + field + "'; it has " + String.join(", ", read));
            }
        }
    }

    @Nullable
    String text(String field) {
        Object value = value(field);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw wrong(field, "a text", value);
    }

    int integer(String field, int otherwise) {
        Object value = value(field);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        throw wrong(field, "a whole number", value);
    }

    boolean flag(String field) {
        Object value = value(field);
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw wrong(field, "true or false", value);
    }

    BigDecimal decimal(String field, BigDecimal otherwise) {
        BigDecimal value = decimal(field);
        return value == null ? otherwise : value;
    }

    @Nullable
    BigDecimal decimal(String field) {
        Object value = value(field);
        if (value == null) {
            return null;
        }
        if (value instanceof Number number) {
            return new BigDecimal(number.toString());
        }
        throw wrong(field, "a number", value);
    }

    Duration duration(String field, Duration otherwise) {
        String text = text(field);
        if (text == null) {
            return otherwise;
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw wrong(field, "a duration such as P7D or PT2H", text);
        }
    }

    @Nullable
    Map<String, @Nullable Object> object(String field) {
        Object value = value(field);
        return value == null ? null : asObject(field, value);
    }

    private Map<String, @Nullable Object> asObject(String field, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw wrong(field, "an object", String.valueOf(value));
        }
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        map.forEach((key, part) -> object.put(String.valueOf(key), part));
        return object;
    }

    List<Map<String, @Nullable Object>> objects(String field) {
        List<Map<String, @Nullable Object>> objects = new ArrayList<>();
        for (Object one : list(field)) {
            objects.add(asObject(field, one));
        }
        return objects;
    }

    List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        for (Object one : list(field)) {
            if (!(one instanceof String text)) {
                throw wrong(field, "a list of texts", list(field));
            }
            texts.add(text);
        }
        return texts;
    }

    private List<?> list(String field) {
        Object value = value(field);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        throw wrong(field, "a list", value);
    }
}
