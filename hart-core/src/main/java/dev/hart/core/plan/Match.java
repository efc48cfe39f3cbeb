package dev.hart.core.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A tool for a clause, with the evidence for it. Each measure is between 0 and 1.
 *
 * @param explained how much of what the clause says the tool's words and the found arguments account for
 * @param named how many of the telling words of the tool's name the clause says
 * @param described how many of the telling words of the tool's description the clause says
 * @param focused how far the thing asked for ("the area of …") is what the tool is about
 * @param filled how good the evidence for the required arguments is
 * @param unused share of the clause's literal values (numbers, dates, quotes, paths) that no argument took
 * @param missing share of required arguments that stay open
 * @param verb whether the tool does what the clause's verb says: 1 when it does, 0 when it does something else, 0.5 when the verb is as
 *     general as "get" or there is none
 */
record Match(
        ToolProfile tool,
        Binding binding,
        double explained,
        double named,
        double described,
        double focused,
        double filled,
        double unused,
        double missing,
        double verb) {
    private static final double GENERIC = 0.3;
    private static final double GOOD_SCORE = 4;
    private static final int VERB_WITHIN = 8;
    private static final double LINK_SCORE = 2.5;

    /** What a question word asks for. */
    private static final Map<String, String> ASKED = Map.of(
            "when",
            "date time",
            "where",
            "location place",
            "who",
            "name person",
            "whose",
            "name person",
            "many",
            "count number",
            "much",
            "amount price",
            "long",
            "duration time length",
            "far",
            "distance",
            "old",
            "age");

    static Match of(Clause clause, ToolProfile tool, Binding binding, Set<Integer> references, int linked) {
        Set<String> said = said(clause);
        return new Match(
                tool,
                binding,
                explained(clause, tool, binding, references),
                coverage(tool.nameStems(), said),
                coverage(tool.topicStems(), said),
                focus(clause, tool, binding, references),
                filled(tool, binding, linked),
                unused(clause, binding),
                missing(tool, binding),
                verb(clause, tool));
    }

    /** How well a tool's words and a clause's cover each other, before any argument is looked for. */
    static double wordScore(Clause clause, Set<String> topic, ToolProfile tool) {
        Set<String> said = said(clause);
        double explained = topic.stream().mapToDouble(tool::covers).sum();
        return explained / (1 + topic.size())
                + coverage(tool.nameStems(), said)
                + coverage(tool.topicStems(), said) / 2;
    }

    Match with(Binding other) {
        return new Match(tool, other, explained, named, described, focused, filled, unused, missing, verb);
    }

    double[] features() {
        return new double[] {explained, named, described, focused, filled, unused, missing, verb};
    }

    /** Stems of the clause, and of the words for its literals: a path says "file". */
    private static Set<String> said(Clause clause) {
        Set<String> stems = new HashSet<>(clause.topic());
        for (int i = clause.begin(); i < clause.end(); i++) {
            String asked = ASKED.get(clause.token(i).lower());
            if (asked != null) {
                stems.addAll(Tokens.stems(asked));
            }
        }
        acronyms(clause, stems);
        for (Mention mention : clause.mentions()) {
            switch (mention.kind()) {
                case PATH -> {
                    stems.add(Stemmer.stem("file"));
                    String extension = mention.text().substring(mention.text().lastIndexOf('.') + 1);
                    stems.addAll(
                            extension.matches("db|sqlite3?")
                                    ? Tokens.stems("sqlite database sql")
                                    : List.of(extension));
                }
                case URL -> stems.addAll(List.of("url", "http", "web"));
                case EMAIL -> stems.add("email");
                case DATE -> stems.add(Stemmer.stem("date"));
                case EXPRESSION ->
                    stems.addAll(Tokens.stems(
                            mention.text().matches("[^a-z]*")
                                    ? "arithmetic expression value"
                                    : "expression function equation"));
                default -> {} // other kinds have no word of their own
            }
        }
        return stems;
    }

    /** Adds "gcd" for "greatest common divisor". */
    private static void acronyms(Clause clause, Set<String> stems) {
        for (int i = clause.begin(); i < clause.end(); i++) {
            StringBuilder initials = new StringBuilder();
            for (int k = i; k < clause.end() && k < i + 4 && clause.token(k).isWord(); k++) {
                initials.append(clause.token(k).lower().charAt(0));
                if (k > i) {
                    stems.add(initials.toString());
                }
            }
        }
    }

    private static double explained(Clause clause, ToolProfile tool, Binding binding, Set<Integer> references) {
        double all = 0;
        double covered = 0;
        for (int i = clause.begin(); i < clause.end(); i++) {
            Token token = clause.token(i);
            if (!token.isWord() || Lexicon.english().isStop(token.lower())) {
                continue;
            }
            double weight = Lexicon.english().isGeneric(token.stem())
                            || Lexicon.english().isImperative(token.lower())
                    ? GENERIC
                    : 1;
            if (binding.uses(i) || references.contains(i)) {
                all += weight / 2;
                covered += weight / 2;
            } else {
                all += weight;
                covered += weight * tool.covers(token.stem());
            }
        }
        return all == 0 ? 0 : covered / all;
    }

    private static double coverage(Set<String> stems, Set<String> said) {
        double all = 0;
        double covered = 0;
        for (String stem : stems) {
            double weight =
                    Lexicon.english().isGeneric(stem) || Lexicon.english().isImperative(stem) ? GENERIC : 1;
            all += weight;
            covered += weight * best(stem, said);
        }
        return all == 0 ? 0 : covered / all;
    }

    private static double best(String stem, Set<String> said) {
        double best = 0;
        for (String other : said) {
            best = Math.max(best, Lexicon.english().likeness(stem, other));
        }
        return best;
    }

    /** The first run of topic words; its last word is what is asked for. */
    private static double focus(Clause clause, ToolProfile tool, Binding binding, Set<Integer> references) {
        Lexicon lexicon = Lexicon.english();
        List<Integer> run = new ArrayList<>();
        for (int i = clause.begin(); i < clause.end(); i++) {
            Token token = clause.token(i);
            boolean topical = token.isWord() && !lexicon.isStop(token.lower()) && !lexicon.isGeneric(token.stem());
            boolean verb = run.isEmpty() && lexicon.isImperative(token.lower());
            if (topical && !verb) {
                run.add(i);
            } else if (!run.isEmpty()) {
                break;
            }
        }
        if (run.isEmpty()) {
            return 0.5;
        }
        double sum = 0;
        for (int i : run) {
            sum += own(clause.token(i), i, tool, binding, references);
        }
        int head = run.get(run.size() - 1);
        return (sum / run.size() + own(clause.token(head), head, tool, binding, references)) / 2;
    }

    private static double own(Token token, int at, ToolProfile tool, Binding binding, Set<Integer> references) {
        double named = best(token.stem(), tool.nameStems());
        double described = 0.8 * best(token.stem(), tool.topicStems());
        double used = binding.uses(at) || references.contains(at) ? 0.6 : 0;
        return Math.max(used, Math.max(named, described));
    }

    private static double filled(ToolProfile tool, Binding binding, int linked) {
        double sum = LINK_SCORE * linked;
        int required = 0;
        for (Parameter parameter : tool.parameters()) {
            if (parameter.required()) {
                required++;
                for (Candidate candidate : binding.filled()) {
                    sum += candidate.parameter().equals(parameter) ? Math.min(GOOD_SCORE, candidate.score()) : 0;
                }
            }
        }
        return required == 0 ? 0.5 : sum / required / GOOD_SCORE;
    }

    private static double unused(Clause clause, Binding binding) {
        int all = 0;
        int unused = 0;
        for (Mention mention : clause.mentions()) {
            boolean literal = switch (mention.kind()) {
                case NUMBER, DATE, TIME, PATH, URL, EMAIL, QUOTED, EXPRESSION, BRACKET, NAME -> true;
                case PHRASE, LIST -> false;
            };
            if (literal) {
                all++;
                boolean used = false;
                for (int i = mention.from(); i < mention.to(); i++) {
                    used |= binding.uses(i);
                }
                unused += used ? 0 : 1;
            }
        }
        return all == 0 ? 0 : (double) unused / all;
    }

    /** See {@link #verb}. */
    static double verb(Clause clause, ToolProfile tool) {
        Lexicon lexicon = Lexicon.english();
        int end = Math.min(clause.end(), clause.begin() + VERB_WITHIN);
        for (int i = clause.begin(); i < end; i++) {
            Token token = clause.token(i);
            if (token.isWord() && lexicon.isImperative(token.lower()) && !lexicon.isGeneric(token.stem())) {
                double named = best(token.stem(), tool.nameStems());
                return Math.max(named, best(token.stem(), tool.topicStems())) > 0 ? 1 : 0;
            }
            if (token.isWord() && !lexicon.isStop(token.lower())) {
                return 0.5;
            }
        }
        return 0.5;
    }

    private static double missing(ToolProfile tool, Binding binding) {
        long required = tool.parameters().stream().filter(Parameter::required).count();
        return required == 0 ? 0 : (double) binding.missing().size() / required;
    }
}
