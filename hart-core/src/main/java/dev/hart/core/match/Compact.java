package dev.hart.core.match;

/** A vector in one byte a number: a quarter of the memory, for a change that is below what the model itself can tell. */
record Compact(byte[] values, float scale) {

    static Compact of(float[] vector) {
        float largest = 1e-9f;
        for (float value : vector) {
            largest = Math.max(largest, Math.abs(value));
        }
        float scale = largest / Byte.MAX_VALUE;
        byte[] values = new byte[vector.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) Math.round(vector[i] / scale);
        }
        return new Compact(values, scale);
    }

    float[] expand() {
        float[] vector = new float[values.length];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = values[i] * scale;
        }
        return vector;
    }

    void addTo(float[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += values[i] * scale;
        }
    }

    float times(float[] vector) {
        float sum = 0;
        float other = 0;
        int i = 0;
        for (; i + 1 < values.length; i += 2) {
            sum += values[i] * vector[i];
            other += values[i + 1] * vector[i + 1];
        }
        if (i < values.length) {
            sum += values[i] * vector[i];
        }
        return (sum + other) * scale;
    }
}
