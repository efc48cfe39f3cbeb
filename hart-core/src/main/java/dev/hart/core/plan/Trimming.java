package dev.hart.core.plan;

import dev.hart.core.plan.Mention.Kind;
import java.util.ArrayList;
import java.util.List;

/** Takes the words off a mention that name the argument rather than its value: "column amount", "Lawyer John Doe". */
record Trimming(Clause clause, ToolProfile tool, Parameter parameter) {

    /** The mention as it stands unless only words of the tool would be left, and without the words that name the argument. */
    List<Mention> variants(Mention mention) {
        int from = mention.from();
        int to = mention.to();
        while (from < to - 1 && names(clause.token(from))) {
            from++;
        }
        if (mention.kind() == Kind.PHRASE) {
            while (to > from + 1 && names(clause.token(to - 1))) {
                to--;
            }
        }
        List<Mention> variants = new ArrayList<>();
        if (from != mention.from() || to != mention.to()) {
            variants.add(part(mention, from, to));
        }
        boolean titled = mention.kind() == Kind.NAME && from != mention.from();
        if (variants.isEmpty() || titled) {
            variants.add(mention);
        }
        return variants;
    }

    private Mention part(Mention mention, int from, int to) {
        int start = clause.token(from).start();
        int end = to == mention.to() ? mention.end() : clause.token(to - 1).end();
        return Mention.of(mention.kind(), from, to, start, end, clause.request().substring(start, end));
    }

    private boolean names(Token token) {
        Lexicon lexicon = Lexicon.english();
        for (String stem : parameter.stems()) {
            if (lexicon.likeness(token.stem(), stem) > 0) {
                return true;
            }
        }
        return tool.isOwnWord(token.stem()) || lexicon.isGeneric(token.stem()) || lexicon.isImperative(token.lower());
    }
}
