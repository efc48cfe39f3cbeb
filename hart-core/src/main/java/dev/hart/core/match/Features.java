package dev.hart.core.match;

import org.jspecify.annotations.Nullable;

/**
 * A sentence as a point: its meaning (the embedding, centred, if there is one) and its wording (rare terms count more). The
 * inner product of two is at most 1, and 1 only for the same sentence.
 *
 * @param meaning null when there is no embedder; else its squared length is the share of meaning
 * @param ids of the terms, in ascending order; words first, then runs of letters beyond {@link Terms#BUCKETS}
 * @param weights of the terms
 */
record Features(float @Nullable [] meaning, int[] ids, float[] weights) {

    float times(Features other) {
        float sum = meaning == null || other.meaning == null ? 0 : dot(meaning, other.meaning);
        int i = 0;
        int j = 0;
        while (i < ids.length && j < other.ids.length) {
            if (ids[i] == other.ids[j]) {
                sum += weights[i++] * other.weights[j++];
            } else if (ids[i] < other.ids[j]) {
                i++;
            } else {
                j++;
            }
        }
        return sum;
    }

    /** Four sums side by side: one sum alone waits for each addition before the next. */
    static float dot(float[] a, float[] b) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int i = 0;
        for (; i + 3 < a.length; i += 4) {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }
        for (; i < a.length; i++) {
            s0 += a[i] * b[i];
        }
        return s0 + s1 + (s2 + s3);
    }
}
