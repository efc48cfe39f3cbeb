package dev.hart.core.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import dev.hart.core.Lazy;
import dev.hart.json.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks JSON values against JSON Schema. Every schema is read as draft 2020-12, whatever its {@code $schema} says.
 * Standard formats are checked, those of dates, times and durations as java.time writes them; formats that the draft
 * does not define, such as {@code path}, are left to the application. Other documents are never fetched.
 *
 * <p>Thread-safe. Keeps the compiled form of the schemas used last.
 */
public final class SchemaCheck {
    /** Compiled schemas kept; the one unused for longest goes first. */
    private static final int MAX_SCHEMAS = 500;

    private static final int MAX_PROBLEMS = 20;
    private static final int MAX_DEPTH = 100;

    private final QuickPass quick = new QuickPass(MAX_DEPTH);
    private final Lazy<SchemaRegistry> registry = new Lazy<>(SchemaCheck::registry);

    private final Map<Map<String, @Nullable Object>, Schema> compiled = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Map<String, @Nullable Object>, Schema> eldest) {
            return size() > MAX_SCHEMAS;
        }
    };

    /**
     * What is wrong with the value: empty when it follows the schema. Each problem is a sentence that begins with the
     * place as a JSON Pointer, such as {@code /rows/0/amount: string found, number expected}; problems of the value as a
     * whole begin with no place. At most 20 problems are listed, then how many more there are.
     *
     * @param value a JSON value as {@link Json} has it, nested at most 100 deep
     * @throws IllegalArgumentException when {@code schema} is not a JSON Schema, or refers to another document
     */
    public List<String> problems(Map<String, @Nullable Object> schema, @Nullable Object value) {
        return quick.passes(schema, value) ? List.of() : thoroughProblems(schema, value);
    }

    /** The same, always by the validator. */
    List<String> thoroughProblems(Map<String, @Nullable Object> schema, @Nullable Object value) {
        JsonNode node;
        try {
            node = node(value, 0);
        } catch (IllegalArgumentException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
        List<com.networknt.schema.Error> errors;
        try {
            errors = compiled(schema).validate(node, (ExecutionContext context) -> {});
        } catch (SchemaException | IllegalArgumentException e) {
            throw unusable(e);
        }
        if (errors.isEmpty()) {
            return List.of();
        }
        List<String> problems = new ArrayList<>();
        errors.stream().limit(MAX_PROBLEMS).forEach(error -> problems.add(sentence(error)));
        if (errors.size() > MAX_PROBLEMS) {
            problems.add("and " + (errors.size() - MAX_PROBLEMS) + " more problems");
        }
        return List.copyOf(problems);
    }

    private Schema compiled(Map<String, @Nullable Object> schema) {
        synchronized (compiled) {
            Schema known = compiled.get(schema);
            if (known != null) {
                return known;
            }
        }
        // Outside the lock: two threads may compile the same schema, and either result serves.
        ObjectNode node = (ObjectNode) node(schema, 0);
        node.remove("$schema");
        Schema fresh = registry.get().getSchema(node);
        fresh.initializeValidators();
        synchronized (compiled) {
            compiled.put(Json.objectOf(schema), fresh);
        }
        return fresh;
    }

    private static SchemaRegistry registry() {
        return SchemaRegistry.withDialect(
                Dialect.builder(Dialects.getDraft202012())
                        .formats(JavaFormat.ALL)
                        .build(),
                builder -> builder.schemaCacheEnabled(false)
                        .schemaLoader(loader -> loader.block(iri -> true))
                        .schemaRegistryConfig(SchemaRegistryConfig.builder()
                                .locale(Locale.ROOT)
                                .formatAssertionsEnabled(true)
                                .build()));
    }

    private static IllegalArgumentException unusable(RuntimeException e) {
        return new IllegalArgumentException(
                "the JSON Schema cannot be used; it must be draft 2020-12 and refer to nothing outside itself: "
                        + e.getMessage(),
                e);
    }

    private static String sentence(com.networknt.schema.Error error) {
        String place = error.getInstanceLocation().toString();
        return place.isEmpty() ? error.getMessage() : place + ": " + error.getMessage();
    }

    private static JsonNode node(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("nested deeper than " + MAX_DEPTH + " levels");
        }
        if (value == null) {
            return JsonNodeFactory.instance.nullNode();
        }
        if (value instanceof String text) {
            return JsonNodeFactory.instance.textNode(text);
        }
        if (value instanceof Boolean truth) {
            return JsonNodeFactory.instance.booleanNode(truth);
        }
        if (value instanceof Long || value instanceof Integer) {
            return JsonNodeFactory.instance.numberNode(((Number) value).longValue());
        }
        if (value instanceof BigDecimal decimal) {
            return JsonNodeFactory.instance.numberNode(decimal);
        }
        if (value instanceof Map<?, ?> map) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            map.forEach((key, item) -> object.set(String.valueOf(key), node(item, depth + 1)));
            return object;
        }
        if (value instanceof List<?> items) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode(items.size());
            items.forEach(item -> array.add(node(item, depth + 1)));
            return array;
        }
        return node(Json.valueOf(value), depth + 1);
    }
}
