package dev.hart.tinymodel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A text model of 935,040 numbers that writes the five steps of an office task, such as "add up the invoices of the csv file and
 * mail the result to the team". It knows nothing else. Its model card is {@code hart-tiny/README.md} in the jar.
 */
public final class TinyModel {
    /** SHA-256 of the file, in lower-case hexadecimal. */
    public static final String SHA_256 = "b7641a7623699aa09fd3c8710d97531ce8fa0d1f5aa80335d7b6ab7dbae08739";

    private static final String FOLDER = "/hart-tiny/";

    private TinyModel() {}

    /** The GGUF file. */
    public static URL gguf() {
        return resource("hart-tiny.gguf");
    }

    /** The 117 tasks that the model was not shown, with the steps that it should write. */
    public static List<Task> heldOutTasks() {
        try (InputStream in = resource("held-out.tsv").openStream();
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return lines.lines()
                    .map(line -> line.split("\t"))
                    .map(fields -> new Task(fields[0], Arrays.asList(fields).subList(1, fields.length)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URL resource(String name) {
        URL url = TinyModel.class.getResource(FOLDER + name);
        if (url == null) {
            throw new IllegalStateException("the jar of hart-tiny-model has no " + FOLDER + name);
        }
        return url;
    }

    /**
     * An office task.
     *
     * @param task in words
     * @param steps five, each with its number
     */
    public record Task(String task, List<String> steps) {
        public Task {
            steps = List.copyOf(steps);
        }

        /** What the model is given, unless its chat template makes it from a user's message. */
        public String prompt() {
            return "Task: " + task + "\nSteps:\n";
        }

        /** What the model should write. */
        public String answer() {
            return String.join("\n", steps) + "\n";
        }
    }
}
