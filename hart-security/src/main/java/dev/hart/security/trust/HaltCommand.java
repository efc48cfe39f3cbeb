package dev.hart.security.trust;

import dev.hart.security.canonical.CanonicalText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * An order of the trust anchors to stand still or to go on.
 *
 * @param reason 1 to 500 characters, for people
 * @param notAfter the order's last moment, at most 24 hours after {@code issuedAt}
 * @param sequence 1 or more; a node takes an order only when this is above every one it took before
 */
public record HaltCommand(
        Action action,
        UUID commandId,
        Instant issuedAt,
        Instant notAfter,
        String reason,
        HaltScope scope,
        long sequence) {
    /** The longest that an order may be valid. */
    public static final Duration LONGEST = Duration.ofHours(24);

    private static final int MAX_REASON = 500;
    private static final Set<String> FIELDS =
            Set.of("action", "commandId", "issuedAt", "notAfter", "reason", "scope", "sequence");

    /** Stand still, or go on. */
    public enum Action {
        HALT,
        RESUME
    }

    public HaltCommand {
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new IllegalArgumentException("an order has a reason of 1 to 500 characters");
        }
        if (sequence < 1 || sequence > 1L << 53) {
            throw new IllegalArgumentException("an order's sequence is 1 to 2^53, was " + sequence);
        }
        if (!issuedAt.equals(issuedAt.truncatedTo(ChronoUnit.MILLIS))
                || !notAfter.equals(notAfter.truncatedTo(ChronoUnit.MILLIS))) {
            throw new IllegalArgumentException("an order's times have at most milliseconds");
        }
    }

    /** The bytes to sign. */
    public byte[] toBytes() {
        return CanonicalText.bytes(Map.of(
                "action", action.name(),
                "commandId", commandId.toString(),
                "issuedAt", issuedAt.toString(),
                "notAfter", notAfter.toString(),
                "reason", reason,
                "scope", scope.toString(),
                "sequence", sequence));
    }

    /** The order in an envelope that nobody has signed yet. */
    public Envelope toEnvelope() {
        return Envelope.of(PayloadType.COMMAND, toBytes());
    }

    /**
     * Reads what {@link #toBytes} writes.
     *
     * @throws MalformedException when it is anything but an order
     */
    public static HaltCommand parse(byte[] payload) throws MalformedException {
        StrictJson.Fields fields = StrictJson.object(payload).only(FIELDS);
        try {
            UUID id = UUID.fromString(fields.text("commandId"));
            if (!id.toString().equals(fields.text("commandId"))) {
                throw new MalformedException("field commandId is no UUID in lower case");
            }
            return new HaltCommand(
                    Action.valueOf(fields.text("action")),
                    id,
                    fields.instant("issuedAt"),
                    fields.instant("notAfter"),
                    fields.text("reason"),
                    HaltScope.parse(fields.text("scope")),
                    fields.number("sequence"));
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()), e);
        }
    }
}
