package dev.hart.core.match;

import java.util.List;

/** Where the vectors of sentences come from: made now, or kept from an earlier time. Thread-safe. */
public interface SentenceVectors {

    int dimensions();

    /** The vectors of some sentences that will be asked for again, in their order. */
    List<float[]> of(List<String> sentences);

    /** The vector of a request, which is not kept. */
    float[] ofRequest(String sentence);
}
