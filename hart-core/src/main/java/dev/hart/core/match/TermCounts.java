package dev.hart.core.match;

import org.jspecify.annotations.Nullable;

/** In how many example sentences each term occurs: rare terms say more (K. Spärck Jones, 1972). Not thread-safe. */
final class TermCounts {
    private static final double HALF = Math.sqrt(0.5);

    private final int[] words = new int[Terms.BUCKETS];
    private final int[] letters = new int[Terms.BUCKETS];
    private int sentences;

    void add(Terms terms, int sign) {
        sentences += sign;
        for (int id : terms.words()) {
            words[id] += sign;
        }
        for (int id : terms.letters()) {
            letters[id] += sign;
        }
    }

    /**
     * A sentence as a point.
     *
     * @param meaning of length 1; null when there is no embedder
     * @param share of the meaning in the whole, 0 to 1
     */
    Features features(Terms terms, float @Nullable [] meaning, double share) {
        int[] ids = new int[terms.words().length + terms.letters().length];
        float[] weights = new float[ids.length];
        double part = Math.sqrt(1 - share) * HALF;
        fill(ids, weights, 0, terms.words(), words, 0, part);
        fill(ids, weights, terms.words().length, terms.letters(), letters, Terms.BUCKETS, part);
        float[] scaled = null;
        if (meaning != null) {
            scaled = new float[meaning.length];
            float scale = (float) Math.sqrt(share);
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = meaning[i] * scale;
            }
        }
        return new Features(scaled, ids, weights);
    }

    private void fill(int[] ids, float[] weights, int at, int[] terms, int[] counts, int offset, double length) {
        double squares = 0;
        for (int i = 0; i < terms.length; i++) {
            double rarity = 1 + Math.log((1.0 + sentences) / (1.0 + counts[terms[i]]));
            ids[at + i] = terms[i] + offset;
            weights[at + i] = (float) rarity;
            squares += rarity * rarity;
        }
        float scale = squares == 0 ? 0 : (float) (length / Math.sqrt(squares));
        for (int i = 0; i < terms.length; i++) {
            weights[at + i] *= scale;
        }
    }

    double rarity(int word) {
        return Math.log((1.0 + sentences) / (1.0 + words[word]));
    }
}
