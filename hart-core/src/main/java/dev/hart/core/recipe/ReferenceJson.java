package dev.hart.core.recipe;

import dev.hart.error.RecipeCorruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An object in a file of the reference; what is missing is empty. */
record ReferenceJson(String file, Map<String, @Nullable Object> value) {

    RecipeCorruptException wrong(String field, String what) {
        return new RecipeCorruptException("in " + file + ", '" + field + "' " + what);
    }

    String text(String field) {
        Object found = value.get(field);
        if (found instanceof Map || found instanceof List) {
            throw wrong(field, "must be a text");
        }
        return found == null ? "" : found.toString();
    }

    int number(String field) {
        if (value.get(field) instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        throw wrong(field, "must be an integer");
    }

    List<?> list(String field) {
        Object found = value.get(field);
        if (found == null) {
            return List.of();
        }
        if (found instanceof List<?> list) {
            return list;
        }
        throw wrong(field, "must be a list");
    }

    List<Integer> numbers(String field) {
        List<Integer> numbers = new ArrayList<>();
        for (Object item : list(field)) {
            if (!(item instanceof Long number) || number != number.intValue()) {
                throw wrong(field, "must be a list of action ids");
            }
            numbers.add(number.intValue());
        }
        return numbers;
    }

    @SuppressWarnings("unchecked")
    List<ReferenceJson> objects(String field) {
        List<ReferenceJson> objects = new ArrayList<>();
        for (Object item : list(field)) {
            if (!(item instanceof Map<?, ?>)) {
                throw wrong(field, "must be a list of objects");
            }
            objects.add(new ReferenceJson(file, (Map<String, @Nullable Object>) item));
        }
        return objects;
    }
}
