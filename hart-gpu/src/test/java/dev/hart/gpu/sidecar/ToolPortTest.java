package dev.hart.gpu.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToolPortTest {
    private static final OptionalInt NONE = OptionalInt.empty();

    /** One row of the table: explicit, then HART's variable, then the system's port, then the usual one. */
    @ParameterizedTest
    @CsvSource({
        "LLM, HART_LLM_PORT, 808, 8080",
        "VISION, HART_VISION_PORT, 989, 9891",
        "FRAME_SOCKET, HART_WS_PORT, 546, 5460",
        "VLM_CAPTION, HART_VLM_CAPTION_PORT, 809, 8081",
        "DIARIZATION, HART_DIARIZATION_PORT, 800, 8004",
        "STT_STREAM, HART_STT_STREAM_PORT, 801, 8005",
        "LTX2, HART_LTX2_PORT, 5002, 5002",
        "ACESTEP, HART_ACESTEP_PORT, 8001, 8001",
        "OMNIPARSER, HART_OMNIPARSER_PORT, 8082, 8082",
        "BACKEND, HART_BACKEND_PORT, 677, 6777",
    })
    void thePortIsTheExplicitOneThenTheVariablesThenTheSystemsThenTheUsualOne(
            ToolPort port, String variable, int asSystem, int usual) {
        Map<String, String> said = Map.of(variable, " 12345 ");
        assertThat(port.variables()).startsWith(variable);
        assertThat(port.number(OptionalInt.of(0), said, true)).isZero();
        assertThat(port.number(OptionalInt.of(65_535), said, true)).isEqualTo(65_535);
        assertThat(port.number(NONE, said, true)).isEqualTo(12_345);
        assertThat(port.number(NONE, Map.of(variable, " "), true)).isEqualTo(asSystem);
        assertThat(port.number(NONE, Map.of(), true)).isEqualTo(asSystem);
        assertThat(port.number(NONE, Map.of(), false)).isEqualTo(usual);
    }

    @ParameterizedTest
    @CsvSource({
        "VISION, HEVOLVE_MINICPM_PORT",
        "FRAME_SOCKET, VISION_WS_PORT",
        "VLM_CAPTION, HEVOLVE_VLM_CAPTION_PORT",
        "DIARIZATION, HEVOLVE_DIARIZATION_PORT",
        "BACKEND, HARTOS_BACKEND_PORT",
    })
    void theReferencesNamesCountAfterHarts(ToolPort port, String old) {
        assertThat(port.number(NONE, Map.of(old, "7"), false)).isEqualTo(7);
        assertThat(port.number(NONE, Map.of(old, "7", port.variables().get(0), "8"), false))
                .isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noTwoToolsHaveTheSamePort(boolean osMode) {
        List<Integer> numbers = Arrays.stream(ToolPort.values())
                .map(port -> port.number(NONE, Map.of(), osMode))
                .toList();
        assertThat(numbers).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 'HART_LLM_PORT must be from 0 to 65535, was -1'",
        "65536, 'HART_LLM_PORT must be from 0 to 65535, was 65536'",
        "http, 'HART_LLM_PORT must be a port from 0 to 65535, was ''http'''"
    })
    void whatIsNoPortIsRefusedByName(String value, String message) {
        assertThatThrownBy(() -> ToolPort.LLM.number(NONE, Map.of("HART_LLM_PORT", value), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aSpecMayHaveTheFixedPortOfItsTool() {
        SidecarSpec llama = SidecarSpec.known("llama-server", List.of("llama-server"));
        assertThat(llama.port()).isZero();
        assertThat(llama.fixedPort(Map.of(), false).port()).isEqualTo(8080);
        assertThat(SidecarSpec.known("omniparser", List.of("omniparser"))
                        .fixedPort(Map.of(), false)
                        .port())
                .isEqualTo(8082);
        assertThat(llama.fixedPort(Map.of("HART_LLM_PORT", "9000"), true).port())
                .isEqualTo(9000);
        assertThatThrownBy(() -> SidecarSpec.of("mine", List.of("mine")).fixedPort(Map.of(), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tool 'mine' has no fixed port: name one with port(…)");
    }
}
