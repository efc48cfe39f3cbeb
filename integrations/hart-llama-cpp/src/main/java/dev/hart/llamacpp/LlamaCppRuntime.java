package dev.hart.llamacpp;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import dev.hart.error.GpuException;
import dev.hart.error.ModelFileException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.catalogue.GgufHeader;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.ModelRuntime;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * llama.cpp: text models of GGUF files. Memory of a model that was closed is not given back before the process ends, as the library
 * does not free it; the same file, loaded again in the same way, takes it over. Its natives come with its jar for Linux, macOS and Windows; they compute on the processor,
 * on Apple's chips also on the GPU. A build for another GPU is named with the system property {@code de.kherud.llama.lib.path}.
 * Thread-safe.
 */
public final class LlamaCppRuntime implements ModelRuntime {
    public static final String NAME = "llama.cpp";

    /** Of the context a model was trained for, at most this much is taken unless more is asked for: it costs memory. */
    private static final int DEFAULT_CONTEXT = 8_192;

    private static final int ALL_LAYERS = 10_000;

    /** For {@link java.util.ServiceLoader}. */
    public LlamaCppRuntime() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<ModelType> types() {
        return Set.of(ModelType.LLM);
    }

    @Override
    public Optional<String> unavailable() {
        return LlamaNatives.load();
    }

    @Override
    public TextModel load(Weights weights, LoadOptions options) {
        unavailable().ifPresent(reason -> {
            throw new GpuException("RUNTIME_UNAVAILABLE", "llama.cpp cannot run here: " + reason);
        });
        if (options.mode() != LeaseMode.CPU && !LlamaNatives.mayUseGpu()) {
            throw new GpuException(
                    "RUNTIME_UNAVAILABLE",
                    "the natives of llama.cpp that come with its jar compute on the processor only; load with"
                            + " LeaseMode.CPU, or set the system property de.kherud.llama.lib.path to the folder of a"
                            + " build for this GPU");
        }
        return weights.withFile(file -> load(file, weights, options));
    }

    private static TextModel load(Path file, Weights weights, LoadOptions options) {
        GgufHeader header = header(file, weights);
        int trained = (int) Math.min(Integer.MAX_VALUE, header.contextLength().orElse(DEFAULT_CONTEXT));
        int context = options.contextTokens() == 0 ? Math.min(trained, DEFAULT_CONTEXT) : options.contextTokens();
        if (context > trained) {
            throw new IllegalArgumentException("contextTokens must be at most %d, for which %s was trained, was %d"
                    .formatted(trained, weights, context));
        }
        ModelParameters parameters = new ModelParameters()
                .setModel(file.toString())
                .setThreads(options.threadCount())
                .setCtxSize(Math.multiplyExact(context, options.parallel()))
                .setParallel(options.parallel())
                .disableContextShift()
                .enableJinja()
                .disableLog();
        int layers = layers(options);
        if (layers > 0) {
            parameters.setGpuLayers(layers);
        }
        if (weights instanceof Weights.InResource) {
            // The file is a copy that is deleted after loading.
            parameters.disableMmap();
        }
        try {
            ParkedModels.Key key = key(file, weights, options);
            LlamaModel parked = ParkedModels.take(key);
            LlamaModel model = parked != null ? parked : AttachedThreads.asDaemons(() -> started(parameters));
            String name = header.metadata().get("general.name") instanceof String stated && !stated.isBlank()
                    ? stated
                    : fileName(weights);
            return new LlamaTextModel(model, name, context, options.parallel(), () -> ParkedModels.park(key, model));
        } catch (RuntimeException e) {
            throw new GpuException(
                    "MODEL_UNREADABLE",
                    "llama.cpp cannot load %s: %s; the file may be cut off, or its kind of model is newer than this llama.cpp"
                            .formatted(weights, e.getMessage()),
                    e);
        }
    }

    /** Read before llama.cpp gets the file, so that what is wrong can be told: its own answer to anything is "could not load". */
    private static GgufHeader header(Path file, Weights weights) {
        try {
            return GgufHeader.read(file);
        } catch (ModelFileException | IOException e) {
            throw new GpuException(
                    "MODEL_UNREADABLE",
                    "llama.cpp cannot load %s: %s; download it again, or give the path of a GGUF file"
                            .formatted(weights, e.getMessage()),
                    e);
        }
    }

    private static ParkedModels.Key key(Path file, Weights weights, LoadOptions options) {
        try {
            if (weights instanceof Weights.InResource) {
                return new ParkedModels.Key(weights.toString(), Files.size(file), 0, options);
            }
            return new ParkedModels.Key(
                    file.toRealPath().toString(),
                    Files.size(file),
                    Files.getLastModifiedTime(file).toMillis(),
                    options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A model that has answered once: its thread is attached some time after it was made, but before its first answer. */
    private static LlamaModel started(ModelParameters parameters) {
        LlamaModel model = new LlamaModel(parameters);
        try {
            model.complete(new InferenceParameters(" ").setNPredict(1));
            return model;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static int layers(LoadOptions options) {
        return switch (options.mode()) {
            case CPU -> 0;
            case CPU_OFFLOAD -> options.gpuLayers();
            case GPU -> ALL_LAYERS;
        };
    }

    private static String fileName(Weights weights) {
        String text = weights.toString();
        return text.substring(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1);
    }

    static boolean isGguf(String name) {
        return name.endsWith(".gguf");
    }
}
