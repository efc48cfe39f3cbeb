package dev.hart.core.plan;

import org.jspecify.annotations.Nullable;

/**
 * One word, number, sign or literal of a request.
 *
 * @param text as it stands in the request; of quoted text what is between the quotes
 * @param stem of a word: see {@link Stemmer}; empty for the other kinds
 * @param start where {@code text} begins in the request, in chars
 * @param value of a number, date, time or bracket: its JSON value; null for the other kinds
 */
record Token(
        Kind kind,
        String text,
        String lower,
        String stem,
        int start,
        int end,
        @Nullable Object value) {

    enum Kind {
        WORD,
        NUMBER,
        SIGN,
        DATE,
        TIME,
        PATH,
        URL,
        EMAIL,
        QUOTED,
        EXPRESSION,
        BRACKET
    }

    boolean isWord() {
        return kind == Kind.WORD;
    }

    boolean is(String word) {
        return lower.equals(word);
    }

    boolean isCapital() {
        return kind == Kind.WORD && Character.isUpperCase(text.charAt(0));
    }

    boolean endsSentence() {
        return kind == Kind.SIGN && (text.equals(".") || text.equals("?") || text.equals("!") || text.equals(";"));
    }
}
