package dev.hart.spi;

import dev.hart.model.LanguageModel;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Makes a model from the settings {@code HART_MODEL}, {@code HART_MODEL_BASE_URL} and {@code HART_MODEL_API_KEY}. */
public interface LanguageModelProvider {
    /**
     * Whether these settings name a model of this kind; yes unless overridden. With several providers, the first that says yes makes
     * the model. Looks at the settings only.
     */
    default boolean accepts(Settings settings) {
        return true;
    }

    /**
     * Must not call the model.
     *
     * @throws dev.hart.error.InvalidConfigurationException when a setting cannot be used
     */
    LanguageModel create(Settings settings);

    /**
     * @param model the model's name at its provider
     * @param baseUrl of an OpenAI-compatible endpoint; null for the provider's own
     * @param apiKey null when the endpoint needs none
     */
    record Settings(
            String model, @Nullable URI baseUrl, @Nullable String apiKey) {
        /** Without the key. */
        @Override
        public String toString() {
            return "Settings[model=" + model + ", baseUrl=" + baseUrl + ", apiKey=" + (apiKey == null ? "none" : "***")
                    + "]";
        }
    }
}
