package dev.hart.bench.gpu;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import dev.hart.djl.DjlRuntime;
import dev.hart.djl.Pooling;
import dev.hart.embeddings.BgeSmallEmbedder;
import dev.hart.gpu.runtime.EmbeddingModel;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.TextRequest;
import dev.hart.gpu.runtime.Weights;
import dev.hart.llamacpp.LlamaCppRuntime;
import dev.hart.tinymodel.TinyModel;
import dev.hart.tinymodel.TinyModel.Task;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * How fast the engines load, write and embed, beside the same engines called without HART: llama.cpp in a process of its own beside
 * llama.cpp in this one. One thread computes.
 */
final class Engines {
    private static final int TURNS = 5;
    private static final int SENTENCES = 64;

    private Engines() {}

    static void measure(Path folder, Map<String, Number> metrics, PrintStream out) throws IOException {
        Path file = Files.createDirectories(folder).resolve("hart-tiny.gguf");
        try (InputStream in = TinyModel.gguf().openStream()) {
            Files.copy(in, file);
        }
        loading(file, metrics, out);
        writing(file, metrics, out);
        embedding(metrics, out);
    }

    private static void loading(Path file, Map<String, Number> metrics, PrintStream out) {
        double[] loads = new double[TURNS];
        double[] unloads = new double[TURNS];
        load(file).close(); // unpacks the natives
        for (int turn = 0; turn < TURNS; turn++) {
            long start = System.nanoTime();
            TextModel model = load(file);
            long loaded = System.nanoTime();
            model.close();
            loads[turn] = (loaded - start) / 1e6;
            unloads[turn] = (System.nanoTime() - loaded) / 1e6;
        }
        put(metrics, "load_ms", median(loads));
        put(metrics, "unload_ms", median(unloads));
        out.printf(
                Locale.ROOT,
                "%-42s %13.1f ms, unloaded %.1f ms%n",
                "tiny model loaded",
                median(loads),
                median(unloads));
    }

    private static TextModel load(Path file) {
        return new LlamaCppRuntime()
                .load(Weights.file(file), LoadOptions.onCpu().threads(1));
    }

    private static void writing(Path file, Map<String, Number> metrics, PrintStream out) {
        double[] ours = new double[TURNS];
        double[] theirs = new double[TURNS];
        try (TextModel model = load(file);
                LlamaModel direct = new LlamaModel(new ModelParameters()
                        .setModel(file.toString())
                        .setThreads(1)
                        .setCtxSize(128)
                        .setParallel(1)
                        .disableContextShift()
                        .disableLog())) {
            for (int turn = -1; turn < TURNS; turn++) {
                double our = tokensPerSecond(
                        task -> model.generate(TextRequest.of(task.prompt())).tokens());
                double their = tokensPerSecond(task -> direct(direct, task));
                if (turn >= 0) {
                    ours[turn] = our;
                    theirs[turn] = their;
                }
            }
        }
        double ratio = median(ours) / median(theirs);
        metrics.put("tokens_per_s", Math.round(median(ours)));
        put(metrics, "tokens_ratio", ratio);
        out.printf(Locale.ROOT, "%-42s %,14.0f /s, %.2f of the engine alone%n", "tokens written", median(ours), ratio);
    }

    private static int direct(LlamaModel model, Task task) {
        int tokens = -1; // the last output is no token
        InferenceParameters parameters = new InferenceParameters(task.prompt())
                .setNPredict(100)
                .setTemperature(0)
                .setCachePrompt(false);
        for (LlamaOutput ignored : model.generate(parameters)) {
            tokens++;
        }
        return tokens;
    }

    private static double tokensPerSecond(ToIntFunction<Task> write) {
        long start = System.nanoTime();
        long tokens = TinyModel.heldOutTasks().stream().mapToInt(write).sum();
        return tokens / ((System.nanoTime() - start) / 1e9);
    }

    private static void embedding(Map<String, Number> metrics, PrintStream out) {
        URL bge = Objects.requireNonNull(ClassLoader.getSystemResource("bge-small-en-v1.5-q.onnx"));
        List<String> sentences = TinyModel.heldOutTasks().stream()
                .map(Task::task)
                .limit(SENTENCES)
                .toList();
        BgeSmallEmbedder own = new BgeSmallEmbedder();
        double[] ours = new double[TURNS];
        double[] theirs = new double[TURNS];
        try (EmbeddingModel model = new DjlRuntime(Pooling.FIRST).load(Weights.resource(bge), LoadOptions.onCpu())) {
            for (int turn = -1; turn < TURNS; turn++) {
                double our = perSecond(() -> sentences.forEach(model::embed));
                double their = perSecond(() -> sentences.forEach(own::embed));
                if (turn >= 0) {
                    ours[turn] = our;
                    theirs[turn] = their;
                }
            }
        }
        double ratio = median(ours) / median(theirs);
        metrics.put("embeddings_per_s", Math.round(median(ours)));
        put(metrics, "embeddings_ratio", ratio);
        out.printf(Locale.ROOT, "%-42s %,14.0f /s, %.2f of LangChain4j's%n", "sentences embedded", median(ours), ratio);
    }

    private static double perSecond(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return SENTENCES / ((System.nanoTime() - start) / 1e9);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void put(Map<String, Number> metrics, String name, double value) {
        metrics.put(name, Math.round(value * 100) / 100.0);
    }
}
