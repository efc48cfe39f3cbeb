package dev.hart.security;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * How single code points are folded before words are looked up: compatibility forms (full-width, mathematical, enclosed
 * letters), case and accents go; look-alikes become the Latin letter they imitate. By tables of this build and not by those
 * of the JDK, so that every node reads a text alike.
 */
final class Folding {
    static final String LOOK_ALIKE_FILE = "lookalikes.txt";
    static final String FOLD_FILE = "folds.txt";

    private static final Map<Integer, Character> LOOK_ALIKES = lookAlikes();
    private static final Map<Integer, String> FOLDS = folds();

    private Folding() {}

    /** Folds to a text without case, accents and compatibility forms; empty for a lone accent. */
    static String fold(int codePoint) {
        if (codePoint < 0x80) {
            return String.valueOf((char) (codePoint >= 'A' && codePoint <= 'Z' ? codePoint + 32 : codePoint));
        }
        if (writtenWithoutBlanks(codePoint)) {
            return Character.toString(codePoint);
        }
        return FOLDS.getOrDefault(codePoint, Character.toString(codePoint));
    }

    static String fold(String text) {
        StringBuilder folded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c < 0x80) {
                folded.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c));
            } else {
                folded.append(fold(c));
            }
            i += Character.charCount(c);
        }
        return folded.toString();
    }

    /** The Latin letter, lower case, that a code point looks like; 0 when it looks like none. */
    static char lookAlike(int codePoint) {
        return codePoint < 0x80 ? 0 : LOOK_ALIKES.getOrDefault(codePoint, (char) 0);
    }

    /** Unicode's default-ignorable code points: nothing is shown for them. */
    static boolean isInvisible(int c) {
        return c == 0xAD
                || c == 0x34F
                || c == 0x61C
                || (c >= 0x115F && c <= 0x1160)
                || (c >= 0x17B4 && c <= 0x17B5)
                || (c >= 0x180B && c <= 0x180F)
                || (c >= 0x200B && c <= 0x200F)
                || (c >= 0x202A && c <= 0x202E)
                || (c >= 0x2060 && c <= 0x206F)
                || c == 0x3164
                || (c >= 0xFE00 && c <= 0xFE0F)
                || c == 0xFEFF
                || c == 0xFFA0
                || (c >= 0xFFF0 && c <= 0xFFF8)
                || (c >= 0x1BCA0 && c <= 0x1BCA3)
                || (c >= 0x1D173 && c <= 0x1D17A)
                || (c >= 0xE0000 && c <= 0xE0FFF);
    }

    /** Han, Kana, Hangul and Thai: words follow each other, or take endings, without a blank. */
    static boolean writtenWithoutBlanks(int c) {
        return (c >= 0x0E00 && c <= 0x0E7F)
                || (c >= 0x3040 && c <= 0x30FF)
                || (c >= 0x3400 && c <= 0x4DBF)
                || (c >= 0x4E00 && c <= 0x9FFF)
                || (c >= 0xAC00 && c <= 0xD7A3)
                || (c >= 0x20000 && c <= 0x3FFFF);
    }

    /** The letter that a digit or sign stands for in disguised words, or the character itself. */
    static char unleet(char c, char one) {
        return switch (c) {
            case '0' -> 'o';
            case '1', '!', '|' -> one;
            case '3' -> 'e';
            case '4', '@' -> 'a';
            case '5', '$' -> 's';
            case '7' -> 't';
            default -> c;
        };
    }

    static boolean isAccent(char c) {
        return (c >= 0x300 && c <= 0x36F) || (c >= 0x64B && c <= 0x652) || c == 0x640;
    }

    private static Map<Integer, Character> lookAlikes() {
        Map<Integer, Character> table = new HashMap<>();
        for (String line : new String(RuleBook.bytes(LOOK_ALIKE_FILE), StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.startsWith("#") && !line.isBlank()) {
                char letter = line.charAt(0);
                for (String hex : line.substring(2).split(" ", -1)) {
                    table.put(Integer.parseInt(hex, 16), letter);
                }
            }
        }
        return Map.copyOf(table);
    }

    private static Map<Integer, String> folds() {
        Map<Integer, String> table = new HashMap<>();
        for (String line : new String(RuleBook.bytes(FOLD_FILE), StandardCharsets.UTF_8).split("\n", -1)) {
            int tab = line.indexOf('\t');
            if (tab < 0) {
                continue;
            }
            int dash = line.indexOf('-');
            int first = Integer.parseInt(line, 0, dash < 0 ? tab : dash, 16);
            int last = dash < 0 ? first : Integer.parseInt(line, dash + 1, tab, 16);
            StringBuilder fold = new StringBuilder();
            for (String unit : line.substring(tab + 1).split(" ", -1)) {
                if (!unit.isEmpty()) {
                    fold.append((char) Integer.parseInt(unit, 16));
                }
            }
            table.put(first, fold.toString());
            for (int c = first + 1; c <= last; c++) {
                table.put(c, String.valueOf((char) (fold.charAt(0) + (c - first))));
            }
        }
        return table;
    }
}
