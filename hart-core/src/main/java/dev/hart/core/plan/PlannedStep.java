package dev.hart.core.plan;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One action of a plan: the tool that fits a clause, with its arguments.
 *
 * @param links for arguments that an earlier step's result fills: which
 * @param references tokens of the clause that stand for an earlier result
 */
record PlannedStep(Clause clause, Match match, Map<Parameter, Link> links, Set<Integer> references) {

    /**
     * The result of an earlier step, or a field of it.
     *
     * @param step its place in the plan, from 0
     * @param field of the result; empty for the whole
     */
    record Link(int step, String field) {}

    /** Required arguments that neither the words nor an earlier result fill. */
    List<Parameter> missing() {
        return match.binding().missing().stream()
                .filter(parameter -> !links.containsKey(parameter))
                .toList();
    }

    /** A path, URL or mail address that no argument takes means that the tool does only a part of what is asked. */
    private boolean usesEveryAddress() {
        return clause.mentions().stream()
                .filter(mention -> switch (mention.kind()) {
                    case PATH, EMAIL -> true;
                    case URL -> mention.text().contains("://");
                    default -> false;
                })
                .allMatch(mention -> isInUse(mention));
    }

    private boolean isInUse(Mention mention) {
        boolean listed = clause.mentions().stream()
                .anyMatch(list -> list.items().contains(mention)
                        && list.items().stream()
                                .anyMatch(item -> match.binding().uses(item.from())));
        return listed || match.binding().uses(mention.from());
    }

    /** The same step with other words in its arguments. */
    PlannedStep with(List<Candidate> filled) {
        Binding binding =
                new Binding(filled, match.binding().missing(), match.binding().score());
        return new PlannedStep(clause, match.with(binding), links, references);
    }

    double confidence() {
        return Confidence.of(match);
    }

    boolean isSure() {
        return missing().isEmpty()
                && usesEveryAddress()
                && confidence() >= Confidence.threshold(match.tool().spec().effect());
    }
}
