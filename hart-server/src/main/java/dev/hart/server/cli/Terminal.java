package dev.hart.server.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where a command writes and what it reads from its surroundings.
 *
 * @param coloured whether a person looks at it: colours are used then, and only then
 * @param environment the variables that commands look at
 */
record Terminal(PrintStream out, PrintStream err, boolean coloured, Map<String, String> environment) {

    /** The process's own; plain when it writes to a file or a pipe, or {@code NO_COLOR} is set. */
    static Terminal ofProcess() {
        Map<String, String> environment = System.getenv();
        boolean coloured = System.console() != null
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(environment.get("TERM"));
        return new Terminal(System.out, System.err, coloured, environment);
    }

    /** How a word stands out. */
    enum Tone {
        STRONG("1"),
        QUIET("2"),
        GOOD("32"),
        BAD("31"),
        MARKED("36");

        private final String code;

        Tone(String code) {
            this.code = code;
        }
    }

    String tone(Tone tone, String text) {
        return coloured ? "\u001b[" + tone.code + "m" + text + "\u001b[0m" : text;
    }

    void line(String text) {
        out.println(text);
    }

    void blank() {
        out.println();
    }

    /** A label and its value, aligned with the others. */
    void field(String label, String value) {
        out.println("  " + tone(Tone.QUIET, pad(label, 10)) + value);
    }

    /** Rows with their columns aligned; the last column is as long as it is. */
    void table(List<String> head, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>(rows);
        all.add(0, head);
        int[] widths = new int[head.size()];
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        out.println(tone(Tone.QUIET, row(head, widths)));
        rows.forEach(row -> out.println(row(row, widths)));
    }

    private static String row(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(i == widths.length - 1 ? cells.get(i) : pad(cells.get(i), widths[i] + 2));
        }
        return line.toString().stripTrailing();
    }

    static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    /** At most that many characters of one line; control characters, which could move the cursor, become spaces. */
    static String shorten(String text, int longest) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= longest ? line : line.substring(0, longest - 3) + "...";
    }
}
