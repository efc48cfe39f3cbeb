package dev.hart.security.rules;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a node may be accused of, and how many points of its fraud score that is. */
public enum FraudAlert {
    HASH_MISMATCH(30),
    CHALLENGE_FAIL(15),
    CHALLENGE_TIMEOUT(5),
    IMPRESSION_ANOMALY(20),
    SCORE_JUMP(10),
    CONSENSUS_DISAGREEMENT(5),
    COLLUSION_SUSPECTED(25),
    REWARD_VELOCITY_ANOMALY(25),
    REWARD_SELF_DEALING(35),
    SPARK_GAMING(20),
    WITNESS_RING(30),
    TEMPORAL_CLUSTERING(20),
    SEAL_TAMPER(35),
    GRADIENT_MAGNITUDE_ANOMALY(20),
    GRADIENT_DIRECTION_FLIP(25),
    WITNESS_REFUSAL(5),
    EQUIVOCATION(30),
    GUARDRAIL_DRIFT(50),
    POST_UPDATE_MISMATCH(10),
    AUDIT_DOMINANCE(10);

    private final int points;

    FraudAlert(int points) {
        this.points = points;
    }

    public int points() {
        return points;
    }

    /** How much it matters by itself; a score of 80 or more makes it critical. */
    public Severity severity(int resultingScore) {
        if (resultingScore >= PeerIntegrity.BAN_SCORE) {
            return Severity.CRITICAL;
        }
        return points >= 20 ? Severity.HIGH : points >= 10 ? Severity.MEDIUM : Severity.LOW;
    }

    /** How loud an alert is. */
    public enum Severity {
        LOW,
        MEDIUM,
        HIGH,
        CRITICAL
    }

    /** The points as the guardrail hash takes them in. */
    static Map<String, Object> table() {
        Map<String, Object> table = new TreeMap<>();
        for (FraudAlert alert : values()) {
            table.put(alert.name().toLowerCase(Locale.ROOT), "" + alert.points);
        }
        return Map.copyOf(table);
    }
}
