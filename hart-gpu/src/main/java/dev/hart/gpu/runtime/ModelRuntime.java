package dev.hart.gpu.runtime;

import dev.hart.error.GpuException;
import dev.hart.gpu.catalogue.ModelType;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/** An engine that loads models into this process or into one of their own, such as llama.cpp. Found by {@link ServiceLoader}. Thread-safe. */
public interface ModelRuntime {
    /** Short and lower case, such as {@code llama.cpp}; one of each name. */
    String name();

    /** The types of models that it loads; all unless it says otherwise. */
    default Set<ModelType> types() {
        return EnumSet.allOf(ModelType.class);
    }

    /**
     * Why this engine cannot run here, such as natives that are missing for this system; empty when nothing speaks against it. Loads
     * no model; the first call may unpack and load natives.
     */
    Optional<String> unavailable();

    /**
     * Loads a model; blocks until it can be used. It takes no lease: hold one from before this call until the model is closed.
     *
     * @throws GpuException {@code RUNTIME_UNAVAILABLE} when the engine cannot run here or not on the wanted device,
     *     {@code MODEL_UNREADABLE} when the weights are missing, cut off, or not of a format that it reads, {@code SIDECAR_START}
     *     when the model's process ends or is not ready in time; nothing stays loaded
     */
    LoadedModel load(Weights weights, LoadOptions options);

    /** Every engine on the class path or module path, in no order. */
    static List<ModelRuntime> installed() {
        return ServiceLoader.load(ModelRuntime.class, ModelRuntime.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /**
     * The engine of that name.
     *
     * @throws GpuException {@code RUNTIME_UNAVAILABLE} when its module is missing or it cannot run here
     */
    static ModelRuntime named(String name) {
        ModelRuntime runtime = installed().stream()
                .filter(installed -> installed.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new GpuException(
                        "RUNTIME_UNAVAILABLE",
                        "no model runtime '%s' is installed, only %s; add the module that has it"
                                .formatted(
                                        name,
                                        installed().stream()
                                                .map(ModelRuntime::name)
                                                .sorted()
                                                .toList())));
        runtime.unavailable().ifPresent(reason -> {
            throw new GpuException(
                    "RUNTIME_UNAVAILABLE", "model runtime %s cannot run here: %s".formatted(name, reason));
        });
        return runtime;
    }
}
