package dev.hart.core.plan;

import java.util.List;

/**
 * Reduces inflected and derived English words to a common stem, so that {@code calculates}, {@code calculating} and {@code
 * calculation} compare equal. A light relative of Porter's stemmer ("An algorithm for suffix stripping", 1980): one
 * inflection and one derivation are taken off, and a stem of at least three letters with a vowel stays.
 */
final class Stemmer {
    private static final List<String> DERIVATIONS = List.of(
            "ational", "ations", "ation", "ative", "ators", "ator", "ical", "ions", "ion", "ate", "ity", "ness");

    private Stemmer() {}

    /** The stem of a lower-case word. */
    static String stem(String word) {
        if (word.length() < 4) {
            return word;
        }
        String stem = withoutDerivation(withoutInflection(word));
        if (stem.endsWith("e") && stem.length() > 3) {
            stem = stem.substring(0, stem.length() - 1);
        }
        return stem.endsWith("y") && stem.length() > 3 ? stem.substring(0, stem.length() - 1) + "i" : stem;
    }

    private static String withoutInflection(String word) {
        if (word.endsWith("'s")) {
            return word.substring(0, word.length() - 2);
        }
        if (word.endsWith("ies") && word.length() > 4) {
            return word.substring(0, word.length() - 3) + "y";
        }
        if (word.endsWith("sses") || word.endsWith("xes") || word.endsWith("ches") || word.endsWith("shes")) {
            return word.substring(0, word.length() - 2);
        }
        if (word.endsWith("s") && !word.endsWith("ss") && !word.endsWith("us") && !word.endsWith("is")) {
            return word.substring(0, word.length() - 1);
        }
        for (String suffix : List.of("ing", "ed", "ly")) {
            if (word.endsWith(suffix) && isStem(word, suffix)) {
                String stem = word.substring(0, word.length() - suffix.length());
                int last = stem.length() - 1;
                boolean doubled =
                        last > 2 && stem.charAt(last) == stem.charAt(last - 1) && "lsz".indexOf(stem.charAt(last)) < 0;
                return doubled ? stem.substring(0, last) : stem;
            }
        }
        return word;
    }

    private static String withoutDerivation(String word) {
        for (String suffix : DERIVATIONS) {
            if (word.endsWith(suffix) && word.length() - suffix.length() > 2 && isStem(word, suffix)) {
                return word.substring(0, word.length() - suffix.length());
            }
        }
        return word;
    }

    private static boolean isStem(String word, String suffix) {
        int length = word.length() - suffix.length();
        return length > 2 && word.substring(0, length).chars().anyMatch(c -> "aeiouy".indexOf(c) >= 0);
    }
}
