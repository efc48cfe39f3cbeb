package dev.hart.error;

import dev.hart.guard.Rail;
import dev.hart.guard.Verdict;

/** A guardrail refused; what it refused was not done. */
public final class GuardrailRefusedException extends HartException {
    private static final long serialVersionUID = 1;
    private final Rail rail;
    private final transient Verdict.Refused verdict;

    public GuardrailRefusedException(Rail rail, Verdict.Refused verdict) {
        super("GUARDRAIL_REFUSED", "refused by rule " + verdict.rule() + ": " + verdict.reason(), null);
        this.rail = rail;
        this.verdict = verdict;
    }

    public Rail rail() {
        return rail;
    }

    public Verdict.Refused verdict() {
        return verdict;
    }
}
