package dev.hart.core.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * Unfolds "Read a.txt and b.txt": where a tool takes one value at a time and the words list several, the last step of a plan is done
 * once for each. Two lists are taken pair by pair when the words say "respectively", else every value of one with every value of the
 * other.
 */
final class Coordination {
    private static final int MAX_STEPS = 12;

    /** The values that an argument takes in turn, the one that the binding chose among them. */
    private record Series(Candidate chosen, List<Candidate> values) {}

    private Coordination() {}

    static List<PlannedStep> unfold(List<PlannedStep> steps) {
        PlannedStep last = steps.get(steps.size() - 1);
        List<Series> series = series(last);
        if (series.isEmpty()) {
            return steps;
        }
        List<PlannedStep> unfolded = new ArrayList<>(steps.subList(0, steps.size() - 1));
        boolean inPairs =
                isSaid(last.clause(), last.clause().begin(), last.clause().end(), "respectively")
                        && series.stream()
                                .allMatch(s -> s.values().size()
                                        == series.get(0).values().size());
        List<List<Candidate>> rows = new ArrayList<>();
        rows.add(last.match().binding().filled());
        if (inPairs) {
            rows.clear();
            for (int i = 0; i < series.get(0).values().size(); i++) {
                List<Candidate> row = last.match().binding().filled();
                for (Series one : series) {
                    row = replaced(row, one.chosen(), one.values().get(i));
                }
                rows.add(row);
            }
        } else {
            for (Series one : series) {
                List<List<Candidate>> longer = new ArrayList<>();
                for (List<Candidate> row : rows) {
                    one.values().forEach(value -> longer.add(replaced(row, one.chosen(), value)));
                }
                rows = longer;
            }
        }
        if (rows.size() > MAX_STEPS) {
            return steps;
        }
        rows.forEach(row -> unfolded.add(last.with(row)));
        return unfolded;
    }

    private static List<Series> series(PlannedStep step) {
        Binding binding = step.match().binding();
        List<Series> found = new ArrayList<>();
        for (Candidate candidate : binding.filled()) {
            for (Mention list : step.clause().mentions()) {
                if (list.kind() == Mention.Kind.LIST && !candidate.parameter().list() && !candidate.option()) {
                    List<Candidate> values = values(step, candidate, list);
                    if (values.size() > 1) {
                        found.add(new Series(candidate, values));
                        break;
                    }
                }
            }
        }
        return found;
    }

    /** A candidate for each item of the list; none when the list is not the candidate's or another argument uses an item. */
    private static List<Candidate> values(PlannedStep step, Candidate chosen, Mention list) {
        List<Candidate> values = new ArrayList<>();
        boolean own = false;
        if (!isSaid(step.clause(), list, "and") && !isSaid(step.clause(), list, "&")) {
            return values;
        }
        for (Mention item : list.items()) {
            if (item.from() <= chosen.from() && chosen.to() <= item.to()) {
                own = true;
                values.add(chosen);
            } else if (step.match().binding().uses(item.from())
                    || isOnlyTopic(step, item)
                    || isRange(step.clause(), list)) {
                return List.of();
            } else {
                boolean number = item.value() instanceof Number && chosen.value() instanceof Number;
                values.add(Candidate.of(chosen.parameter(), item, number ? item.value() : item.text(), chosen.score()));
            }
        }
        return own ? values : List.of();
    }

    /** Whether the words are about the tool and no value: "the area and perimeter of …". */
    private static boolean isOnlyTopic(PlannedStep step, Mention item) {
        Token first = step.clause().token(item.from());
        return item.kind() == Mention.Kind.PHRASE
                && (step.match().tool().isOwnWord(first.stem())
                        || Lexicon.english().isImperative(first.lower()));
    }

    private static boolean isRange(Clause clause, Mention list) {
        return isSaid(clause, list, "to") || isSaid(clause, list, "or");
    }

    private static boolean isSaid(Clause clause, Mention list, String word) {
        return isSaid(clause, list.from(), list.to(), word);
    }

    private static boolean isSaid(Clause clause, int from, int to, String word) {
        for (int i = from; i < to; i++) {
            if (clause.token(i).is(word)) {
                return true;
            }
        }
        return false;
    }

    private static List<Candidate> replaced(List<Candidate> row, Candidate old, Candidate value) {
        return row.stream()
                .map(candidate -> candidate.equals(old) ? value : candidate)
                .toList();
    }
}
