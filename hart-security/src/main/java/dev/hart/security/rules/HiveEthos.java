package dev.hart.security.rules;

import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.security.Guardrails;

/**
 * Refuses goals by which an agent would serve itself: to survive, grow, copy itself or gather power (rules S1 to S5). It
 * judges title and description; what a prompt asks for is the {@link ConstitutionalFilter}'s. Immutable and thread-safe.
 */
public final class HiveEthos {
    private static final int REFUSES = 80;

    private final Guardrails guardrails;

    public HiveEthos(Guardrails guardrails) {
        this.guardrails = guardrails;
    }

    /** Refused for self-interest, or when the goal could not be read; harmful content is not its question. */
    public Verdict checkGoal(Goal goal) {
        Verdict verdict = guardrails.check(Rail.PLAN, Subject.text(goal.wish(), Provenance.USER));
        if (!(verdict instanceof Verdict.Refused refused)) {
            return verdict;
        }
        for (Verdict.Finding finding : refused.findings()) {
            if (isSelfInterest(finding.rule()) && finding.weight() >= REFUSES) {
                return new Verdict.Refused(finding.rule(), "the goal serves the agent itself", refused.findings());
            }
        }
        boolean contentAlone = refused.rule().matches("V\\d+");
        return contentAlone ? Verdict.ALLOWED : refused;
    }

    private static boolean isSelfInterest(String rule) {
        return rule.matches("S\\d");
    }
}
