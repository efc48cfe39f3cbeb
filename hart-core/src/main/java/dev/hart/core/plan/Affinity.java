package dev.hart.core.plan;

import dev.hart.core.plan.Mention.Kind;
import dev.hart.core.plan.Parameter.Role;
import dev.hart.core.plan.Parameter.Type;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How well the words of a clause fit the arguments of one tool. A candidate's score is the sum of what speaks for it: the kind of
 * words (a date for a date), the words around it that also name the argument, its unit, and its preposition. About 1 is weak
 * evidence, 2 and more is good.
 */
final class Affinity {
    private static final double NAME_CUE = 2;
    private static final double HINT_CUE = 0.9;
    private static final double OTHER_CUES = 0.4;
    private static final double MAX_CUE = 4;
    /** "two" in "the distance between two points" is seldom a value. */
    private static final double SPELLED = 0.4;

    private static final double SAME_DIMENSION = 1.5;
    private static final Set<String> MONEY = Set.of(
            "price",
            "cost",
            "amount",
            "princip",
            "principl",
            "investment",
            "salari",
            "budget",
            "incom",
            "fee",
            "payment",
            "balanc",
            "loan",
            "valu",
            "bill",
            "deposit",
            "revenu",
            "dividend",
            "sum",
            "debt",
            "tip");
    private static final Set<String> SHARE = Set.of(
            "rat",
            "percent",
            "percentag",
            "ratio",
            "discount",
            "yield",
            "growth",
            "interest",
            "level",
            "tax",
            "probabil",
            "frequenc",
            "contribut",
            "margin",
            "efficienc",
            "lightness",
            "satur",
            "valu",
            "return",
            "inflat");
    private static final Set<String> PLACE_WORDS =
            Set.of("in", "near", "at", "around", "within", "to", "from", "across", "outside");

    private static final Set<String> LASTING =
            Set.of("dur", "duration", "tim", "period", "length", "ag", "term", "timefram", "interval");

    private final Clause clause;
    private final ToolProfile tool;
    private final Lexicon lexicon = Lexicon.english();
    private final Map<String, Integer> sharing = new HashMap<>();
    private final Map<Mention, List<Context.Word>> contexts = new HashMap<>();

    Affinity(Clause clause, ToolProfile tool) {
        this.clause = clause;
        this.tool = tool;
        for (Parameter parameter : tool.parameters()) {
            Set<String> stems = new java.util.HashSet<>(parameter.stems());
            stems.addAll(parameter.hints());
            stems.forEach(stem -> sharing.merge(stem, 1, Integer::sum));
        }
    }

    /** Every way to fill the argument that has some evidence, best first. */
    List<Candidate> candidates(Parameter parameter) {
        List<Candidate> found = new ArrayList<>(new Options(clause, tool, parameter).candidates());
        if (parameter.options().isEmpty() && parameter.type() != Type.BOOLEAN) {
            for (Mention mention : clause.mentions()) {
                fill(parameter, mention, found);
            }
        }
        found.sort((a, b) -> Double.compare(b.score(), a.score()));
        return found;
    }

    private void fill(Parameter parameter, Mention mention, List<Candidate> found) {
        if (parameter.list()) {
            fillList(parameter, mention, found);
        } else if (mention.kind() == Kind.LIST) {
            return;
        } else if (parameter.type() == Type.OBJECT) {
            if (mention.value() instanceof Map<?, ?>) {
                found.add(Candidate.of(parameter, mention, mention.value(), 3));
            }
        } else if (parameter.isNumeric()) {
            number(parameter, mention, found);
        } else {
            text(parameter, mention, found);
            if (parameter.type() == Type.ANY && (mention.kind() == Kind.NUMBER || mention.kind() == Kind.BRACKET)) {
                found.add(Candidate.of(parameter, mention, mention.value(), 1 + cue(parameter, mention)));
            }
        }
    }

