package dev.hart.gpu.library;

import dev.hart.gpu.catalogue.EngineCheck;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.runtime.ModelRuntime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The engines on the path, as a choice asks for them. Thread-safe. */
final class InstalledEngines implements EngineCheck {
    /** What an entry of backend {@code in_process} names its engine in. */
    private static final String ENGINE = "engine";

    private static final Map<String, String> MODULES = Map.of(
            "llama.cpp", "hart-llama-cpp", "djl-onnx", "hart-djl", "sphinx4", "hart-speech", "freetts", "hart-speech");

    private final Predicate<String> hasLoader;
    private @Nullable List<ModelRuntime> installed;

    /** @param hasLoader whether somebody has registered a loader for a model of that id */
    InstalledEngines(Predicate<String> hasLoader) {
        this.hasLoader = hasLoader;
    }

    static String engineOf(ModelEntry entry) {
        return switch (entry.backend()) {
            case ONNX, DJL -> "djl-onnx";
            case IN_PROCESS ->
                entry.capabilities().get(ENGINE) instanceof String name
                        ? name
                        : entry.backend().wireName();
            case LLAMA_CPP, TORCH, PIPER, API, SIDECAR -> entry.backend().wireName();
        };
    }

    private synchronized List<ModelRuntime> installed() {
        if (installed == null) {
            installed = ModelRuntime.installed();
        }
        return installed;
    }

    @Override
    public Optional<String> problem(ModelEntry entry) {
        if (hasLoader.test(entry.id())) {
            return Optional.empty();
        }
        String name = engineOf(entry);
        Optional<ModelRuntime> engine = installed().stream()
                .filter(runtime -> runtime.name().equals(name))
                .findFirst();
        if (engine.isEmpty()) {
            return Optional.of("no engine here: " + missing(entry, name));
        }
        if (!engine.get().types().contains(entry.type())) {
            return Optional.of("no engine here: %s loads models of type %s, and HART has none of type %s for %s"
                    .formatted(
                            name,
                            engine.get().types().stream()
                                    .map(ModelType::wireName)
                                    .sorted()
                                    .collect(Collectors.joining(", ")),
                            entry.type().wireName(),
                            entry.backend().wireName()));
        }
        return engine.get().unavailable().map(why -> "its engine %s cannot run here: %s".formatted(name, why));
    }

    private static String missing(ModelEntry entry, String name) {
        String module = MODULES.get(name);
        boolean loads = switch (name) {
            case "djl-onnx" -> entry.type() == ModelType.EMBEDDING;
            case "llama.cpp" -> entry.type() == ModelType.LLM;
            default -> true;
        };
        if (module != null && loads) {
            return "add " + module;
        }
        return "HART has none for %s models of backend %s; register a loader of your own with Models.register('%s', …)"
                .formatted(entry.type().wireName(), entry.backend().wireName(), entry.id());
    }
}
