package dev.hart.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hart.json.Json;
import dev.hart.tool.ToolFailure;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as text: strict when read (no duplicate names, nothing after the value), exact numbers both ways. */
final class JsonText {
    static final int MAX_DEPTH = 100;
    private static final int MAX_PLAIN_EXPONENT = 1000;

    /** Apart, as Jackson takes 100 ms or more to load, which scalars do without. */
    private static final class Jackson {
        static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .build())
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                        .disable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                        .build())
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build();
    }

    private JsonText() {}

    /**
     * @param source what the text is, for the message
     * @throws ToolFailure {@code JSON_INVALID}
     */
    static @Nullable Object parse(String text, String source) {
        try {
            return Json.valueOf(Jackson.MAPPER.readValue(text, Object.class));
        } catch (JsonProcessingException e) {
            throw new ToolFailure(
                    "JSON_INVALID",
                    "%s is not JSON%s: %s; correct it"
                            .formatted(
                                    source,
                                    e.getLocation() == null
                                            ? ""
                                            : " at line %d, column %d"
                                                    .formatted(
                                                            e.getLocation().getLineNr(),
                                                            e.getLocation().getColumnNr()),
                                    e.getOriginalMessage()),
                    false,
                    e);
        }
    }

    /** A scalar as people write it, without quotes or exponent; a list or a map as indented JSON. */
    static String plain(@Nullable Object value) {
        Object json = Json.valueOf(value);
        if (json instanceof BigDecimal number) {
            return Math.abs((long) number.scale()) > MAX_PLAIN_EXPONENT ? number.toString() : number.toPlainString();
        }
        if (json instanceof List<?> || json instanceof Map<?, ?>) {
            try {
                return Jackson.MAPPER.writeValueAsString(json);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a JSON value could not be written", e);
            }
        }
        return String.valueOf(json);
    }
}
