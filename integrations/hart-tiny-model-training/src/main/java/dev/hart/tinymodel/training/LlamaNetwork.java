package dev.hart.tinymodel.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.training.GradientCollector;
import java.util.HashMap;
import java.util.Map;

/**
 * A network of Llama's kind on PyTorch: rotary positions, root-mean-square norms, attention over what came before, gated
 * feed-forward. Every call runs in an {@link NDScope}: without one each keeps its native memory until the process is killed.
 */
final class LlamaNetwork implements AutoCloseable {
    private static final float NEVER = -1e9f;

    private final LlamaShape shape;
    private final NDManager base = NDManager.newBaseManager("PyTorch");

    LlamaNetwork(LlamaShape shape) {
        this.shape = shape;
    }

    /** What a batch taught: its loss per token, and the gradient of each tensor. */
    record Lesson(float loss, Map<String, float[]> gradients) {}

    /** The loss of {@code batch} and how it changes with each weight. */
    Lesson learn(LlamaWeights weights, Batch batch) {
        try (NDScope scope = new NDScope();
                NDManager manager = base.newSubManager()) {
            scope.suppressNotUsedWarning();
            // New arrays each time: gradients of kept ones would add up.
            Map<String, NDArray> tensors = tensors(weights, manager);
            tensors.values().forEach(tensor -> tensor.setRequiresGradient(true));
            float loss;
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray value = loss(logits(tensors, batch, manager), batch, manager);
                collector.backward(value);
                loss = value.getFloat();
            }
            Map<String, float[]> gradients = new HashMap<>();
            tensors.forEach(
                    (name, tensor) -> gradients.put(name, tensor.getGradient().toFloatArray()));
            return new Lesson(loss, gradients);
        }
    }

    /** How many answers of {@code batch} the model would write exactly, taking the likeliest token each time. */
    int exactAnswers(LlamaWeights weights, Batch batch) {
        try (NDScope scope = new NDScope();
                NDManager manager = base.newSubManager()) {
            scope.suppressNotUsedWarning();
            NDArray logits = logits(tensors(weights, manager), batch, manager);
            return batch.exactAnswers(logits.argMax(1).toLongArray());
        }
    }

    private Map<String, NDArray> tensors(LlamaWeights weights, NDManager manager) {
        Map<String, NDArray> tensors = new HashMap<>();
        weights.tensors().forEach((name, numbers) -> {
            int[] size = shape.size(name);
            tensors.put(name, manager.create(numbers, new Shape(size[0], size[1])));
        });
        return tensors;
    }

    /** A row for each position of each text. */
    private NDArray logits(Map<String, NDArray> tensors, Batch batch, NDManager manager) {
        int texts = batch.texts();
        int positions = batch.positions();
        NDArray ids = manager.create(batch.inputs());
        NDArray stream = Embedding.embedding(ids, get(tensors, "token_embd.weight"), SparseFormat.DENSE)
                .singletonOrThrow();
        Rotation rotation = Rotation.of(shape, positions, manager);
        NDArray mask = mask(positions, manager);
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "blk." + layer + ".";
            NDArray normed = norm(stream, get(tensors, block + "attn_norm.weight"));
            NDArray query = rotation.turn(heads(project(normed, tensors, block + "attn_q.weight"), texts, positions));
            NDArray key = rotation.turn(heads(project(normed, tensors, block + "attn_k.weight"), texts, positions));
            NDArray value = heads(project(normed, tensors, block + "attn_v.weight"), texts, positions);
            NDArray attention = query.matMul(key.transpose(0, 1, 3, 2))
                    .mul((float) (1 / Math.sqrt(shape.headWidth())))
                    .add(mask)
                    .softmax(-1)
                    .matMul(value)
                    .transpose(0, 2, 1, 3)
                    .reshape((long) texts * positions, shape.width());
            stream = stream.add(project(attention, tensors, block + "attn_output.weight"));
            NDArray inner = norm(stream, get(tensors, block + "ffn_norm.weight"));
            NDArray gated = Activation.swish(project(inner, tensors, block + "ffn_gate.weight"), 1f)
                    .mul(project(inner, tensors, block + "ffn_up.weight"));
            stream = stream.add(project(gated, tensors, block + "ffn_down.weight"));
        }
        return project(norm(stream, get(tensors, "output_norm.weight")), tensors, "output.weight");
    }

    private NDArray loss(NDArray logits, Batch batch, NDManager manager) {
        NDArray counted = manager.create(batch.counted()).reshape(-1, 1);
        NDArray wanted = manager.create(batch.targets())
                .oneHot(shape.vocabulary(), DataType.FLOAT32)
                .mul(counted);
        return logits.logSoftmax(-1).mul(wanted).sum().div(-batch.countedTokens());
    }

    private static NDArray project(NDArray rows, Map<String, NDArray> tensors, String name) {
        return rows.matMul(get(tensors, name).transpose());
    }

    private static NDArray norm(NDArray rows, NDArray gain) {
        NDArray root = rows.square()
                .mean(new int[] {-1}, true)
                .add(LlamaShape.NORM_EPSILON)
                .sqrt();
        return rows.div(root).mul(gain);
    }

    private NDArray heads(NDArray rows, int texts, int positions) {
        return rows.reshape(texts, positions, shape.heads(), shape.headWidth()).transpose(0, 2, 1, 3);
    }

    private static NDArray mask(int positions, NDManager manager) {
        float[] mask = new float[positions * positions];
        for (int row = 0; row < positions; row++) {
            for (int column = row + 1; column < positions; column++) {
                mask[row * positions + column] = NEVER;
            }
        }
        return manager.create(mask, new Shape(1, 1, positions, positions));
    }

    private static NDArray get(Map<String, NDArray> tensors, String name) {
        NDArray tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("the model has no tensor " + name);
        }
        return tensor;
    }

    @Override
    public void close() {
        base.close();
    }

    /** Turns neighbouring pairs of numbers by an angle that grows with the position, as llama.cpp does for this kind of model. */
    private record Rotation(NDArray cosines, NDArray sines, NDArray swap) {

        static Rotation of(LlamaShape shape, int positions, NDManager manager) {
            int width = shape.headWidth();
            float[] cosines = new float[positions * width];
            float[] sines = new float[positions * width];
            for (int position = 0; position < positions; position++) {
                for (int i = 0; i < width; i++) {
                    double angle = position / Math.pow(LlamaShape.ROPE_BASE, (i - i % 2) / (double) width);
                    cosines[position * width + i] = (float) Math.cos(angle);
                    sines[position * width + i] = (float) Math.sin(angle);
                }
            }
            // (a, b) times this is (-b, a).
            float[] swap = new float[width * width];
            for (int i = 0; i < width; i += 2) {
                swap[i * width + i + 1] = 1;
                swap[(i + 1) * width + i] = -1;
            }
            return new Rotation(
                    manager.create(cosines, new Shape(positions, width)),
                    manager.create(sines, new Shape(positions, width)),
                    manager.create(swap, new Shape(width, width)));
        }

        NDArray turn(NDArray heads) {
            return heads.mul(cosines).add(heads.matMul(swap).mul(sines));
        }
    }
}
