package dev.hart.core.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The words around a {@link Mention} that tell which argument it is meant for, with their weights. */
final class Context {
    private static final Set<String> COPULAS = Set.of(
            "of", "is", "as", "=", ":", "at", "equals", "equal", "are", "the", "a", "an", "to", "be", "was", "being",
            "(");
    private static final Set<String> WALLS = Set.of(",", ".", ";", "?", "!", "and", "or");
    private static final int MAX_WORDS = 5;
    private static final double LEFT_DECAY = 0.8;
    private static final double ACROSS_PREPOSITION = 0.6;
    private static final double RIGHT = 0.85;
    private static final double RIGHT_DECAY = 0.6;
    private static final double UNIT = 1.1;

    /** A word near a mention. */
    record Word(String stem, double weight) {}

    private Context() {}

    static List<Word> of(Clause clause, Mention mention) {
        List<Word> words = new ArrayList<>();
        if (!mention.unit().isEmpty()) {
            words.add(new Word(Stemmer.stem(mention.unit()), UNIT));
        }
        left(clause, mention.from(), words);
        right(clause, mention.to(), words);
        return words;
    }

    private static void left(Clause clause, int from, List<Word> words) {
        double weight = 1;
        int seen = 0;
        for (int i = from - 1; i >= clause.begin() && seen < MAX_WORDS; i--) {
            Token token = clause.token(i);
            if (WALLS.contains(token.lower()) || token.kind() == Token.Kind.NUMBER) {
                return;
            }
            if (token.isWord() && !Lexicon.english().isStop(token.lower())) {
                words.add(new Word(token.stem(), weight));
                weight *= LEFT_DECAY;
                seen++;
            } else if (!COPULAS.contains(token.lower())) {
                words.add(new Word(token.lower(), weight));
                weight *= ACROSS_PREPOSITION;
            }
        }
    }

    private static void right(Clause clause, int to, List<Word> words) {
        double weight = RIGHT;
        int seen = 0;
        for (int i = to; i < clause.end() && seen < 3; i++) {
            Token token = clause.token(i);
            if (WALLS.contains(token.lower()) || token.kind() == Token.Kind.NUMBER) {
                return;
            }
            if (token.isWord() && !Lexicon.english().isStop(token.lower())) {
                words.add(new Word(token.stem(), weight));
                seen++;
            } else if (!token.is("a") && !token.is("per") && !token.is("-")) {
                weight *= RIGHT_DECAY;
                if (!token.is("of")) {
                    return;
                }
            }
        }
    }
}
