package dev.hart.server;

import dev.hart.Hart;
import dev.hart.error.GuardrailRefusedException;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.security.Guardrails;
import dev.hart.security.audit.AuditEvent;
import dev.hart.security.audit.AuditLog;
import dev.hart.security.rules.EnergyAwareness;
import dev.hart.security.rules.Goal;
import dev.hart.security.rules.GuardrailEnforcer;
import dev.hart.security.rules.TrustQuarantine;
import dev.hart.spi.HaltSwitch;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The rules that goals, results and messages of other agents are put to. Made when first needed. Thread-safe. */
final class HiveRules {
    private static final int MOST_OF_A_NAME = 100;

    private final Hart hart;
    private final HaltSwitch halt;
    /** Guarded by this. */
    private BigDecimal energy = BigDecimal.ZERO;

    private @Nullable GuardrailEnforcer made;

    HiveRules(Hart hart, HaltSwitch halt) {
        this.hart = hart;
        this.halt = halt;
    }

    private synchronized GuardrailEnforcer enforcer() {
        GuardrailEnforcer known = made;
        if (known == null) {
            known = new GuardrailEnforcer(
                    hart.unwrap(Guardrails.class), halt::isHalted, hart.unwrap(TrustQuarantine.class), this::use);
            made = known;
        }
        return known;
    }

    /** What the results that were submitted since the start are taken to have cost, in kWh. */
    synchronized BigDecimal energy() {
        return energy;
    }

    private synchronized void use(BigDecimal kilowattHours) {
        energy = energy.add(kilowattHours);
    }

    /** @throws dev.hart.error.HaltedException while the node stands still */
    void requireRunning() {
        halt.requireRunning();
    }

    /** @throws Refused when that agent or node is in quarantine and may not act */
    void requireTrusted(String subject) {
        if (!hart.unwrap(TrustQuarantine.class).canAct(subject)) {
            throw new Refused(403, "quarantined", "this agent or node is in quarantine and may not act");
        }
    }

    /**
     * Lets a goal through that may be worked on.
     *
     * @param tasks what its tasks say, a line for each
     * @throws GuardrailRefusedException when the rules forbid it
     */
    void requireGoal(String agent, String objective, String tasks, Map<String, @Nullable Object> context) {
        requireRunning();
        requireTrusted(agent);
        List<String> settings = new ArrayList<>();
        addTexts(context, settings);
        require(
                Rail.GOAL,
                agent,
                () -> enforcer()
                        .beforeDispatch(agent, objective, Provenance.USER, new Goal(objective, tasks, settings)));
    }

    /** @throws GuardrailRefusedException when the result carries an attack, or says what nobody must be told */
    void requireResult(String agent, @Nullable Object result) {
        List<String> texts = new ArrayList<>();
        addTexts(result, texts);
        Subject untrusted = Subject.text(String.join("\n", texts), Provenance.PEER);
        require(Rail.TOOL_RESULT, agent, () -> hart.unwrap(Guardrails.class).check(Rail.TOOL_RESULT, untrusted));
        require(
                Rail.RESPONSE,
                agent,
                () -> enforcer().afterResponse(String.join("\n", texts), EnergyAwareness.REMOTE_CALL));
    }

    /** @throws GuardrailRefusedException when what another node says carries an attack */
    void requireMessage(String agent, Map<String, @Nullable Object> message) {
        List<String> texts = new ArrayList<>();
        addTexts(message, texts);
        require(
                Rail.PEER_MESSAGE,
                agent,
                () -> hart.unwrap(Guardrails.class)
                        .check(Rail.PEER_MESSAGE, Subject.text(String.join("\n", texts), Provenance.PEER)));
    }

    private void require(Rail rail, String agent, Supplier<Verdict> check) {
        if (check.get() instanceof Verdict.Refused refused) {
            String actor = agent.length() > MOST_OF_A_NAME ? agent.substring(0, MOST_OF_A_NAME) : agent;
            hart.unwrap(AuditLog.class)
                    .record(new AuditEvent(
                            "guardrail", actor, "", "refused", Map.of("rail", rail.name(), "rule", refused.rule())));
            throw new GuardrailRefusedException(rail, refused);
        }
    }

    /** Every text of a JSON value; a body is nested no deeper than its reader lets it be. */
    private static void addTexts(@Nullable Object value, List<String> texts) {
        if (value instanceof String text) {
            texts.add(text);
        } else if (value instanceof Map<?, ?> fields) {
            fields.forEach((name, part) -> {
                texts.add(String.valueOf(name));
                addTexts(part, texts);
            });
        } else if (value instanceof Iterable<?> items) {
            items.forEach(item -> addTexts(item, texts));
        }
    }
}
