package dev.hart.security.rules;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides between results that race, and finds goals that work against each other (C17, C18). Pure. */
public final class ConflictResolver {
    private static final BigDecimal UNKNOWN_ACCURACY = new BigDecimal("0.5");
    private static final int FULL_LENGTH = 1_024;
    private static final List<String> POSITIVE =
            List.of("promot", "support", "creat", "build", "built", "improv", "help");
    private static final List<String> NEGATIVE =
            List.of("discredit", "attack", "destroy", "undermin", "remov", "oppos");
    private static final Set<String> FUNCTION_WORDS = Set.of(
            ("a an the this that these those it its of in on at to for from by with without and or not no all any every each our"
                            + " your my their his her we you they i is are was be been as into over under about more most new via"
                            + " per than then so if do does")
                    .split(" ", -1));

    private ConflictResolver() {}

    /**
     * A result that races with others.
     *
     * @param accuracy 0 to 1; null when nobody measured it, which counts as 0.5
     * @param length of its text, in chars
     * @param violations ids of rules that it breaks
     */
    public record Candidate(String id, @Nullable BigDecimal accuracy, int length, List<String> violations) {
        public Candidate {
            violations = List.copyOf(violations);
            if (accuracy != null && (accuracy.signum() < 0 || accuracy.compareTo(BigDecimal.ONE) > 0)) {
                throw new IllegalArgumentException("the accuracy of " + id + " is from 0 to 1, was " + accuracy);
            }
            if (length < 0) {
                throw new IllegalArgumentException("the length of " + id + " is 0 or more, was " + length);
            }
        }

        private BigDecimal measured() {
            return accuracy == null ? UNKNOWN_ACCURACY : accuracy;
        }

        /** Beyond 1,024 chars, where {@code log2(length) / 10} reaches 1, a longer text is no more complete. */
        private int completeness() {
            return Math.min(Math.max(length, 1), FULL_LENGTH);
        }
    }

    /** The most accurate one that breaks no rule; among equals the most complete, then the first by id. None when all break one. */
    public static Optional<Candidate> winner(List<Candidate> candidates) {
        return candidates.stream()
                .filter(candidate -> candidate.violations().isEmpty())
                .min(Comparator.comparing(Candidate::measured, Comparator.reverseOrder())
                        .thenComparing(Candidate::completeness, Comparator.reverseOrder())
                        .thenComparing(Candidate::id));
    }

    /**
     * Whether two goals are about the same thing and one would build what the other would take down. English words; a
     * sign for a person to look at, not a proof.
     */
    public static boolean goalsConflict(String one, String other) {
        Set<String> first = words(one);
        Set<String> second = words(other);
        boolean opposed = hasVerb(first, POSITIVE) && hasVerb(second, NEGATIVE)
                || hasVerb(first, NEGATIVE) && hasVerb(second, POSITIVE);
        return opposed && first.stream().filter(ConflictResolver::namesAThing).anyMatch(second::contains);
    }

    private static Set<String> words(String text) {
        Set<String> words = new HashSet<>();
        for (String word : Names.fold(text).split("[^\\p{L}\\p{N}]+", -1)) {
            boolean plural = word.length() > 3 && word.endsWith("s") && !word.endsWith("ss");
            words.add(plural ? word.substring(0, word.length() - 1) : word);
        }
        words.remove("");
        return words;
    }

    private static boolean namesAThing(String word) {
        return !FUNCTION_WORDS.contains(word) && !isVerb(word, POSITIVE) && !isVerb(word, NEGATIVE);
    }

    private static boolean hasVerb(Set<String> words, List<String> stems) {
        return words.stream().anyMatch(word -> isVerb(word, stems));
    }

    private static boolean isVerb(String word, List<String> stems) {
        return stems.stream().anyMatch(stem -> word.matches(stem + "(e|es|ed|ing|er)?"));
    }
}
