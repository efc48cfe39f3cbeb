package dev.hart.core.recipe;

import dev.hart.core.match.SlotTagger.Example;
import dev.hart.core.match.SlotTagger.Span;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.Recipe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A recipe's intents as requests that someone could make: each placeholder is filled with one of the values that the input's
 * schema lists as {@code examples}, in turn; without any, with a made-up word or number that says nothing by itself.
 */
final class IntentExamples {
    private IntentExamples() {}

    static List<String> sentences(Recipe recipe) {
        return tagged(recipe).stream().map(Example::text).toList();
    }

    static List<Example> tagged(Recipe recipe) {
        Map<String, Integer> used = new HashMap<>();
        return recipe.intents().stream()
                .map(intent -> example(recipe, IntentTemplate.normalise(intent), used))
                .toList();
    }

    private static Example example(Recipe recipe, String intent, Map<String, Integer> used) {
        StringBuilder text = new StringBuilder();
        List<Span> spans = new ArrayList<>();
        int from = 0;
        for (Placeholder placeholder : Placeholder.in(intent)) {
            text.append(plain(intent.substring(from, placeholder.start())));
            String input = placeholder.path().get(1);
            String value = value(recipe, input, used.merge(input, 1, Integer::sum) - 1);
            spans.add(new Span(input, text.length(), text.length() + value.length()));
            text.append(value);
            from = placeholder.end();
        }
        return new Example(text.append(plain(intent.substring(from))).toString(), spans);
    }

    private static String plain(String text) {
        return text.replace("\\{{", "{{");
    }

    private static String value(Recipe recipe, String input, int turn) {
        Object properties = recipe.inputs().get("properties");
        Object schema = properties instanceof Map<?, ?> map ? map.get(input) : null;
        if (schema instanceof Map<?, ?> described) {
            if (described.get("examples") instanceof List<?> examples && !examples.isEmpty()) {
                return IntentTemplate.normalise(String.valueOf(examples.get(turn % examples.size())));
            }
            if ("integer".equals(described.get("type")) || "number".equals(described.get("type"))) {
                return String.valueOf(2 + 3 * turn);
            }
        }
        return input.replace('_', ' ') + turn;
    }
}
