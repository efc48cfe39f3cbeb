package dev.hart.gpu.sidecar;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The fixed ports of well-known tools, for embedders whose other programs expect them. A sidecar binds any free port unless {@link
 * SidecarSpec#port} says otherwise, so no two of them clash. No two of these do either: OmniParser, which the reference has at 8080
 * like the language model, is at 8082 here.
 */
public enum ToolPort {
    /** A llama-server. */
    LLM("llama-server", 8080, 808, "HART_LLM_PORT"),
    /** MiniCPM. */
    VISION("minicpm", 9891, 989, "HART_VISION_PORT", "HEVOLVE_MINICPM_PORT"),
    /** Where frames of cameras and screens come in. */
    FRAME_SOCKET("", 5460, 546, "HART_WS_PORT", "VISION_WS_PORT"),
    VLM_CAPTION("vlm_caption", 8081, 809, "HART_VLM_CAPTION_PORT", "HEVOLVE_VLM_CAPTION_PORT"),
    DIARIZATION("diarization", 8004, 800, "HART_DIARIZATION_PORT", "HEVOLVE_DIARIZATION_PORT"),
    STT_STREAM("stt_stream", 8005, 801, "HART_STT_STREAM_PORT"),
    LTX2("ltx2", 5002, 0, "HART_LTX2_PORT"),
    ACESTEP("acestep", 8001, 0, "HART_ACESTEP_PORT"),
    OMNIPARSER("omniparser", 8082, 0, "HART_OMNIPARSER_PORT"),
    /** HART's own server. */
    BACKEND("", 6777, 677, "HART_BACKEND_PORT", "HARTOS_BACKEND_PORT");

    private static final int HIGHEST = 65_535;

    private final String tool;
    private final int usual;
    /** 0 when the tool has none. */
    private final int asSystem;

    private final List<String> variables;

    ToolPort(String tool, int usual, int asSystem, String... variables) {
        this.tool = tool;
        this.usual = usual;
        this.asSystem = asSystem;
        this.variables = List.of(variables);
    }

    /** That of a tool as {@link SidecarSpec#known} names it. */
    public static Optional<ToolPort> of(String tool) {
        return Arrays.stream(values())
                .filter(port -> !port.tool.isEmpty() && port.tool.equals(tool))
                .findFirst();
    }

    /** The variables that may say it, the first one that is set and not blank does: HART's name, then those of the reference. */
    public List<String> variables() {
        return variables;
    }

    /**
     * The port: the explicit one, else what a variable says, else the one of a machine whose system HART is, else the usual one.
     *
     * @param explicit 0 to 65535; 0 is any free port
     * @param environment such as {@code System.getenv()}
     * @param osMode whether HART runs as the machine's system, where its ports are below 1024
     * @throws IllegalArgumentException when the explicit port or the variable's is none
     */
    public int number(OptionalInt explicit, Map<String, String> environment, boolean osMode) {
        if (explicit.isPresent()) {
            return require(name() + " port", explicit.getAsInt());
        }
        for (String variable : variables) {
            String value = environment.getOrDefault(variable, "").strip();
            if (!value.isEmpty()) {
                try {
                    return require(variable, Integer.parseInt(value));
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "%s must be a port from 0 to %d, was '%s'".formatted(variable, HIGHEST, value), e);
                }
            }
        }
        return osMode && asSystem != 0 ? asSystem : usual;
    }

    static int require(String name, int port) {
        if (port < 0 || port > HIGHEST) {
            throw new IllegalArgumentException("%s must be from 0 to %d, was %d".formatted(name, HIGHEST, port));
        }
        return port;
    }
}
