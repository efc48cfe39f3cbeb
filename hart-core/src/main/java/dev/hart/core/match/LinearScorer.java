package dev.hart.core.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Tells the requests of one recipe from others: a logistic regression, learned from its own examples against those of its
 * neighbours by coordinate descent in the dual (H.-F. Yu, F.-L. Huang, C.-J. Lin, Machine Learning 85, 2011). Immutable.
 */
final class LinearScorer {
    private static final int EPOCHS = 12;
    private static final int NEWTON_STEPS = 30;
    private static final double CLOSE_ENOUGH = 1e-3;
    private static final double COST = 10;
    private static final double OWN_COST = 30;
    private static final int MOST_TERMS = 512;

    private final float @Nullable [] meaning;
    private final int[] ids;
    private final float[] weights;
    private final float bias;

    private LinearScorer(float @Nullable [] meaning, int[] ids, float[] weights, float bias) {
        this.meaning = meaning;
        this.ids = ids;
        this.weights = weights;
        this.bias = bias;
    }

    /** The logarithm of the odds that a request is one of the recipe's, were its neighbours the only others. */
    float score(Features request) {
        float sum =
                bias + (meaning == null || request.meaning() == null ? 0 : Features.dot(meaning, request.meaning()));
        int i = 0;
        for (int j = 0; j < ids.length && i < request.ids().length; j++) {
            while (i < request.ids().length && request.ids()[i] < ids[j]) {
                i++;
            }
            if (i < request.ids().length && request.ids()[i] == ids[j]) {
                sum += weights[j] * request.weights()[i];
            }
        }
        return sum;
    }

    static LinearScorer learn(List<Features> own, List<Features> others) {
        int count = own.size() + others.size();
        List<Features> all = new ArrayList<>(count);
        all.addAll(own);
        all.addAll(others);
        Places places = new Places();
        int[][] terms = new int[count][];
        for (int e = 0; e < count; e++) {
            int[] from = all.get(e).ids();
            terms[e] = new int[from.length];
            for (int t = 0; t < from.length; t++) {
                terms[e][t] = places.of(from[t]);
            }
        }
        float[] first = all.get(0).meaning();
        float[] meaning = first == null ? null : new float[first.length];
        float[] weights = new float[places.size()];
        float bias = 0;
        double[] alpha = new double[count];
        double[] square = new double[count];
        for (int e = 0; e < count; e++) {
            square[e] = all.get(e).times(all.get(e)) + 1;
        }
        int[] order = new int[count];
        for (int e = 0; e < count; e++) {
            order[e] = e;
        }
        Random shuffle = new Random(1);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            for (int i = count - 1; i > 0; i--) {
                int j = shuffle.nextInt(i + 1);
                int kept = order[i];
                order[i] = order[j];
                order[j] = kept;
            }
            for (int e : order) {
                Features x = all.get(e);
                int sign = e < own.size() ? 1 : -1;
                double cost = sign > 0 ? OWN_COST : COST;
                float margin = bias + (meaning == null || x.meaning() == null ? 0 : Features.dot(meaning, x.meaning()));
                for (int t = 0; t < terms[e].length; t++) {
                    margin += weights[terms[e][t]] * x.weights()[t];
                }
                double next = minimum(alpha[e], square[e], sign * margin, cost);
                float change = (float) (sign * (next - alpha[e]));
                alpha[e] = next;
                bias += change;
                if (meaning != null && x.meaning() != null) {
                    float[] point = x.meaning();
                    for (int d = 0; d < meaning.length; d++) {
                        meaning[d] += change * point[d];
                    }
                }
                for (int t = 0; t < terms[e].length; t++) {
                    weights[terms[e][t]] += change * x.weights()[t];
                }
            }
        }
        return kept(meaning, places, weights, bias);
    }

    /**
     * The best value of one dual variable with the others fixed: the zero of a rising function of its logit, by Newton's method
     * kept between bounds.
     */
    private static double minimum(double alpha, double square, double margin, double cost) {
        double low = -margin - square * (cost - alpha);
        double high = -margin + square * alpha;
        double logit = alpha <= 0 ? (low + high) / 2 : Math.log(alpha / (cost - alpha));
        for (int step = 0; step < NEWTON_STEPS; step++) {
            double share = 1 / (1 + Math.exp(-logit));
            double value = logit + square * (cost * share - alpha) + margin;
            if (Math.abs(value) < CLOSE_ENOUGH) {
                break;
            }
            if (value > 0) {
                high = logit;
            } else {
                low = logit;
            }
            logit -= value / (1 + square * cost * share * (1 - share));
            if (!(logit > low && logit < high)) {
                logit = (low + high) / 2;
            }
        }
        double share = 1 / (1 + Math.exp(-Math.max(-30, Math.min(30, logit))));
        return cost * share;
    }

    /** Only the terms that weigh most: the others together change a score by little. */
    private static LinearScorer kept(float @Nullable [] meaning, Places places, float[] weights, float bias) {
        float[] heaviness = new float[weights.length];
        for (int place = 0; place < weights.length; place++) {
            heaviness[place] = Math.abs(weights[place]);
        }
        Arrays.sort(heaviness);
        float least = heaviness.length > MOST_TERMS ? heaviness[heaviness.length - MOST_TERMS] : 0;
        long[] kept = new long[Math.min(weights.length, MOST_TERMS)];
        int size = 0;
        for (int place = 0; place < weights.length && size < kept.length; place++) {
            if (Math.abs(weights[place]) >= least) {
                kept[size++] = ((long) places.id(place) << Integer.SIZE) | place;
            }
        }
        Arrays.sort(kept, 0, size);
        int[] ids = new int[size];
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            ids[i] = (int) (kept[i] >>> Integer.SIZE);
            values[i] = weights[(int) kept[i]];
        }
        return new LinearScorer(meaning, ids, values, bias);
    }

    /** Numbers terms in the order in which they come, from 0 on: a hash table without boxes. */
    private static final class Places {
        private int[] slots = new int[1 << 14];
        private int[] ids = new int[1 << 13];
        private int size;

        int of(int id) {
            int slot = slot(id);
            while (slots[slot] != 0) {
                int place = slots[slot] - 1;
                if (ids[place] == id) {
                    return place;
                }
                slot = (slot + 1) & (slots.length - 1);
            }
            if (size == ids.length) {
                grow();
                return of(id);
            }
            ids[size] = id;
            slots[slot] = ++size;
            return size - 1;
        }

        private void grow() {
            ids = Arrays.copyOf(ids, ids.length * 2);
            slots = new int[slots.length * 2];
            for (int place = 0; place < size; place++) {
                int slot = slot(ids[place]);
                while (slots[slot] != 0) {
                    slot = (slot + 1) & (slots.length - 1);
                }
                slots[slot] = place + 1;
            }
        }

        private int slot(int id) {
            int hash = id * 0x9E3779B9;
            return (hash ^ (hash >>> 16)) & (slots.length - 1);
        }

        int id(int place) {
            return ids[place];
        }

        int size() {
            return size;
        }
    }
}
