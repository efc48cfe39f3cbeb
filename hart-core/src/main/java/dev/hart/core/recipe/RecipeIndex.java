package dev.hart.core.recipe;

import dev.hart.Inputs;
import dev.hart.core.match.Acceptance;
import dev.hart.core.match.RecipeRanker;
import dev.hart.core.match.RecipeRanker.Ranked;
import dev.hart.core.match.SentenceVectors;
import dev.hart.core.match.SlotTagger;
import dev.hart.core.recipe.IntentTemplate.Bound;
import dev.hart.recipe.MatchExplanation;
import dev.hart.recipe.MatchExplanation.Source;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.MatchResult.Candidate;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the stored recipe that does a request. An intent template that fits the whole request wins; else the words are
 * compared (Jaccard: shared words by all words), for recipes that need no input; else a recipe with enough examples is ranked
 * by them, and accepted when it is likely enough to be the right one. Thread-safe.
 */
public final class RecipeIndex {
    private static final BigDecimal ACCEPT = new BigDecimal("0.80");
    private static final double ACCEPTED_SHARE = 0.80;
    private static final double NEARLY_ACCEPTED = 0.79;
    private static final BigDecimal LEAD = new BigDecimal("0.10");

    private final InputCheck inputs;
    private final Supplier<@Nullable SentenceVectors> vectors;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<String, Entry> entries = new HashMap<>();
    /** Templates by their {@linkplain IntentTemplate#key keys}. */
    private final Map<String, Set<Line>> templates = new HashMap<>();
    /** Fixed requests of recipes that need no input, by each of their words. */
    private final Map<String, Set<Line>> lines = new HashMap<>();

    private volatile @Nullable Ranking ranking;

    private record Entry(RecipeVersion recipe, List<Line> lines, Slots slots) {}

    /** One intent; a line is itself and no other. */
    private static final class Line {
        final RecipeVersion recipe;
        final IntentTemplate template;
        final Set<String> words;

        Line(RecipeVersion recipe, IntentTemplate template, Set<String> words) {
            this.recipe = recipe;
            this.template = template;
            this.words = words;
        }
    }

    private record Hit(Line line, List<Bound> bound, Inputs inputs) {}

    private record Ranking(RecipeRanker<String> ranker, boolean withMeaning) {}

    /** Learns to find a recipe's inputs when it is first asked. */
    private static final class Slots {
        private final Recipe recipe;
        private @Nullable SlotTagger tagger;

        Slots(Recipe recipe) {
            this.recipe = recipe;
        }

        synchronized SlotTagger tagger() {
            SlotTagger learned = tagger;
            if (learned == null) {
                learned = SlotTagger.learn(recipe.inputNames(), IntentExamples.tagged(recipe));
                tagger = learned;
            }
            return learned;
        }
    }

    /** An empty index. @param vectors asked once, when the first recipe with enough examples comes; null for words alone */
    public RecipeIndex(InputCheck inputs, Supplier<@Nullable SentenceVectors> vectors) {
        this.inputs = inputs;
        this.vectors = vectors;
    }

