package dev.hart.gpu.model;

import dev.hart.gpu.LeasePriority;
import dev.hart.gpu.settings.Environment;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * How a model is kept. Begin with {@link #defaults} or {@link #of} and name what differs. Immutable.
 *
 * @param idleTimeout without use for longer than this it is unloaded; longer than zero
 * @param offloads whether it may be moved off the GPU, in part or whole, when memory runs short. Its {@link
 *     dev.hart.gpu.ModelRequirement} says what it needs there
 * @param pinned whether it stays loaded whatever happens, until somebody unloads it
 * @param onProcessor whether it never goes to a GPU: its {@code peakBytes} are the machine's memory then
 * @param priority of its lease
 * @param tenant of its lease
 * @param longestWait how long it may wait for memory; 0 to 7 days
 * @param restarts what happens when it crashes
 */
public record ModelSettings(
        Duration idleTimeout,
        boolean offloads,
        boolean pinned,
        boolean onProcessor,
        LeasePriority priority,
        String tenant,
        Duration longestWait,
        RestartPolicy restarts) {
    private static final ModelSettings DEFAULTS = new ModelSettings(
            Duration.ofSeconds(300),
            false,
            false,
            false,
            LeasePriority.NORMAL,
            "local",
            Duration.ofSeconds(60),
            RestartPolicy.DEFAULT);

    public ModelSettings {
        if (idleTimeout.isZero() || idleTimeout.isNegative()) {
            throw new IllegalArgumentException("idleTimeout must be longer than zero, was " + idleTimeout);
        }
    }

    /** Five minutes until it is idle, not off-loaded, not pinned. */
    public static ModelSettings defaults() {
        return DEFAULTS;
    }

    /** What suits a well-known tool; the defaults for any other. */
    public static ModelSettings of(String tool) {
        return switch (tool) {
            case "whisper", "omniparser", "mobilevlm" ->
                DEFAULTS.idleTimeout(300).offloads(true);
            case "tts_audio_suite", "ltx2" -> DEFAULTS.idleTimeout(600).offloads(true);
            case "minicpm" -> DEFAULTS.idleTimeout(900);
            case "wan2gp", "acestep" -> DEFAULTS.idleTimeout(600);
            case "clip", "sentence_transformers" -> DEFAULTS.idleTimeout(180).offloads(true);
            default -> DEFAULTS;
        };
    }

    /**
     * What suits a tool, with the idle timeout that {@code HEVOLVE_<TOOL>_IDLE_TIMEOUT} says, in seconds.
     *
     * @param environment such as {@link System#getenv()}
     * @throws IllegalArgumentException when the variable is no number above 0
     */
    public static ModelSettings of(String tool, Map<String, String> environment) {
        ModelSettings settings = of(tool);
        String variable = "HEVOLVE_" + tool.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_") + "_IDLE_TIMEOUT";
        Double seconds = Environment.number(environment, variable, 0.001, 7 * 86_400.0);
        return seconds == null ? settings : settings.withIdleTimeout(Duration.ofMillis(Math.round(seconds * 1000)));
    }

    private ModelSettings idleTimeout(long seconds) {
        return withIdleTimeout(Duration.ofSeconds(seconds));
    }

    public ModelSettings withIdleTimeout(Duration timeout) {
        return new ModelSettings(timeout, offloads, pinned, onProcessor, priority, tenant, longestWait, restarts);
    }

    public ModelSettings offloads(boolean may) {
        return new ModelSettings(idleTimeout, may, pinned, onProcessor, priority, tenant, longestWait, restarts);
    }

    public ModelSettings pinned(boolean stays) {
        return new ModelSettings(idleTimeout, offloads, stays, onProcessor, priority, tenant, longestWait, restarts);
    }

    public ModelSettings onProcessor(boolean only) {
        return new ModelSettings(idleTimeout, offloads, pinned, only, priority, tenant, longestWait, restarts);
    }

    public ModelSettings withPriority(LeasePriority leasePriority) {
        return new ModelSettings(
                idleTimeout, offloads, pinned, onProcessor, leasePriority, tenant, longestWait, restarts);
    }

    public ModelSettings withTenant(String name) {
        return new ModelSettings(idleTimeout, offloads, pinned, onProcessor, priority, name, longestWait, restarts);
    }

    public ModelSettings withLongestWait(Duration longest) {
        return new ModelSettings(idleTimeout, offloads, pinned, onProcessor, priority, tenant, longest, restarts);
    }

    public ModelSettings withRestarts(RestartPolicy policy) {
        return new ModelSettings(idleTimeout, offloads, pinned, onProcessor, priority, tenant, longestWait, policy);
    }
}
