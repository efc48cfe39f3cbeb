package dev.hart.core.match;

import java.util.Arrays;
import java.util.Locale;

/**
 * What a sentence is made of: words and pairs of words, and runs of two to five letters within a word. Each is a number below
 * {@link #BUCKETS}, by hashing; two that fall together are taken for one, which is rare enough not to matter.
 *
 * @param words sorted, each once
 * @param letters sorted, each once
 * @param index the words and their beginnings, by which candidates are looked up
 */
record Terms(int[] words, int[] letters, int[] index) {
    static final int BUCKETS = 1 << 20;
    private static final int SHORTEST_RUN = 2;
    private static final int LONGEST_RUN = 5;
    private static final int BEGINNING = 4;
    private static final int MAX_WORDS = 200;

    static Terms of(String sentence) {
        String[] words = split(sentence);
        IntBag single = new IntBag();
        IntBag letters = new IntBag();
        IntBag index = new IntBag();
        for (int i = 0; i < words.length; i++) {
            String word = words[i];
            int hash = bucket(word.hashCode());
            single.add(hash);
            index.add(hash);
            if (word.length() > BEGINNING) {
                index.add(bucket(word.substring(0, BEGINNING).hashCode() * 31 + 7));
            }
            if (i > 0) {
                single.add(bucket(words[i - 1].hashCode() * 31 + word.hashCode() + 1));
            }
            String padded = " " + word + " ";
            for (int from = 0; from < padded.length(); from++) {
                int run = 0;
                for (int to = from; to < Math.min(padded.length(), from + LONGEST_RUN); to++) {
                    run = run * 31 + padded.charAt(to);
                    if (to - from + 1 >= SHORTEST_RUN) {
                        letters.add(bucket(run * 31 + to - from));
                    }
                }
            }
        }
        return new Terms(single.sortedOnce(), letters.sortedOnce(), index.sortedOnce());
    }

    /** Its first words in lower case: runs of letters, digits and apostrophes. */
    static String[] split(String sentence) {
        String lower = sentence.toLowerCase(Locale.ROOT);
        String[] words = new String[MAX_WORDS];
        int count = 0;
        int from = -1;
        for (int i = 0; i <= lower.length() && count < MAX_WORDS; i++) {
            boolean inside =
                    i < lower.length() && (Character.isLetterOrDigit(lower.charAt(i)) || lower.charAt(i) == '\'');
            if (inside && from < 0) {
                from = i;
            } else if (!inside && from >= 0) {
                words[count++] = lower.substring(from, i);
                from = -1;
            }
        }
        return Arrays.copyOf(words, count);
    }

    private static int bucket(int hash) {
        int mixed = hash * 0x9E3779B9;
        return (mixed ^ (mixed >>> 15)) & (BUCKETS - 1);
    }

    /** Numbers to be sorted. */
    private static final class IntBag {
        private int[] values = new int[64];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size * 2);
            }
            values[size++] = value;
        }

        int[] sortedOnce() {
            Arrays.sort(values, 0, size);
            int kept = 0;
            for (int i = 0; i < size; i++) {
                if (kept == 0 || values[i] != values[kept - 1]) {
                    values[kept++] = values[i];
                }
            }
            return Arrays.copyOf(values, kept);
        }
    }
}
