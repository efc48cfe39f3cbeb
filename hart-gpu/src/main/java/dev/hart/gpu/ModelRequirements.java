package dev.hart.gpu;

import static dev.hart.gpu.Sizes.gib;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known about models' memory, by name. Begins with figures for well-known ones: where sources differ, the largest of each
 * kind. Thread-safe.
 */
public final class ModelRequirements {
    private final Map<String, ModelRequirement> byName = new ConcurrentHashMap<>();

    /** With the figures that HART knows. */
    public static ModelRequirements known() {
        ModelRequirements known = new ModelRequirements();
        known.onGpu("acestep", 6.0, 6.0);
        known.onGpu("wan2gp", 8.0, 8.0);
        known.onGpu("minicpm", 6.0, 4.0);
        known.onGpu("qwen3vl", 4.0, 4.0);
        known.anywhere("qwen08b", 0.5, 0.5, 0.8);
        known.anywhere("ltx2", 6.0, 4.0, 8.0);
        known.anywhere("whisper", 2.0, 1.5, 0.5);
        known.anywhere("whisper_base", 0.5, 0.2, 0.5);
        known.anywhere("whisper_medium", 2.0, 1.5, 2.0);
        known.anywhere("whisper_large", 4.0, 3.0, 4.0);
        known.anywhere("tts_audio_suite", 4.0, 4.0, 2.0);
        known.onGpu("tts_chatterbox_turbo", 5.6, 4.0);
        known.onGpu("tts_chatterbox_ml", 14.0, 12.0);
        known.onGpu("tts_cosyvoice3", 6.0, 6.0);
        known.onGpu("tts_f5", 4.0, 4.0);
        known.onGpu("tts_indic_parler", 8.0, 8.0);
        known.anywhere("ollama_7b_q4", 4.5, 4.5, 5.0);
        known.anywhere("ollama_13b_q4", 8.0, 8.0, 9.0);
        return known;
    }

    /** With none. */
    public static ModelRequirements empty() {
        return new ModelRequirements();
    }

    private ModelRequirements() {}

    private void onGpu(String name, double peak, double resident) {
        put(new ModelRequirement(name, gib(peak), gib(resident), 0, 0));
    }

    private void anywhere(String name, double peak, double resident, double ram) {
        put(new ModelRequirement(name, gib(peak), gib(resident), gib(resident) / 2, gib(ram)));
    }

    /** In place of what was known under that name. */
    public void put(ModelRequirement requirement) {
        byName.put(requirement.name(), requirement);
    }

    public Optional<ModelRequirement> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public Collection<ModelRequirement> all() {
        return byName.values().stream()
                .sorted(java.util.Comparator.comparing(ModelRequirement::name))
                .toList();
    }
}
