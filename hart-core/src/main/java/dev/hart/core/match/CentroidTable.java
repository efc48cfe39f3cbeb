package dev.hart.core.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The centres of the recipes' examples, in blocks that lie number by number rather than centre by centre: the compiler turns
 * the inner loop over a block into vector instructions. Not thread-safe for writing.
 */
final class CentroidTable {
    private static final int BLOCK = 256;

    private final int dimensions;
    private final List<float[]> blocks = new ArrayList<>();

    CentroidTable(int dimensions) {
        this.dimensions = dimensions;
    }

    void set(int slot, float[] centroid) {
        while (blocks.size() * BLOCK <= slot) {
            blocks.add(new float[BLOCK * dimensions]);
        }
        float[] block = blocks.get(slot / BLOCK);
        for (int d = 0; d < dimensions; d++) {
            block[d * BLOCK + slot % BLOCK] = centroid[d];
        }
    }

    /** The inner product of a vector with every centre; those of empty slots are 0. */
    float[] products(float[] vector) {
        float[] result = new float[blocks.size() * BLOCK];
        float[] sums = new float[BLOCK];
        for (int b = 0; b < blocks.size(); b++) {
            Arrays.fill(sums, 0);
            float[] block = blocks.get(b);
            for (int d = 0; d < dimensions; d++) {
                add(sums, block, d * BLOCK, vector[d]);
            }
            System.arraycopy(sums, 0, result, b * BLOCK, BLOCK);
        }
        return result;
    }

    private static void add(float[] sums, float[] block, int from, float factor) {
        for (int i = 0; i < BLOCK; i++) {
            sums[i] += factor * block[from + i];
        }
    }
}
