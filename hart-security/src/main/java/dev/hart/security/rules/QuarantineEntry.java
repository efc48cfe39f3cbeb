package dev.hart.security.rules;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why an agent or a node is watched or shut out.
 *
 * @param timestamp when it got this level
 * @param reviewCount how often someone looked at it since
 * @param lastReview null before the first review
 * @param reviewerNotes one for each review, the oldest first; the last 100
 */
public record QuarantineEntry(
        Level level,
        String reason,
        Instant timestamp,
        int reviewCount,
        @Nullable Instant lastReview,
        List<String> reviewerNotes) {
    private static final int MAX_NOTES = 100;

    public QuarantineEntry {
        reviewerNotes = List.copyOf(reviewerNotes);
        if (reviewerNotes.size() > MAX_NOTES) {
            reviewerNotes = List.copyOf(reviewerNotes.subList(reviewerNotes.size() - MAX_NOTES, reviewerNotes.size()));
        }
        if (reason.isBlank()) {
            throw new IllegalArgumentException("a quarantine has a reason");
        }
        if (reviewCount < 0) {
            throw new IllegalArgumentException("a quarantine has 0 reviews or more, was " + reviewCount);
        }
    }

    /** How much one in quarantine may still do. Only {@link #OBSERVE} lets it act. */
    public enum Level {
        OBSERVE,
        RESTRICT,
        ISOLATE,
        EXCLUDE;

        /**
         * The level of a number; above 4 it is the highest.
         *
         * @throws IllegalArgumentException below 1
         */
        public static Level of(int number) {
            if (number < 1) {
                throw new IllegalArgumentException(
                        "a quarantine level is 1 to 4, was " + number + "; to end a quarantine, rehabilitate");
            }
            return values()[Math.min(number, values().length) - 1];
        }

        /** 1 to 4. */
        public int number() {
            return ordinal() + 1;
        }

        public boolean mayAct() {
            return number() < RESTRICT.number();
        }
    }
}
