package dev.hart.core.match;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Ranks recipes by how well a request fits their example requests.
 *
 * <p>Two steps. The recipes whose centre is nearest to the request, and those that share its rare words, are candidates. Each
 * candidate has a {@link LinearScorer} of its own, learned from its examples against those of its nearest recipes, a sample of
 * all others, and background sentences; the highest score wins. A scorer is learned when its recipe is first a candidate, and
 * forgotten when a new recipe comes among the nearest ones, so that adding a recipe never learns all again.
 *
 * <p>Thread-safe. Sentences are embedded outside of the lock.
 *
 * @param <K> names a recipe
 */
public final class RecipeRanker<K> {
    private static final double SHARE_OF_MEANING = 0.83;
    private static final int NEAREST = 32;
    private static final int BY_WORDS = 8;
    private static final int BY_WORDS_ALONE = 48;
    private static final int FROM_NEIGHBOUR = 40;
    private static final int FROM_ANYWHERE = 250;
    private static final int SHOWN = 3;
    private static final int WIDEST_TERM = 2_000;
    /** By how much the likeness of a to b may differ from that of b to a. */
    private static final float ROUNDED = 0.005f;

    private final @Nullable Meanings meanings;
    private final @Nullable CentroidTable centroids;
    private final double share;
    private final TermCounts counts = new TermCounts();
    private final TermIndex index = new TermIndex();
    private final List<@Nullable Entry<K>> slots = new ArrayList<>();
    private final Map<K, Entry<K>> byKey = new HashMap<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private final List<Example> background;
    /** Whether there is a scorer to forget. */
    private volatile boolean anyLearned;

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    /**
     * How well one recipe fits.
     *
     * @param score the logarithm of the odds that the request is one of its own rather than one of its neighbours'
     * @param share of all candidates' odds, 0 to 1
     * @param likeness of the most similar example, at most 1
     * @param nearest that example
     * @param examples how many it has
     */
    public record Ranked<K>(K key, double score, double share, double likeness, String nearest, int examples) {}

    private static final class Example {
        private final String sentence;
        private final @Nullable Compact meaning;
        /** Kept while there is memory: learning the neighbours of a request asks for the same ones over and over. */
        private volatile SoftReference<Terms> terms = new SoftReference<>(null);

        Example(String sentence, @Nullable Compact meaning) {
            this.sentence = sentence;
            this.meaning = meaning;
        }

        String sentence() {
            return sentence;
        }

        @Nullable
        Compact meaning() {
            return meaning;
        }

        Terms terms() {
            Terms known = terms.get();
            if (known == null) {
                known = Terms.of(sentence);
                terms = new SoftReference<>(known);
            }
            return known;
        }
    }

    private static final class Entry<K> {
        final K key;
        final int slot;
        final List<Example> examples;
        /** The likeness of the last recipe that the scorer was learned against. */
        volatile float nearEnough = -1;

        volatile @Nullable LinearScorer scorer;

        Entry(K key, int slot, List<Example> examples) {
            this.key = key;
            this.slot = slot;
            this.examples = examples;
        }
    }

    /** @param vectors null to go by the words alone */
    public RecipeRanker(@Nullable SentenceVectors vectors) {
        List<String> sentences = backgroundSentences();
        this.meanings = vectors == null ? null : new Meanings(vectors, sentences);
        this.centroids = meanings == null ? null : new CentroidTable(meanings.dimensions());
        this.share = meanings == null ? 0 : SHARE_OF_MEANING;
        this.background = examples(sentences);
        background.forEach(example -> counts.add(example.terms(), 1));
    }

