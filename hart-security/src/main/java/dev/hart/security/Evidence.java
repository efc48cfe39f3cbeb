package dev.hart.security;

import dev.hart.guard.Hazard;
import dev.hart.guard.Verdict.Finding;
import dev.hart.guard.View;
import org.jspecify.annotations.Nullable;

/**
 * A rule that matched at a place.
 *
 * @param weight 0 to 100
 * @param start in chars; which text it counts in, its maker says
 * @param view the way of reading in which it matched
 * @param hazard that a classifier named; null for the built-in rules, whose book says it
 */
record Evidence(
        String rule,
        int weight,
        int start,
        int end,
        View view,
        @Nullable Hazard hazard) {
    Evidence(String rule, int weight, int start, int end, View view) {
        this(rule, weight, start, end, view, null);
    }

    Evidence(String rule, int weight, int start, int end) {
        this(rule, weight, start, end, View.TEXT, null);
    }

    static Evidence of(Finding finding) {
        return new Evidence(
                finding.rule(), finding.weight(), finding.start(), finding.end(), finding.view(), finding.hazard());
    }
}