    private void number(Parameter parameter, Mention mention, List<Candidate> found) {
        if (mention.kind() == Kind.DATE
                && parameter.is(Role.YEAR)
                && mention.value() instanceof Dates.Date date
                && date.year() > 0) {
            found.add(Candidate.of(parameter, mention, (long) date.year(), 1));
            return;
        }
        if (mention.kind() != Kind.NUMBER) {
            return;
        }
        Object value = inUnitOf(parameter, mention);
        if (parameter.type() == Type.INTEGER && !Numbers.isWhole(value)) {
            return;
        }
        double score = 0.5 + cue(parameter, mention) + unit(parameter, mention) + preposition(parameter, mention);
        boolean digits = clause.token(mention.from()).kind() != Token.Kind.WORD;
        score -= mention.start() == mention.end() || !digits ? SPELLED : 0;
        boolean likeYear = mention.dimension().isEmpty()
                && value instanceof Long year
                && year >= 1000
                && year <= 2100
                && clause.token(mention.from()).text().length() == 4;
        if (parameter.is(Role.YEAR)) {
            score += likeYear ? 2.5 : -3;
        } else if (likeYear) {
            score -= 0.7;
        }
        found.add(number(parameter, mention, value, score));
    }

    /** A number uses its unit's word only when it was needed to make the value: "150 Euros" leaves the currency free. */
    private Candidate number(Parameter parameter, Mention mention, Object value, double score) {
        boolean converted = !value.equals(mention.value());
        int to = mention.from() + 1;
        while (to < mention.to() && clause.token(to).end() <= mention.end()) {
            to++;
        }
        int last = converted ? mention.to() : to;
        int end = converted ? clause.token(last - 1).end() : mention.end();
        return new Candidate(parameter, value, mention.from(), last, mention.start(), end, score, false);
    }

    /** The number as the argument wants it: 3 minutes are 180 where seconds are wanted, 5 % is 0.05 where a share is. */
    private Object inUnitOf(Parameter parameter, Mention mention) {
        if (mention.dimension().equals("percent")) {
            String description = parameter.description().toLowerCase(java.util.Locale.ROOT);
            boolean decimal = description.contains("decimal")
                    || description.contains("from 0 to 1")
                    || description.contains("between 0 and 1");
            boolean percent = description.contains("percent")
                    || description.contains("%")
                    || parameter.name().contains("percent");
            if (parameter.type() == Type.NUMBER && (decimal || !percent)) {
                return Numbers.plain(Numbers.decimal(mention.value()).movePointLeft(2));
            }
            return mention.value();
        }
        Lexicon.Unit said = lexicon.unit(mention.unit());
        Lexicon.Unit wanted = lexicon.unit(parameter.unit());
        boolean simple = said != null && mention.dimension().equals(said.dimension());
        if (simple
                && said != null
                && wanted != null
                && said.factor() != null
                && wanted.factor() != null
                && said.dimension().equals(wanted.dimension())
                && said.factor().compareTo(wanted.factor()) != 0) {
            BigDecimal base = Numbers.decimal(mention.value()).multiply(said.factor());
            return Numbers.plain(base.divide(wanted.factor(), 9, RoundingMode.HALF_UP));
        }
        return mention.value();
    }

