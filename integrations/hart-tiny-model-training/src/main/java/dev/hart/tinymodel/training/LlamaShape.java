package dev.hart.tinymodel.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The measures of a model of Llama's kind.
 *
 * @param vocabulary number of ids
 * @param width numbers for each position; a multiple of {@code heads}
 * @param inner width inside the feed-forward part
 * @param context most positions of a text
 */
record LlamaShape(int vocabulary, int layers, int width, int heads, int inner, int context) {
    /** Added to the mean square before its root is taken. */
    static final float NORM_EPSILON = 1e-5f;
    /** Base of the angles by which positions are turned. */
    static final float ROPE_BASE = 10_000f;

    LlamaShape {
        if (vocabulary < 1 || layers < 1 || width < 1 || heads < 1 || inner < 1 || context < 1) {
            throw new IllegalArgumentException("every measure must be at least 1, were %s"
                    .formatted(List.of(vocabulary, layers, width, heads, inner, context)));
        }
        if (width % (2 * heads) != 0) {
            throw new IllegalArgumentException(
                    "width %d must be a multiple of twice the %d heads".formatted(width, heads));
        }
    }

    int headWidth() {
        return width / heads;
    }

    /**
     * The tensors by the names that GGUF has for them, each with its rows and columns: a row for each output. The gains of a norm
     * are one row.
     */
    Map<String, int[]> tensors() {
        Map<String, int[]> tensors = new LinkedHashMap<>();
        tensors.put("token_embd.weight", new int[] {vocabulary, width});
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            tensors.put(block + "attn_norm.weight", new int[] {1, width});
            tensors.put(block + "attn_q.weight", new int[] {width, width});
            tensors.put(block + "attn_k.weight", new int[] {width, width});
            tensors.put(block + "attn_v.weight", new int[] {width, width});
            tensors.put(block + "attn_output.weight", new int[] {width, width});
            tensors.put(block + "ffn_norm.weight", new int[] {1, width});
            tensors.put(block + "ffn_gate.weight", new int[] {inner, width});
            tensors.put(block + "ffn_up.weight", new int[] {inner, width});
            tensors.put(block + "ffn_down.weight", new int[] {width, inner});
        }
        tensors.put("output_norm.weight", new int[] {1, width});
        tensors.put("output.weight", new int[] {vocabulary, width});
        return tensors;
    }

    /** Rows and columns of one tensor. */
    int[] size(String tensor) {
        return Objects.requireNonNull(tensors().get(tensor), tensor);
    }

    /** How many numbers a model of this shape has. */
    int parameters() {
        return tensors().values().stream().mapToInt(size -> size[0] * size[1]).sum();
    }
}
