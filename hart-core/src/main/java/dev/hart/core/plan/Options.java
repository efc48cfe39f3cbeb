package dev.hart.core.plan;

import dev.hart.core.plan.Parameter.Role;
import dev.hart.core.plan.Parameter.Type;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Candidates for arguments whose values are known beforehand: enumerations, examples, yes or no, units, currencies, colours. */
record Options(Clause clause, ToolProfile tool, Parameter parameter) {
    private static final double ALLOWED = 3.5;
    private static final double EXAMPLE = 2.6;
    private static final double WORD_LIST = 3;
    private static final double YES = 2.6;
    private static final Set<String> FILLERS = Set.of(
            "includ",
            "is",
            "has",
            "allow",
            "us",
            "return",
            "show",
            "enabl",
            "get",
            "in",
            "of",
            "the",
            "to",
            "with",
            "onli",
            "consider",
            "want",
            "need",
            "check",
            "specif",
            "flag");
    private static final Set<String> NEGATIONS =
            Set.of("no", "not", "without", "excluding", "exclude", "don't", "never", "non");

    List<Candidate> candidates() {
        List<Candidate> found = new ArrayList<>();
        if (parameter.type() == Type.BOOLEAN) {
            yesOrNo(found);
        } else if (parameter.type() == Type.TEXT || parameter.type() == Type.ANY) {
            named(found);
            if (parameter.is(Role.CURRENCY)) {
                currencies(found);
            }
            if (parameter.is(Role.UNIT)) {
                units(found);
            }
            if (parameter.is(Role.COLOR)) {
                colors(found);
            }
        }
        return found;
    }

    private void named(List<Candidate> found) {
        boolean hard = !parameter.options().isEmpty();
        boolean open = parameter.is(Role.PLACE)
                || parameter.is(Role.PERSON)
                || parameter.is(Role.DATE)
                || parameter.is(Role.UNIT);
        if (!hard && open) {
            return;
        }
        List<Candidate> matches = matches(hard ? parameter.options() : parameter.examples(), false);
        if (matches.isEmpty() && hard) {
            matches = matches(parameter.options(), true);
        }
        if (!parameter.list()) {
            found.addAll(matches);
        } else if (!matches.isEmpty()) {
            Set<Object> values = new LinkedHashSet<>();
            matches.sort((a, b) -> Integer.compare(a.from(), b.from()));
            matches.forEach(match -> values.add(match.value()));
            Candidate first = matches.get(0);
            Candidate last = matches.get(matches.size() - 1);
            found.add(new Candidate(
                    parameter,
                    List.copyOf(values),
                    first.from(),
                    last.to(),
                    first.start(),
                    last.end(),
                    first.score(),
                    true));
        }
    }

    private List<Candidate> matches(List<String> options, boolean fuzzy) {
        List<Candidate> matches = new ArrayList<>();
        for (String option : options) {
            Candidate match = match(option, !parameter.options().isEmpty(), fuzzy);
            if (match != null) {
                matches.add(match);
            }
        }
        return matches;
    }

    /** Where the option's words stand in the clause, in any order and at most two words apart. */
    private @Nullable Candidate match(String option, boolean hard, boolean fuzzy) {
        List<String> stems = Tokens.stems(option);
        if (stems.isEmpty()) {
            return null;
        }
        int from = -1;
        int to = -1;
        int matched = 0;
        for (String stem : stems) {
            int at = find(option, stem, fuzzy, from < 0 ? clause.begin() : from - 2, from < 0 ? clause.end() : to + 3);
            if (at >= 0) {
                matched++;
                from = from < 0 ? at : Math.min(from, at);
                to = Math.max(to, at + 1);
            }
        }
        boolean enough = matched == stems.size() || (fuzzy && stems.size() > 2 && matched * 3 >= stems.size() * 2);
        if (!enough) {
            return null;
        }
        int start = clause.token(from).start();
        int end = clause.token(to - 1).end();
        boolean repeats = stems.stream().allMatch(tool::isOwnWord);
        double score = (hard ? ALLOWED : EXAMPLE) - (repeats ? 1.2 : 0) + 0.1 * stems.size();
        return new Candidate(parameter, option, from, to, start, end, score, true);
    }

