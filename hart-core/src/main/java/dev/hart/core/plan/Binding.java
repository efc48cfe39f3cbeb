package dev.hart.core.plan;

import java.util.List;

/**
 * The arguments of one tool that a clause fills.
 *
 * @param filled one candidate for each argument that has one
 * @param missing required arguments that nothing fills
 * @param score the sum of the candidates' scores
 */
record Binding(List<Candidate> filled, List<Parameter> missing, double score) {

    /** Whether the words of the clause fill it. */
    boolean fills(Parameter parameter) {
        return filled.stream().anyMatch(candidate -> candidate.parameter().equals(parameter));
    }

    /** Whether a token is part of an argument's value. */
    boolean uses(int token) {
        return filled.stream().anyMatch(candidate -> candidate.from() <= token && token < candidate.to());
    }
}
