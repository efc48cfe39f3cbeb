package dev.hart.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.spi.LanguageModelProvider;
import dev.hart.spi.LanguageModelProvider.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiCompatibleModelProviderTest {
    private static String nameOf(String baseUrl, String key) {
        return new OpenAiCompatibleModelProvider()
                .create(new Settings("m", baseUrl == null ? null : URI.create(baseUrl), key))
                .name();
    }

    @Test
    void itIsFoundOnTheClassPathAndOnTheModulePath() throws IOException {
        String provider = OpenAiCompatibleModelProvider.class.getName();
        try (InputStream services = OpenAiCompatibleModelProvider.class.getResourceAsStream(
                "/META-INF/services/" + LanguageModelProvider.class.getName())) {
            assertThat(services).hasContent(provider);
        }
        ModuleDescriptor module =
                OpenAiCompatibleModelProvider.class.getModule().getDescriptor();
        assertThat(module)
                .as("run on the class path: nothing to see of the module")
                .isNotNull();
        assertThat(module.provides()).singleElement().satisfies(provides -> {
            assertThat(provides.service()).isEqualTo(LanguageModelProvider.class.getName());
            assertThat(provides.providers()).containsExactly(provider);
        });
    }

    @Test
    void theNameSaysWhereTheModelIs() {
        assertThat(nameOf(null, "sk-1")).isEqualTo("openai/m");
        assertThat(nameOf("https://models.example.com/v1", null)).isEqualTo("models.example.com/m");
        assertThat(nameOf("http://localhost:11434/v1", null)).isEqualTo("localhost:11434/m");
    }

    @Test
    void openAiItselfNeedsAKey() {
        assertThatThrownBy(() -> nameOf(null, null))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessage("OpenAI needs a key: set HART_MODEL_API_KEY, or set HART_MODEL_BASE_URL to an endpoint that"
                        + " needs none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:11434/v1",
                "ftp://host/v1",
                "/v1",
                "http:///v1",
                "http://user:secret@host/v1",
                "http://host/v1?key=secret",
                "http://host/v1#a"
            })
    void anAddressThatCannotBeUsedIsRefusedWithoutRepeatingIt(String baseUrl) {
        assertThatThrownBy(() -> nameOf(baseUrl, null))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageStartingWith("HART_MODEL_BASE_URL must be an http or https address")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "sk 1", "sk-1\n", "sk-1\r\nX: y", "schlüssel"})
    void aKeyThatIsNoneIsRefusedWithoutRepeatingIt(String key) {
        assertThatThrownBy(() -> nameOf("http://localhost/v1", key))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageStartingWith("HART_MODEL_API_KEY is empty or has characters that no key has");
    }

    @Test
    void aBlankModelIsRefused() {
        assertThatThrownBy(() -> new OpenAiCompatibleModelProvider().create(new Settings(" ", null, "sk-1")))
                .isInstanceOf(InvalidConfigurationException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "7, PT7S",
        "0, PT0S",
        "999999999, PT24H",
        "-1,",
        "1.5,",
        "soon,",
        "'Fri, 27 Feb 2026 10:00:30 GMT', PT30S",
        "'Fri, 27 Feb 2026 09:59:59 GMT',",
    })
    void retryAfterIsSecondsOrADate(String value, Duration expected) {
        HttpHeaders headers = HttpHeaders.of(
                Map.of("Retry-After", List.of(value), "Date", List.of("Fri, 27 Feb 2026 10:00:00 GMT")),
                (name, text) -> true);
        assertThat(ProviderHttpClient.retryAfter(headers)).isEqualTo(expected);
    }
}
