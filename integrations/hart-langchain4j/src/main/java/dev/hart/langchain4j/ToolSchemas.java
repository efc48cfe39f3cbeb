package dev.hart.langchain4j;

import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tool's input schema as LangChain4j takes it: an object whose properties are kept as they stand. */
final class ToolSchemas {
    private ToolSchemas() {}

    static JsonObjectSchema parameters(Map<String, @Nullable Object> schema) {
        JsonObjectSchema.Builder builder = JsonObjectSchema.builder().addProperties(elements(schema.get("properties")));
        if (schema.get("required") instanceof List<?> required) {
            builder.required(required.stream().map(String::valueOf).toList());
        }
        if (schema.get("additionalProperties") instanceof Boolean more) {
            builder.additionalProperties(more);
        }
        if (schema.get("description") instanceof String description) {
            builder.description(description);
        }
        Map<String, JsonSchemaElement> definitions = elements(schema.get("$defs"));
        if (!definitions.isEmpty()) {
            builder.definitions(definitions);
        }
        return builder.build();
    }

    private static Map<String, JsonSchemaElement> elements(@Nullable Object schemas) {
        Map<String, JsonSchemaElement> elements = new LinkedHashMap<>();
        if (schemas instanceof Map<?, ?> map) {
            map.forEach(
                    (name, schema) -> elements.put(String.valueOf(name), JsonRawSchema.from(JsonTexts.write(schema))));
        }
        return elements;
    }
}
