package dev.hart.core.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Finds the words of a request that a recipe's inputs take, having seen examples: an averaged structured perceptron (M. Collins,
 * EMNLP 2002) over begin, inside and outside tags. Immutable once learned.
 */
public final class SlotTagger {
    private static final int EPOCHS = 10;
    private static final double LEFT_OUT = 0.4;
    private static final int MEMBERS = 6;
    private static final int OUTSIDE = 0;

    private final List<String> slots;
    private final int tags;
    private Map<String, float[]> weights;
    private final Map<String, Map<String, Integer>> phrases;
    private final Map<String, Map<String, Integer>> values;
    /** In how many examples each word occurs. */
    private final Map<String, Integer> vocabulary = new HashMap<>();

    /**
     * The words that an input takes.
     *
     * @param start of the first character
     * @param end behind the last character
     */
    public record Span(String input, int start, int end) {}

    /** A request with the words that each input takes, in their order and apart from each other. */
    public record Example(String text, List<Span> spans) {
        public Example {
            spans = List.copyOf(spans);
        }
    }

    private record Labelled(Words words, int[] tags, Example example) {}

    private SlotTagger(
            List<String> slots,
            Map<String, float[]> weights,
            Map<String, Map<String, Integer>> phrases,
            Map<String, Map<String, Integer>> values) {
        this.slots = slots;
        this.tags = 1 + 2 * slots.size();
        this.weights = weights;
        this.phrases = phrases;
        this.values = values;
    }

    /**
     * Learns.
     *
     * @param inputs the names of the inputs; spans of others are left out
     */
    public static SlotTagger learn(List<String> inputs, List<Example> examples) {
        Map<String, Map<String, Integer>> phrases = new HashMap<>();
        Map<String, Map<String, Integer>> values = new HashMap<>();
        for (Example example : examples) {
            for (Span span : example.spans()) {
                count(phrases, values, span.input(), example.text().substring(span.start(), span.end()));
            }
        }
        SlotTagger tagger = new SlotTagger(List.copyOf(inputs), new HashMap<>(), phrases, values);
        for (Example example : examples) {
            new HashSet<>(Words.of(example.text()).lower())
                    .forEach(word -> tagger.vocabulary.merge(word, 1, Integer::sum));
        }
        Map<String, float[]> together = new HashMap<>();
        for (int member = 0; member < MEMBERS; member++) {
            tagger.weights = new HashMap<>();
            tagger.train(examples, new Random(member));
            tagger.weights.forEach((feature, learned) -> together.merge(feature, learned, SlotTagger::sum));
        }
        tagger.weights = together;
        return tagger;
    }

    private static void count(
            Map<String, Map<String, Integer>> phrases,
            Map<String, Map<String, Integer>> values,
            String slot,
            String text) {
        List<String> words = Words.of(text).lower();
        values.computeIfAbsent(String.join(" ", words), v -> new HashMap<>()).merge(slot, 1, Integer::sum);
        for (String word : new HashSet<>(words)) {
            phrases.computeIfAbsent(word, w -> new HashMap<>()).merge(slot, 1, Integer::sum);
        }
    }

