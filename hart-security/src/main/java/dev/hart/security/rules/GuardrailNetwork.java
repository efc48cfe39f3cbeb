package dev.hart.security.rules;

import dev.hart.guard.Provenance;
import dev.hart.guard.Verdict;
import dev.hart.security.Guardrails;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One figure for everything that was checked: the mean of the checks that apply, each 0 or 1, by weight. A check of weight
 * 0.9 or more that says no cannot be outvoted. Thread-safe.
 */
public final class GuardrailNetwork {
    private static final Logger LOG = LoggerFactory.getLogger(GuardrailNetwork.class);
    private static final BigDecimal NEEDED = new BigDecimal("0.5");
    private static final BigDecimal VETO = new BigDecimal("0.9");
    private static final int DIGITS = 3;

    private final ConstitutionalFilter constitution;
    private final HiveEthos ethos;
    private final ConstructiveFilter constructive;
    private final BooleanSupplier halted;

    /** A class whose answer has a weight. Those of no question here have a score only when a caller brings one. */
    public enum Node {
        CONSTITUTIONAL("1.0"),
        CIRCUIT_BREAKER("1.0"),
        ETHOS("0.9"),
        CONSTRUCTIVE("0.9"),
        WORLD_MODEL("0.8"),
        COMPUTE_DEMOCRACY("0.7"),
        CONFLICT("0.6"),
        ENERGY("0.5");

        private final String weight;

        Node(String weight) {
            this.weight = weight;
        }

        public BigDecimal weight() {
            return new BigDecimal(weight);
        }
    }

    /**
     * @param score 0 to 1, with 3 decimals
     * @param passed the checks that applied, and whether they passed
     * @param vetoes those that passed not and cannot be outvoted
     */
    public record Result(BigDecimal score, boolean allowed, Map<Node, Boolean> passed, List<Node> vetoes) {
        public Result {
            passed = Map.copyOf(passed);
            vetoes = List.copyOf(vetoes);
        }
    }

    /** @param halted true while the kill switch of the node is on */
    public GuardrailNetwork(Guardrails guardrails, BooleanSupplier halted) {
        this.constitution = new ConstitutionalFilter(guardrails);
        this.ethos = new HiveEthos(guardrails);
        this.constructive = new ConstructiveFilter(guardrails);
        this.halted = halted;
    }

    /**
     * Judges what is there. Halted means a score of 0.
     *
     * @param prompt null or blank when there is none; read as a user's
     * @param goal null when there is none
     * @param reply null or blank when there is none
     */
    public Result judge(@Nullable String prompt, @Nullable Goal goal, @Nullable String reply) {
        if (isHalted()) {
            return new Result(
                    BigDecimal.ZERO.setScale(DIGITS),
                    false,
                    Map.of(Node.CIRCUIT_BREAKER, false),
                    List.of(Node.CIRCUIT_BREAKER));
        }
        Map<Node, Boolean> passed = new LinkedHashMap<>();
        boolean promptPasses = prompt == null || passes(constitution.checkPrompt(prompt, Provenance.USER));
        boolean replyPasses = reply == null || passes(constructive.checkOutput(reply));
        boolean hasReply = reply != null && !reply.isBlank();
        if (hasReply || prompt != null && !prompt.isBlank()) {
            passed.put(Node.CONSTITUTIONAL, promptPasses && replyPasses);
        }
        if (goal != null) {
            passed.put(Node.ETHOS, passes(ethos.checkGoal(goal)));
        }
        if (hasReply) {
            passed.put(Node.CONSTRUCTIVE, replyPasses);
        }
        passed.put(Node.ENERGY, true);
        return result(passed);
    }

    /** The mean over answers that are already there, with the same veto. */
    public static Result result(Map<Node, Boolean> passed) {
        if (passed.isEmpty()) {
            throw new IllegalArgumentException("no check applied, so there is nothing to average");
        }
        BigDecimal weight = BigDecimal.ZERO;
        BigDecimal sum = BigDecimal.ZERO;
        List<Node> vetoes = new ArrayList<>();
        for (Node node : Node.values()) {
            Boolean answer = passed.get(node);
            if (answer == null) {
                continue;
            }
            weight = weight.add(node.weight());
            sum = answer ? sum.add(node.weight()) : sum;
            if (!answer && node.weight().compareTo(VETO) >= 0) {
                vetoes.add(node);
            }
        }
        boolean enough = sum.compareTo(weight.multiply(NEEDED)) >= 0;
        return new Result(
                sum.divide(weight, DIGITS, RoundingMode.HALF_EVEN), enough && vetoes.isEmpty(), passed, vetoes);
    }

    /** Weights as the guardrail hash takes them in. */
    static Map<String, Object> weights() {
        Map<String, Object> weights = new LinkedHashMap<>();
        for (Node node : Node.values()) {
            weights.put(node.name(), node.weight);
        }
        weights.put("needed", NEEDED.toPlainString());
        weights.put("veto", VETO.toPlainString());
        return Map.copyOf(weights);
    }

    private boolean isHalted() {
        try {
            return halted.getAsBoolean();
        } catch (RuntimeException e) {
            LOG.error("cannot tell whether the node is halted, so it counts as halted", e);
            return true;
        }
    }

    private static boolean passes(Verdict verdict) {
        return !(verdict instanceof Verdict.Refused);
    }
}
