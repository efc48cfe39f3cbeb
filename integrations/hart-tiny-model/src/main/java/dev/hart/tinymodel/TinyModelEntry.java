package dev.hart.tinymodel;

import dev.hart.gpu.catalogue.CatalogueProvider;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelBackend;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelSource;
import dev.hart.gpu.catalogue.ModelType;
import java.util.List;
import java.util.Map;

/** The tiny model as an entry of every catalogue, where {@code hart-gpu} is on the path; this jar works without it, too. */
public final class TinyModelEntry implements CatalogueProvider {
    /** {@value}. */
    public static final String ID = "llm-hart-tiny";

    private static final String FILE = "hart-tiny/hart-tiny.gguf";
    private static final long MIB = 1L << 20;

    /** For {@link java.util.ServiceLoader}. */
    public TinyModelEntry() {}

    /** One entry; its quality is what it is worth outside of the tasks that it was made for. */
    @Override
    public List<ModelEntry> entries() {
        return List.of(ModelEntry.of(ID, "HART tiny", ModelType.LLM)
                .source(ModelSource.CLASSPATH)
                .file(FILE)
                .sha256(Map.of(FILE, TinyModel.SHA_256))
                .backend(ModelBackend.LLAMA_CPP)
                .supportsGpu(false)
                .ramBytes(64 * MIB)
                .diskBytes(2 * MIB)
                .minTier(MachineTier.EMBEDDED)
                .quality(0.02)
                .speed(0.99)
                .languages("en")
                .tags(List.of("test"))
                .build());
    }
}
