package dev.hart.langchain4j;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells the schemas that OpenAI can enforce while the model writes: every object is closed and requires all of its
 * properties, every part has a type, and nothing outside the supported keywords is used.
 *
 * @see <a href="https://platform.openai.com/docs/guides/structured-outputs">Structured outputs</a>
 */
final class StrictSchemas {
    private static final Set<String> KEYWORDS =
            Set.of("type", "properties", "required", "additionalProperties", "items", "enum", "description", "title");
    private static final int MAX_DEPTH = 5;

    private StrictSchemas() {}

    static boolean isStrict(Map<String, @Nullable Object> schema) {
        return "object".equals(schema.get("type")) && isStrict(schema, 1);
    }

    private static boolean isStrict(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH
                || !(value instanceof Map<?, ?> schema)
                || !KEYWORDS.containsAll(schema.keySet())
                || schema.get("type") == null) {
            return false;
        }
        if ("object".equals(schema.get("type"))) {
            return schema.get("properties") instanceof Map<?, ?> properties
                    && Boolean.FALSE.equals(schema.get("additionalProperties"))
                    && schema.get("required") instanceof List<?> required
                    && required.containsAll(properties.keySet())
                    && properties.values().stream().allMatch(property -> isStrict(property, depth + 1));
        }
        return !"array".equals(schema.get("type")) || isStrict(schema.get("items"), depth + 1);
    }
}
