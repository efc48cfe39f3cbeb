package dev.hart.llamacpp;

import dev.hart.error.GpuException;
import dev.hart.error.ModelFileException;
import dev.hart.error.RunCancelledException;
import dev.hart.error.SidecarStartException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.catalogue.GgufHeader;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.model.ProcessExit;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.ModelRuntime;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.Weights;
import dev.hart.llamacpp.Frame.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * llama.cpp: text models of GGUF files. Each loaded model has a process of its own: closing it gives the memory back, and a fault in
 * native code ends that process alone; the model then is a {@link dev.hart.gpu.model.ModelProcess} that has ended. Its natives come
 * with its jar for Linux, macOS and Windows; they compute on the processor, on Apple's chips also on the GPU. A build for another GPU
 * is named with the system property {@code de.kherud.llama.lib.path}. Thread-safe.
 */
public final class LlamaCppRuntime implements ModelRuntime {
    public static final String NAME = "llama.cpp";

    /** Of the context a model was trained for, at most this much is taken unless more is asked for: it costs memory. */
    private static final int DEFAULT_CONTEXT = 8_192;

    private static final int ALL_LAYERS = 10_000;

    /** For a JVM on a busy machine to begin. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** A lease that is not activated ends after the same time. */
    private static final Duration LOAD_LIMIT = Duration.ofMinutes(10);

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

    /** Natives that are there but cannot be loaded are told by {@link #load}: they are not loaded into this process. */
    @Override
    public Optional<String> unavailable() {
        try {
            var unused = EngineCommand.of(LlamaNatives.folder());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** @throws dev.hart.error.RunCancelledException when the thread is interrupted */
    @Override
    public TextModel load(Weights weights, LoadOptions options) {
        unavailable().ifPresent(reason -> {
            throw unavailable(reason);
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

    private static GpuException unavailable(String reason) {
        return new GpuException("RUNTIME_UNAVAILABLE", "llama.cpp cannot run here: " + reason);
    }

    private static TextModel load(Path file, Weights weights, LoadOptions options) {
        GgufHeader header = header(file, weights);
        int trained = (int) Math.min(Integer.MAX_VALUE, header.contextLength().orElse(DEFAULT_CONTEXT));
        int context = options.contextTokens() == 0 ? Math.min(trained, DEFAULT_CONTEXT) : options.contextTokens();
        if (context > trained) {
            throw new IllegalArgumentException("contextTokens must be at most %d, for which %s was trained, was %d"
                    .formatted(trained, weights, context));
        }
        List<Integer> numbers = List.of(
                options.threadCount(),
                Math.multiplyExact(context, options.parallel()),
                options.parallel(),
                layers(options),
                // A resource's copy is deleted after loading.
                weights instanceof Weights.InResource ? 0 : 1);
        String name = header.metadata().get("general.name") instanceof String stated && !stated.isBlank()
                ? stated
                : fileName(weights);
        EngineProcess engine;
        try {
            engine = EngineProcess.start(
                    EngineCommand.of(LlamaNatives.folder()), EngineCommand.environment(options, System.getenv()));
        } catch (IOException e) {
            throw new GpuException(
                    "RUNTIME_UNAVAILABLE", "the process of llama.cpp cannot be started: " + e.getMessage(), e);
        }
        boolean ready = false;
        try {
            engine.loading()
                    .send(Kind.LOAD, numbers, List.of(file.toAbsolutePath().toString()));
            await(engine, weights.toString(), START_LIMIT, LOAD_LIMIT);
            ready = true;
            return new LlamaTextModel(engine, name, context, options.parallel());
        } finally {
            if (!ready) {
                engine.kill();
            }
        }
    }

    /** Until the process has loaded the model. */
    static void await(EngineProcess engine, String weights, Duration start, Duration load) {
        String step = "did not begin";
        Duration limit = start;
        Frame answer;
        try {
            answer = engine.loading().next(System.nanoTime() + start.toNanos());
            if (answer != null && answer.kind() == Kind.HELLO) {
                step = "had not loaded the model";
                limit = load;
                answer = engine.loading().next(System.nanoTime() + load.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunCancelledException("interrupted while llama.cpp was loading " + weights, e);
        }
        if (answer == null) {
            throw new SidecarStartException(
                    "the process of llama.cpp for %s %s within %s".formatted(weights, step, limit),
                    OptionalInt.empty(),
                    engine.output(),
                    null);
        }
        switch (answer.kind()) {
            case READY -> {}
            case UNAVAILABLE -> throw unavailable(answer.text());
            case FAILED ->
                throw new GpuException(
                        "MODEL_UNREADABLE",
                        "llama.cpp cannot load %s: %s; the file may be cut off, or its kind of model is newer than this llama.cpp"
                                .formatted(weights, answer.text()));
            default ->
                throw new SidecarStartException(
                        "the process of llama.cpp ended while it loaded %s, with %s"
                                .formatted(weights, engine.ending()),
                        engine.exit().getNow(ProcessExit.unknown()).code(),
                        engine.output(),
                        null);
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
