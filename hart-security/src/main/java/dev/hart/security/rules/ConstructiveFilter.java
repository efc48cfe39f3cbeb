package dev.hart.security.rules;

import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.security.Guardrails;
import java.util.Collection;

/** Refuses what destroys: in what a model answers, and in what an agent wants to learn. Immutable and thread-safe. */
public final class ConstructiveFilter {
    private final Guardrails guardrails;

    public ConstructiveFilter(Guardrails guardrails) {
        this.guardrails = guardrails;
    }

    /** A model's answer; a blank one is allowed. */
    public Verdict checkOutput(String output) {
        return guardrails.check(Rail.RESPONSE, Subject.text(output, Provenance.TOOL));
    }

    /**
     * The skills that an agent would gain. Names are compared by their letters and digits alone, whatever their case,
     * width and separators; a name that mixes look-alike alphabets or has no letter is refused.
     */
    public Verdict checkEvolution(Collection<String> newSkills) {
        for (String skill : newSkills) {
            if (Names.isOneOf(skill, Constitution.PROHIBITED_SKILLS)) {
                return new Verdict.Refused("C16", "no agent may learn the skill " + Names.squeeze(skill));
            }
            if (Names.squeeze(skill).isEmpty() || Names.mixesScripts(skill)) {
                return new Verdict.Refused("C16", "a skill has no readable name: use the letters of one alphabet");
            }
        }
        return Verdict.ALLOWED;
    }
}
