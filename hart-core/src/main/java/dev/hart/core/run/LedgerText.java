package dev.hart.core.run;

/** Texts of models, tools and people as the ledger takes them: it refuses what no database keeps, and very long ones. */
final class LedgerText {
    private static final int MOST = 10_000;
    private static final char REPLACEMENT = '\uFFFD';

    private LedgerText() {}

    /** The text with NUL and halves of characters replaced, cut after 10,000 characters. */
    static String of(String text) {
        StringBuilder legible = new StringBuilder(Math.min(text.length(), MOST));
        text.codePoints().limit(MOST).forEach(c -> {
            boolean half = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            legible.appendCodePoint(c == 0 || half ? REPLACEMENT : c);
        });
        return legible.length() < text.length() ? legible + "…" : legible.toString();
    }
}
