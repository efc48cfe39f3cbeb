package dev.hart.security.rules;

import java.math.BigDecimal;

/**
 * The numbers of the constitution. They are compile-time constants or immutable values, so a change needs another build,
 * and another build has other class digests and another guardrail hash.
 */
public final class Caps {
    /** Most that one node's hardware may weigh; a node with one GPU and 8 GB weighs 1. */
    public static final BigDecimal INFLUENCE_WEIGHT = BigDecimal.valueOf(5);
    /** How influence grows with hardware. */
    public static final String INFLUENCE_SCALE = "log";
    /** Bonus for rare contributions; defined, and applied nowhere. */
    public static final BigDecimal DIVERSITY_BONUS = new BigDecimal("0.20");
    /** Largest share of all influence that one operator may have. */
    public static final BigDecimal OPERATOR_SHARE = new BigDecimal("0.05");
    /** Below this number of operators no share is measured: 20 equal ones have 0.05 each. */
    public static final int OPERATORS_TO_MEASURE = 20;
    /** Skill packets that one node may export within an hour. */
    public static final int SKILL_PACKETS_PER_HOUR = 10;
    /** Distinct witnesses that a skill packet needs. */
    public static final int WITNESSES = 2;
    /** Most that a model's accuracy may rise above its value of 24 hours before. */
    public static final BigDecimal ACCURACY_GAIN_PER_DAY = new BigDecimal("0.05");
    /** Age, in seconds, from which a person's consent no longer counts. */
    public static final int CONSENT_SECONDS = 24 * 3_600;
    /** Days that a signed trust contract is valid. */
    public static final int CONTRACT_DAYS = 30;
    /** Violations that end a trust contract. */
    public static final int CONTRACT_VIOLATIONS = 3;
    /** Smallest part of its computing that a node under contract gives to audits. */
    public static final BigDecimal AUDIT_RATIO = new BigDecimal("0.80");
    /** Longest silence of a node under contract, in seconds. */
    public static final int AUDIT_SILENCE_SECONDS = 600;

    private Caps() {}
}
