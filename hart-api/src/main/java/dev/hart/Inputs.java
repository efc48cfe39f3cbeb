package dev.hart;

import dev.hart.json.Json;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The named values that a recipe runs with. Immutable; keeps the order in which names were given. Records, enums, paths
 * and dates are taken as their JSON form.
 */
public record Inputs(Map<String, @Nullable Object> values) {
    // Written out, as compact constructors lose what their parameters' types say about null.
    public Inputs(Map<String, @Nullable Object> values) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        values.forEach((name, value) -> copy.put(name, Json.valueOf(value)));
        this.values = Collections.unmodifiableMap(copy);
    }

    /** No inputs. */
    public static Inputs none() {
        return new Inputs(Map.of());
    }

    /** One input. */
    public static Inputs of(String name, @Nullable Object value) {
        return none().and(name, value);
    }

    /** These inputs and one more; a name given again replaces the earlier value. */
    public Inputs and(String name, @Nullable Object value) {
        Map<String, @Nullable Object> more = new LinkedHashMap<>(values);
        more.put(name, value);
        return new Inputs(more);
    }
}
