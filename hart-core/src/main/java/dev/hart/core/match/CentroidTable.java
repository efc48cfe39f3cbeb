package dev.hart.core.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The centres of the recipes' examples, a byte for each number: comparing a request with all of them takes as long as reading
 * them from memory. Four numbers of a centre share an int, and those of a block of centres lie side by side: the compiler turns
 * the inner loop, all of it on ints, into vector instructions. Not thread-safe for writing.
 */
final class CentroidTable {
    private static final int BLOCK = 1024;
    private static final int PACKED = 4;
    /** With bytes of at most 127, the sum over a thousand numbers fits an int. */
    private static final int MOST = 2047;

    private final int dimensions;
    private final int rows;
    private final List<Block> blocks = new ArrayList<>();

    private record Block(int[] packed, float[] scales) {}

    CentroidTable(int dimensions) {
        this.dimensions = dimensions;
        this.rows = (dimensions + PACKED - 1) / PACKED;
    }

    void set(int slot, float[] centroid) {
        Compact compact = Compact.of(centroid);
        Block block = block(slot);
        int place = slot % BLOCK;
        block.scales[place] = compact.scale();
        for (int row = 0; row < rows; row++) {
            int packed = 0;
            for (int part = 0; part < PACKED && row * PACKED + part < dimensions; part++) {
                packed |= (compact.values()[row * PACKED + part] & 0xFF) << (Byte.SIZE * part);
            }
            block.packed[row * BLOCK + place] = packed;
        }
    }

    void clear(int slot) {
        block(slot).scales[slot % BLOCK] = 0;
    }

    private Block block(int slot) {
        while (blocks.size() * BLOCK <= slot) {
            blocks.add(new Block(new int[BLOCK * rows], new float[BLOCK]));
        }
        return blocks.get(slot / BLOCK);
    }

    /** The inner product of a vector with every centre, to about a hundredth; those of empty slots are 0. */
    float[] products(float[] vector) {
        float largest = 1e-9f;
        for (float value : vector) {
            largest = Math.max(largest, Math.abs(value));
        }
        float scale = largest / MOST;
        int[] factors = new int[rows * PACKED];
        for (int d = 0; d < dimensions; d++) {
            factors[d] = Math.round(vector[d] / scale);
        }
        float[] result = new float[blocks.size() * BLOCK];
        int[] sums = new int[BLOCK];
        for (int b = 0; b < blocks.size(); b++) {
            Arrays.fill(sums, 0);
            Block block = blocks.get(b);
            for (int row = 0; row < rows; row++) {
                int at = row * PACKED;
                add(sums, block.packed, row * BLOCK, factors[at], factors[at + 1], factors[at + 2], factors[at + 3]);
            }
            for (int place = 0; place < BLOCK; place++) {
                result[b * BLOCK + place] = sums[place] * (block.scales[place] * scale);
            }
        }
        return result;
    }

    private static void add(int[] sums, int[] packed, int from, int first, int second, int third, int fourth) {
        for (int i = 0; i < BLOCK; i++) {
            int four = packed[from + i];
            sums[i] += first * ((four << 24) >> 24)
                    + second * ((four << 16) >> 24)
                    + third * ((four << 8) >> 24)
                    + fourth * (four >> 24);
        }
    }
}
