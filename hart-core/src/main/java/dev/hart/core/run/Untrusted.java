package dev.hart.core.run;

import dev.hart.recipe.RecipeVersion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What of a run's plan comes from others than its caller and a stored recipe. Immutable.
 *
 * @param inputs those that a step of an outer run filled with a result, by name
 * @param actions the names of those that a model planned after it had read results
 */
record Untrusted(Map<String, Taint> inputs, Set<String> actions) {
    static final Untrusted NOTHING = new Untrusted(Map.of(), Set.of());

    Untrusted {
        inputs = Map.copyOf(inputs);
        actions = Set.copyOf(actions);
    }

    Taint input(String name) {
        return inputs.getOrDefault(name, Taint.NONE);
    }

    Untrusted withActions(Set<String> others) {
        return new Untrusted(inputs, others);
    }

    /** The same for a run of a stored recipe, whose actions are what its hash covers; null for none. */
    Untrusted of(@Nullable RecipeVersion version) {
        return version == null ? this : withActions(Set.of());
    }

    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> tainted = new LinkedHashMap<>();
        inputs.forEach((name, taint) -> tainted.put(name, taint.json()));
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("inputs", tainted);
        json.put("actions", List.copyOf(new TreeSet<>(actions)));
        return json;
    }

    static Untrusted read(Map<String, @Nullable Object> json) {
        Payload payload = new Payload(json);
        Map<String, Taint> inputs = new LinkedHashMap<>();
        Payload tainted = new Payload(payload.object("inputs"));
        for (String name : tainted.json().keySet()) {
            inputs.put(name, Taint.read(tainted.object(name)));
        }
        return new Untrusted(inputs, Set.copyOf(payload.texts("actions")));
    }
}
