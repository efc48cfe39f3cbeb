package dev.hart.core.run;

import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.security.UntrustedText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Fills in placeholders. A text that is exactly one placeholder takes the value with its type; inside a longer text numbers
 * are written plainly, booleans as true or false, lists and objects as canonical JSON, and null is an error.
 */
final class Binding {
    /** Values that this runtime or the caller of a recipe gives, and no tool or model. */
    private static final Set<String> OWN = Set.of("inputs", "run", "clock");

    private final Function<List<String>, @Nullable Object> values;
    private final boolean fenced;

    /**
     * A binding.
     *
     * @param values the value at a placeholder's path; throws {@link Unbound} when there is none
     */
    Binding(Function<List<String>, @Nullable Object> values) {
        this(values, false);
    }

    private Binding(Function<List<String>, @Nullable Object> values, boolean fenced) {
        this.values = values;
        this.fenced = fenced;
    }

    /** A binding for the arguments of a step: texts of tools and models stand in a prompt as data, not as a part of it. */
    static Binding of(Step step, Function<List<String>, @Nullable Object> values) {
        return new Binding(values, step.kind() == StepKind.MODEL);
    }

    /** A placeholder has no value. */
    static final class Unbound extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unbound(String message) {
            super(message);
        }
    }

    /**
     * The value with every placeholder filled in.
     *
     * @throws Unbound when one has no value
     */
    @Nullable
    Object bind(@Nullable Object template) {
        if (template instanceof String text) {
            return text.contains("{{") ? bindText(text) : text;
        }
        if (template instanceof List<?> list) {
            List<@Nullable Object> bound = new ArrayList<>(list.size());
            list.forEach(item -> bound.add(bind(item)));
            return bound;
        }
        return template instanceof Map<?, ?> map ? bindAll(map) : template;
    }

    /** The same for an object. */
    Map<String, @Nullable Object> bindAll(Map<?, ?> template) {
        Map<String, @Nullable Object> bound = new LinkedHashMap<>();
        template.forEach((name, value) -> bound.put(String.valueOf(name), bind(value)));
        return bound;
    }

    private @Nullable Object bindText(String text) {
        List<Placeholder> placeholders = Placeholder.in(text);
        if (placeholders.size() == 1
                && placeholders.get(0).start() == 0
                && placeholders.get(0).end() == text.length()) {
            return values.apply(placeholders.get(0).path());
        }
        StringBuilder bound = new StringBuilder();
        int from = 0;
        for (Placeholder placeholder : placeholders) {
            bound.append(unescaped(text.substring(from, placeholder.start())));
            Object value = values.apply(placeholder.path());
            if (value == null) {
                throw new Unbound(placeholder + " is null and cannot stand inside a text");
            }
            boolean data = fenced
                    && !OWN.contains(placeholder.path().get(0))
                    && !(value instanceof Number || value instanceof Boolean);
            bound.append(data ? UntrustedText.fence(render(value)) : render(value));
            from = placeholder.end();
        }
        return bound.append(unescaped(text.substring(from))).toString();
    }

    private static String unescaped(String literal) {
        return literal.replace("\\{{", "{{");
    }

    /** A value as it stands inside a text. */
    static String render(Object value) {
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        return value instanceof Map || value instanceof List ? CanonicalJson.write(value) : String.valueOf(value);
    }

    /**
     * The value inside a value.
     *
     * @param path keys, and list indices from 0
     * @throws Unbound when there is no such place
     */
    static @Nullable Object at(@Nullable Object value, List<String> path, String name) {
        Object current = value;
        for (String part : path) {
            if (current instanceof Map<?, ?> map && map.containsKey(part)) {
                current = map.get(part);
            } else if (current instanceof List<?> list && isIndex(part, list.size())) {
                current = list.get(Integer.parseInt(part));
            } else {
                throw new Unbound("there is no '" + part + "' in " + name);
            }
        }
        return current;
    }

    private static boolean isIndex(String part, int size) {
        if (part.isEmpty() || part.length() > 9 || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return false;
        }
        return Integer.parseInt(part) < size;
    }
}
