package dev.hart.tinymodel.training;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019) with the gradient's length cut to 1. Not
 * thread-safe.
 */
final class AdamW {
    private static final float FIRST = 0.9f;
    private static final float SECOND = 0.95f;
    private static final float EPSILON = 1e-8f;
    private static final float DECAY = 0.01f;

    private final Map<String, float[]> means = new HashMap<>();
    private final Map<String, float[]> squares = new HashMap<>();
    private int steps;

    /** Moves {@code weights} against {@code gradients}; both by the same names. */
    void step(Map<String, float[]> weights, Map<String, float[]> gradients, double rate) {
        steps++;
        float scale = (float) (1 / Math.max(1, length(gradients)));
        float stride = (float) (rate / (1 - Math.pow(FIRST, steps)));
        float correction = (float) (1 / Math.sqrt(1 - Math.pow(SECOND, steps)));
        weights.forEach((name, weight) -> {
            float[] gradient = Objects.requireNonNull(gradients.get(name), name);
            float[] mean = means.computeIfAbsent(name, unused -> new float[weight.length]);
            float[] square = squares.computeIfAbsent(name, unused -> new float[weight.length]);
            float shrink = LlamaWeights.isGain(name) ? 1 : (float) (1 - rate * DECAY);
            for (int i = 0; i < weight.length; i++) {
                float g = gradient[i] * scale;
                mean[i] = FIRST * mean[i] + (1 - FIRST) * g;
                square[i] = SECOND * square[i] + (1 - SECOND) * g * g;
                weight[i] =
                        weight[i] * shrink - stride * mean[i] / ((float) Math.sqrt(square[i]) * correction + EPSILON);
            }
        });
    }

    private static double length(Map<String, float[]> gradients) {
        double sum = 0;
        for (float[] gradient : gradients.values()) {
            for (float g : gradient) {
                sum += (double) g * g;
            }
        }
        return Math.sqrt(sum);
    }
}
