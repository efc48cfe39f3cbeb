package dev.hart.ledger;

import dev.hart.error.LedgerException;

/**
 * The identity of a ledger.
 *
 * @param agentId 1 to 255 characters
 * @param sessionId 1 to 255 characters
 */
public record LedgerId(String agentId, String sessionId) {
    private static final String RUN = "run";

    public LedgerId {
        if (agentId.isEmpty() || agentId.length() > 255 || sessionId.isEmpty() || sessionId.length() > 255) {
            throw new LedgerException(
                    "INVALID_ARGUMENT",
                    "agentId and sessionId have 1 to 255 characters, were '" + agentId + "' and '" + sessionId + "'");
        }
    }

    /** The ledger of one run. */
    public static LedgerId run(String runId) {
        return new LedgerId(RUN, runId);
    }

    /** The ledger of a user's prompt: user 123 and prompt 456 have the key {@code ledger_456_123_456}. */
    public static LedgerId forUserAndPrompt(String userId, String promptId) {
        return new LedgerId(promptId, userId + "_" + promptId);
    }

    /** Its one text form, in rows, events and addresses. */
    public String key() {
        return "ledger_" + agentId + "_" + sessionId;
    }

    @Override
    public String toString() {
        return key();
    }
}
