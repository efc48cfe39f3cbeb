package dev.hart.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.MissingModuleException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentModelTest {
    @Test
    void withoutHartModelThereIsNone() {
        assertThat(EnvironmentModel.find(Map.of())).isNull();
        assertThat(EnvironmentModel.find(Map.of("HART_MODEL", "  ", "HART_MODEL_API_KEY", "k")))
                .isNull();
    }

    @Test
    void hartModelWithoutAModuleThatCallsItNamesTheDependency() {
        assertThatThrownBy(() -> EnvironmentModel.find(Map.of("HART_MODEL", "gpt", "HART_MODEL_API_KEY", "sk-hidden")))
                .isInstanceOf(MissingModuleException.class)
                .hasMessageContaining("dev.hart:hart-langchain4j")
                .hasMessageContaining("dev.hart:hart-llama-cpp for a GGUF file")
                .hasMessageNotContaining("sk-hidden");
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        assertThatThrownBy(
                        () -> EnvironmentModel.find(Map.of("HART_MODEL", "gpt", "HART_MODEL_BASE_URL", "http://a b")))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("HART_MODEL_BASE_URL");
    }
}
