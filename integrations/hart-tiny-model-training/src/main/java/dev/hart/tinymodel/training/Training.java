package dev.hart.tinymodel.training;

import dev.hart.tinymodel.training.Corpus.Example;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** Training of one model from its texts. Not thread-safe. */
final class Training implements AutoCloseable {
    static final int VOCABULARY = 512;

    private static final double RATE = 3e-3;
    private static final int WARM_UP = 50;

    private final Corpus corpus;
    private final Vocabulary vocabulary;
    private final LlamaWeights weights;
    private final LlamaNetwork network;
    private final AdamW optimizer = new AdamW();
    private final Random random;
    private final int batchSize;
    private final List<Example> order = new ArrayList<>();
    private float loss = Float.NaN;

    /** Everything that is left to chance follows from {@code seed}. */
    Training(long seed, int batchSize) {
        this.corpus = Corpus.of(seed);
        this.batchSize = batchSize;
        this.random = new Random(seed);
        this.vocabulary = Vocabulary.learn(
                corpus.learned().stream()
                        .flatMap(example -> Stream.of(example.prompt(), example.steps()))
                        .toList(),
                VOCABULARY);
        LlamaShape shape = new LlamaShape(VOCABULARY, 4, 128, 4, 352, 128);
        this.weights = LlamaWeights.initial(shape, seed);
        this.network = new LlamaNetwork(shape);
    }

    /**
     * Trains for {@code steps} batches. The rate rises over the first 50 and then falls along a cosine to a twentieth.
     *
     * @param afterStep called with the number of each step that was done
     */
    void run(int steps, IntConsumer afterStep) {
        for (int step = 1; step <= steps; step++) {
            double rise = Math.min(1, (double) step / WARM_UP);
            double fall = 0.05 + 0.95 * (1 + Math.cos(Math.PI * step / steps)) / 2;
            LlamaNetwork.Lesson lesson = network.learn(weights, nextBatch());
            loss = lesson.loss();
            if (!Float.isFinite(loss)) {
                throw new IllegalStateException("training diverged: the loss of step %d is %f".formatted(step, loss));
            }
            optimizer.step(weights.tensors(), lesson.gradients(), RATE * rise * fall);
            afterStep.accept(step);
        }
    }

    /** Of the last batch, per token, in nats. Cannot go below 0.1 or so: which task comes next is chance. */
    float loss() {
        return loss;
    }

    /** How many answers to the held-out tasks are exactly right. */
    int exactHeldOut() {
        int exact = 0;
        List<Example> heldOut = corpus.heldOut();
        for (int from = 0; from < heldOut.size(); from += batchSize) {
            List<Example> part = heldOut.subList(from, Math.min(heldOut.size(), from + batchSize));
            exact += network.exactAnswers(weights, batch(part));
        }
        return exact;
    }

    Corpus corpus() {
        return corpus;
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    LlamaWeights weights() {
        return weights;
    }

    private Batch nextBatch() {
        List<Example> examples = new ArrayList<>();
        while (examples.size() < batchSize) {
            if (order.isEmpty()) {
                order.addAll(corpus.learned());
                Collections.shuffle(order, random);
            }
            examples.add(order.remove(order.size() - 1));
        }
        return batch(examples);
    }

    private Batch batch(List<Example> examples) {
        return Batch.of(examples, vocabulary, weights.shape().context());
    }

    @Override
    public void close() {
        network.close();
    }
}