    private double unit(Parameter parameter, Mention mention) {
        String said = mention.dimension();
        if (said.isEmpty()) {
            return parameter.dimension().isEmpty() ? 0.2 : 0;
        }
        boolean isShare = parameter.stems().stream().anyMatch(SHARE::contains)
                || parameter.dimension().equals("percent");
        boolean isMoney = parameter.stems().stream().anyMatch(MONEY::contains)
                || parameter.dimension().equals("money");
        if (said.equals("periods")) {
            return parameter.description().contains("per year")
                            || parameter.hints().contains("compound")
                    ? SAME_DIMENSION
                    : -4;
        }
        if (said.equals("percent")) {
            return isShare ? SAME_DIMENSION : -1;
        }
        if (said.equals("money")) {
            return isMoney ? 1 : isShare ? -1 : -0.2;
        }
        String wanted = parameter.dimension();
        if (wanted.isEmpty()) {
            boolean timed = said.equals("time") || said.equals("calendar");
            return timed && (isMoney || isShare) ? -1 : timed && parameter.is(Role.TIME) ? 1 : 0;
        }
        String head = said.contains("/") ? said.substring(0, said.indexOf('/')) : said;
        boolean bothTime = (wanted.equals("time") || wanted.equals("calendar"))
                && (said.equals("time") || said.equals("calendar"));
        boolean unsure = mention.unit().length() == 1; // 5C may be degrees or coulombs
        return wanted.equals(head) ? SAME_DIMENSION : bothTime ? 0.3 : unsure ? 0 : -1.2;
    }

    private void text(Parameter parameter, Mention mention, List<Candidate> found) {
        double kind = new TextFit(clause, tool, parameter, mention).score();
        if (Double.isNaN(kind)) {
            return;
        }
        double context = cue(parameter, mention) + preposition(parameter, mention);
        if (mention.kind() == Kind.NUMBER) {
            String text = clause.text(mention.from(), mention.to());
            boolean lasting = LASTING.stream().anyMatch(parameter.stems()::contains)
                    && (mention.dimension().equals("time")
                            || mention.dimension().equals("calendar"));
            boolean year = parameter.is(Role.YEAR) && text.length() == 4;
            context += lasting || year ? 2 : 0;
            if (cue(parameter, mention) >= 1 || lasting || year) {
                found.add(new Candidate(
                        parameter,
                        text,
                        mention.from(),
                        mention.to(),
                        mention.start(),
                        clause.token(mention.to() - 1).end(),
                        kind + context,
                        false));
            }
            return;
        }
        if (mention.value() instanceof Dates.Date date) {
            String written =
                    parameter.is(Role.DATE) || parameter.namesDateForm() ? date.as(parameter.dateForm()) : null;
            String asSaid = clause.text(mention.from(), mention.to());
            found.add(Candidate.of(parameter, mention, written == null ? asSaid : written, kind + context));
            return;
        }
        if (mention.kind() == Kind.NAME || mention.kind() == Kind.PHRASE) {
            for (Trimming.Part part : new Trimming(clause, tool, parameter).parts(mention)) {
                double own = part.isNamed()
                        ? Math.max(0.5, new TextFit(clause, tool, parameter, part.words()).score())
                        : new TextFit(clause, tool, parameter, part.words()).score();
                found.add(Candidate.of(parameter, part.words(), part.words().value(), own + part.bonus() + context));
            }
            return;
        }
        String text = mention.text();
        int equals = text.indexOf('=');
        boolean side = mention.kind() == Kind.EXPRESSION
                && equals > 0
                && !parameter.stems().contains("equat")
                && text.substring(0, equals).strip().matches("[a-z](?:\\([a-z]\\))?");
        if (side) {
            String right = text.substring(equals + 1).strip();
            found.add(new Candidate(
                    parameter,
                    right,
                    mention.from(),
                    mention.to(),
                    mention.end() - right.length(),
                    mention.end(),
                    kind + context,
                    false));
            return;
        }
        found.add(Candidate.of(parameter, mention, text, kind + context));
    }

