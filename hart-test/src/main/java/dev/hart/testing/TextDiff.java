package dev.hart.testing;

import java.util.List;
import java.util.regex.Pattern;
import org.assertj.core.util.diff.DiffUtils;

/** The lines in which two texts differ, as a unified difference. */
final class TextDiff {
    private static final int CONTEXT_LINES = 3;
    /** Where lines differ; only the first number is for people. */
    private static final Pattern PLACE = Pattern.compile("^@@ -(\\d+),\\d+ \\+\\d+,\\d+ @@$");

    private TextDiff() {}

    /**
     * The difference, header lines included; empty when there is none.
     *
     * @param oldName stands in the header for the first text
     */
    static List<String> unified(String oldName, String newName, String oldText, String newText) {
        List<String> oldLines = oldText.lines().toList();
        List<String> newLines = newText.lines().toList();
        return DiffUtils.generateUnifiedDiff(
                        oldName, newName, oldLines, DiffUtils.diff(oldLines, newLines), CONTEXT_LINES)
                .stream()
                .map(line -> PLACE.matcher(line).replaceFirst("@@ line $1 @@"))
                .toList();
    }
}
