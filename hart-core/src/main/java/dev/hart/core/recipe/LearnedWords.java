package dev.hart.core.recipe;

import dev.hart.recipe.Recipe;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The words of the request that a recipe was learned from. Its goal and the descriptions of its actions still say them; the
 * inputs of a run say others.
 */
public final class LearnedWords {
    private final Map<String, String> wordsByInput;

    private LearnedWords(Map<String, String> wordsByInput) {
        this.wordsByInput = wordsByInput;
    }

    /** The words that each input had; empty when the goal is none of the requests that the recipe serves. */
    public static Optional<LearnedWords> of(Recipe recipe) {
        String goal = IntentTemplate.normalise(recipe.goal());
        return recipe.intents().stream()
                .map(intent -> new IntentTemplate(intent).match(goal))
                .flatMap(Optional::stream)
                .findFirst()
                .map(LearnedWords::new);
    }

    /** The text with the words of each input replaced by the value it has now; an input of another kind keeps its words. */
    public String with(String text, Map<String, @Nullable Object> inputs) {
        Map<String, String> values = new LinkedHashMap<>();
        wordsByInput.forEach((input, words) -> {
            Object value = inputs.get(input);
            if (value instanceof String || value instanceof Number || value instanceof Boolean) {
                values.put(words, value.toString());
            }
        });
        if (values.isEmpty()) {
            return text;
        }
        List<String> longestFirst = values.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        Pattern any = Pattern.compile(longestFirst.stream()
                .map(Pattern::quote)
                .collect(Collectors.joining("|", "(?<![\\p{L}\\p{N}])(?:", ")(?![\\p{L}\\p{N}])")));
        return any.matcher(text).replaceAll(match -> Matcher.quoteReplacement(values.get(match.group())));
    }
}
