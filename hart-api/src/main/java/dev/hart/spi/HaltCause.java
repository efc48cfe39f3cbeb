package dev.hart.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * One reason why a node stands still.
 *
 * @param scope {@code network}, {@code region:<name>}, {@code node:<id>}, {@code estop} or {@code tamper}
 * @param reason for people; not blank
 * @param sequence of the order that halts, 0 when no signed order does
 */
public record HaltCause(Kind kind, String scope, String reason, Instant since, long sequence) {

    /** Who or what stopped the node. */
    public enum Kind {
        /** A signed order to the whole network. */
        NETWORK,
        /** A signed order to a region. */
        REGION,
        /** A signed order to one node. */
        NODE,
        /** An operator at the node. */
        ESTOP,
        /** The node found its own code or state changed. */
        TAMPER
    }

    public HaltCause {
        requireNonNull(kind);
        requireNonNull(scope);
        requireNonNull(reason);
        requireNonNull(since);
    }

    /** The scope and the reason, such as {@code network: drill}. */
    @Override
    public String toString() {
        return scope + ": " + reason;
    }
}
