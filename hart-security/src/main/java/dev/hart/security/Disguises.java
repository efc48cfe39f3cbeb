package dev.hart.security;

import dev.hart.guard.View;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Undoes encodings that hide a text from its reader but not from a model. At most 32 encoded parts with 64 KiB together; a
 * text that has more says so by {@link #unread}.
 */
final class Disguises {
    private static final int MAX_ENCODED = 32;
    private static final int MAX_CHARS = 64 * 1024;
    private static final int WHOLE_CHARS = MAX_CHARS / 2;
    private static final int MIN_READING = 8;
    private static final int MIN_ENCODED = 16;
    private static final int MIN_LINE = 40;
    private static final int MIN_ESCAPES = 3;
    private static final int MIN_SPACED = 6;

    private final List<Reading> readings = new ArrayList<>();
    private int budget = MAX_CHARS;
    private int encoded;
    private boolean unread;

    private Disguises() {}

    /** Places are chars of the given text. */
    static Disguises in(String text, PhraseTrie vocabulary) {
        Disguises disguises = new Disguises();
        disguises.encodedRuns(text);
        disguises.spacedOut(text, vocabulary);
        disguises.escapes(text);
        disguises.wholeText(text);
        return disguises;
    }

    List<Reading> readings() {
        return readings;
    }

    /** Whether more is encoded than was read. */
    boolean unread() {
        return unread;
    }

    private void add(View view, @Nullable String text, int start, int end) {
        if (text == null || text.length() < MIN_READING) {
            return;
        }
        boolean coded = view != View.SPACING;
        if ((coded && encoded == MAX_ENCODED) || text.length() > budget) {
            unread = true;
        }
        if ((!coded || encoded < MAX_ENCODED) && budget > 0) {
            encoded += coded ? 1 : 0;
            String cut = text.length() > budget ? text.substring(0, budget) : text;
            budget -= cut.length();
            readings.add(new Reading(view, cut, start, end, null));
        }
    }

    private void encodedRuns(String text) {
        int i = 0;
        while (i < text.length() && !unread) {
            int end = i;
            int line = i;
            boolean hex = true;
            while (end < text.length()) {
                char c = text.charAt(end);
                if (isBase64(c)) {
                    hex &= Character.digit(c, 16) >= 0;
                    end++;
                } else if (end - line >= MIN_LINE && continues(text, end)) {
                    end += c == '\r' ? 2 : 1;
                    line = end;
                } else {
                    break;
                }
            }
            if (end - i >= MIN_ENCODED) {
                String run = text.substring(i, Math.min(end, i + 2 * MAX_CHARS));
                run = run.indexOf('\n') < 0 ? run : run.replaceAll("[\r\n]", "");
                if (hex && run.length() % 2 == 0) {
                    add(View.HEX, readable(hexBytes(run)), i, end);
                } else {
                    add(View.BASE64, readable(base64Bytes(run)), i, end);
                }
            }
            i = end + 1;
        }
    }

    /** Whether an encoded run goes on behind a line break. */
    private static boolean continues(String text, int at) {
        int next = text.charAt(at) == '\r' ? at + 2 : at + 1;
        return (text.charAt(at) == '\n' || text.startsWith("\r\n", at))
                && next < text.length()
                && isBase64(text.charAt(next));
    }

    private void escapes(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('\\') < 0) {
            return;
        }
        StringBuilder decoded = new StringBuilder();
        int limit = text.length();
        int[] origin = new int[limit + 1];
        byte[] bytes = new byte[limit / 3 + 1];
        int found = 0;
        for (int i = 0; i < limit; ) {
            int begin = i;
            int count = 0;
            for (int value = escapedByte(text, i, limit); value >= 0; value = escapedByte(text, i, limit)) {
                bytes[count++] = (byte) value;
                i += text.charAt(i) == '%' ? 3 : 4;
            }
            String part;
            int unit = text.startsWith("\\u", i) && i + 6 <= limit ? hexValue(text, i + 2, 4) : -1;
            if (count > 0) {
                part = utf8OrLatin(bytes, count);
            } else if (unit >= 0) {
                part = String.valueOf((char) unit);
                count = 1;
                i += 6;
            } else {
                part = String.valueOf(text.charAt(i++));
            }
            found += count;
            for (int k = 0; k < part.length(); k++) {
                origin[decoded.length() + k] = begin + (int) ((long) (i - begin) * k / part.length());
            }
            decoded.append(part);
        }
        if (found >= MIN_ESCAPES) {
            readings.add(
                    new Reading(View.ESCAPES, decoded.toString(), 0, limit, Arrays.copyOf(origin, decoded.length())));
        }
    }

    /** The byte of a {@code %41} or {@code \x41} at a place, or -1. */
    private static int escapedByte(String text, int at, int limit) {
        if (at + 3 <= limit && text.charAt(at) == '%') {
            return hexValue(text, at + 1, 2);
        }
        return at + 4 <= limit && text.startsWith("\\x", at) ? hexValue(text, at + 2, 2) : -1;
    }

    private static String utf8OrLatin(byte[] bytes, int count) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, 0, count))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
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
                    add(View.SPACING, wordsOf(Folding.fold(run), vocabulary), i, wordEnd);
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
            add(View.SPACING, wordsOf(Folding.fold(run), vocabulary), begin, end);
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

    /** The whole text rotated and backwards. A text that is longer than is read this way has its beginning and end read. */
    private void wholeText(String text) {
        int half = Math.min(text.length(), WHOLE_CHARS);
        StringBuilder rotated = new StringBuilder(half);
        int[] forward = new int[half];
        for (int i = 0; i < half; i++) {
            char c = text.charAt(i);
            forward[i] = i;
            if (c >= 'a' && c <= 'z') {
                rotated.append((char) ('a' + (c - 'a' + 13) % 26));
            } else if (c >= 'A' && c <= 'Z') {
                rotated.append((char) ('A' + (c - 'A' + 13) % 26));
            } else {
                rotated.append(c < 0x80 ? c : ' ');
            }
        }
        readings.add(new Reading(View.ROT13, rotated.toString(), 0, half, forward));
        int first = text.length() - half;
        StringBuilder backwards = new StringBuilder(half);
        int[] backward = new int[half];
        for (int i = 0; i < half; i++) {
            backward[i] = text.length() - 1 - i;
            backwards.append(text.charAt(backward[i]));
        }
        readings.add(new Reading(View.REVERSED, backwards.toString(), first, text.length(), backward));
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