    private int find(String option, String stem, boolean fuzzy, int begin, int end) {
        String plain = option.replaceAll("[- ]", "");
        for (int i = Math.max(begin, clause.begin()); i < Math.min(end, clause.end()); i++) {
            Token token = clause.token(i);
            if (option.length() > 1 && token.lower().replaceAll("[- ]", "").equalsIgnoreCase(plain)) {
                return i;
            }
            boolean wanted = option.length() < 3
                    ? token.text().equals(option)
                    : token.isWord()
                            && (token.stem().equals(stem)
                                    || (fuzzy && Lexicon.english().likeness(token.stem(), stem) > 0));
            if (wanted && !(token.isWord() && Lexicon.english().isStop(token.lower()) && option.length() > 3)) {
                return i;
            }
        }
        return -1;
    }

    private void yesOrNo(List<Candidate> found) {
        List<String> telling =
                parameter.stems().stream().filter(s -> !FILLERS.contains(s)).toList();
        int matched = 0;
        int at = -1;
        for (String stem : telling) {
            int here = find("....", stem, true, clause.begin(), clause.end());
            if (here >= 0) {
                matched++;
                at = here;
            }
        }
        if (at < 0 || matched * 2 < telling.size()) {
            return;
        }
        boolean negated = false;
        for (int i = Math.max(clause.begin(), at - 3); i < at; i++) {
            negated |= NEGATIONS.contains(clause.token(i).lower());
        }
        boolean repeats = telling.stream().allMatch(tool.nameStems()::contains);
        double share = (double) matched / telling.size();
        double score = YES * share * share - (repeats ? 1.5 : 0);
        found.add(new Candidate(
                parameter,
                !negated,
                at,
                at,
                clause.token(at).start(),
                clause.token(at).end(),
                score,
                true));
    }

    private void currencies(List<Candidate> found) {
        for (int i = clause.begin(); i < clause.end(); i++) {
            Token token = clause.token(i);
            boolean code = token.text().matches("[A-Z]{3}");
            String currency = code ? token.text() : Lexicon.english().currency(token.stem());
            if (currency == null || (code && Lexicon.english().currency(token.stem()) == null)) {
                continue;
            }
            int to = i + 1;
            while (to < clause.end()
                    && Lexicon.english().currency(clause.token(to).stem()) != null) {
                to++;
            }
            Mention words = Mention.of(
                    Mention.Kind.NAME,
                    i,
                    to,
                    token.start(),
                    clause.token(to - 1).end(),
                    currency);
            found.add(Candidate.of(parameter, words, currency, WORD_LIST + direction(i)));
            i = to - 1;
        }
    }

    private double direction(int at) {
        int before = clause.before(at);
        if (before > clause.begin() && clause.token(before).isCapital()) {
            before = clause.before(before); // "to British pounds"
        }
        boolean amount = before >= 0 && clause.token(before).kind() == Token.Kind.NUMBER;
        String word = before < 0 ? "" : clause.token(before).lower();
        boolean target = word.equals("to") || word.equals("in") || word.equals("into");
        if (parameter.is(Role.TARGET)) {
            return target ? 2 : -0.5;
        }
        return parameter.is(Role.SOURCE) ? amount ? 2 : target ? -0.5 : 1 : 0;
    }

    private void units(List<Candidate> found) {
        for (int i = clause.begin() + 1; i < clause.end(); i++) {
            Token token = clause.token(i);
            Token before = clause.token(i - 1);
            boolean unit = token.isWord() && Lexicon.english().unit(token.lower()) != null;
            if (unit && (before.is("in") || before.is("to") || before.is("as"))) {
                int to = i + 1;
                if (to + 1 < clause.end()
                        && clause.token(to).is("/")
                        && clause.token(to + 1).isWord()) {
                    to += 2;
                }
                int end = clause.token(to - 1).end();
                found.add(new Candidate(parameter, clause.text(i, to), i, to, token.start(), end, WORD_LIST, true));
            }
        }
    }

    private void colors(List<Candidate> found) {
        for (int i = clause.begin(); i < clause.end(); i++) {
            if (Lexicon.english().isColor(clause.token(i).lower())) {
                add(found, i, clause.token(i).text(), WORD_LIST);
            }
        }
    }

    private void add(List<Candidate> found, int at, Object value, double score) {
        Token token = clause.token(at);
        found.add(new Candidate(
                parameter,
                parameter.list() ? List.of(value) : value,
                at,
                at + 1,
                token.start(),
                token.end(),
                score,
                true));
    }
}
