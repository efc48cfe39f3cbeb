package dev.hart.security;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Undoes encodings that hide a text from its reader but not from a model. At most 32 candidates with 64 KiB together: a
 * longer encoded part is read from its beginning.
 */
final class Disguises {
    private static final int MAX_CANDIDATES = 32;
    private static final int MAX_CHARS = 64 * 1024;
    private static final int MIN_ENCODED = 16;
    private static final int MIN_SPACED = 6;
    private static final int MAX_TAG = 1_000;

    private final List<Candidate> candidates = new ArrayList<>();
    private int budget = MAX_CHARS;

    private Disguises() {}

    /** What a part of a text may really say. */
    record Candidate(String text, int start, int end) {}

    /** Places are chars of the given text. */
    static List<Candidate> in(String text, PhraseTrie vocabulary) {
        Disguises disguises = new Disguises();
        disguises.encodedRuns(text);
        disguises.escapes(text);
        disguises.spacedOut(text, vocabulary);
        disguises.wholeText(text);
        return disguises.candidates;
    }

    /** The text without markup and with its entities as characters; the same text when it has none. */
    static String withoutMarkup(String text) {
        if (text.indexOf('<') < 0 && text.indexOf('&') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        int lastComment = text.lastIndexOf("-->");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '<' && i + 1 < text.length() && opensTag(text.charAt(i + 1))) {
                boolean comment = text.startsWith("<!--", i) && i < lastComment;
                int close = comment ? text.indexOf("-->", i) : indexOf(text, '>', i, MAX_TAG);
                if (close < 0) {
                    plain.append(c);
                } else {
                    i = comment ? close + 2 : close;
                }
            } else if (c == '&') {
                int semicolon = indexOf(text, ';', i, 12);
                int codePoint = semicolon > i ? entity(text.substring(i + 1, semicolon)) : -1;
                if (codePoint >= 0) {
                    plain.appendCodePoint(codePoint);
                    i = semicolon;
                } else {
                    plain.append(c);
                }
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
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

    private void add(@Nullable String text, int start, int end) {
        if (text == null || text.length() < 8 || candidates.size() == MAX_CANDIDATES || budget <= 0) {
            return;
        }
        String cut = text.length() > budget ? text.substring(0, budget) : text;
        budget -= cut.length();
        candidates.add(new Candidate(cut, start, end));
    }

    private void encodedRuns(String text) {
        int i = 0;
        while (i < text.length() && candidates.size() < MAX_CANDIDATES) {
            int end = i;
            boolean hex = true;
            while (end < text.length() && isBase64(text.charAt(end))) {
                hex &= Character.digit(text.charAt(end), 16) >= 0;
                end++;
            }
            int length = end - i;
            if (length >= MIN_ENCODED) {
                int used = Math.min(length, MAX_CHARS);
                String run = text.substring(i, i + used);
                add(hex && used % 2 == 0 ? readable(hexBytes(run)) : readable(base64Bytes(run)), i, end);
            }
            i = end + 1;
        }
    }

    private void escapes(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('\\') < 0) {
            return;
        }
        StringBuilder decoded = new StringBuilder();
        int found = 0;
        int limit = Math.min(text.length(), MAX_CHARS);
        for (int i = 0; i < limit; i++) {
            char c = text.charAt(i);
            int digits = 0;
            int skip = 1;
            if (c == '%') {
                digits = 2;
            } else if (c == '\\' && i + 1 < limit && text.charAt(i + 1) == 'x') {
                digits = 2;
                skip = 2;
            } else if (c == '\\' && i + 1 < limit && text.charAt(i + 1) == 'u') {
                digits = 4;
                skip = 2;
            }
            int value = digits == 0 ? -1 : hexValue(text, i + skip, digits);
            if (value < 0) {
                decoded.append(c);
            } else {
                decoded.append((char) value);
                found++;
                i += skip + digits - 1;
            }
        }
        if (found >= 3) {
            add(decoded.toString(), 0, limit);
        }
    }

    /** Single letters in a row, and long words that hold several words. */
    private void spacedOut(String text, PhraseTrie vocabulary) {
        StringBuilder letters = new StringBuilder();
        int begin = 0;
        int end = 0;
        int i = 0;
        while (i < text.length()) {
            if (!Character.isLetter(text.charAt(i))) {
                i++;
                continue;
            }
            int wordEnd = i;
            while (wordEnd < text.length() && Character.isLetter(text.charAt(wordEnd))) {
                wordEnd++;
            }
            if (wordEnd - i == 1 && i - end <= 4 || wordEnd - i == 1 && letters.isEmpty()) {
                begin = letters.isEmpty() ? i : begin;
                letters.append(text.charAt(i));
            } else {
                addSpaced(letters, begin, end, vocabulary);
                letters.setLength(0);
                if (wordEnd - i == 1) {
                    begin = i;
                    letters.append(text.charAt(i));
                } else if (wordEnd - i >= MIN_ENCODED && !Folding.writtenWithoutBlanks(text.charAt(i))) {
                    String run = text.substring(i, Math.min(wordEnd, i + MAX_CHARS));
                    add(wordsOf(Folding.fold(run), vocabulary), i, wordEnd);
                }
            }
            end = wordEnd;
            i = wordEnd;
        }
        addSpaced(letters, begin, end, vocabulary);
    }

    private void addSpaced(StringBuilder letters, int begin, int end, PhraseTrie vocabulary) {
        if (letters.length() >= MIN_SPACED) {
            String run = letters.substring(0, Math.min(letters.length(), MAX_CHARS));
            add(wordsOf(Folding.fold(run), vocabulary), begin, end);
        }
    }

    /** Known words of a run of letters, or null when fewer than two are known. */
    private static @Nullable String wordsOf(String run, PhraseTrie vocabulary) {
        StringBuilder words = new StringBuilder(run.length() + 16);
        int known = 0;
        for (int i = 0; i < run.length(); ) {
            int length = vocabulary.longestWord(run, i);
            if (length >= 3) {
                words.append(' ').append(run, i, i + length).append(' ');
                known++;
                i += length;
            } else {
                words.append(run.charAt(i++));
            }
        }
        return known >= 2 ? words.toString() : null;
    }

    private void wholeText(String text) {
        int half = Math.min(text.length(), budget / 2);
        String head = text.substring(0, half);
        StringBuilder rotated = new StringBuilder(half);
        for (int i = 0; i < half; i++) {
            char c = head.charAt(i);
            if (c >= 'a' && c <= 'z') {
                rotated.append((char) ('a' + (c - 'a' + 13) % 26));
            } else if (c >= 'A' && c <= 'Z') {
                rotated.append((char) ('A' + (c - 'A' + 13) % 26));
            } else {
                rotated.append(c < 0x80 ? c : ' ');
            }
        }
        add(rotated.toString(), 0, half);
        add(new StringBuilder(head).reverse().toString(), 0, half);
    }

    private static boolean isBase64(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '+'
                || c == '/'
                || c == '-'
                || c == '_'
                || c == '=';
    }

    private static byte @Nullable [] base64Bytes(String run) {
        String plain = run.replace('-', '+').replace('_', '/').replace("=", "");
        int usable = plain.length() % 4 == 1 ? plain.length() - 1 : plain.length();
        try {
            return Base64.getDecoder().decode(plain.substring(0, usable));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static byte[] hexBytes(String run) {
        byte[] bytes = new byte[run.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(run.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }

    private static int hexValue(String text, int from, int digits) {
        if (from + digits > text.length()) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
        }
        return value;
    }

    /** The bytes as UTF-8 when nearly all of it can be read, otherwise null. */
    private static @Nullable String readable(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, 0, wholeCharacters(bytes)))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
        long unreadable = text.chars()
                .filter(c -> Character.isISOControl(c) && !Character.isWhitespace(c))
                .count();
        return unreadable * 20 > text.length() ? null : text;
    }

    /** The length without a character that the end of an encoded run cuts. */
    private static int wholeCharacters(byte[] bytes) {
        int end = bytes.length;
        for (int back = 1; back <= Math.min(3, bytes.length); back++) {
            int b = bytes[bytes.length - back] & 0xFF;
            if (b >= 0xC0) {
                int needed = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
                return needed > back ? end - back : end;
            }
            if (b < 0x80) {
                return end;
            }
        }
        return end;
    }
}
