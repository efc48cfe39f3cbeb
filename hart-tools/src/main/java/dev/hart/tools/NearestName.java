package dev.hart.tools;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The name that someone who mistyped probably meant. */
final class NearestName {
    private static final int MAX_COMPARED = 100;

    private NearestName() {}

    /**
     * The first name that holds the wanted one, else the one of least edit distance (Levenshtein 1966) if at most half its
     * letters differ; case aside, the first on a tie.
     */
    static Optional<String> of(String wanted, List<String> names) {
        String folded = fold(wanted);
        String nearest = null;
        int least = Math.max(2, folded.length() / 2) + 1;
        for (String name : names) {
            String candidate = fold(name);
            int distance = !folded.isEmpty() && candidate.contains(folded) ? 0 : distance(folded, candidate);
            if (distance < least) {
                least = distance;
                nearest = name;
            }
        }
        return Optional.ofNullable(nearest);
    }

    private static String fold(String name) {
        String lower = name.strip().toLowerCase(Locale.ROOT);
        return lower.substring(0, Math.min(lower.length(), MAX_COMPARED));
    }

    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                current[j] = Math.min(previous[j - 1] + change, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
