package dev.hart.langchain4j;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.model.LanguageModel;
import dev.hart.model.ModelPrice;
import dev.hart.spi.LanguageModelProvider;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Models behind any endpoint that speaks OpenAI's chat-completions format: OpenAI itself, or a server such as Ollama,
 * llama.cpp or vLLM. Found by {@link java.util.ServiceLoader}; opens no connection before the first call, and logs neither
 * requests nor answers.
 */
public final class OpenAiCompatibleModelProvider implements LanguageModelProvider {
    private static final URI OPENAI = URI.create("https://api.openai.com/v1");
    private static final Set<String> SCHEMES = Set.of("http", "https");

    /** For {@link java.util.ServiceLoader}. */
    public OpenAiCompatibleModelProvider() {}

    /** All but the file of a model that runs in this process. */
    @Override
    public boolean accepts(Settings settings) {
        return settings.baseUrl() != null || !settings.model().endsWith(".gguf");
    }

    @Override
    public LanguageModel create(Settings settings) {
        check(settings);
        String baseUrl = (settings.baseUrl() == null ? OPENAI : settings.baseUrl()).toString();
        HttpClientBuilder http = new ProviderHttpClient().asBuilder();
        Backend backend = new Backend(
                chat(settings, baseUrl, http, false),
                chat(settings, baseUrl, http, true),
                streaming(settings, baseUrl, http, false),
                streaming(settings, baseUrl, http, true),
                settings.baseUrl() == null);
        return new LangChain4jModel(backend, host(settings.baseUrl()) + "/" + settings.model(), ModelPrice.FREE);
    }

    private static OpenAiChatModel chat(Settings settings, String baseUrl, HttpClientBuilder http, boolean strict) {
        return OpenAiChatModel.builder()
                .httpClientBuilder(http)
                .baseUrl(baseUrl)
                .apiKey(settings.apiKey())
                .modelName(settings.model())
                .strictJsonSchema(strict)
                .maxRetries(0)
                .logRequests(false)
                .logResponses(false)
                .build();
    }

    private static OpenAiStreamingChatModel streaming(
            Settings settings, String baseUrl, HttpClientBuilder http, boolean strict) {
        return OpenAiStreamingChatModel.builder()
                .httpClientBuilder(http)
                .baseUrl(baseUrl)
                .apiKey(settings.apiKey())
                .modelName(settings.model())
                .strictJsonSchema(strict)
                .logRequests(false)
                .logResponses(false)
                .build();
    }

    private static void check(Settings settings) {
        if (settings.model().isBlank()) {
            throw new InvalidConfigurationException("HART_MODEL is blank; set it to the model's name at its provider");
        }
        String key = settings.apiKey();
        if (key != null && (key.isEmpty() || key.chars().anyMatch(c -> c <= ' ' || c > '~'))) {
            throw new InvalidConfigurationException(
                    "HART_MODEL_API_KEY is empty or has characters that no key has, such as a space or a line break;"
                            + " set it to the key alone, or unset it");
        }
        URI baseUrl = settings.baseUrl();
        if (baseUrl == null) {
            if (key == null) {
                throw new InvalidConfigurationException("OpenAI needs a key: set HART_MODEL_API_KEY, or set"
                        + " HART_MODEL_BASE_URL to an endpoint that needs none");
            }
            return;
        }
        String scheme = baseUrl.getScheme();
        if (scheme == null
                || !SCHEMES.contains(scheme.toLowerCase(Locale.ROOT))
                || baseUrl.getHost() == null
                || baseUrl.getRawUserInfo() != null
                || baseUrl.getRawQuery() != null
                || baseUrl.getRawFragment() != null) {
            throw new InvalidConfigurationException("HART_MODEL_BASE_URL must be an http or https address without user,"
                    + " query and fragment, such as http://localhost:11434/v1");
        }
    }

    private static String host(@Nullable URI baseUrl) {
        if (baseUrl == null) {
            return "openai";
        }
        return baseUrl.getPort() < 0 ? baseUrl.getHost() : baseUrl.getHost() + ":" + baseUrl.getPort();
    }
}
