package dev.hart.embeddings;

import dev.hart.gpu.catalogue.CatalogueProvider;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelBackend;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelSource;
import dev.hart.gpu.catalogue.ModelType;
import java.util.List;
import java.util.Map;

/**
 * The sentence model of this module as an entry of every catalogue, where {@code hart-gpu} is on the path; {@code hart-djl} runs
 * it there. Recipes are matched by {@link BgeSmallEmbedder}, which needs neither.
 */
public final class BgeSmallEntry implements CatalogueProvider {
    /** {@value}. */
    public static final String ID = "embedding-bge-small-en-v1.5-q";

    private static final String MODEL = "bge-small-en-v1.5-q.onnx";
    private static final String TOKENIZER = "bge-small-en-v1.5-q-tokenizer.json";
    private static final String POOLING = "bge-small-en-v1.5-q-pooling.json";
    private static final long MIB = 1L << 20;

    /** For {@link java.util.ServiceLoader}. */
    public BgeSmallEntry() {}

    @Override
    public List<ModelEntry> entries() {
        return List.of(ModelEntry.of(ID, "BGE small English 1.5, 8 bits", ModelType.EMBEDDING)
                .version("1.5")
                .source(ModelSource.CLASSPATH)
                .files(Map.of("model", MODEL, "tokenizer", TOKENIZER, "pooling", POOLING))
                .sha256(Map.of(
                        MODEL, "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4",
                        TOKENIZER, "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"))
                .backend(ModelBackend.DJL)
                .supportsGpu(false)
                .ramBytes(128 * MIB)
                .diskBytes(34 * MIB)
                .minTier(MachineTier.OBSERVER)
                .quality(0.62)
                .speed(0.9)
                .languages("en")
                .build());
    }
}
