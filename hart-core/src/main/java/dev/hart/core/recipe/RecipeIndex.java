package dev.hart.core.recipe;

import dev.hart.Inputs;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.MatchResult.Candidate;
import dev.hart.recipe.RecipeVersion;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the stored recipe that does a request. An intent template that fits the whole request wins; else the words are
 * compared (Jaccard: shared words by all words), for recipes that need no input. Immutable.
 */
final class RecipeIndex {
    private static final BigDecimal ACCEPT = new BigDecimal("0.80");
    private static final BigDecimal LEAD = new BigDecimal("0.10");

    private final List<Entry> entries;
    private final InputCheck inputs;

    private record Entry(RecipeVersion recipe, List<IntentTemplate> intents, List<Set<String>> words) {}

    private record Hit(Entry entry, IntentTemplate intent, Inputs inputs) {}

    /**
     * An index.
     *
     * @param recipes the newest trained version of each recipe
     */
    RecipeIndex(List<RecipeVersion> recipes, InputCheck inputs) {
        this.inputs = inputs;
        this.entries = recipes.stream().map(RecipeIndex::entry).toList();
    }

    private static Entry entry(RecipeVersion recipe) {
        boolean needsInput = !InputCheck.required(recipe.recipe()).isEmpty();
        return new Entry(
                recipe,
                recipe.recipe().intents().stream().map(IntentTemplate::new).toList(),
                needsInput
                        ? List.of()
                        : recipe.recipe().intents().stream()
                                .map(RecipeIndex::words)
                                .toList());
    }

    MatchResult match(String request) {
        String normal = IntentTemplate.normalise(request);
        List<Hit> hits = new ArrayList<>();
        for (Entry entry : entries) {
            bestIntent(entry, normal).ifPresent(hits::add);
        }
        if (!hits.isEmpty()) {
            return exact(hits);
        }
        return byWords(words(request));
    }

    private Optional<Hit> bestIntent(Entry entry, String request) {
        Hit best = null;
        for (IntentTemplate intent : entry.intents()) {
            if (best != null && best.intent().fixedCharacters() >= intent.fixedCharacters()) {
                continue;
            }
            Optional<Inputs> bound = intent.match(request)
                    .flatMap(texts -> inputs.fromTexts(entry.recipe().recipe(), texts));
            if (bound.isPresent()) {
                best = new Hit(entry, intent, bound.get());
            }
        }
        return Optional.ofNullable(best);
    }

    private static MatchResult exact(List<Hit> hits) {
        int most = hits.stream()
                .mapToInt(hit -> hit.intent().fixedCharacters())
                .max()
                .orElse(0);
        List<Hit> best = hits.stream()
                .filter(hit -> hit.intent().fixedCharacters() == most)
                .toList();
        if (best.size() > 1) {
            return new MatchResult.Ambiguous(best.stream()
                    .map(hit -> new Candidate(hit.entry().recipe(), BigDecimal.ONE))
                    .toList());
        }
        Hit hit = best.get(0);
        return new MatchResult.Exact(
                hit.entry().recipe(), hit.inputs(), hit.intent().template());
    }

    private MatchResult byWords(Set<String> request) {
        List<Candidate> candidates = entries.stream()
                .map(entry -> new Candidate(
                        entry.recipe(),
                        entry.words().stream()
                                .map(words -> jaccard(request, words))
                                .max(Comparator.naturalOrder())
                                .orElse(BigDecimal.ZERO)))
                .filter(candidate -> candidate.score().compareTo(ACCEPT) >= 0)
                .sorted(Comparator.comparing(Candidate::score).reversed())
                .toList();
        return choose(candidates);
    }

    /** The first of the acceptable candidates, best first, if it leads by enough. */
    static MatchResult choose(List<Candidate> candidates) {
        if (candidates.isEmpty()) {
            return new MatchResult.None();
        }
        Candidate best = candidates.get(0);
        List<Candidate> close = candidates.stream()
                .filter(other -> best.score().subtract(other.score()).compareTo(LEAD) < 0)
                .toList();
        return close.size() > 1
                ? new MatchResult.Ambiguous(close)
                : new MatchResult.Match(best.recipe(), Inputs.none(), best.score());
    }

    /** |A∩B| / |A∪B|, four decimals HALF_UP; 0 when both are empty (P. Jaccard, 1912). */
    static BigDecimal jaccard(Set<String> a, Set<String> b) {
        Set<String> union = new HashSet<>(a);
        union.addAll(b);
        if (union.isEmpty()) {
            return BigDecimal.ZERO;
        }
        int shared = a.size() + b.size() - union.size();
        return BigDecimal.valueOf(shared).divide(BigDecimal.valueOf(union.size()), 4, RoundingMode.HALF_UP);
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