    /** The words that each input takes; an input that is not said has none, one that is said twice has two spans. */
    public List<Span> tag(String request) {
        Words words = Words.of(request);
        int[] best = decode(words, features(words, Map.of(), Map.of(), 0));
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < best.length; i++) {
            if (best[i] == OUTSIDE) {
                continue;
            }
            int last = i;
            while (last + 1 < best.length && best[last + 1] == inside(best[i])) {
                last++;
            }
            spans.add(new Span(
                    slots.get((best[i] - 1) / 2),
                    words.starts().get(i),
                    words.ends().get(last)));
            i = last;
        }
        return spans;
    }

    /** Tags: 0 is outside; 1 + 2s begins slot s, 2 + 2s goes on with it. */
    private static int inside(int tag) {
        return (tag - 1) / 2 * 2 + 2;
    }

    private Labelled labelled(Example example) {
        Words words = Words.of(example.text());
        int[] gold = new int[words.size()];
        for (Span span : example.spans()) {
            int slot = slots.indexOf(span.input());
            boolean begun = false;
            for (int i = 0; i < gold.length && slot >= 0; i++) {
                if (words.starts().get(i) >= span.start() && words.ends().get(i) <= span.end()) {
                    gold[i] = 1 + 2 * slot + (begun ? 1 : 0);
                    begun = true;
                }
            }
        }
        return new Labelled(words, gold, example);
    }

    private static float[] sum(float[] a, float[] b) {
        for (int t = 0; t < a.length; t++) {
            a[t] += b[t];
        }
        return a;
    }

    private void train(List<Example> examples, Random chance) {
        List<Labelled> labelled =
                new ArrayList<>(examples.stream().map(this::labelled).toList());
        Map<String, float[]> sums = new HashMap<>();
        int step = 1;
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            Collections.shuffle(labelled, chance);
            for (Labelled one : labelled) {
                Map<String, Map<String, Integer>> ownPhrases = new HashMap<>();
                Map<String, Map<String, Integer>> ownValues = new HashMap<>();
                for (Span span : one.example().spans()) {
                    count(
                            ownPhrases,
                            ownValues,
                            span.input(),
                            one.example().text().substring(span.start(), span.end()));
                }
                List<List<String>> features = features(one.words(), ownPhrases, ownValues, 1).stream()
                        .map(all -> all.stream()
                                .filter(f -> chance.nextDouble() >= LEFT_OUT)
                                .toList())
                        .toList();
                int[] guess = decode(one.words(), features);
                if (!Arrays.equals(guess, one.tags())) {
                    for (int i = 0; i < guess.length; i++) {
                        int before = i == 0 ? OUTSIDE : one.tags()[i - 1];
                        int guessedBefore = i == 0 ? OUTSIDE : guess[i - 1];
                        if (guess[i] != one.tags()[i]) {
                            for (String feature : features.get(i)) {
                                change(sums, feature, one.tags()[i], 1, step);
                                change(sums, feature, guess[i], -1, step);
                            }
                        }
                        if (guess[i] != one.tags()[i] || before != guessedBefore) {
                            change(sums, "after " + before, one.tags()[i], 1, step);
                            change(sums, "after " + guessedBefore, guess[i], -1, step);
                        }
                    }
                }
                step++;
            }
        }
        int steps = step;
        weights.forEach((feature, values) -> {
            float[] sum = sums.getOrDefault(feature, values);
            for (int t = 0; t < values.length; t++) {
                values[t] -= sum[t] / steps;
            }
        });
    }

    private void change(Map<String, float[]> sums, String feature, int tag, float by, int step) {
        weights.computeIfAbsent(feature, f -> new float[tags])[tag] += by;
        sums.computeIfAbsent(feature, f -> new float[tags])[tag] += by * step;
    }

    /** The best sequence of tags (Viterbi); a slot goes on only behind its beginning or itself. */
    private int[] decode(Words words, List<List<String>> features) {
        int length = words.size();
        float[][] best = new float[length][tags];
        int[][] from = new int[length][tags];
        float[][] after = new float[tags][];
        for (int t = 0; t < tags; t++) {
            after[t] = weights.getOrDefault("after " + t, new float[tags]);
        }
        for (int i = 0; i < length; i++) {
            float[] own = new float[tags];
            for (String feature : features.get(i)) {
                float[] values = weights.get(feature);
                for (int t = 0; values != null && t < tags; t++) {
                    own[t] += values[t];
                }
            }
            for (int t = 0; t < tags; t++) {
                best[i][t] = Float.NEGATIVE_INFINITY;
                boolean goesOn = t > 0 && t % 2 == 0;
                for (int p = 0; p < (i == 0 ? 1 : tags); p++) {
                    if (goesOn && p != t && p != t - 1) {
                        continue;
                    }
                    float score = (i == 0 ? 0 : best[i - 1][p]) + after[p][t] + own[t];
                    if (score > best[i][t]) {
                        best[i][t] = score;
                        from[i][t] = p;
                    }
                }
            }
        }
        int[] result = new int[length];
        for (int i = length - 1; i >= 0; i--) {
            int tag = 0;
            if (i == length - 1) {
                for (int t = 1; t < tags; t++) {
                    tag = best[i][t] > best[i][tag] ? t : tag;
                }
            } else {
                tag = from[i + 1][result[i + 1]];
            }
            result[i] = tag;
        }
        return result;
    }

    /** What can be seen at each word. A value counts as known only when another example has it too. */
    private List<List<String>> features(
            Words words,
            Map<String, Map<String, Integer>> ownPhrases,
            Map<String, Map<String, Integer>> ownValues,
            int own) {
        List<Set<String>> known = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            known.add(new HashSet<>());
        }
        for (int i = 0; i < words.size(); i++) {
            for (int to = Math.min(words.size(), i + 5); to > i; to--) {
                String phrase = String.join(" ", words.lower().subList(i, to));
                for (String slot : known(values, ownValues, phrase)) {
                    for (int k = i; k < to; k++) {
                        known.get(k).add((k == i ? "value-begins " : "value-goes-on ") + slot);
                    }
                }
            }
        }
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.at(i);
            String previous = seen(words, i - 1, own);
            String next = seen(words, i + 1, own);
            String here = seen(words, i, own);
            List<String> features = new ArrayList<>(known.get(i));
            features.add("any");
            features.add("word " + here);
            features.add("before " + previous);
            features.add("before2 " + seen(words, i - 2, own));
            features.add("behind " + next);
            features.add("behind2 " + seen(words, i + 2, own));
            features.add("pair " + previous + " " + here);
            features.add("pair-behind " + here + " " + next);
            features.add("around " + previous + " " + next);
            features.add("two-before " + seen(words, i - 2, own) + " " + previous);
            features.add("shape " + words.shape(i));
            features.add("shape-before " + words.shape(i) + " " + previous);
            features.add("beginning " + word.substring(0, Math.min(3, word.length())));
            features.add("ending " + word.substring(Math.max(0, word.length() - 3)));
            String kind = words.kind(i);
            if (!kind.isEmpty()) {
                features.add("kind " + kind);
                features.add("kind-before " + kind + " " + previous);
            }
            if (i + 1 < words.size() && !words.kind(i + 1).isEmpty()) {
                features.add("kind-behind " + words.kind(i + 1));
            }
            for (String slot : known(phrases, ownPhrases, word)) {
                features.add("known-word " + slot);
            }
            all.add(features);
        }
        return all;
    }

    /** A word that other examples have too; for a new one, only what it looks like: so new ones are learned about as well. */
    private String seen(Words words, int i, int own) {
        if (i < 0 || i >= words.size() || vocabulary.getOrDefault(words.at(i), 0) > own) {
            return words.at(i);
        }
        String kind = words.kind(i);
        return kind.isEmpty() ? "?" : "?" + kind;
    }

    private static List<String> known(
            Map<String, Map<String, Integer>> all, Map<String, Map<String, Integer>> own, String key) {
        Map<String, Integer> bySlot = all.get(key);
        if (bySlot == null) {
            return List.of();
        }
        Map<String, Integer> mine = own.getOrDefault(key, Map.of());
        return bySlot.entrySet().stream()
                .filter(slot -> slot.getValue() > mine.getOrDefault(slot.getKey(), 0))
                .map(Map.Entry::getKey)
                .toList();
    }
}
