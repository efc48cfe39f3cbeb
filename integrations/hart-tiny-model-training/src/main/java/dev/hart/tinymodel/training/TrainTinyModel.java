package dev.hart.tinymodel.training;

import dev.hart.tinymodel.training.Corpus.Example;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Trains the tiny model and writes it: {@code TrainTinyModel [folder] [steps] [threads]}. Into the folder go
 * {@code hart-tiny.gguf} and {@code held-out.tsv}, the tasks that it was not shown, each with its steps. 1,200 steps take some
 * minutes of one core.
 */
public final class TrainTinyModel {
    private static final long SEED = 20_261_128;
    private static final int BATCH = 16;

    private TrainTinyModel() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments.length > 0 ? arguments[0] : "target/tiny-model");
        int steps = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_200;
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", arguments.length > 2 ? arguments[2] : "1");
        Files.createDirectories(folder);
        long start = System.nanoTime();
        try (Training training = new Training(SEED, BATCH)) {
            System.out.printf(
                    "%,d parameters, vocabulary %d, %,d texts learned, %d held out%n",
                    training.weights().shape().parameters(),
                    training.vocabulary().size(),
                    training.corpus().learned().size(),
                    training.corpus().heldOut().size());
            training.run(steps, step -> {
                if (step % 50 == 0 || step == steps) {
                    System.out.printf(
                            "step %d, loss %.5f, %.0f s%n", step, training.loss(), (System.nanoTime() - start) / 1e9);
                }
            });
            System.out.printf(
                    "exactly right: %d of %d tasks that it was not shown%n",
                    training.exactHeldOut(), training.corpus().heldOut().size());
            write(training, folder);
        }
    }

    static void write(Training training, Path folder) throws IOException {
        Map<String, String> card = new TreeMap<>(Map.of(
                "general.name", "hart-tiny",
                "general.version", "1.0",
                "general.size_label", "0.9M",
                "general.license", "apache-2.0",
                "general.description", "Writes the five steps of an office task; made for tests and demonstrations"));
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(folder.resolve("hart-tiny.gguf")))) {
            new GgufWriter(training.weights(), training.vocabulary(), card).writeTo(out);
        }
        List<String> lines =
                training.corpus().heldOut().stream().map(TrainTinyModel::line).toList();
        Files.write(folder.resolve("held-out.tsv"), lines);
    }

    private static String line(Example example) {
        return example.task() + "\t" + example.steps().strip().replace("\n", "\t");
    }
}
