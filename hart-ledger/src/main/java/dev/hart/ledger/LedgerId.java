package dev.hart.ledger;

/**
 * Names a ledger: whose it is and for what. Two different ids can share a {@link #key()}; the ledger that is opened second
 * is then refused.
 */
public record LedgerId(String agentId, String sessionId) {

    /** @throws dev.hart.error.LedgerException INVALID_ARGUMENT unless both parts are 1 to 255 of letters, digits, {@code . _ : ~ -} */
    public LedgerId {
        Limits.requireId("agent id", agentId);
        Limits.requireId("session id", sessionId);
    }

    /** The ledger of one run of a recipe. */
    public static LedgerId run(String runId) {
        return new LedgerId("run", runId);
    }

    /** Whether it is the ledger of a run. */
    boolean isRun() {
        return agentId.equals("run");
    }

    /** The ledger of a user's prompt: user 123 and prompt 456 give {@code ledger_456_123_456}. */
    public static LedgerId forUserAndPrompt(String user, String prompt) {
        return new LedgerId(prompt, user + "_" + prompt);
    }

    /** The text form that rows, events and hashes carry. */
    public String key() {
        return "ledger_" + agentId + "_" + sessionId;
    }

    @Override
    public String toString() {
        return key();
    }
}
