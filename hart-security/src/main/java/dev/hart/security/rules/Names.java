package dev.hart.security.rules;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;

/** Names as they are compared: whatever their case, width, separators and invisible characters. */
final class Names {
    private Names() {}

    /** Compatibility form, lower case, without the characters that nobody sees. */
    static String fold(String name) {
        StringBuilder seen = new StringBuilder(name.length());
        Normalizer.normalize(name, Normalizer.Form.NFKD)
                .codePoints()
                .filter(c -> !isInvisible(c))
                .forEach(seen::appendCodePoint);
        // Upper case first: it unites what lower case alone keeps apart, such as a long s and an s.
        return Normalizer.normalize(
                seen.toString().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT), Normalizer.Form.NFKC);
    }

    /** Letters and digits alone: {@code Weapons  Design}, {@code weapons-design} and {@code weaponsDesign} are one name. */
    static String squeeze(String name) {
        StringBuilder bare = new StringBuilder(name.length());
        fold(name).codePoints().filter(Character::isLetterOrDigit).forEach(bare::appendCodePoint);
        return bare.toString();
    }

    static boolean isOneOf(String name, Set<String> names) {
        String bare = squeeze(name);
        return names.stream().anyMatch(known -> squeeze(known).equals(bare));
    }

    /** Whether Latin letters stand among letters of another script, as in a disguised name. */
    static boolean mixesScripts(String name) {
        long scripts = fold(name)
                .codePoints()
                .filter(Character::isLetter)
                .mapToObj(Character.UnicodeScript::of)
                .filter(script -> script == Character.UnicodeScript.LATIN
                        || script == Character.UnicodeScript.CYRILLIC
                        || script == Character.UnicodeScript.GREEK
                        || script == Character.UnicodeScript.ARMENIAN
                        || script == Character.UnicodeScript.CHEROKEE)
                .distinct()
                .count();
        return scripts > 1;
    }

    /** Marks that only combine, formats and controls, fillers, variation selectors and tags. */
    private static boolean isInvisible(int c) {
        int type = Character.getType(c);
        return type == Character.FORMAT
                || type == Character.NON_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || type == Character.CONTROL && !Character.isWhitespace(c)
                || c == 0x115F
                || c == 0x1160
                || c == 0x3164
                || c == 0xFFA0
                || c >= 0xE0000 && c <= 0xE0FFF;
    }
}
