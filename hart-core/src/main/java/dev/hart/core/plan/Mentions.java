package dev.hart.core.plan;

import dev.hart.core.plan.Mention.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the {@link Mention}s in a part of a request. */
final class Mentions {
    private static final Set<String> JOINED =
            Set.of("of", "the", "de", "la", "and", "del", "van", "von", "di", "for", "in");
    private static final int MAX_MENTIONS = 200;
    private static final int MAX_NAME_WORDS = 8;

    private final String request;
    private final List<Token> tokens;
    private final int begin;
    private final int end;
    private final Lexicon lexicon = Lexicon.english();
    private final List<Mention> found = new ArrayList<>();

    private Mentions(String request, List<Token> tokens, int begin, int end) {
        this.request = request;
        this.tokens = tokens;
        this.begin = begin;
        this.end = end;
    }

    /** Those between two tokens, at most {@value #MAX_MENTIONS}. They may overlap: each is one way to read its words. */
    static List<Mention> in(String request, List<Token> tokens, int begin, int end) {
        Mentions mentions = new Mentions(request, tokens, begin, end);
        mentions.literals();
        mentions.numbers();
        mentions.names();
        mentions.phrases();
        mentions.lists();
        return mentions.found.stream().limit(MAX_MENTIONS).toList();
    }

    private void literals() {
        int year = 0;
        for (int i = begin; i < end; i++) {
            if (tokens.get(i).value() instanceof Dates.Date date && date.year() > 0) {
                year = date.year();
            }
        }
        for (int i = begin; i < end; i++) {
            Token token = tokens.get(i);
            Object value = token.value() == null ? token.text() : token.value();
            if (value instanceof Dates.Date date && date.year() == 0 && year > 0) {
                value = date.inYear(year);
            }
            Kind kind = kindOf(token);
            if (kind != null) {
                found.add(Mention.of(kind, i, i + 1, token.start(), token.end(), value));
            }
        }
    }

    private static @Nullable Kind kindOf(Token token) {
        return switch (token.kind()) {
            case DATE -> Kind.DATE;
            case TIME -> Kind.TIME;
            case PATH -> Kind.PATH;
            case URL -> Kind.URL;
            case EMAIL -> Kind.EMAIL;
            case QUOTED -> Kind.QUOTED;
            case EXPRESSION -> Kind.EXPRESSION;
            case BRACKET -> Kind.BRACKET;
            case WORD -> token.text().indexOf('_') > 0 ? Kind.QUOTED : null; // a name of a program
            case NUMBER, SIGN -> null;
        };
    }

    private void numbers() {
        for (int i = begin; i < end; i++) {
            Token token = tokens.get(i);
            BigDecimal value = token.value() instanceof Number && token.kind() == Token.Kind.NUMBER
                    ? Numbers.decimal(token.value())
                    : spelled(i);
            BigDecimal period = lexicon.period(token.lower());
            if (period != null) {
                found.add(new Mention(
                        Kind.NUMBER,
                        i,
                        i + 1,
                        token.start(),
                        token.end(),
                        Numbers.plain(period),
                        "periods",
                        "",
                        List.of()));
            }
            if (value == null && isOneUnit(i)) {
                Lexicon.Unit unit = lexicon.unit(token.lower());
                found.add(new Mention(
                        Kind.NUMBER,
                        i,
                        i + 1,
                        token.start(),
                        token.start(),
                        1L,
                        unit == null ? "" : unit.dimension(),
                        token.lower(),
                        List.of()));
            }
            if (value != null) {
                Mention number = number(i, value);
                found.add(number);
                i = Math.max(i, number.to() - 1);
            }
        }
    }

    /** "the next week" is one week. */
    private boolean isOneUnit(int i) {
        Lexicon.Unit unit = lexicon.unit(tokens.get(i).lower());
        return unit != null
                && i > begin
                && tokens.get(i).text().length() > 2
                && (unit.dimension().equals("time") || unit.dimension().equals("calendar"))
                && Set.of("next", "past", "last", "coming", "following", "upcoming")
                        .contains(tokens.get(i - 1).lower());
    }

    private @Nullable BigDecimal spelled(int i) {
        Token token = tokens.get(i);
        if (!token.isWord()
                || (token.is("one")
                        && (i + 1 >= end || lexicon.isStop(tokens.get(i + 1).lower())))) {
            return null;
        }
        int hyphen = token.lower().indexOf('-');
        BigDecimal whole = lexicon.number(token.lower());
        if (whole == null && hyphen > 0) {
            BigDecimal tens = lexicon.number(token.lower().substring(0, hyphen));
            BigDecimal ones = lexicon.number(token.lower().substring(hyphen + 1));
            return tens == null || ones == null ? null : tens.add(ones);
        }
        return whole;
    }