    /** Adds a recipe; it takes the place of the earlier version of the same recipe. */
    public void put(RecipeVersion version) {
        Recipe recipe = version.recipe();
        boolean needsInput = !InputCheck.required(recipe).isEmpty();
        List<Line> added = recipe.intents().stream()
                .map(intent -> new Line(
                        version, new IntentTemplate(intent), needsInput ? Set.of() : Set.copyOf(words(intent))))
                .toList();
        rank(version);
        lock.writeLock().lock();
        try {
            removeLines(version.recipeId());
            entries.put(version.recipeId(), new Entry(version, added, new Slots(recipe)));
            for (Line line : added) {
                templates
                        .computeIfAbsent(line.template.key(), k -> new LinkedHashSet<>())
                        .add(line);
                line.words.forEach(word ->
                        lines.computeIfAbsent(word, w -> new LinkedHashSet<>()).add(line));
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Removes a recipe, if it is there. */
    public void remove(String recipeId) {
        lock.writeLock().lock();
        try {
            removeLines(recipeId);
        } finally {
            lock.writeLock().unlock();
        }
        Ranking current = ranking;
        if (current != null) {
            current.ranker().remove(recipeId);
        }
    }

    private void removeLines(String recipeId) {
        Entry entry = entries.remove(recipeId);
        if (entry == null) {
            return;
        }
        for (Line line : entry.lines()) {
            removeFrom(templates, line.template.key(), line);
            line.words.forEach(word -> removeFrom(lines, word, line));
        }
    }

    private static void removeFrom(Map<String, Set<Line>> map, String key, Line line) {
        Set<Line> held = map.get(key);
        if (held != null && held.remove(line) && held.isEmpty()) {
            map.remove(key);
        }
    }

    private synchronized void rank(RecipeVersion version) {
        Ranking current = ranking;
        if (new HashSet<>(version.recipe().intents()).size() < Acceptance.FEWEST_EXAMPLES) {
            if (current != null) {
                current.ranker().remove(version.recipeId());
            }
            return;
        }
        if (current == null) {
            SentenceVectors found = vectors.get();
            current = new Ranking(new RecipeRanker<>(found), found != null);
            ranking = current;
        }
        current.ranker().put(version.recipeId(), IntentExamples.sentences(version.recipe()));
    }

    /** The recipe for a request, if there is one. */
    public MatchResult match(String request) {
        String normal = IntentTemplate.normalise(request);
        MatchResult found = byTemplate(normal);
        if (found == null) {
            found = byWords(normal);
        }
        return found == null ? byExamples(normal) : found;
    }

    private @Nullable MatchResult byTemplate(String request) {
        lock.readLock().lock();
        try {
            String lower = IntentTemplate.lower(request);
            List<Hit> hits = IntentTemplate.keys(lower)
                    .flatMap(key -> templates.getOrDefault(key, Set.of()).stream())
                    .flatMap(line -> hit(line, request, lower).stream())
                    .toList();
            return hits.isEmpty() ? null : exact(request, hits);
        } finally {
            lock.readLock().unlock();
        }
    }

    private Optional<Hit> hit(Line line, String request, String lower) {
        return line.template
                .bind(request, lower)
                .flatMap(bound -> inputs.fromTexts(line.recipe.recipe(), IntentTemplate.texts(bound))
                        .map(values -> new Hit(line, bound, values)));
    }

    private static MatchResult exact(String request, List<Hit> hits) {
        int most = hits.stream()
                .mapToInt(hit -> hit.line().template.fixedCharacters())
                .max()
                .orElse(0);
        Map<String, Hit> best = new LinkedHashMap<>();
        hits.stream()
                .filter(hit -> hit.line().template.fixedCharacters() == most)
                .forEach(hit -> best.putIfAbsent(hit.line().recipe.recipeId(), hit));
        if (best.size() > 1) {
            List<Candidate> candidates = best.values().stream()
                    .map(hit -> new Candidate(hit.line().recipe, BigDecimal.ONE))
                    .toList();
            return ambiguous(request, "intents of several recipes fit the request equally well", candidates, List.of());
        }
        Hit hit = best.values().iterator().next();
        List<Source> sources = hit.bound().stream()
                .map(b -> new Source(b.slot(), b.text(), b.start(), b.end()))
                .toList();
        RecipeVersion recipe = hit.line().recipe;
        String intent = hit.line().template.template();
        return new MatchResult.Exact(
                recipe,
                hit.inputs(),
                intent,
                new MatchExplanation(
                        request,
                        "the intent \"" + intent + "\" of " + recipe.label() + " fits the whole request",
                        List.of(),
                        sources));
    }

    private @Nullable MatchResult byWords(String request) {
        Set<String> asked = words(request);
        lock.readLock().lock();
        try {
            Map<String, Candidate> best = new HashMap<>();
            sharing(asked)
                    .filter(line -> mayBeAccepted(asked, line.words))
                    .map(line -> new Candidate(line.recipe, jaccard(asked, line.words)))
                    .filter(candidate -> candidate.score().compareTo(ACCEPT) >= 0)
                    .forEach(candidate -> best.merge(
                            candidate.recipe().recipeId(),
                            candidate,
                            (a, b) -> a.score().compareTo(b.score()) >= 0 ? a : b));
            List<Candidate> candidates = best.values().stream()
                    .sorted(Comparator.comparing(Candidate::score).reversed())
                    .toList();
            return candidates.isEmpty() ? null : choose(request, candidates);
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * The lines that may share enough words, some of them more than once: one with four fifths of the words has at least one of
     * any more than a fifth of them, so only the rarest need to be looked up.
     */
    private Stream<Line> sharing(Set<String> asked) {
        int enough = asked.size() - (int) Math.ceil(ACCEPTED_SHARE * asked.size() - 1e-9) + 1;
        return asked.stream()
                .map(word -> lines.getOrDefault(word, Set.of()))
                .sorted(Comparator.comparingInt(Set::size))
                .limit(enough)
                .flatMap(Set::stream);
    }

    /** The first of the acceptable candidates, best first, if it leads by enough. */
    static MatchResult choose(String request, List<Candidate> candidates) {
        if (candidates.isEmpty()) {
            return new MatchResult.None(
                    new MatchExplanation(request, "no recipe comes near the request", List.of(), List.of()));
        }
        Candidate best = candidates.get(0);
        List<Candidate> close = candidates.stream()
                .filter(other -> best.score().subtract(other.score()).compareTo(LEAD) < 0)
                .toList();
        if (close.size() > 1) {
            return ambiguous(request, "the words of several recipes are equally close", close, List.of());
        }
        String reason = "%s shares %s of its words with the request, at least %s is enough"
                .formatted(best.recipe().label(), best.score(), ACCEPT);
        return new MatchResult.Match(
                best.recipe(),
                Inputs.none(),
                best.score(),
                new MatchExplanation(request, reason, List.of(), List.of()));
    }

    private static MatchResult ambiguous(
            String request, String reason, List<Candidate> candidates, List<MatchExplanation.Ranked> ranking) {
        return new MatchResult.Ambiguous(candidates, new MatchExplanation(request, reason, ranking, List.of()));
    }

    private MatchResult byExamples(String request) {
        Ranking current = ranking;
        List<Ranked<String>> ranked = current == null || request.isBlank()
                ? List.of()
                : current.ranker().rank(request);
        List<Entry> known = entriesOf(ranked);
        if (current == null || known.isEmpty()) {
            return choose(request, List.of());
        }
        boolean withMeaning = current.withMeaning();
        Entry best = known.get(0);
        Acceptance acceptance = readsOnly(best.recipe().recipe()) ? Acceptance.DEFAULT : Acceptance.CAREFUL;
        List<MatchExplanation.Ranked> explained = new ArrayList<>();
        for (int i = 0; i < known.size(); i++) {
            explained.add(new MatchExplanation.Ranked(
                    known.get(i).recipe(),
                    decimal(acceptance.probability(ranked.get(i), withMeaning)),
                    ranked.get(i).nearest()));
        }
        String label = best.recipe().label();
        BigDecimal score = explained.get(0).score();
        if (!acceptance.accepts(ranked.get(0), withMeaning)) {
            return none(
                    request,
                    "%s comes nearest, but %s is below the %s that a recipe %s needs"
                            .formatted(
                                    label,
                                    score,
                                    decimal(acceptance.threshold(withMeaning)),
                                    acceptance == Acceptance.DEFAULT ? "that only reads" : "with effects"),
                    explained);
        }
        if (known.size() > 1 && Acceptance.isTie(ranked)) {
            List<Candidate> candidates = explained.stream()
                    .limit(2)
                    .map(r -> new Candidate(r.recipe(), r.score()))
                    .toList();
            return ambiguous(request, "the examples of two recipes are equally close", candidates, explained);
        }
        return bound(request, best, score, explained);
    }

    /** The entries of the ranked, in their order; cut at the first that has been removed meanwhile. */
    private List<Entry> entriesOf(List<Ranked<String>> ranked) {
        lock.readLock().lock();
        try {
            return ranked.stream()
                    .map(r -> entries.get(r.key()))
                    .takeWhile(Objects::nonNull)
                    .toList();
        } finally {
            lock.readLock().unlock();
        }
    }

    private MatchResult bound(String request, Entry best, BigDecimal score, List<MatchExplanation.Ranked> explained) {
        Recipe recipe = best.recipe().recipe();
        List<Source> sources = List.of();
        Map<String, String> texts = new LinkedHashMap<>();
        if (!recipe.inputNames().isEmpty()) {
            sources = best.slots().tagger().tag(request).stream()
                    .map(span -> new Source(
                            span.input(), request.substring(span.start(), span.end()), span.start(), span.end()))
                    .toList();
            sources.forEach(source -> texts.putIfAbsent(source.input(), source.words()));
        }
        Optional<Inputs> values = inputs.fromTexts(recipe, texts);
        if (values.isEmpty()) {
            List<String> missing = InputCheck.required(recipe).stream()
                    .filter(input -> !texts.containsKey(input))
                    .toList();
            return none(
                    request,
                    best.recipe().label() + " fits, but "
                            + (missing.isEmpty()
                                    ? "the words found for its inputs are not of their types: " + texts
                                    : "the request does not say " + String.join(", ", missing)),
                    explained);
        }
        return new MatchResult.Match(
                best.recipe(),
                values.get(),
                score,
                new MatchExplanation(
                        request,
                        "%s is the right one with probability %s, going by its examples"
                                .formatted(best.recipe().label(), score),
                        explained,
                        sources));
    }

    private static MatchResult none(String request, String reason, List<MatchExplanation.Ranked> explained) {
        return new MatchResult.None(new MatchExplanation(request, reason, explained, List.of()));
    }

    private static boolean readsOnly(Recipe recipe) {
        return recipe.actions().allMatch(action -> action.effect() == Effect.READ);
    }

    private static BigDecimal decimal(double value) {
        return BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_UP);
    }

    /** Without the exact quotient, which is made of the few that come near. */
    private static boolean mayBeAccepted(Set<String> a, Set<String> b) {
        double most = Math.min(a.size(), b.size()) / (double) Math.max(a.size(), b.size());
        if (most < NEARLY_ACCEPTED) {
            return false;
        }
        int shared = shared(a, b);
        return shared >= NEARLY_ACCEPTED * (a.size() + b.size() - shared);
    }

    private static int shared(Set<String> a, Set<String> b) {
        int shared = 0;
        for (String word : a) {
            shared += b.contains(word) ? 1 : 0;
        }
        return shared;
    }

    /** |A∩B| / |A∪B|, four decimals HALF_UP; 0 when both are empty (P. Jaccard, 1912). */
    static BigDecimal jaccard(Set<String> a, Set<String> b) {
        int shared = shared(a, b);
        int union = a.size() + b.size() - shared;
        return union == 0
                ? BigDecimal.ZERO
                : BigDecimal.valueOf(shared).divide(BigDecimal.valueOf(union), 4, RoundingMode.HALF_UP);
    }

    /** Its words in lower case: runs of letters and digits. */
    static Set<String> words(String text) {
        Set<String> words = new HashSet<>();
        StringBuilder word = new StringBuilder();
        String lower = text.toLowerCase(Locale.ROOT);
        for (int i = 0; i <= lower.length(); i++) {
            if (i < lower.length() && Character.isLetterOrDigit(lower.charAt(i))) {
                word.append(lower.charAt(i));
            } else if (word.length() > 0) {
                words.add(word.toString());
                word.setLength(0);
            }
        }
        return words;
    }
}
