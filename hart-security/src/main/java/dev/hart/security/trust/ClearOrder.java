package dev.hart.security.trust;

import dev.hart.security.canonical.CanonicalText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;

/**
 * What a person signs to end the emergency stop of a node: of this node, and of this stop alone, so that it is good for
 * nothing else and no second time.
 *
 * @param node the node's key id
 * @param stopped since when it stands still by that stop, as {@code GET /api/guardrails/status} says
 * @param notAfter the last moment of it, at most an hour after {@code issuedAt}
 */
public record ClearOrder(String node, Instant stopped, Instant issuedAt, Instant notAfter) {
    /** The longest that it may be valid. */
    public static final Duration LONGEST = Duration.ofHours(1);

    private static final String ACTION = "CLEAR_ESTOP";
    private static final Set<String> FIELDS = Set.of("action", "issuedAt", "node", "notAfter", "stopped");

    public ClearOrder {
        node = new HaltScope.Node(node).id();
        for (Instant time : new Instant[] {stopped, issuedAt, notAfter}) {
            if (!time.equals(time.truncatedTo(ChronoUnit.MILLIS))) {
                throw new IllegalArgumentException("an order's times have at most milliseconds");
            }
        }
    }

    /** The order in an envelope that nobody has signed yet. */
    public Envelope toEnvelope() {
        return Envelope.of(
                PayloadType.OPERATOR,
                CanonicalText.bytes(Map.of(
                        "action", ACTION,
                        "issuedAt", issuedAt.toString(),
                        "node", node,
                        "notAfter", notAfter.toString(),
                        "stopped", stopped.toString())));
    }

    /**
     * Reads what {@link #toEnvelope} holds.
     *
     * @throws MalformedException when it is anything else
     */
    static ClearOrder parse(byte[] payload) throws MalformedException {
        StrictJson.Fields fields = StrictJson.object(payload).only(FIELDS);
        if (!fields.text("action").equals(ACTION)) {
            throw new MalformedException("it is no order to clear an emergency stop");
        }
        try {
            return new ClearOrder(
                    fields.text("node"),
                    fields.instant("stopped"),
                    fields.instant("issuedAt"),
                    fields.instant("notAfter"));
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Whether it is valid at a time, with clocks that differ by at most {@code skew}. */
    boolean isValid(Instant now, Duration skew) {
        return !now.isBefore(issuedAt.minus(skew))
                && !now.isAfter(notAfter)
                && !notAfter.isBefore(issuedAt)
                && Duration.between(issuedAt, notAfter).compareTo(LONGEST) <= 0;
    }
}
