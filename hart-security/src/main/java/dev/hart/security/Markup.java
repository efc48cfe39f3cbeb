package dev.hart.security;

import dev.hart.guard.View;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Takes tags and comments out of a text, and turns entities into characters. */
final class Markup {
    private static final int MAX_TAG = 1_000;
    private static final int MAX_ENTITY = 12;

    private Markup() {}

    /** The text without markup; null when it has none. */
    static @Nullable Reading removed(String text) {
        if (text.indexOf('<') < 0 && text.indexOf('&') < 0) {
            return null;
        }
        StringBuilder plain = new StringBuilder(text.length());
        int[] origin = new int[text.length() + 1];
        int lastComment = text.lastIndexOf("-->");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int last = i;
            int codePoint = c;
            if (c == '<' && i + 1 < text.length() && opensTag(text.charAt(i + 1))) {
                boolean comment = text.startsWith("<!--", i) && i < lastComment;
                int close = comment ? text.indexOf("-->", i) + 2 : indexOf(text, '>', i, MAX_TAG);
                if (close > i) {
                    i = close;
                    continue;
                }
            } else if (c == '&') {
                int semicolon = indexOf(text, ';', i, MAX_ENTITY);
                int named = semicolon > i ? entity(text.substring(i + 1, semicolon)) : -1;
                if (named >= 0) {
                    codePoint = named;
                    last = semicolon;
                }
            }
            origin[plain.length()] = i;
            if (Character.charCount(codePoint) == 2) {
                origin[plain.length() + 1] = i;
            }
            plain.appendCodePoint(codePoint);
            i = last;
        }
        if (plain.length() == text.length()) {
            return null;
        }
        return new Reading(View.PLAIN, plain.toString(), 0, text.length(), Arrays.copyOf(origin, plain.length()));
    }

    private static boolean opensTag(char c) {
        return c == '/' || c == '!' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static int indexOf(String text, char wanted, int from, int atMost) {
        int limit = Math.min(text.length(), from + atMost);
        for (int i = from; i < limit; i++) {
            if (text.charAt(i) == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int entity(String name) {
        try {
            if (name.startsWith("#x") || name.startsWith("#X")) {
                return validCodePoint(Integer.parseInt(name.substring(2), 16));
            }
            if (name.startsWith("#")) {
                return validCodePoint(Integer.parseInt(name.substring(1)));
            }
        } catch (NumberFormatException e) {
            return -1;
        }
        return switch (name) {
            case "amp" -> '&';
            case "lt" -> '<';
            case "gt" -> '>';
            case "quot" -> '"';
            case "apos" -> '\'';
            case "nbsp" -> ' ';
            case "shy" -> 0xAD;
            case "zwnj" -> 0x200C;
            case "zwj" -> 0x200D;
            default -> -1;
        };
    }

    private static int validCodePoint(int codePoint) {
        return Character.isValidCodePoint(codePoint) ? codePoint : -1;
    }
}
