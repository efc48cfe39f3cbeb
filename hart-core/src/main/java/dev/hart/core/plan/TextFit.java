package dev.hart.core.plan;

import dev.hart.core.plan.Mention.Kind;
import dev.hart.core.plan.Parameter.Role;
import java.util.List;
import java.util.regex.Pattern;

/** How well the kind of a mention fits an argument that takes text. */
record TextFit(Clause clause, ToolProfile tool, Parameter parameter, Mention mention) {

    private static final Pattern RELATIVE_DAYS = Pattern.compile(
            "\\b(?:today|tomorrow|yesterday|tonight|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\\b",
            Pattern.CASE_INSENSITIVE);

    /** What the kind of words says; NaN when they cannot be the value. */
    double score() {
        Kind kind = mention.kind();
        if (parameter.is(Role.PATH)) {
            return kind == Kind.PATH ? 5 : kind == Kind.QUOTED ? 1 : Double.NaN;
        }
        if (parameter.is(Role.URL)) {
            return kind == Kind.URL ? 5 : Double.NaN;
        }
        if (parameter.is(Role.EMAIL) && parameter.stems().contains("email")) {
            return kind == Kind.EMAIL ? 5 : Double.NaN;
        }
        if (parameter.is(Role.FORMULA)) {
            return kind == Kind.EXPRESSION ? 4 : kind == Kind.QUOTED ? 1 : kind == Kind.NUMBER ? Double.NaN : -1;
        }
        if (parameter.is(Role.UNIT) || parameter.is(Role.CURRENCY)) {
            return kind == Kind.QUOTED ? 1 : Double.NaN;
        }
        return switch (kind) {
            case DATE ->
                parameter.is(Role.DATE) || parameter.namesDateForm() ? 4 : parameter.is(Role.TIME) ? 1.5 : -1.5;
            case TIME -> parameter.is(Role.TIME) && !parameter.is(Role.DATE) ? 4 : -1;
            case NUMBER ->
                parameter.is(Role.DATE) || parameter.is(Role.PLACE) || parameter.is(Role.PERSON) ? Double.NaN : -0.7;
            case PATH -> parameter.is(Role.COLUMN) || parameter.is(Role.PLACE) ? Double.NaN : 0.5;
            case URL, EMAIL -> 0.5;
            case EXPRESSION -> parameter.is(Role.PLACE) || parameter.is(Role.PERSON) ? Double.NaN : 0.2;
            case BRACKET, LIST -> Double.NaN;
            case QUOTED -> parameter.is(Role.PLACE) || parameter.is(Role.DATE) ? 0.5 : 2.2;
            case NAME -> name();
            case PHRASE -> phrase();
        };
    }

    private double name() {
        Lexicon lexicon = Lexicon.english();
        String text = mention.text();
        boolean place = lexicon.isPlace(text) || (text.contains(",") && mention.to() - mention.from() > 2);
        boolean joined = text.contains(" of ");
        double repeated = 1.2 * repeated();
        if (parameter.is(Role.DATE)) {
            return RELATIVE_DAYS.matcher(text).find() ? 2 : Double.NaN;
        }
        if (parameter.is(Role.TIME)) {
            return -1 - repeated;
        }
        if (parameter.is(Role.PLACE)) {
            if (parameter.is(Role.COUNTRY)) {
                return lexicon.isCountry(text) ? 3 : lexicon.isCity(text) ? 0 : 0.7 - repeated;
            }
            if (parameter.is(Role.STATE)) {
                return lexicon.isState(text) ? 2.7 : place ? 0 : 0.5 - repeated;
            }
            return place ? text.contains(",") && !splits() ? 2.9 : 2.5 : 0.9 - repeated;
        }
        if (parameter.is(Role.PERSON)) {
            return place ? -1 : 1.8 + (joined ? 0.2 : 0) - repeated;
        }
        return (place ? -0.5 : text.length() == 1 ? 0.4 : 1.4) + (joined ? 0.6 : 0) - repeated;
    }

    /** Whether "Paris, France" goes to two arguments. */
    private boolean splits() {
        return tool.parameters().stream().anyMatch(p -> p.is(Role.COUNTRY) || p.is(Role.STATE));
    }

    private double phrase() {
        double base = 0.5;
        if (parameter.is(Role.DATE)) {
            return RELATIVE_DAYS.matcher(mention.text()).find() ? 2 : Double.NaN;
        }
        if (parameter.is(Role.YEAR)) {
            return Double.NaN;
        }
        if (parameter.is(Role.PLACE) || parameter.is(Role.PERSON)) {
            base = -0.6;
        } else if (parameter.is(Role.CONTENT)) {
            base = isDirectObject() ? 1 : -1.5;
        } else if (parameter.is(Role.COLOR)) {
            base = -0.5;
        }
        int before = mention.from() - 1;
        boolean afterTo = before >= clause.begin() && clause.token(before).is("to");
        return base - 1.5 * repeated() - (afterTo ? 0.8 : 0);
    }

    /** "write hello to …", but not "write the total to …", which means a result. */
    private boolean isDirectObject() {
        return mention.from() > clause.begin()
                && Lexicon.english()
                        .isImperative(clause.token(mention.from() - 1).lower());
    }

    /** The share of the mention's words that only repeat what the tool is. */
    private double repeated() {
        int all = 0;
        int own = 0;
        for (int i = mention.from(); i < mention.to(); i++) {
            Token token = clause.token(i);
            if (token.isWord()) {
                all++;
                own += isOwn(token) ? 1 : 0;
            }
        }
        return all == 0 ? 0 : (double) own / all;
    }

    private boolean isOwn(Token token) {
        return tool.isOwnWord(token.stem())
                || Lexicon.english().isGeneric(token.stem())
                || List.of("what", "who", "how").contains(token.lower());
    }
}
