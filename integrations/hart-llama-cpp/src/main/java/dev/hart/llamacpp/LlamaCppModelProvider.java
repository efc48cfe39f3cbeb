package dev.hart.llamacpp;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.LocalLanguageModel;
import dev.hart.gpu.runtime.Weights;
import dev.hart.model.LanguageModel;
import dev.hart.spi.LanguageModelProvider;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The model of a GGUF file, for {@code HART_MODEL=/models/some.gguf}. It is loaded with its first call, on the processor, and stays
 * loaded as long as the process. Found by {@link java.util.ServiceLoader}.
 */
public final class LlamaCppModelProvider implements LanguageModelProvider {
    /** For {@link java.util.ServiceLoader}. */
    public LlamaCppModelProvider() {}

    @Override
    public boolean accepts(Settings settings) {
        return settings.baseUrl() == null && LlamaCppRuntime.isGguf(settings.model());
    }

    @Override
    public LanguageModel create(Settings settings) {
        Path file = Path.of(settings.model());
        if (!Files.isRegularFile(file)) {
            throw new InvalidConfigurationException(
                    "HART_MODEL names the model file %s, and there is none; check the path"
                            .formatted(file.toAbsolutePath()));
        }
        return new LocalLanguageModel(
                LlamaCppRuntime.NAME + "/" + file.getFileName(),
                () -> new LlamaCppRuntime().load(Weights.file(file), LoadOptions.onCpu()));
    }
}
