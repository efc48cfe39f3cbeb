package dev.hart.core.plan;

import dev.hart.core.plan.Mention.Kind;
import java.util.ArrayList;
import java.util.List;

/** Takes the words off a mention that name the argument rather than its value: "column amount", "deluxe room", "Lawyer John Doe". */
record Trimming(Clause clause, ToolProfile tool, Parameter parameter) {
    private static final double NAMED = 1.8;
    private static final double TRIMMED = 0.1;

    /**
     * What is left of a mention.
     *
     * @param isNamed whether the words taken off name the argument
     */
    record Part(Mention words, double bonus, boolean isNamed) {}

    /** The ways to read the mention as a value of the argument. */
    List<Part> parts(Mention mention) {
        List<Part> parts = new ArrayList<>();
        if (mention.kind() == Kind.NAME) {
            titled(mention, parts);
        } else {
            stripped(mention, parts);
            modifier(mention, parts);
        }
        return parts;
    }

    /** A name keeps its title where it has one: "Hotel Paradise" is the hotel as much as "Paradise". */
    private void titled(Mention mention, List<Part> parts) {
        int from = mention.from();
        while (from < mention.to() - 1 && isTitle(clause.token(from))) {
            from++;
        }
        boolean named = mention.to() - mention.from() > 1
                && (namesParameter(clause.token(mention.from())) || namesParameter(clause.token(mention.to() - 1)));
        parts.add(new Part(mention, named ? NAMED : 0, false));
        if (from > mention.from()) {
            parts.add(new Part(part(mention, from, mention.to()), named ? NAMED - TRIMMED : TRIMMED, false));
        }
    }

    private void stripped(Mention mention, List<Part> parts) {
        int from = mention.from();
        int to = mention.to();
        boolean named = false;
        while (from < to - 1 && isTitle(clause.token(from))) {
            named |= namesParameter(clause.token(from));
            from++;
        }
        while (to > from + 1 && isTitle(clause.token(to - 1))) {
            named |= namesParameter(clause.token(to - 1));
            to--;
        }
        boolean whole = from == mention.from() && to == mention.to();
        parts.add(new Part(whole ? mention : part(mention, from, to), whole ? 0 : named ? NAMED : TRIMMED, false));
    }

    /** What stands before the argument's own noun: "renewable energy sources", "human cell". */
    private void modifier(Mention mention, List<Part> parts) {
        for (int i = mention.from() + 1; i < mention.to(); i++) {
            if (namesParameter(clause.token(i)) && !clause.token(i).isCapital()) {
                int from = mention.from();
                while (from < i - 1
                        && Lexicon.english().isGeneric(clause.token(from).stem())) {
                    from++;
                }
                parts.add(new Part(part(mention, from, i), NAMED - TRIMMED, true));
                return;
            }
        }
    }

    private Mention part(Mention mention, int from, int to) {
        int start = clause.token(from).start();
        int end = to == mention.to() ? mention.end() : clause.token(to - 1).end();
        return Mention.of(mention.kind(), from, to, start, end, clause.request().substring(start, end));
    }

    private boolean namesParameter(Token token) {
        Lexicon lexicon = Lexicon.english();
        return token.isWord()
                && parameter.stems().stream()
                        .anyMatch(stem -> !lexicon.isGeneric(stem) && lexicon.likeness(token.stem(), stem) > 0);
    }

    private boolean isTitle(Token token) {
        Lexicon lexicon = Lexicon.english();
        return namesParameter(token)
                || tool.isOwnWord(token.stem())
                || lexicon.isGeneric(token.stem())
                || lexicon.isImperative(token.lower());
    }
}
