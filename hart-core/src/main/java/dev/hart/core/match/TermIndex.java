package dev.hart.core.match;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Which recipes use a word or the beginning of one. Not thread-safe for writing. */
final class TermIndex {
    private final Map<Integer, Posting> postings = new HashMap<>();

    private static final class Posting {
        private int[] slots = new int[2];
        private int size;
    }

    void add(int slot, int[] terms) {
        for (int term : terms) {
            Posting posting = postings.computeIfAbsent(term, t -> new Posting());
            if (posting.size == posting.slots.length) {
                posting.slots = Arrays.copyOf(posting.slots, posting.size * 2);
            }
            posting.slots[posting.size++] = slot;
        }
    }

    void remove(int slot, int[] terms) {
        for (int term : terms) {
            Posting posting = postings.get(term);
            if (posting == null) {
                continue;
            }
            for (int i = 0; i < posting.size; i++) {
                if (posting.slots[i] == slot) {
                    posting.slots[i] = posting.slots[--posting.size];
                    break;
                }
            }
        }
    }

    /**
     * For each recipe the sum over the shared terms of how rare they are among the recipes.
     *
     * @param slots how many slots are in use
     * @param widest terms that more recipes use than this say too little to be looked up
     */
    float[] scores(int[] terms, int slots, int widest) {
        float[] scores = new float[slots];
        for (int term : terms) {
            Posting posting = postings.get(term);
            if (posting == null || posting.size > widest) {
                continue;
            }
            float rarity = (float) Math.log((1.0 + slots) / posting.size);
            for (int i = 0; i < posting.size; i++) {
                scores[posting.slots[i]] += rarity;
            }
        }
        return scores;
    }
}
