package dev.hart.security;

/**
 * A text as the rules read it: two views of equal length, folded and with look-alikes turned into Latin letters, and for
 * each of their characters its place in the original.
 */
final class FoldedText {
    private static final int TAG_FIRST = 0xE0020;
    private static final int TAG_LAST = 0xE007E;
    private static final int WAVING_BLACK_FLAG = 0x1F3F4;

    private final String folded;
    private final String latin;
    private final int[] origin;
    private final int originalLength;
    private final String tagText;
    private final int hiddenAt;
    private final boolean malformed;

    private FoldedText(Reader reader, int originalLength) {
        this.folded = reader.folded.toString();
        this.latin = reader.latin.toString();
        this.origin = reader.origin;
        this.originalLength = originalLength;
        this.tagText = reader.tags.toString();
        this.hiddenAt = reader.hidden >= 2 ? reader.hiddenAt : -1;
        this.malformed = reader.malformed;
    }

    static FoldedText of(String text) {
        Reader reader = new Reader(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            reader.read(text, i, c);
            i += Character.charCount(c);
        }
        return new FoldedText(reader, text.length());
    }

    /** Without case, accents, compatibility forms and invisible characters. */
    String folded() {
        return folded;
    }

    /** The same, with look-alikes as Latin letters. */
    String latin() {
        return latin;
    }

    /** Where a folded character begins in the original, in chars. */
    int originalIndex(int index) {
        return index < folded.length() ? origin[index] : originalLength;
    }

    /** Text written in the invisible tag characters, or empty. */
    String tagText() {
        return tagText;
    }

    /** Where invisible characters break up words, in chars of the original; -1 when they do not. */
    int hiddenAt() {
        return hiddenAt;
    }

    /** Has a NUL or half of a surrogate pair. */
    boolean malformed() {
        return malformed;
    }

    private static final class Reader {
        private final StringBuilder folded;
        private final StringBuilder latin;
        private final StringBuilder tags = new StringBuilder();
        private int[] origin;
        private int hidden;
        private int hiddenAt = -1;
        private boolean malformed;
        private boolean inFlag;

        Reader(int length) {
            folded = new StringBuilder(length);
            latin = new StringBuilder(length);
            origin = new int[length + 16];
        }

        void read(String text, int at, int c) {
            if (c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
                malformed = true;
                append('\uFFFD', '\uFFFD', at);
            } else if (c < 0x80) {
                char lower = (char) (c >= 'A' && c <= 'Z' ? c + 32 : c);
                append(lower, lower, at);
            } else if (Folding.isInvisible(c)) {
                readInvisible(text, at, c);
                return;
            } else {
                String fold = Folding.fold(c);
                char like = Folding.lookAlike(c);
                for (int i = 0; i < fold.length(); i++) {
                    char f = fold.charAt(i);
                    char again = like != 0 ? like : Folding.lookAlike(f);
                    append(f, again != 0 ? again : f, at);
                }
            }
            inFlag = c == WAVING_BLACK_FLAG;
        }

        private void readInvisible(String text, int at, int c) {
            if (c >= TAG_FIRST && c <= TAG_LAST) {
                if (!inFlag) {
                    tags.append((char) (c - 0xE0000));
                }
                return;
            }
            int next = at + Character.charCount(c);
            boolean insideWord = !folded.isEmpty()
                    && isAsciiLetter(folded.charAt(folded.length() - 1))
                    && next < text.length()
                    && isAsciiLetter(text.charAt(next));
            if (c != 0xAD && insideWord) {
                hidden++;
                hiddenAt = hiddenAt < 0 ? at : hiddenAt;
            }
        }

        private void append(char f, char l, int at) {
            int length = folded.length();
            if (length == origin.length) {
                origin = java.util.Arrays.copyOf(origin, length * 2);
            }
            origin[length] = at;
            folded.append(f);
            latin.append(l);
        }

        private static boolean isAsciiLetter(char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        }
    }
}
