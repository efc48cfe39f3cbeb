package dev.hart.speech;

import dev.hart.error.GpuException;
import edu.cmu.sphinx.decoder.ResultListener;
import edu.cmu.sphinx.frontend.FrontEnd;
import edu.cmu.sphinx.frontend.util.StreamDataSource;
import edu.cmu.sphinx.recognizer.Recognizer;
import edu.cmu.sphinx.result.Result;
import edu.cmu.sphinx.util.props.ConfigurationManager;
import edu.cmu.sphinx.util.props.ConfigurationManagerUtils;
import edu.cmu.sphinx.util.props.PropertySheet;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.StringJoiner;

/** Sphinx-4 with one grammar. For one caller at a time. */
final class Recogniser {
    static final int SAMPLE_RATE = 16_000;

    private static final String CONFIGURATION = "dev.hart.speech.recogniser.xml";
    private static final String OUTSIDE_THE_GRAMMAR = "<unk>";

    private final Recognizer recognizer;
    private final StreamDataSource source;
    private final FrontEnd frontEnd;

    Recogniser(CommandGrammar grammar, Runnable progress) {
        URL url = Objects.requireNonNull(Recogniser.class.getResource(CONFIGURATION), CONFIGURATION);
        synchronized (CommandGrammar.PARSER) {
            try {
                // Sphinx-4 reads grammars from folders only.
                Path folder = Files.createTempDirectory("hart-grammar-");
                Path file = folder.resolve("commands.gram");
                try {
                    Files.writeString(file, grammar.text());
                    ConfigurationManager parts = new ConfigurationManager(url);
                    set(parts, "acousticModelLoader", "location", AcousticModel.folder());
                    set(parts, "dictionary", "dictionaryPath", AcousticModel.dictionary());
                    set(parts, "dictionary", "fillerPath", AcousticModel.noises());
                    set(parts, "grammar", "grammarLocation", folder.toUri().toString());
                    set(parts, "grammar", "grammarName", "commands");
                    recognizer = parts.lookup("recognizer");
                    recognizer.allocate();
                    recognizer.addResultListener(new Progress(progress));
                    source = parts.lookup("dataSource");
                    frontEnd = parts.lookup("frontEnd");
                } finally {
                    delete(folder.toFile(), file.toFile());
                }
            } catch (IOException | RuntimeException e) {
                Throwable reason = e;
                for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                    reason = cause;
                }
                throw new GpuException(
                        "MODEL_UNREADABLE",
                        "Sphinx-4 cannot load the grammar %s: %s".formatted(grammar.name(), reason.getMessage()),
                        e);
            }
        }
    }

    /** Sphinx-4 leaves the grammar open, and Windows deletes no open files: there it goes when the program ends. */
    private static void delete(File folder, File grammar) {
        if (!grammar.delete() || !folder.delete()) {
            folder.deleteOnExit();
            grammar.deleteOnExit();
        }
    }

    private static void set(ConfigurationManager parts, String component, String property, String value) {
        ConfigurationManagerUtils.setProperty(parts, component, property, value);
    }

    /** @param sound 16-bit samples, low byte first, with noise before and after them */
    String words(byte[] sound) {
        source.setInputStream(new ByteArrayInputStream(sound));
        StringJoiner words = new StringJoiner(" ");
        for (Result result = recognizer.recognize(); result != null; result = recognizer.recognize()) {
            String said = result.getBestFinalResultNoFiller();
            if (!said.isEmpty() && !said.contains(OUTSIDE_THE_GRAMMAR)) {
                words.add(said);
            }
        }
        while (frontEnd.getData() != null) {
            // The end of this audio, which otherwise would end the next one before it begins.
        }
        return words.toString();
    }

    /** Is told about every piece of audio that was searched. */
    private record Progress(Runnable progress) implements ResultListener {
        @Override
        public void newResult(Result result) {
            progress.run();
        }

        @Override
        public void newProperties(PropertySheet sheet) {}
    }
}
