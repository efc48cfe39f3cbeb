package dev.hart.gpu.machine;

import java.time.Instant;

/**
 * What would relieve the machine, and what became of it.
 *
 * @param at when it was found
 * @param resource what runs short
 * @param percent how much of it was in use
 * @param limit above which it runs short
 * @param optimization what to do
 * @param detail what was done, why not, or what somebody should do
 */
public record Advice(
        Instant at,
        Resource resource,
        double percent,
        double limit,
        Optimization optimization,
        Outcome outcome,
        String detail) {

    /** What became of advice. */
    public enum Outcome {
        /** Somebody should do it. */
        ADVISED,
        /** It was advised a short while ago, and is not in the history again. */
        REPEATED,
        /** HART did it. */
        APPLIED,
        /** HART was to do it and could not. */
        FAILED
    }
}