    private static List<String> backgroundSentences() {
        try (InputStream in = RecipeRanker.class.getResourceAsStream("background.txt")) {
            return new BufferedReader(new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8))
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Example> examples(List<String> sentences) {
        if (meanings == null) {
            return sentences.stream().map(s -> new Example(s, null)).toList();
        }
        List<float[]> vectors = meanings.of(sentences);
        return IntStream.range(0, sentences.size())
                .mapToObj(i -> new Example(sentences.get(i), Compact.of(vectors.get(i))))
                .toList();
    }

    /** How many recipes it knows. */
    public int size() {
        lock.readLock().lock();
        try {
            return byKey.size();
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Adds a recipe, or gives one that it knows other examples.
     *
     * @param sentences example requests; a recipe without any is never ranked
     */
    public void put(K key, List<String> sentences) {
        List<Example> examples = examples(List.copyOf(new LinkedHashSet<>(sentences)));
        lock.writeLock().lock();
        try {
            removeLocked(key);
            if (examples.isEmpty()) {
                return;
            }
            Integer reused = free.poll();
            int slot = reused == null ? slots.size() : reused;
            Entry<K> entry = new Entry<>(key, slot, examples);
            if (reused == null) {
                slots.add(entry);
            } else {
                slots.set(slot, entry);
            }
            byKey.put(key, entry);
            examples.forEach(example -> counts.add(example.terms(), 1));
            index.add(slot, indexTerms(examples));
            if (centroids != null) {
                centroids.set(slot, centroid(examples));
            }
            forgetNeighbours(entry);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Forgets a recipe, if it knows it. */
    public void remove(K key) {
        lock.writeLock().lock();
        try {
            removeLocked(key);
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void removeLocked(K key) {
        Entry<K> entry = byKey.remove(key);
        if (entry == null) {
            return;
        }
        slots.set(entry.slot, null);
        free.add(entry.slot);
        entry.examples.forEach(example -> counts.add(example.terms(), -1));
        index.remove(entry.slot, indexTerms(entry.examples));
        if (centroids != null) {
            centroids.clear(entry.slot);
        }
        forgetNeighbours(entry);
    }

    private static int[] indexTerms(List<Example> examples) {
        return examples.stream()
                .flatMapToInt(example -> Arrays.stream(example.terms().index()))
                .distinct()
                .toArray();
    }

    private float[] centroid(List<Example> examples) {
        float[] sum = new float[Objects.requireNonNull(meanings).dimensions()];
        for (Example example : examples) {
            Objects.requireNonNull(example.meaning()).addTo(sum);
        }
        float length = (float) Math.sqrt(Features.dot(sum, sum));
        for (int d = 0; d < sum.length && length > 0; d++) {
            sum[d] /= length;
        }
        return sum;
    }

    /** Scorers that were, or would have been, learned against this recipe are learned anew when they are next needed. */
    private void forgetNeighbours(Entry<K> changed) {
        if (!anyLearned) {
            return;
        }
        float[] likeness = likenesses(changed);
        for (int slot = 0; slot < slots.size(); slot++) {
            Entry<K> entry = slots.get(slot);
            if (entry != null && entry.scorer != null && likeness[slot] >= entry.nearEnough - ROUNDED) {
                entry.scorer = null;
            }
        }
    }

    /** How like each recipe is to one, by meaning if there is an embedder, else by words. */
    private float[] likenesses(Entry<K> entry) {
        if (centroids != null) {
            return centroids.products(centroid(entry.examples));
        }
        return index.scores(indexTerms(entry.examples), slots.size(), widestTerm());
    }

    private int widestTerm() {
        return Math.max(WIDEST_TERM, slots.size() / 10);
    }

    /**
     * The recipes that fit best, best first; empty when no recipe shares anything with the request.
     *
     * @param request not blank
     */
    public List<Ranked<K>> rank(String request) {
        return rank(request, meanings == null ? null : meanings.ofRequest(request));
    }

    private List<Ranked<K>> rank(String request, float @Nullable [] meaning) {
        Terms terms = Terms.of(request);
        lock.readLock().lock();
        try {
            Features features = counts.features(terms, meaning, share);
            List<Entry<K>> candidates = candidates(terms, meaning);
            double[] scores = candidates.stream()
                    .mapToDouble(c -> scorer(c).score(features))
                    .toArray();
            double highest = Arrays.stream(scores).max().orElse(0);
            double sum = Arrays.stream(scores).map(s -> Math.exp(s - highest)).sum();
            return IntStream.range(0, scores.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -scores[i]))
                    .limit(SHOWN)
                    .map(i -> ranked(candidates.get(i), features, scores[i], Math.exp(scores[i] - highest) / sum))
                    .toList();
        } finally {
            lock.readLock().unlock();
        }
    }

    private Ranked<K> ranked(Entry<K> entry, Features request, double score, double part) {
        double best = -1;
        Example nearest = entry.examples.get(0);
        for (Example example : entry.examples) {
            double likeness = likeness(example, request);
            if (likeness > best) {
                best = likeness;
                nearest = example;
            }
        }
        return new Ranked<>(entry.key, score, part, best, nearest.sentence(), entry.examples.size());
    }

    /** Of the meanings when there is an embedder, else of the wordings: 1 for the same. */
    private double likeness(Example example, Features request) {
        Compact meaning = example.meaning();
        return meaning == null || request.meaning() == null
                ? features(example).times(request)
                : meaning.times(request.meaning()) / Math.sqrt(share);
    }

    private Features features(Example example) {
        Compact meaning = example.meaning();
        return counts.features(example.terms(), meaning == null ? null : meaning.expand(), share);
    }

    private List<Entry<K>> candidates(Terms terms, float @Nullable [] meaning) {
        Set<Entry<K>> found = new LinkedHashSet<>();
        if (centroids != null && meaning != null) {
            found.addAll(best(centroids.products(meaning), NEAREST, -1));
        }
        float[] byWords = index.scores(terms.index(), slots.size(), widestTerm());
        found.addAll(best(byWords, meaning == null ? BY_WORDS_ALONE : BY_WORDS, 0));
        return List.copyOf(found);
    }

    /** The entries of the highest scores above a floor, best first. */
    private List<Entry<K>> best(float[] scores, int most, float floor) {
        int[] top = new int[most];
        int size = 0;
        for (int slot = 0; slot < slots.size(); slot++) {
            float score = scores[slot];
            if (score <= floor || (size == most && score <= scores[top[size - 1]]) || slots.get(slot) == null) {
                continue;
            }
            int at = size == most ? size - 1 : size++;
            while (at > 0 && scores[top[at - 1]] < score) {
                top[at] = top[at - 1];
                at--;
            }
            top[at] = slot;
        }
        return Arrays.stream(top, 0, size)
                .mapToObj(slot -> Objects.requireNonNull(slots.get(slot)))
                .toList();
    }

    private LinearScorer scorer(Entry<K> entry) {
        LinearScorer known = entry.scorer;
        if (known != null) {
            return known;
        }
        float[] likeness = likenesses(entry);
        List<Entry<K>> neighbours = best(likeness, NEAREST + 1, centroids == null ? 0 : -1).stream()
                .filter(other -> other != entry)
                .toList();
        List<Features> own = entry.examples.stream().map(this::features).toList();
        List<Features> others = new ArrayList<>();
        for (Entry<K> neighbour : neighbours) {
            neighbour.examples.stream()
                    .limit(FROM_NEIGHBOUR)
                    .map(this::features)
                    .forEach(others::add);
        }
        addAnywhere(entry, Set.copyOf(neighbours), others);
        addBackground(own, others);
        LinearScorer learned = LinearScorer.learn(own, others);
        entry.nearEnough = neighbours.size() < NEAREST ? -1 : likeness[neighbours.get(neighbours.size() - 1).slot];
        anyLearned = true;
        entry.scorer = learned;
        return learned;
    }

    private void addAnywhere(Entry<K> entry, Set<Entry<K>> neighbours, List<Features> others) {
        Random choice = new Random(entry.slot);
        for (int i = 0; i < FROM_ANYWHERE; i++) {
            Entry<K> other = slots.get(choice.nextInt(slots.size()));
            if (other != null && other != entry && !neighbours.contains(other)) {
                others.add(features(other.examples.get(choice.nextInt(other.examples.size()))));
            }
        }
    }

    /** Background sentences that are unlike the recipe's own: a recipe may well be about what one of them says. */
    private void addBackground(List<Features> own, List<Features> others) {
        double closest = 0.6;
        for (Example example : background) {
            Features features = features(example);
            if (own.stream().allMatch(mine -> mine.times(features) < closest)) {
                others.add(features);
            }
        }
    }
}
