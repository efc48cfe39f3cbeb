package dev.hart.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the Java listings of a Markdown page equal to lines of source files, so that what the documentation shows has been
 * compiled and has run. A listing names where it comes from in a comment above it:
 *
 * <pre>{@code
 * <!-- listing first-run from examples/src/test/java/dev/hart/examples/ReadmeTest.java -->
 * }</pre>
 *
 * <p>In that file it stands between lines that contain {@code tag::first-run[]} and {@code end::first-run[]}. Indentation
 * that all its lines share, and space at line ends, do not count.
 */
public final class Listings {
    private static final Pattern SOURCE = Pattern.compile("<!-- listing ([\\w-]+) from (\\S+) -->");
    private static final String OPENING = "```java";
    private static final String CLOSING = "```";

    private final Path root;
    private final String page;

    Listings(Path root, String page) {
        this.root = root;
        this.page = page;
    }

    /**
     * The listings of one page.
     *
     * @param page path from the repository's root, such as {@code docs/testing.md}; it and the sources are looked for in the
     *     current directory and those above it
     * @throws AssertionError when there is no such page
     */
    public static Listings of(String page) {
        Path here = Path.of("").toAbsolutePath();
        for (@Nullable Path root = here; root != null; root = root.getParent()) {
            if (Files.isRegularFile(root.resolve(page))) {
                return new Listings(root, page);
            }
        }
        throw new AssertionError("there is no " + page + " in " + here + " or above it");
    }

    /**
     * Checks every Java listing of the page.
     *
     * @throws AssertionError naming each listing that differs from its source or names none, and a page without listings
     */
    public void assertEqualToSources() {
        List<String> lines = lines(page);
        List<String> problems = new ArrayList<>();
        int listings = 0;
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).strip().equals(OPENING)) {
                continue;
            }
            listings++;
            int end = i + 1;
            while (end < lines.size() && !lines.get(end).strip().equals(CLOSING)) {
                end++;
            }
            Matcher source = SOURCE.matcher(i == 0 ? "" : lines.get(i - 1));
            String place = page + ":" + (i + 1);
            if (source.find()) {
                compare(place, text(lines.subList(i + 1, end)), source.group(1), source.group(2), problems);
            } else {
                problems.add(place + " names no source; put <!-- listing NAME from PATH --> above it");
            }
            i = end;
        }
        if (listings == 0) {
            problems.add(page + " has no Java listing");
        }
        if (!problems.isEmpty()) {
            throw new AssertionError(String.join("\n", problems));
        }
    }

    private void compare(String place, String listing, String tag, String path, List<String> problems) {
        if (!Files.isRegularFile(root.resolve(path))) {
            problems.add(place + ": there is no file " + path);
            return;
        }
        List<String> source = lines(path);
        int start = indexOf(source, "tag::" + tag + "[]");
        int end = indexOf(source, "end::" + tag + "[]");
        if (start < 0 || end < start) {
            problems.add("%s: %s has no lines between tag::%s[] and end::%s[]".formatted(place, path, tag, tag));
            return;
        }
        String expected = text(source.subList(start + 1, end));
        if (!expected.equals(listing)) {
            problems.add("%s differs from %s in %s, which is:\n%s".formatted(place, tag, path, expected));
        }
    }

    private static int indexOf(List<String> lines, String words) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(words)) {
                return i;
            }
        }
        return -1;
    }

    private static String text(List<String> lines) {
        return String.join("\n", lines)
                .stripIndent()
                .lines()
                .map(String::stripTrailing)
                .reduce("", (a, b) -> a + b + "\n");
    }

    private List<String> lines(String path) {
        try {
            return Files.readAllLines(root.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }
}
