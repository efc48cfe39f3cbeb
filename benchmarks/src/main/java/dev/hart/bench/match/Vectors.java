package dev.hart.bench.match;

import dev.hart.core.match.SentenceVectors;
import dev.hart.spi.SentenceEmbedder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The vectors of an embedder, each made once. */
final class Vectors implements SentenceVectors {
    private final SentenceEmbedder embedder;
    private final Map<String, float[]> made = new ConcurrentHashMap<>();

    Vectors(SentenceEmbedder embedder) {
        this.embedder = embedder;
    }

    @Override
    public int dimensions() {
        return embedder.dimensions();
    }

    @Override
    public List<float[]> of(List<String> sentences) {
        return sentences.stream().map(this::ofRequest).toList();
    }

    @Override
    public float[] ofRequest(String sentence) {
        return made.computeIfAbsent(sentence, embedder::embed);
    }
}
