package dev.hart.gpu.runtime;

import java.util.List;

/** A model that turns a text into a vector, so that texts of like meaning have vectors of like direction. */
public non-sealed interface EmbeddingModel extends LoadedModel {
    /** The length of each vector. */
    int dimensions();

    /** The vector of {@code text}, of length 1. What is longer than the model reads is cut off. */
    float[] embed(String text);

    /** One vector for each text, in their order; the same as {@link #embed} gives up to rounding, and faster for many. */
    List<float[]> embedAll(List<String> texts);
}
