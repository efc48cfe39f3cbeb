package dev.hart.core.recipe;

import dev.hart.Inputs;
import dev.hart.core.json.SchemaCheck;
import dev.hart.error.InputInvalidException;
import dev.hart.recipe.Recipe;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Holds inputs against the schema that a recipe declares. */
public final class InputCheck {
    private final Supplier<SchemaCheck> schemas;

    public InputCheck(Supplier<SchemaCheck> schemas) {
        this.schemas = schemas;
    }

    /**
     * Throws unless every required input is there, none is unknown, and each is of its type.
     *
     * @throws InputInvalidException naming the first input that is wrong
     */
    public void require(Recipe recipe, Inputs inputs) {
        Map<?, ?> properties = properties(recipe);
        for (String name : inputs.values().keySet()) {
            if (!properties.containsKey(name)) {
                throw new InputInvalidException(
                        name, "is not an input of recipe " + recipe.name() + "; it takes " + names(recipe));
            }
        }
        for (String name : required(recipe)) {
            if (!inputs.values().containsKey(name)) {
                throw new InputInvalidException(
                        name, "is missing; recipe " + recipe.name() + " takes " + names(recipe));
            }
        }
        inputs.values().forEach((name, value) -> {
            List<String> problems = schemas.get().problems(schemaOf(recipe, name), value);
            if (!problems.isEmpty()) {
                throw new InputInvalidException(name, "is of the wrong type: " + String.join("; ", problems));
            }
        });
    }

    /** Inputs from the texts of an intent's slots; empty when one does not convert to its input's type. */
    Optional<Inputs> fromTexts(Recipe recipe, Map<String, String> texts) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Object value = convert(text.getValue(), schemaOf(recipe, text.getKey()));
            if (value == null) {
                return Optional.empty();
            }
            values.put(text.getKey(), value);
        }
        Inputs inputs = new Inputs(values);
        try {
            require(recipe, inputs);
            return Optional.of(inputs);
        } catch (InputInvalidException e) {
            return Optional.empty();
        }
    }

    /** The inputs that must be given. */
    public static List<String> required(Recipe recipe) {
        return recipe.inputs().get("required") instanceof List<?> names
                ? names.stream().map(String::valueOf).toList()
                : List.of();
    }

    private static String names(Recipe recipe) {
        return recipe.inputNames().isEmpty() ? "none" : String.join(", ", recipe.inputNames());
    }

    private static Map<?, ?> properties(Recipe recipe) {
        return recipe.inputs().get("properties") instanceof Map<?, ?> properties ? properties : Map.of();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> schemaOf(Recipe recipe, String input) {
        Object schema = properties(recipe).get(input);
        return schema instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : Map.of();
    }

    /** A text as the schema's type, or null when it is none. */
    private static @Nullable Object convert(String text, Map<String, @Nullable Object> schema) {
        Object type = schema.get("type");
        try {
            if ("integer".equals(type)) {
                return Long.valueOf(text);
            }
            if ("number".equals(type)) {
                BigDecimal number = new BigDecimal(text);
                return text.indexOf('.') < 0 && text.length() < 19 ? (Object) number.longValueExact() : number;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            return null;
        }
        if ("boolean".equals(type)) {
            return text.equalsIgnoreCase("true") || text.equalsIgnoreCase("yes")
                    ? Boolean.TRUE
                    : text.equalsIgnoreCase("false") || text.equalsIgnoreCase("no") ? Boolean.FALSE : null;
        }
        return type == null || "string".equals(type) ? text : null;
    }
}
