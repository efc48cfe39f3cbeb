package dev.hart.core.match;

import java.util.List;

/**
 * Sentence vectors with what all sentences have in common taken off, at length 1. What is common is the mean of the
 * background sentences; it does not depend on the recipes, so that adding one changes no other.
 */
final class Meanings {
    private final SentenceVectors vectors;
    private final float[] common;

    Meanings(SentenceVectors vectors, List<String> background) {
        this.vectors = vectors;
        this.common = new float[vectors.dimensions()];
        for (float[] vector : vectors.of(background)) {
            float[] unit = unit(vector);
            for (int d = 0; d < common.length; d++) {
                common[d] += unit[d] / background.size();
            }
        }
    }

    int dimensions() {
        return common.length;
    }

    List<float[]> of(List<String> sentences) {
        return vectors.of(sentences).stream().map(this::centred).toList();
    }

    float[] ofRequest(String sentence) {
        return centred(vectors.ofRequest(sentence));
    }

    private float[] centred(float[] vector) {
        float[] result = unit(vector);
        for (int d = 0; d < result.length; d++) {
            result[d] -= common[d];
        }
        return unit(result);
    }

    private static float[] unit(float[] vector) {
        float length = (float) Math.sqrt(Features.dot(vector, vector));
        float[] result = new float[vector.length];
        for (int d = 0; d < result.length; d++) {
            result[d] = length == 0 ? 0 : vector[d] / length;
        }
        return result;
    }
}
