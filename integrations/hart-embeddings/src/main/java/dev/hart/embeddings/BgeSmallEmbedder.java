package dev.hart.embeddings;

import dev.hart.spi.SentenceEmbedder;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15q.BgeSmallEnV15QuantizedEmbeddingModel;

/**
 * BGE small for English, version 1.5, in eight bits: a model of the size of MiniLM (12 layers, 384 numbers) that comes with its
 * jar and runs on ONNX Runtime. It takes 24 MB and some milliseconds a sentence, and is loaded with the first one. Thread-safe.
 */
public final class BgeSmallEmbedder implements SentenceEmbedder {
    private static final int DIMENSIONS = 384;

    /** One model for the process: it has no state, and each copy would take its memory again. */
    private static final class Loaded {
        static final EmbeddingModel MODEL = new BgeSmallEnV15QuantizedEmbeddingModel();
    }

    /** For {@link java.util.ServiceLoader}; loads nothing yet. */
    public BgeSmallEmbedder() {}

    @Override
    public String modelId() {
        return "bge-small-en-v1.5-q";
    }

    @Override
    public int dimensions() {
        return DIMENSIONS;
    }

    @Override
    public float[] embed(String sentence) {
        return Loaded.MODEL.embed(sentence).content().vector();
    }
}
