package dev.hart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.MissingModuleException;
import dev.hart.spi.HaltSwitch;
import dev.hart.spi.TaskKeeper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HartBuilderTest {
    @Test
    void withoutHartCoreTheDependencyIsNamed() {
        assertThatThrownBy(Hart::create)
                .isInstanceOf(MissingModuleException.class)
                .hasMessage("Hart.create() needs hart-core: add the dependency dev.hart:hart-core to your build");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://host", "host/path", "user@host", "a b", "", "host:port", "host?x"})
    void aHostIsANameWithOrWithoutAPort(String host) {
        assertThatThrownBy(() -> Hart.configure().allowHost(host))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("host:port");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:mysql://host/hart?password=hush", "postgresql://ann:hush@host/hart", ""})
    void aDatabaseIsOneOfPostgresAndARefusalKeepsItsSecret(String url) {
        assertThatThrownBy(() -> Hart.configure().database(url))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("jdbc:postgresql://localhost:5432/hart")
                .hasMessageNotContaining("hush");
    }

    @Test
    void theTextOfAConfigurationHasNoPassword() {
        HartConfig config = new HartConfig(
                Path.of("data"),
                "jdbc:postgresql://host/hart?user=ann&password=hush",
                Path.of("work"),
                Set.of(),
                true,
                null,
                true,
                List.of(),
                null,
                List.of(),
                HartClock.system(),
                1,
                Duration.ofMinutes(30),
                true,
                null,
                HaltSwitch.none(),
                List.of(),
                null,
                null,
                Map.of(),
                List.of(),
                TaskKeeper.threads());
        assertThat(config)
                .hasToString("HartConfig[dataDirectory=data, database=jdbc:postgresql://host/hart, workspace=work]");
    }

    @Test
    void goodSettingsAreTakenAndParallelismIsAtLeastOne() {
        HartBuilder builder = Hart.configure();
        assertThat(builder.allowHost("API.example.com:8443")
                        .allowHost("localhost")
                        .parallelism(1))
                .isSameAs(builder);
        assertThatThrownBy(() -> builder.parallelism(0)).hasMessageContaining("at least 1");
    }

    @Test
    void theTimeOfARunIsLongerThanZero() {
        for (Duration bad : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
            assertThatThrownBy(() -> Hart.configure().runTimeout(bad))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessage("runTimeout must be longer than zero, was " + bad);
        }
        Hart.configure().runTimeout(Duration.ofNanos(1));
    }
}
