package dev.hart.speech;

import dev.hart.error.GpuException;
import edu.cmu.sphinx.recognizer.Recognizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The sounds of English and the words that are made of them, in the jar sphinx4-data. */
final class AcousticModel {
    private static final String ENGLISH = "edu/cmu/sphinx/models/en-us/";

    private AcousticModel() {}

    static boolean isThere() {
        return find("en-us/mdef") != null;
    }

    private static @Nullable URL find(String name) {
        ClassLoader loader = Recognizer.class.getClassLoader();
        return loader == null ? ClassLoader.getSystemResource(ENGLISH + name) : loader.getResource(ENGLISH + name);
    }

    /** Sphinx-4's own way of naming resources would only look into its own module. */
    private static String url(String name) {
        URL url = find(name);
        if (url == null) {
            throw new GpuException(
                    "RUNTIME_UNAVAILABLE",
                    "the jar sphinx4-data has no %s%s; use its version 1.0.0".formatted(ENGLISH, name));
        }
        return url.toString();
    }

    static String folder() {
        String file = url("en-us/mdef");
        return file.substring(0, file.lastIndexOf('/'));
    }

    static String dictionary() {
        return url("cmudict-en-us.dict");
    }

    static String noises() {
        return url("en-us/noisedict");
    }

    /** Sphinx-4 would take a word that it does not know for nothing at all. */
    static void requireWords(CommandGrammar grammar) {
        Set<String> unknown = new TreeSet<>(grammar.words());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(new URL(dictionary()).openStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null && !unknown.isEmpty(); line = lines.readLine()) {
                unknown.remove(line.substring(0, Math.max(0, line.indexOf(' '))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the dictionary of Sphinx-4 cannot be read", e);
        }
        if (!unknown.isEmpty()) {
            throw new GpuException(
                    "MODEL_UNREADABLE",
                    "the grammar %s has words that are not in the dictionary: %s; write words in lower case, or say it in other words"
                            .formatted(grammar.name(), unknown));
        }
    }
}
