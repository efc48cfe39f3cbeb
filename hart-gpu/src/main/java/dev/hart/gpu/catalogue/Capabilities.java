package dev.hart.gpu.catalogue;

import dev.hart.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** Capabilities as JSON values, so that equal ones are equal objects. */
final class Capabilities {
    private Capabilities() {}

    static Map<String, Object> copyOf(Map<String, Object> capabilities) {
        Map<String, Object> copy = new LinkedHashMap<>();
        capabilities.forEach((name, value) -> {
            Object plain = Json.valueOf(value);
            if (plain == null) {
                throw new IllegalArgumentException(
                        "capability '%s' must have a value; leave it out instead".formatted(SafeNames.shown(name)));
            }
            copy.put(name, plain);
        });
        return java.util.Collections.unmodifiableMap(copy);
    }
}
