package dev.hart.core.json;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sees that a value follows a schema of the common kind, the kind that {@link dev.hart.json.Schemas} writes, without
 * building anything: such checks are made several times a step, and the validator behind them is a thousand classes to load
 * and a copy of the value to make. It says yes only where the validator would; whatever it does not know, and so every
 * refusal, it leaves to that one.
 */
final class QuickPass {
    private static final Set<String> TYPES =
            Set.of("string", "integer", "number", "boolean", "null", "object", "array");

    private final int maxDepth;

    /** @param maxDepth levels of nesting that a schema and a value may have */
    QuickPass(int maxDepth) {
        this.maxDepth = maxDepth;
    }

    /** Whether the value surely follows the schema; false when it does not, or when it cannot be told here. */
    boolean passes(Map<?, ?> schema, @Nullable Object value) {
        return isCommon(schema, 0) && fits(schema, value, 0);
    }

    /** Whether every keyword, in parts that no value has as well, is known here and of the form that the draft wants. */
    private boolean isCommon(Map<?, ?> schema, int depth) {
        if (depth > maxDepth
                || (!schema.containsKey("type") && !Set.of("description").containsAll(schema.keySet()))) {
            return false;
        }
        for (Map.Entry<?, ?> keyword : schema.entrySet()) {
            if (!(keyword.getKey() instanceof String name) || !isCommon(name, keyword.getValue(), depth)) {
                return false;
            }
        }
        return true;
    }

    private boolean isCommon(String keyword, @Nullable Object content, int depth) {
        return switch (keyword) {
            case "type" -> content instanceof String type && TYPES.contains(type);
            case "description" -> content instanceof String;
            case "format" -> "path".equals(content);
            case "properties" ->
                content instanceof Map<?, ?> parts
                        && parts.values().stream()
                                .allMatch(part -> part instanceof Map<?, ?> p && isCommon(p, depth + 2));
            case "items" -> content instanceof Map<?, ?> part && isCommon(part, depth + 1);
            case "additionalProperties" ->
                content instanceof Boolean || (content instanceof Map<?, ?> part && isCommon(part, depth + 1));
            case "required" ->
                content instanceof List<?> names && names.stream().allMatch(n -> n instanceof String);
            default -> false;
        };
    }

    private boolean fits(Map<?, ?> schema, @Nullable Object value, int depth) {
        if (depth > maxDepth || !hasType(schema.get("type"), value)) {
            return false;
        }
        if (value instanceof Map<?, ?> object) {
            return hasRequired(schema, object) && propertiesFit(schema, object, depth);
        }
        if (value instanceof List<?> array) {
            Object items = schema.get("items");
            for (Object item : array) {
                if (!partFits(items, item, depth + 1)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean hasType(@Nullable Object type, @Nullable Object value) {
        return switch (type == null ? "" : (String) type) {
            case "string" -> value instanceof String;
            case "integer" -> value instanceof Long;
            case "number" -> value instanceof Long || value instanceof BigDecimal;
            case "boolean" -> value instanceof Boolean;
            case "null" -> value == null;
            case "object" -> value instanceof Map<?, ?>;
            case "array" -> value instanceof List<?>;
            default -> isJson(value);
        };
    }

    private static boolean isJson(@Nullable Object value) {
        return value == null
                || value instanceof String
                || value instanceof Long
                || value instanceof BigDecimal
                || value instanceof Boolean
                || value instanceof Map<?, ?>
                || value instanceof List<?>;
    }

    private static boolean hasRequired(Map<?, ?> schema, Map<?, ?> object) {
        return !(schema.get("required") instanceof List<?> names)
                || object.keySet().containsAll(names);
    }

    private boolean propertiesFit(Map<?, ?> schema, Map<?, ?> object, int depth) {
        Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> map ? map : Map.of();
        for (Map.Entry<?, ?> entry : object.entrySet()) {
            if (!(entry.getKey() instanceof String name)) {
                return false;
            }
            Object property = properties.get(name);
            Object part = property == null ? schema.get("additionalProperties") : property;
            if (!partFits(part, entry.getValue(), depth + 1)) {
                return false;
            }
        }
        return true;
    }

    /** @param schema of the part: a map, a boolean, or null where there is none and anything goes */
    private boolean partFits(@Nullable Object schema, @Nullable Object part, int depth) {
        if (schema instanceof Map<?, ?> map) {
            return fits(map, part, depth);
        }
        return !Boolean.FALSE.equals(schema) && fits(Map.of(), part, depth);
    }
}
