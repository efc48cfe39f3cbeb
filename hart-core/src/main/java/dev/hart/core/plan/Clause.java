package dev.hart.core.plan;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A part of a request that asks for one action.
 *
 * @param tokens of the whole request
 * @param begin the part's first token
 * @param end behind its last token
 * @param mentions in the part
 */
record Clause(String request, List<Token> tokens, int begin, int end, List<Mention> mentions) {

    static Clause of(String request, List<Token> tokens, int begin, int end) {
        return new Clause(request, tokens, begin, end, Mentions.in(request, tokens, begin, end));
    }

    /** From this part's beginning to the other's end. */
    Clause with(Clause next) {
        return of(request, tokens, begin, next.end);
    }

    /** As it stands in the request. */
    String text() {
        return text(begin, end);
    }

    String text(int from, int to) {
        return request.substring(tokens.get(from).start(), tokens.get(to - 1).end());
    }

    Token token(int i) {
        return tokens.get(i);
    }

    /** The token at a place outside of determiners to the left of it; -1 when there is none. */
    int before(int i) {
        int at = i - 1;
        while (at >= begin
                && Set.of("the", "a", "an", "my", "our", "his", "her", "their", "\"", "'")
                        .contains(token(at).lower())) {
            at--;
        }
        return at >= begin ? at : -1;
    }

    /** Stems of the words that carry a topic. */
    Set<String> topic() {
        Set<String> stems = new HashSet<>();
        for (int i = begin; i < end; i++) {
            Token token = token(i);
            if (token.isWord() && !Lexicon.english().isStop(token.lower())) {
                stems.add(token.stem());
            }
        }
        return stems;
    }
}
