package dev.hart.security;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The public data sets in {@code shared/data} beside the repository; a test that needs one is skipped without it. */
final class SharedData {
    private SharedData() {}

    /** The lines of a file; {@code -Dhart.shared} names another folder than {@code shared}. */
    static List<String> lines(String file) throws IOException {
        Path shared = folder();
        assumeTrue(shared != null, "no folder shared/data beside the repository: the test on " + file + " is skipped");
        return Files.readAllLines(shared.resolve("data").resolve(file));
    }

    /** The first column of a file with tabs. */
    static List<String> sentences(String file) throws IOException {
        return lines(file).stream().map(line -> line.split("\t", -1)[0]).toList();
    }

    /** The member {@code text} of each line of a JSON-lines file. */
    static List<String> texts(String file) throws IOException {
        List<String> texts = new ArrayList<>();
        for (String line : lines(file)) {
            texts.add(textMember(line));
        }
        return texts;
    }

    private static @Nullable Path folder() {
        String given = System.getProperty("hart.shared");
        if (given != null) {
            return Path.of(given);
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("shared").resolve("data"))) {
                return at.resolve("shared");
            }
        }
        return null;
    }

    private static String textMember(String line) {
        String key = "\"text\": \"";
        int i = line.indexOf(key) + key.length();
        StringBuilder text = new StringBuilder();
        for (; line.charAt(i) != '"'; i++) {
            char c = line.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            c = line.charAt(++i);
            switch (c) {
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'r' -> text.append('\r');
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'u' -> {
                    text.append((char) Integer.parseInt(line.substring(i + 1, i + 5), 16));
                    i += 4;
                }
                default -> text.append(c);
            }
        }
        return text.toString();
    }
}