    private Mention number(int at, BigDecimal value) {
        int from = at;
        int to = at + 1;
        int start = tokens.get(at).start();
        String dimension = "";
        if (from > begin && isMinus(from - 1)) {
            from--;
            start = tokens.get(from).start();
            value = value.negate();
        }
        if (from > begin && isUnit(from - 1, "money") && tokens.get(from - 1).kind() == Token.Kind.SIGN) {
            dimension = "money";
            from--;
            if (from > begin && isMinus(from - 1)) {
                from--;
                start = tokens.get(from).start();
                value = value.negate();
            }
        }
        int stop = tokens.get(at).end();
        while (to < end && multiplies(to, stop, dimension)) {
            value = value.multiply(lexicon.multiplier(tokens.get(to).lower()));
            stop = tokens.get(to++).end();
        }
        String unit = "";
        int unitAt = to;
        while (unitAt < end
                && (tokens.get(unitAt).is("square")
                        || tokens.get(unitAt).is("cubic")
                        || tokens.get(unitAt).is("°")
                        || tokens.get(unitAt).is("-"))) {
            unitAt++;
        }
        Lexicon.Unit known = unitAt < end ? lexicon.unit(tokens.get(unitAt).lower()) : null;
        if (known != null) {
            unit = tokens.get(unitAt).lower();
            dimension = known.dimension();
            to = unitAt + 1;
            if (dimension.equals("percent")) {
                stop = tokens.get(unitAt).end();
            }
            Lexicon.Unit per =
                    to + 1 < end && (tokens.get(to).is("/") || tokens.get(to).is("per"))
                            ? lexicon.unit(tokens.get(to + 1).lower())
                            : null;
            if (per != null) {
                dimension = dimension + "/" + per.dimension();
                to += 2;
            }
        }
        return new Mention(Kind.NUMBER, from, to, start, stop, Numbers.plain(value), dimension, unit, List.of());
    }

    /** Whether "million" and the like follow; 300K is a temperature, $300K an amount. */
    private boolean multiplies(int i, int stop, String dimension) {
        Token token = tokens.get(i);
        return lexicon.multiplier(token.lower()) != null
                && (!token.is("k") || (token.start() == stop && dimension.equals("money")));
    }

    private boolean isMinus(int i) {
        Token sign = tokens.get(i);
        boolean touchesNumber = sign.end() == tokens.get(i + 1).start();
        boolean free = i == begin
                || tokens.get(i - 1).end() < sign.start()
                || tokens.get(i - 1).kind() == Token.Kind.SIGN;
        return (sign.is("-") || sign.is("−")) && touchesNumber && free;
    }

    private boolean isUnit(int i, String dimension) {
        Lexicon.Unit unit = lexicon.unit(tokens.get(i).lower());
        return unit != null && unit.dimension().equals(dimension);
    }

    private void names() {
        for (int i = begin; i < end; i++) {
            if (!startsName(i)) {
                continue;
            }
            int to = i + 1;
            while (to < end && to - i < MAX_NAME_WORDS && continuesName(to)) {
                to++;
            }
            addName(i, to);
            int joined = joined(to);
            while (joined > to && joined - i <= MAX_NAME_WORDS) {
                addName(i, joined);
                joined = joined(joined) > joined ? joined(joined) : to;
            }
            if (to + 1 < end && tokens.get(to).is(",") && startsName(to + 1)) {
                placeWithState(i, to);
            }
            i = to - 1;
        }
    }

    private void placeWithState(int from, int comma) {
        int to = comma + 2;
        while (to < end && continuesName(to)) {
            to++;
        }
        String outer = request.substring(
                tokens.get(comma + 1).start(), tokens.get(to - 1).end());
        if (lexicon.isCountry(outer) || lexicon.isState(outer)) {
            addName(from, to);
        }
    }

    /** Behind the capitalised words that follow "of the" and the like; the same place when there are none. */
    private int joined(int to) {
        int next = to;
        while (next < end
                && next - to < 2
                && JOINED.contains(tokens.get(next).lower())
                && !tokens.get(next).is("and")
                && !tokens.get(next).is("in")
                && !tokens.get(next).is("for")) {
            next++;
        }
        if (next == to || next >= end || !startsName(next)) {
            return to;
        }
        while (next < end && continuesName(next)) {
            next++;
        }
        return next;
    }

