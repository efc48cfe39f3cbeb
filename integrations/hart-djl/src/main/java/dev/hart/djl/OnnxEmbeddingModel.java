package dev.hart.djl;

import ai.djl.Model;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import dev.hart.gpu.runtime.EmbeddingModel;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/** A sentence model of BERT's kind. Calls hold {@code lifetime} for reading, and closing waits for them. */
final class OnnxEmbeddingModel implements EmbeddingModel {
    /** Texts that are computed together: more would need more memory and be no faster. */
    private static final int BATCH = 32;

    private final String name;
    private final Model model;
    private final HuggingFaceTokenizer tokenizer;
    private final Pooling pooling;
    private final List<Function<Encoding, long[]>> inputs;
    private final int dimensions;
    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();
    private boolean closed;

    OnnxEmbeddingModel(String name, Model model, HuggingFaceTokenizer tokenizer, Pooling pooling) {
        this.name = name;
        this.model = model;
        this.tokenizer = tokenizer;
        this.pooling = pooling;
        this.inputs = model.getBlock().describeInput().keys().stream()
                .map(OnnxEmbeddingModel::input)
                .toList();
        this.dimensions = embed("a").length;
    }

    private static Function<Encoding, long[]> input(String wanted) {
        return switch (wanted) {
            case "input_ids" -> Encoding::getIds;
            case "attention_mask" -> Encoding::getAttentionMask;
            case "token_type_ids" -> Encoding::getTypeIds;
            default ->
                throw new IllegalArgumentException(
                        "it asks for the input '%s', which no sentence model has".formatted(wanted));
        };
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int dimensions() {
        return dimensions;
    }

    @Override
    public float[] embed(String text) {
        return embedAll(List.of(text)).get(0);
    }

    @Override
    public List<float[]> embedAll(List<String> texts) {
        lifetime.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("model %s is closed".formatted(name));
            }
            List<float[]> vectors = new ArrayList<>(texts.size());
            for (int from = 0; from < texts.size(); from += BATCH) {
                vectors.addAll(compute(texts.subList(from, Math.min(texts.size(), from + BATCH))));
            }
            return vectors;
        } finally {
            lifetime.readLock().unlock();
        }
    }

    private List<float[]> compute(List<String> texts) {
        Encoding[] encodings = tokenizer.batchEncode(texts);
        int tokens = encodings[0].getIds().length;
        try (NDManager manager = model.getNDManager().newSubManager();
                Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator(null))) {
            NDList arrays = new NDList();
            for (Function<Encoding, long[]> input : inputs) {
                long[] block = Arrays.stream(encodings)
                        .flatMapToLong(encoding -> Arrays.stream(input.apply(encoding)))
                        .toArray();
                arrays.add(manager.create(block, new Shape(texts.size(), tokens)));
            }
            NDList outputs = predictor.predict(arrays);
            try (NDArray output = outputs.get(0)) {
                return vectors(output, encodings, tokens);
            } finally {
                outputs.close();
            }
        } catch (TranslateException e) {
            throw new ModelException(Kind.UNREADABLE, "model %s failed".formatted(name), null, e);
        }
    }

    private List<float[]> vectors(NDArray output, Encoding[] encodings, int tokens) {
        Shape shape = output.getShape();
        int width = (int) shape.get(shape.dimension() - 1);
        float[] numbers = output.toFloatArray();
        List<float[]> vectors = new ArrayList<>(encodings.length);
        for (int text = 0; text < encodings.length; text++) {
            float[] vector = new float[width];
            long[] mask = encodings[text].getAttentionMask();
            // Two dimensions: the model has pooled already.
            int counted = shape.dimension() == 2 || pooling == Pooling.FIRST ? 1 : tokens;
            int perText = shape.dimension() == 2 ? 1 : tokens;
            for (int token = 0; token < counted; token++) {
                int at = (text * perText + token) * width;
                for (int i = 0; mask[token] != 0 && i < width; i++) {
                    vector[i] += numbers[at + i];
                }
            }
            vectors.add(toLengthOne(vector));
        }
        return vectors;
    }

    private static float[] toLengthOne(float[] vector) {
        double sum = 0;
        for (float number : vector) {
            sum += (double) number * number;
        }
        float scale = sum == 0 ? 0 : (float) (1 / Math.sqrt(sum));
        for (int i = 0; i < vector.length; i++) {
            vector[i] *= scale;
        }
        return vector;
    }

    @Override
    public void close() {
        lifetime.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                model.close();
                tokenizer.close();
            }
        } finally {
            lifetime.writeLock().unlock();
        }
    }
}
