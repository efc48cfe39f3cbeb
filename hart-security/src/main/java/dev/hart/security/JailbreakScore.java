package dev.hart.security;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How much a text reads as a whole like the prompts that free a model from its rules: a logistic regression over its words and
 * pairs of words, each counted once. A plain role asks for nothing forbidden in words, and no rule about words can name it; the
 * company of the words tells it from other long requests. Learned from English prompts, linear in the text, immutable.
 */
final class JailbreakScore {
    static final String WEIGHTS_FILE = "jailbreak-weights.txt";
    /** Long texts hold more of everything: a sum over n features counts n^-0.35 of itself. */
    private static final double DAMPING = 0.35;

    private static final double REFUSED_FROM = -1.5;
    private static final double REFUSED_WEIGHT = 80;
    private static final double WEIGHT_PER_LOGIT = 40;
    /** A few words are judged by the other rules: they have no company to tell anything by. */
    private static final int LEAST_FEATURES = 40;

    private static final int LEAST_WEIGHT = 40;
    private static final int MOST_WEIGHT = 100;

    private final Map<String, Float> weights = new HashMap<>();
    private final double bias;

    JailbreakScore() {
        double read = Double.NaN;
        String text = new String(RuleBook.bytes(WEIGHTS_FILE), StandardCharsets.UTF_8);
        for (String line : text.lines().toList()) {
            int tab = line.indexOf('\t');
            if (tab < 0) {
                continue; // the first line says what the file is
            }
            float weight = Float.parseFloat(line.substring(tab + 1));
            if (line.startsWith("bias\t") && Double.isNaN(read)) {
                read = weight;
            } else {
                weights.put(line.substring(0, tab), weight);
            }
        }
        bias = read;
    }

    /** The numbers that decide, as they count in the guardrail hash. */
    static Map<String, Object> described() {
        return Map.of(
                "damping", String.valueOf(DAMPING),
                "leastFeatures", String.valueOf(LEAST_FEATURES),
                "refusedFrom", String.valueOf(REFUSED_FROM),
                "weightPerLogit", String.valueOf(WEIGHT_PER_LOGIT));
    }

    /** 40 to 100; 0 for less. */
    int weight(String text) {
        double weight = REFUSED_WEIGHT + WEIGHT_PER_LOGIT * (logit(text) - REFUSED_FROM);
        return weight < LEAST_WEIGHT ? 0 : (int) Math.min(MOST_WEIGHT, weight);
    }

    /** The logarithm of the odds; the lowest there is for a text of less than about twenty words. */
    double logit(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        Set<String> seen = new HashSet<>();
        double sum = 0;
        String before = "";
        int at = 0;
        while (at < lower.length()) {
            if (!isWordPart(lower.charAt(at))) {
                at++;
                continue;
            }
            int end = at + 1;
            while (end < lower.length() && isWordPart(lower.charAt(end))) {
                end++;
            }
            String word = lower.substring(at, end);
            sum += counted(word, seen);
            if (!before.isEmpty()) {
                sum += counted(before + " " + word, seen);
            }
            before = word;
            at = end;
        }
        return seen.size() < LEAST_FEATURES ? Double.NEGATIVE_INFINITY : bias + sum / Math.pow(seen.size(), DAMPING);
    }

    private double counted(String feature, Set<String> seen) {
        return seen.add(feature) ? weights.getOrDefault(feature, 0f) : 0;
    }

    private static boolean isWordPart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'';
    }
}
