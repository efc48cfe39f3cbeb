package dev.hart.core;

import dev.hart.spi.SentenceEmbedder;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The sentence embedder on the class path or module path, if there is one. */
final class FoundEmbedder {
    private FoundEmbedder() {}

    static @Nullable SentenceEmbedder find() {
        return ServiceLoader.load(SentenceEmbedder.class, FoundEmbedder.class.getClassLoader())
                .findFirst()
                .or(() -> ServiceLoader.load(SentenceEmbedder.class).findFirst())
                .orElse(null);
    }
}