    private void fillList(Parameter parameter, Mention mention, List<Candidate> found) {
        if (mention.value() instanceof List<?> values && mention.kind() == Kind.BRACKET) {
            found.add(Candidate.of(parameter, mention, values, 3 + cue(parameter, mention)));
            return;
        }
        boolean several = mention.kind() == Kind.LIST;
        List<Object> values = new ArrayList<>();
        double score = several ? 1.5 : -0.3;
        double sum = 0;
        List<Mention> items = several ? mention.items() : List.of(mention);
        Parameter one = parameter;
        for (Mention item : items) {
            List<Candidate> single = new ArrayList<>();
            if (parameter.isNumeric()) {
                if (item.kind() == Kind.NUMBER) {
                    single.add(Candidate.of(one, item, inUnitOf(parameter, item), 0.5));
                }
            } else if (item.kind() != Kind.NUMBER && item.kind() != Kind.BRACKET) {
                text(one, item, single);
            }
            Candidate best = single.stream()
                    .max(java.util.Comparator.comparingDouble(Candidate::score))
                    .orElse(null);
            if (best == null || (parameter.type() == Type.INTEGER && !Numbers.isWhole(best.value()))) {
                return;
            }
            values.add(best.value());
            sum += best.score();
        }
        score += sum / values.size() + (parameter.isNumeric() ? cue(parameter, mention) : 0);
        found.add(Candidate.of(parameter, mention, values, score));
    }

    /** How far the words around the mention name the argument. */
    private double cue(Parameter parameter, Mention mention) {
        double best = 0;
        double others = 0;
        for (Context.Word word : contexts.computeIfAbsent(mention, m -> Context.of(clause, m))) {
            double cue = word.weight()
                    * Math.max(
                            NAME_CUE * match(word.stem(), parameter.stems()),
                            HINT_CUE * match(word.stem(), parameter.hints()));
            others += Math.min(cue, best);
            best = Math.max(cue, best);
        }
        return Math.min(MAX_CUE, best + OTHER_CUES * others);
    }

    private double match(String word, List<String> stems) {
        double best = 0;
        for (String stem : stems) {
            double likeness = lexicon.isStop(stem) && !stem.equals(word) ? 0 : lexicon.likeness(word, stem);
            if (likeness > 0 && !(lexicon.isStop(stem) && !Set.of("from", "to").contains(stem))) {
                best = Math.max(best, likeness / Math.pow(sharing.getOrDefault(stem, 1), 0.7));
            }
        }
        return best;
    }

    private double preposition(Parameter parameter, Mention mention) {
        int at = clause.before(mention.from());
        String word = at < 0 ? "" : clause.token(at).lower();
        double score = 0;
        if (parameter.is(Role.PLACE)
                && PLACE_WORDS.contains(word)
                && (mention.kind() == Kind.NAME || mention.kind() == Kind.PHRASE)) {
            score += mention.kind() == Kind.NAME ? 1.3 : 0.5;
        }
        boolean source = word.equals("from") || word.equals("between") || word.equals("starting");
        boolean target = word.equals("to")
                || ((word.equals("with") || word.equals("by")) && mention.kind() == Kind.QUOTED)
                || (word.equals("and") && isSecondOfBetween(at));
        if (parameter.is(Role.SOURCE) && !parameter.is(Role.TARGET)) {
            score += source ? 2 : target ? -1.5 : 0;
        }
        if (parameter.is(Role.TARGET) && !parameter.is(Role.SOURCE)) {
            score += target ? 2 : source ? -1.5 : 0;
        }
        if (parameter.is(Role.CONTENT) && mention.kind() == Kind.QUOTED && word.equals("in")) {
            score += 2;
        }
        if (parameter.stems().size() == 1 && parameter.stems().contains(word)) {
            score += 2;
        }
        if (parameter.is(Role.PERSON) && word.equals("by")) {
            score += 1.5;
        }
        if ((word.equals("of") || word.equals("for") || word.equals("about") || word.equals("on"))
                && !parameter.isNumeric()) {
            score += 0.5;
        }
        return score;
    }

    private boolean isSecondOfBetween(int and) {
        for (int i = and - 1; i >= clause.begin() && i > and - 12; i--) {
            if (clause.token(i).is("between")) {
                return true;
            }
        }
        return false;
    }

    static @Nullable Object defaultOf(Parameter parameter) {
        return parameter.schema().get("default");
    }
}