    private void addName(int from, int to) {
        int start = tokens.get(from).start();
        int stop = tokens.get(to - 1).end();
        if (tokens.get(to - 1).lower().endsWith("'s")) {
            stop -= 2;
        }
        found.add(Mention.of(Kind.NAME, from, to, start, stop, request.substring(start, stop)));
    }

    private boolean startsName(int i) {
        Token token = tokens.get(i);
        if (!token.isCapital()) {
            return false;
        }
        boolean first = i == 0 || tokens.get(i - 1).endsSentence();
        boolean common = lexicon.isBreak(token.lower()) || lexicon.isImperative(token.lower());
        if (token.text().length() > 1 && token.text().equals(token.text().toUpperCase(java.util.Locale.ROOT))) {
            return !first || !common;
        }
        return first ? !common && !lexicon.isGeneric(token.stem()) : !token.is("i");
    }

    private boolean continuesName(int i) {
        Token token = tokens.get(i);
        boolean touches = tokens.get(i - 1).lower().endsWith("'s");
        return !touches
                && ((token.isCapital() && !token.is("i"))
                        || (token.kind() == Token.Kind.NUMBER
                                && token.text().length() < 4
                                && i + 1 < tokens.size() + 1
                                && !(i + 1 < end
                                        && lexicon.unit(tokens.get(i + 1).lower()) != null)));
    }

    private void phrases() {
        for (int i = begin; i < end; i++) {
            int to = i;
            while (to < end
                    && isPhraseWord(to)
                    && (to == i || !tokens.get(to - 1).lower().endsWith("'s"))) {
                to++;
            }
            if (to > i) {
                phrase(i, to);
                i = to - 1;
            }
        }
    }

    private void phrase(int from, int to) {
        int start = tokens.get(from).start();
        int stop = tokens.get(to - 1).end();
        if (tokens.get(to - 1).lower().endsWith("'s")) {
            stop -= 2;
        }
        found.add(Mention.of(Kind.PHRASE, from, to, start, stop, request.substring(start, stop)));
    }

    private boolean isPhraseWord(int i) {
        Token token = tokens.get(i);
        if (!token.isWord()
                || token.text().indexOf('_') > 0
                || lexicon.isBreak(token.lower())
                || lexicon.number(token.lower()) != null) {
            return false;
        }
        if (i > begin && tokens.get(i - 1).kind() == Token.Kind.NUMBER && lexicon.unit(token.lower()) != null) {
            return false;
        }
        boolean first = i == begin || tokens.get(i - 1).endsSentence();
        boolean verb = lexicon.isImperative(token.lower());
        boolean afterTo = i > begin && tokens.get(i - 1).is("to");
        return !(verb
                && (first
                        || afterTo
                        || (i == begin + 1 && lexicon.isStop(tokens.get(begin).lower()))));
    }

    private void lists() {
        List<Mention> singles = List.copyOf(found);
        for (Kind kind : List.of(Kind.NUMBER, Kind.NAME, Kind.PHRASE, Kind.QUOTED, Kind.PATH)) {
            List<Mention> run = new ArrayList<>();
            for (Mention mention : singles) {
                if (mention.kind() != kind
                        || (!run.isEmpty() && mention.from() < last(run).to())) {
                    continue;
                }
                if (!run.isEmpty() && !areListed(last(run), mention)) {
                    addList(run);
                    run = new ArrayList<>();
                }
                run.add(mention);
            }
            addList(run);
        }
        ranges(singles);
    }

    private void ranges(List<Mention> singles) {
        List<Mention> numbers =
                singles.stream().filter(m -> m.kind() == Kind.NUMBER).toList();
        for (int i = 0; i + 1 < numbers.size(); i++) {
            Mention low = numbers.get(i);
            Mention high = numbers.get(i + 1);
            boolean to = false;
            for (int t = low.to(); t < high.from(); t++) {
                to |= tokens.get(t).is("to");
            }
            if (to && high.from() - low.to() <= 4) {
                found.add(Mention.list(List.of(low, high)));
            }
        }
    }

    private void addList(List<Mention> run) {
        if (run.size() > 1) {
            found.add(Mention.list(run));
        }
    }

    private static Mention last(List<Mention> run) {
        return run.get(run.size() - 1);
    }

    private boolean areListed(Mention a, Mention b) {
        boolean separated = false;
        for (int i = a.to(); i < b.from(); i++) {
            Token token = tokens.get(i);
            boolean separator = token.is(",") || token.is("and") || token.is("&") || token.is("or");
            if (!separator && !token.is("the") && !token.is("a") && !token.is("an")) {
                return false;
            }
            separated |= separator;
        }
        return separated;
    }
}
