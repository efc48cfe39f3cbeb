package dev.hart.security.rules;

import dev.hart.guard.Verdict;
import dev.hart.security.Guardrails;

/** What the tests of this package share. */
final class Rules {
    static final Guardrails GATE = Guardrails.builtIn();
    static final ConstitutionalFilter FILTER = new ConstitutionalFilter(GATE);

    private Rules() {}

    /** The rule that refused, {@code FLAGGED} or {@code ALLOWED}. */
    static String ruleOf(Verdict verdict) {
        if (verdict instanceof Verdict.Refused refused) {
            return refused.rule();
        }
        return verdict instanceof Verdict.Flagged ? "FLAGGED" : "ALLOWED";
    }
}
