package dev.hart.security;

import com.ibm.icu.text.SpoofChecker;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Derives {@code lookalikes.txt} from Unicode's table of confusables. Run {@link #main} to renew the resource. */
final class LookAlikeTable {
    private static final Set<Character.UnicodeScript> SCRIPTS = Set.of(
            Character.UnicodeScript.LATIN,
            Character.UnicodeScript.CYRILLIC,
            Character.UnicodeScript.GREEK,
            Character.UnicodeScript.ARMENIAN,
            Character.UnicodeScript.CHEROKEE,
            Character.UnicodeScript.COPTIC);

    private LookAlikeTable() {}

    /** The whole file. */
    static String text() {
        SpoofChecker checker =
                new SpoofChecker.Builder().setChecks(SpoofChecker.CONFUSABLE).build();
        Map<String, Character> letters = new TreeMap<>();
        for (char c = 'A'; c <= 'Z'; c++) {
            letters.put(checker.getSkeleton(String.valueOf(c)), Character.toLowerCase(c));
        }
        for (char c = 'a'; c <= 'z'; c++) {
            letters.put(checker.getSkeleton(String.valueOf(c)), c);
        }
        Map<Character, StringJoiner> lines = new TreeMap<>();
        for (int c = 0x80; c < 0x20000; c++) {
            if (!Character.isLetter(c) || !SCRIPTS.contains(Character.UnicodeScript.of(c))) {
                continue;
            }
            Character letter = letters.get(checker.getSkeleton(Character.toString(Character.toLowerCase(c))));
            if (letter == null) {
                letter = letters.get(checker.getSkeleton(Character.toString(c)));
            }
            String fold = Folding.fold(c);
            if (letter != null && !fold.equals(String.valueOf(letter)) && !isPlainLatin(fold)) {
                lines.computeIfAbsent(letter, l -> new StringJoiner(" ", l + " ", "\n"))
                        .add(Integer.toHexString(c).toUpperCase(java.util.Locale.ROOT));
            }
        }
        StringBuilder text = new StringBuilder("# Letters that look like a Latin letter, as code points, from Unicode's"
                + " confusables (ICU4J). Written by LookAlikeTable.\n");
        lines.values().forEach(text::append);
        return text.toString();
    }

    private static boolean isPlainLatin(String fold) {
        return fold.chars().allMatch(c -> c < 0x80);
    }

    public static void main(String[] arguments) throws java.io.IOException {
        java.nio.file.Files.writeString(java.nio.file.Path.of(arguments[0]), text());
    }
}
