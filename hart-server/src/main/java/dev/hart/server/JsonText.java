package dev.hart.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hart.json.Json;
import dev.hart.json.Schemas;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** JSON text from and to plain Java values as {@link Json} has them. */
public final class JsonText {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_LONG_FOR_INTS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonText() {}

    /** One line of JSON. A record's components that are an empty Optional are left out. */
    public static String write(@Nullable Object value) {
        try {
            return MAPPER.writeValueAsString(plain(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON value that cannot be written", e);
        }
    }

    /** The same, indented for people. */
    public static String writeIndented(@Nullable Object value) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(plain(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON value that cannot be written", e);
        }
    }

    /**
     * The JSON object that the text holds.
     *
     * @throws IOException when it is not JSON, names a field twice, or is no object
     */
    @SuppressWarnings("unchecked")
    public static Map<String, @Nullable Object> readObject(byte[] text) throws IOException {
        Object value = MAPPER.readValue(text, Object.class);
        if (!(value instanceof Map<?, ?>)) {
            throw new IOException("a JSON object is expected");
        }
        try {
            return (Map<String, @Nullable Object>) Json.objectOf((Map<String, @Nullable Object>) value);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * The JSON value that the text holds.
     *
     * @throws IOException when it is not JSON, or names a field twice
     */
    public static @Nullable Object readValue(String text) throws IOException {
        try {
            return Json.valueOf(MAPPER.readValue(text, Object.class));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** The JSON value of a document, without what is empty in its records. */
    static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof Record data) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            for (RecordComponent component : data.getClass().getRecordComponents()) {
                Object item = read(data, component);
                if (item != null && !item.equals(Optional.empty())) {
                    object.put(Schemas.nameOf(component), plain(item));
                }
            }
            return object;
        }
        if (value instanceof Optional<?> optional) {
            return plain(optional.orElse(null));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(JsonText::plain).toList();
        }
        return Json.valueOf(value);
    }

    private static @Nullable Object read(Record data, RecordComponent component) {
        try {
            var accessor = component.getAccessor();
            accessor.trySetAccessible();
            return accessor.invoke(data);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(data.getClass().getName() + " cannot be read", e);
        }
    }
}
