package dev.hart.security.trust;

/** What became of an order. */
public sealed interface HaltAnswer {

    /** Taken, and durable. */
    record Accepted(HaltCommand command) implements HaltAnswer {}

    /**
     * Not taken; nothing has changed.
     *
     * @param message for logs and callers; quotes nothing of the order
     */
    record Refused(Reason reason, String message) implements HaltAnswer {}

    /** The checks, in their order. */
    enum Reason {
        /** More than 16 KiB. */
        TOO_LARGE(413),
        /** No order in an envelope of its type. */
        UNREADABLE(422),
        /** Too few of the anchors have signed. */
        NOT_SIGNED(403),
        /** Issued in the future, too old, or valid for too long. */
        WRONG_TIME(422),
        /** For another region or node. */
        WRONG_SCOPE(422),
        /** Not newer than what this node has taken already. */
        OLD_SEQUENCE(409),
        /** This node cannot read what it has taken before: an operator must look first. */
        STATE_UNREADABLE(503);

        private final int status;

        Reason(int status) {
            this.status = status;
        }

        /** The HTTP status that says the same. */
        public int status() {
            return status;
        }
    }
}
