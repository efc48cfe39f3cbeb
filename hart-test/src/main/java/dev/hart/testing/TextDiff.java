package dev.hart.testing;

import java.util.List;
import org.assertj.core.util.diff.DiffUtils;

/** The lines in which two texts differ, as a unified difference. */
final class TextDiff {
    private static final int CONTEXT_LINES = 3;

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
                oldName, newName, oldLines, DiffUtils.diff(oldLines, newLines), CONTEXT_LINES);
    }
}
