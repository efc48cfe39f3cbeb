package dev.hart.core.plan;

import dev.hart.tool.ToolSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The words by which a tool is found, and its arguments.
 *
 * @param nameStems the telling words of the name
 * @param topicStems the telling words of the description
 * @param vocabulary every telling stem of name, description, arguments and options, with its weight
 * @param parameters those of nested objects in place of the object
 */
record ToolProfile(
        ToolSpec spec,
        Set<String> nameStems,
        Set<String> topicStems,
        Map<String, Double> vocabulary,
        List<Parameter> parameters) {
    private static final double NAME = 1;
    private static final double DESCRIPTION = 0.8;
    private static final double PARAMETER_NAME = 0.6;
    private static final double OPTION = 0.7;
    private static final double PARAMETER_DESCRIPTION = 0.4;
    private static final int MAX_NESTING = 3;

    static ToolProfile of(ToolSpec spec) {
        List<Parameter> parameters = new ArrayList<>();
        collect(spec.inputSchema(), List.of(), true, parameters);
        Map<String, Double> vocabulary = new HashMap<>();
        Set<String> nameStems = telling(spec.name());
        Set<String> topicStems = telling(spec.description());
        add(vocabulary, nameStems, NAME);
        add(vocabulary, topicStems, DESCRIPTION);
        for (Parameter parameter : parameters) {
            add(vocabulary, telling(parameter.name()), PARAMETER_NAME);
            add(vocabulary, telling(parameter.description()), PARAMETER_DESCRIPTION);
            parameter.options().forEach(option -> add(vocabulary, telling(option), OPTION));
        }
        return new ToolProfile(spec, nameStems, topicStems, Map.copyOf(vocabulary), List.copyOf(parameters));
    }

    /** How well the tool's words cover one stem of a request, 0 to 1. */
    double covers(String stem) {
        Double exact = vocabulary.get(stem);
        double best = exact == null ? 0 : exact;
        if (best < NAME) {
            for (Map.Entry<String, Double> entry : vocabulary.entrySet()) {
                if (entry.getValue() > best) {
                    best = Math.max(best, entry.getValue() * Lexicon.english().likeness(stem, entry.getKey()));
                }
            }
        }
        return best;
    }

    /** Whether the stem is one of the tool's own words, in its name or description. */
    boolean isOwnWord(String stem) {
        return nameStems.contains(stem) || topicStems.contains(stem);
    }

    private static void add(Map<String, Double> vocabulary, Set<String> stems, double weight) {
        stems.forEach(stem -> vocabulary.merge(stem, weight, Math::max));
    }

    private static Set<String> telling(String text) {
        Set<String> stems = new LinkedHashSet<>();
        Lexicon lexicon = Lexicon.english();
        for (String word : Tokens.words(text)) {
            if (!lexicon.isStop(word)) {
                stems.add(Stemmer.stem(word));
            }
        }
        return stems;
    }

    private static void collect(
            Map<String, @Nullable Object> schema, List<String> outer, boolean outerRequired, List<Parameter> found) {
        List<?> required = schema.get("required") instanceof List<?> names ? names : List.of();
        Parameter.object(schema.get("properties")).forEach((name, value) -> {
            Map<String, @Nullable Object> property = Parameter.object(value);
            List<String> path = new ArrayList<>(outer);
            path.add(name);
            boolean isRequired = outerRequired && required.contains(name);
            boolean nested = Parameter.typeOf(property).equals("object")
                    && !Parameter.object(property.get("properties")).isEmpty();
            if (nested && path.size() < MAX_NESTING) {
                collect(property, path, isRequired, found);
            } else {
                found.add(Parameter.of(path, property, isRequired));
            }
        });
    }
}
