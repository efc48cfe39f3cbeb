package dev.hart.security;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.text.Normalizer2;
import java.util.Map;
import java.util.TreeMap;

/** Derives {@code folds.txt} from Unicode's compatibility decompositions and case folding. {@link #main} renews the resource. */
final class FoldTable {
    private static final int LAST = 0x1FFFF;
    private static final int REGIONAL_A = 0x1F1E6;

    private FoldTable() {}

    /** The whole file. */
    static String text() {
        Map<Integer, String> folds = new TreeMap<>();
        for (int c = 0x80; c <= LAST; c++) {
            if (UCharacter.isDefined(c)
                    && !(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                    && !Folding.writtenWithoutBlanks(c)) {
                String fold = fold(c);
                if (!fold.equals(Character.toString(c))) {
                    folds.put(c, fold);
                }
            }
        }
        StringBuilder text =
                new StringBuilder("# What code points are folded to, from Unicode's compatibility forms and case"
                        + " folding without accents (ICU4J). Written by FoldTable.\n");
        Integer first = null;
        int last = 0;
        for (int c : folds.keySet()) {
            boolean goesOn = first != null && c == last + 1 && follows(folds, first, c);
            if (!goesOn) {
                append(text, folds, first, last);
                first = c;
            }
            last = c;
        }
        append(text, folds, first, last);
        return text.toString();
    }

    private static String fold(int c) {
        if (c >= REGIONAL_A && c < REGIONAL_A + 26) {
            return String.valueOf((char) ('a' + c - REGIONAL_A));
        }
        Normalizer2 compatible = Normalizer2.getNFKDInstance();
        String plain = compatible.normalize(UCharacter.foldCase(compatible.normalize(Character.toString(c)), true));
        StringBuilder folded = new StringBuilder();
        for (int i = 0; i < plain.length(); i++) {
            char part = plain.charAt(i);
            if (!Folding.isAccent(part)) {
                folded.append(part == 'ı' ? 'i' : part);
            }
        }
        return folded.toString();
    }

    /** Whether the whole range maps to single chars that follow each other. */
    private static boolean follows(Map<Integer, String> folds, int first, int c) {
        String begin = folds.get(first);
        String fold = folds.get(c);
        return begin.length() == 1 && fold.length() == 1 && fold.charAt(0) == begin.charAt(0) + (c - first);
    }

    private static void append(StringBuilder text, Map<Integer, String> folds, Integer first, int last) {
        if (first != null) {
            text.append(Integer.toHexString(first))
                    .append(first == last ? "" : "-" + Integer.toHexString(last))
                    .append('\t');
            String fold = folds.get(first);
            for (int i = 0; i < fold.length(); i++) {
                text.append(i == 0 ? "" : " ").append(Integer.toHexString(fold.charAt(i)));
            }
            text.append('\n');
        }
    }

    public static void main(String[] arguments) throws java.io.IOException {
        java.nio.file.Files.writeString(java.nio.file.Path.of(arguments[0]), text());
    }
}
