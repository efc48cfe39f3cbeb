package dev.hart.core;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.MissingModuleException;
import dev.hart.model.LanguageModel;
import dev.hart.spi.LanguageModelProvider;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The model that {@code HART_MODEL}, {@code HART_MODEL_BASE_URL} and {@code HART_MODEL_API_KEY} name. */
final class EnvironmentModel {
    private EnvironmentModel() {}

    /**
     * The model, or null when {@code HART_MODEL} is not set.
     *
     * @throws MissingModuleException when it is set and no module can make it
     */
    static @Nullable LanguageModel find(Map<String, String> environment) {
        String name = environment.getOrDefault("HART_MODEL", "").strip();
        if (name.isEmpty()) {
            return null;
        }
        String url = environment.getOrDefault("HART_MODEL_BASE_URL", "").strip();
        String key = environment.getOrDefault("HART_MODEL_API_KEY", "").strip();
        LanguageModelProvider.Settings settings =
                new LanguageModelProvider.Settings(name, url.isEmpty() ? null : uri(url), key.isEmpty() ? null : key);
        return provider(
                        ServiceLoader.load(LanguageModelProvider.class, EnvironmentModel.class.getClassLoader()),
                        settings)
                .or(() -> provider(ServiceLoader.load(LanguageModelProvider.class), settings))
                .orElseThrow(() -> new MissingModuleException("HART_MODEL is set to '" + name
                        + "', but no module can call it: add the dependency dev.hart:hart-langchain4j"
                        + " (dev.hart:hart-llama-cpp for a GGUF file), or unset HART_MODEL"))
                .create(settings);
    }

    private static Optional<LanguageModelProvider> provider(
            ServiceLoader<LanguageModelProvider> providers, LanguageModelProvider.Settings settings) {
        return providers.stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.accepts(settings))
                .findFirst();
    }

    private static URI uri(String url) {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationException("HART_MODEL_BASE_URL is no URL: " + url, e);
        }
    }
}
