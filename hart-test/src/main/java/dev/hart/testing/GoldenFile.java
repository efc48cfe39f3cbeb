package dev.hart.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A text that a test compares with what it got, kept beside the test. */
final class GoldenFile {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    private final TestSettings settings;
    private final Path file;

    private GoldenFile(TestSettings settings, Path file) {
        this.settings = settings;
        this.file = file;
    }

    static GoldenFile of(TestSettings settings, Class<?> tests, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a golden file is named by 1 to 100 letters, digits and . _ - but was '" + name + "'");
        }
        return new GoldenFile(settings, settings.folder(tests).resolve(name + ".golden.txt"));
    }

    /**
     * Compares the text with the file, or writes it there when there is none or the test is to update it.
     *
     * @return what is wrong, with the lines that differ; null when they are the same
     */
    @Nullable
    String problem(String text) {
        try {
            boolean exists = Files.exists(file);
            boolean update = settings.isOn("update");
            if (exists && Files.readString(file).replace("\r\n", "\n").equals(text)) {
                return null;
            }
            if (settings.isCi() && (update || !exists)) {
                return update
                        ? "hart.update is set, and this is CI, where no golden file is written: update on your machine"
                        : "there is no golden file %s, and this is CI, where none is written: run the test on your machine, read the file and commit it"
                                .formatted(file);
            }
            if (update || !exists) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, text);
                return null;
            }
            List<String> lines =
                    TextDiff.unified(file.getFileName().toString(), "this run", Files.readString(file), text);
            return "The run is not like the golden file %s:\n%s\nIf the new run is right, run the test once with -Dhart.update=true."
                    .formatted(file, String.join("\n", lines));
        } catch (IOException e) {
            throw new UncheckedIOException("the golden file " + file + " cannot be read or written", e);
        }
    }
}
