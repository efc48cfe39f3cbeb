package dev.hart.ledger;

/** Shortens texts for people to read. */
final class TextCut {
    private TextCut() {}

    /** The text in one line, and at most {@code most} characters of it, the last an ellipsis when there were more. */
    static String line(String text, int most) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= most ? line : at(line, most - 1) + "…";
    }

    /** At most the first {@code most} characters, no character of two units in halves. */
    static String at(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }
}
