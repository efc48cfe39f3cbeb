package dev.hart.core.plan;

import dev.hart.recipe.Placeholder;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the schemas of tools say about a placeholder before anything has run. */
final class ModelPlannerTypes {
    private static final Pattern INDEX = Pattern.compile("\\d{1,9}");

    private ModelPlannerTypes() {}

    /** The placeholder that a text is and nothing else; null for any other value. */
    static @Nullable Placeholder wholePlaceholder(@Nullable Object value) {
        if (!(value instanceof String text)) {
            return null;
        }
        List<Placeholder> found = Placeholder.in(text);
        return found.size() == 1 && found.get(0).start() == 0 && found.get(0).end() == text.length()
                ? found.get(0)
                : null;
    }

    /** The schema of a property; empty when it is not declared. */
    static Map<?, ?> property(Map<?, ?> schema, String name) {
        return schema.get("properties") instanceof Map<?, ?> properties
                        && properties.get(name) instanceof Map<?, ?> found
                ? found
                : Map.of();
    }

    /** The schema behind a path; empty when nothing is known about it, null when the schema has no such place. */
    static @Nullable Map<?, ?> at(Map<?, ?> schema, List<String> path) {
        Map<?, ?> here = schema;
        for (String part : path) {
            Set<String> types = types(here);
            if (types.isEmpty()) {
                return Map.of();
            }
            if (types.contains("array") && INDEX.matcher(part).matches()) {
                here = here.get("items") instanceof Map<?, ?> items ? items : Map.of();
            } else if (types.contains("object")) {
                Map<?, ?> property = property(here, part);
                if (property.isEmpty() && isClosed(here, part)) {
                    return null;
                }
                here = property;
            } else {
                return null;
            }
        }
        return here;
    }

    private static boolean isClosed(Map<?, ?> schema, String name) {
        return Boolean.FALSE.equals(schema.get("additionalProperties"))
                && !(schema.get("properties") instanceof Map<?, ?> properties && properties.containsKey(name));
    }

    /** Whether a value of the one schema may be of the other's type; true when either does not say. */
    static boolean fits(Map<?, ?> given, Map<?, ?> wanted) {
        Set<String> from = types(given);
        Set<String> to = types(wanted);
        if (from.isEmpty() || to.isEmpty()) {
            return true;
        }
        if (from.contains("integer")) {
            from.add("number");
        }
        // A number may turn out to be a whole one.
        if (from.contains("number")) {
            from.add("integer");
        }
        from.retainAll(to);
        return !from.isEmpty();
    }

    /** The top level of a result, in words. */
    static String describe(Map<?, ?> schema) {
        if (schema.get("properties") instanceof Map<?, ?> properties) {
            Set<String> names = new TreeSet<>();
            properties.keySet().forEach(name -> names.add(String.valueOf(name)));
            return "it has the fields " + names;
        }
        return "it is of type " + schema.get("type");
    }

    private static Set<String> types(Map<?, ?> schema) {
        Set<String> types = new HashSet<>();
        if (schema.get("type") instanceof String type) {
            types.add(type);
        } else if (schema.get("type") instanceof List<?> several) {
            several.forEach(type -> types.add(String.valueOf(type)));
        }
        return types;
    }
}
