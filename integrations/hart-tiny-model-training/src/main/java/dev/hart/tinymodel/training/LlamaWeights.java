package dev.hart.tinymodel.training;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** The numbers of a model, by the name of their tensor, row after row. Training changes them in place; not thread-safe. */
final class LlamaWeights {
    private final LlamaShape shape;
    private final Map<String, float[]> tensors = new LinkedHashMap<>();

    private LlamaWeights(LlamaShape shape) {
        this.shape = shape;
    }

    /** As training begins: gains are 1, the rest is normal around 0; smaller where a layer adds to the stream. */
    static LlamaWeights initial(LlamaShape shape, long seed) {
        LlamaWeights weights = new LlamaWeights(shape);
        Random random = new Random(seed);
        double intoStream = 0.02 / Math.sqrt(2.0 * shape.layers());
        shape.tensors().forEach((name, size) -> {
            float[] numbers = new float[size[0] * size[1]];
            boolean gain = isGain(name);
            double spread = name.contains("attn_output") || name.contains("ffn_down") ? intoStream : 0.02;
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = gain ? 1f : (float) (random.nextGaussian() * spread);
            }
            weights.tensors.put(name, numbers);
        });
        return weights;
    }

    static boolean isGain(String name) {
        return name.endsWith("norm.weight");
    }

    LlamaShape shape() {
        return shape;
    }

    /** The arrays themselves. */
    Map<String, float[]> tensors() {
        return tensors;
    }
}
