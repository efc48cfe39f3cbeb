package dev.hart.security;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The words of a folded text in order. A word has several spellings where it may be a disguise: as it stands first, then with look-alikes
 * as Latin letters, with digits and signs read as letters, and with the punctuation inside it taken out.
 */
final class Words {
    /** One word counts four; a character of a script without blanks two; the end of a sentence another four. */
    static final int UNITS_PER_WORD = 4;

    private static final int MAX_DISGUISED_CHUNK = 64;
    private static final int LATIN_LIMIT = 0x250;

    private final FoldedText text;
    private final List<Word> words = new ArrayList<>();
    /** Those of the characters that are words, made once each: a long text has few different ones. */
    private final Map<Character, List<Spelling>> ofCharacters = new HashMap<>();

    private int mixedScriptAt = -1;
    private int position;

    /** A way to read a word: what it says, and how many words from it on that takes. */
    record Spelling(String text, int words) {}

    /**
     * @param start in chars of the folded text
     * @param position in units
     * @param joined a single character of a script without blanks; words are made of several
     */
    record Word(int start, int end, int position, boolean joined, List<Spelling> spellings) {}

    private Words(FoldedText text) {
        this.text = text;
    }

    static Words of(FoldedText text) {
        Words words = new Words(text);
        words.read();
        return words;
    }

    List<Word> list() {
        return words;
    }

    /** Where a word mixes Latin letters with their look-alikes, in chars of the folded text; -1 when none does. */
    int mixedScriptAt() {
        return mixedScriptAt;
    }

    private void read() {
        String folded = text.folded();
        int i = 0;
        while (i < folded.length()) {
            if (Character.isWhitespace(folded.charAt(i))) {
                if (folded.charAt(i) == '\n') {
                    position += 2;
                }
                i++;
                continue;
            }
            int end = i;
            while (end < folded.length() && !Character.isWhitespace(folded.charAt(end))) {
                end++;
            }
            readChunk(i, end);
            char last = folded.charAt(end - 1);
            if (last == '.' || last == '!' || last == '?') {
                position += UNITS_PER_WORD;
            }
            i = end;
        }
    }

    private void readChunk(int start, int end) {
        String folded = text.folded();
        int first = words.size();
        int i = start;
        while (i < end) {
            char c = folded.charAt(i);
            if (Folding.writtenWithoutBlanks(c)) {
                words.add(new Word(i, i + 1, position, true, ofCharacters.computeIfAbsent(c, Words::alone)));
                position += UNITS_PER_WORD / 2;
                i++;
            } else if (isWordCharacter(c)) {
                int wordEnd = i + 1;
                while (wordEnd < end && isInsideWord(folded, wordEnd, end)) {
                    wordEnd++;
                }
                addWord(i, wordEnd);
                i = wordEnd;
            } else {
                if (c == '。' || c == '！' || c == '？') {
                    position += UNITS_PER_WORD;
                }
                i++;
            }
        }
        if (words.size() > first && end - start <= MAX_DISGUISED_CHUNK) {
            addDisguises(first, start, end);
        }
    }

    private static List<Spelling> alone(char c) {
        return List.of(new Spelling(String.valueOf(c), 1));
    }

    private void addWord(int start, int end) {
        String plain = text.folded().substring(start, end).replace("'", "").replace("’", "");
        List<Spelling> spellings = new ArrayList<>(2);
        spellings.add(new Spelling(plain, 1));
        String latin = text.latin().substring(start, end);
        if (!latin.contentEquals(text.folded().substring(start, end))) {
            spellings.add(new Spelling(latin, 1));
            if (mixedScriptAt < 0 && end - start >= 4 && mixesScripts(start, end)) {
                mixedScriptAt = start;
            }
        }
        words.add(new Word(start, end, position, false, spellings));
        position += UNITS_PER_WORD;
    }

    private boolean mixesScripts(int start, int end) {
        boolean latinLetter = false;
        boolean imitated = false;
        for (int i = start; i < end; i++) {
            char c = text.folded().charAt(i);
            if (c < LATIN_LIMIT) {
                latinLetter |= Character.isLetter(c);
            } else {
                imitated |= text.latin().charAt(i) != c;
            }
        }
        return latinLetter && imitated;
    }

    private void addDisguises(int first, int start, int end) {
        String chunk = text.latin().substring(start, end);
        int letters = 0;
        boolean disguised = false;
        boolean one = false;
        for (int i = 0; i < chunk.length(); i++) {
            char c = chunk.charAt(i);
            letters += Character.isLetter(c) ? 1 : 0;
            disguised |= !Character.isLetter(c);
            one |= c == '1' || c == '!' || c == '|';
        }
        if (!disguised || letters < 2) {
            return;
        }
        Word word = words.get(first);
        int all = words.size() - first;
        addSpelling(word, lettersOf(chunk, 'i', false), all);
        addSpelling(word, lettersOf(chunk, 'i', true), all);
        if (one) {
            addSpelling(word, lettersOf(chunk, 'l', true), all);
        }
    }

    private static void addSpelling(Word word, String spelling, int all) {
        if (spelling.length() > 1
                && word.spellings().stream().noneMatch(r -> r.text().equals(spelling))) {
            if (word.joined()) {
                return;
            }
            word.spellings().add(new Spelling(spelling, all));
        }
    }

    private static String lettersOf(String chunk, char one, boolean leet) {
        int end = chunk.length();
        while (end > 0 && !Character.isLetterOrDigit(chunk.charAt(end - 1)) && chunk.charAt(end - 1) != '$') {
            end--;
        }
        StringBuilder letters = new StringBuilder(end);
        for (int i = 0; i < end; i++) {
            char c = leet ? Folding.unleet(chunk.charAt(i), one) : chunk.charAt(i);
            if (Character.isLetter(c)) {
                letters.append(c);
            }
        }
        return letters.toString();
    }

    private static boolean isWordCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || (c >= 0x80
                        && (Character.isLetterOrDigit(c)
                                || Character.getType(c) == Character.NON_SPACING_MARK
                                || Character.getType(c) == Character.COMBINING_SPACING_MARK));
    }

    private static boolean isInsideWord(String folded, int i, int end) {
        char c = folded.charAt(i);
        if ((c == '\'' || c == '’') && i + 1 < end) {
            return isWordCharacter(folded.charAt(i + 1));
        }
        return isWordCharacter(c) && !Folding.writtenWithoutBlanks(c);
    }
}
