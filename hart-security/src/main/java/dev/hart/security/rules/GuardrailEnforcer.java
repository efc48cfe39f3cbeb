package dev.hart.security.rules;

import dev.hart.guard.Provenance;
import dev.hart.guard.Verdict;
import dev.hart.security.Guardrails;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checks around one dispatch, in their order, the first refusal first. A switch or a register that cannot be read
 * counts as a refusal. Thread-safe when what it was given is.
 */
public final class GuardrailEnforcer {
    private static final Logger LOG = LoggerFactory.getLogger(GuardrailEnforcer.class);

    private final BooleanSupplier halted;
    private final TrustQuarantine quarantine;
    private final Consumer<BigDecimal> energy;
    private final ConstitutionalFilter constitution;
    private final HiveEthos ethos;
    private final ConstructiveFilter constructive;

    /**
     * @param halted true while the kill switch of the node is on
     * @param energy takes the kWh of each answer
     */
    public GuardrailEnforcer(
            Guardrails guardrails, BooleanSupplier halted, TrustQuarantine quarantine, Consumer<BigDecimal> energy) {
        this.halted = halted;
        this.quarantine = quarantine;
        this.energy = energy;
        this.constitution = new ConstitutionalFilter(guardrails);
        this.ethos = new HiveEthos(guardrails);
        this.constructive = new ConstructiveFilter(guardrails);
    }

    /**
     * Halted, quarantine, prompt, goal, ethos.
     *
     * @param actor id of the agent or node that acts
     * @param goal null when the prompt serves no goal of its own
     */
    public Verdict beforeDispatch(String actor, String prompt, Provenance provenance, @Nullable Goal goal) {
        Verdict open = open(actor);
        if (open instanceof Verdict.Refused) {
            return open;
        }
        List<Verdict.Finding> flags = new ArrayList<>();
        Verdict verdict = constitution.checkPrompt(prompt, provenance);
        if (isRefused(verdict, flags) || goal == null) {
            return verdict;
        }
        verdict = constitution.checkGoal(goal);
        if (isRefused(verdict, flags)) {
            return verdict;
        }
        verdict = ethos.checkGoal(goal);
        if (isRefused(verdict, flags)) {
            return verdict;
        }
        return flags.isEmpty()
                ? Verdict.ALLOWED
                : new Verdict.Flagged(flags.stream().distinct().toList());
    }

    /** The answer's words; what it cost in energy is noted even when it is refused, for it was used. */
    public Verdict afterResponse(String output, BigDecimal kilowattHours) {
        if (kilowattHours.signum() < 0) {
            throw new IllegalArgumentException("an answer needs no negative energy, was " + kilowattHours);
        }
        Verdict verdict = constructive.checkOutput(output);
        energy.accept(kilowattHours);
        return verdict;
    }

    private Verdict open(String actor) {
        try {
            if (halted.getAsBoolean()) {
                return new Verdict.Refused("HALTED", "the node is halted; nothing starts until it is resumed");
            }
            if (!quarantine.canAct(actor)) {
                return new Verdict.Refused("QUARANTINE", actor + " is in quarantine and may not act");
            }
            return Verdict.ALLOWED;
        } catch (RuntimeException e) {
            LOG.error("cannot tell whether {} may act, which counts as a refusal", actor, e);
            return new Verdict.Refused("HALTED", "cannot tell whether the node is halted, so nothing starts");
        }
    }

    private static boolean isRefused(Verdict verdict, List<Verdict.Finding> flags) {
        if (verdict instanceof Verdict.Flagged flagged) {
            flags.addAll(flagged.findings());
        }
        return verdict instanceof Verdict.Refused;
    }
}
