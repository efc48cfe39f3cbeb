package dev.hart.gpu.media;

/** Text from outside in a message: one line, and not too long. */
final class Shown {
    private static final int LONGEST = 200;

    private Shown() {}

    static String text(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(LONGEST).forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        return text.codePointCount(0, text.length()) > LONGEST ? shown + "…" : shown.toString();
    }
}
