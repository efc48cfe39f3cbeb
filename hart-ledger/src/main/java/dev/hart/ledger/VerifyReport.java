package dev.hart.ledger;

/** What {@link Ledger#verify} found. Numbers of events count from 1 in each stripe. */
public sealed interface VerifyReport {
    /**
     * The chains are whole, end at their heads, agree with every checkpoint, and every row follows from them.
     *
     * @param checkpoints those of known keys, which were compared
     * @param unknown those of keys that are not known here, which were left aside; 0 unless
     *     {@link Ledgers.Builder#leaveUnknownKeysAside} allows them
     */
    record Ok(long events, long checkpoints, long unknown) implements VerifyReport {
        /** All checkpoints are of known keys. */
        public Ok(long events, long checkpoints) {
            this(events, checkpoints, 0);
        }

        @Override
        public String toString() {
            return "whole: %d events, %d checkpoints".formatted(events, checkpoints)
                    + (unknown == 0 ? "" : ", and %d of keys that are not known here".formatted(unknown));
        }
    }

    /** Event {@code seq} is not what was written. */
    record Broken(int stripe, long seq, String reason) implements VerifyReport {
        @Override
        public String toString() {
            return "event %d%s was changed: %s".formatted(seq, of(stripe), reason);
        }
    }

    /** Event {@code seq} is gone. */
    record MissingSeq(int stripe, long seq) implements VerifyReport {
        @Override
        public String toString() {
            return "event %d%s is missing".formatted(seq, of(stripe));
        }
    }

    /** A signed checkpoint knows event {@code signedSeq}, but the history ends with {@code lastSeq}: its tail was cut off. */
    record BehindCheckpoint(int stripe, long lastSeq, long signedSeq) implements VerifyReport {
        @Override
        public String toString() {
            return "the history%s ends with event %d, a signed checkpoint knows event %d: its tail was cut off"
                    .formatted(of(stripe), lastSeq, signedSeq);
        }
    }

    /** A checkpoint is not signed by a key that may sign. */
    record BadSignature(long checkpoint, String keyId, String reason) implements VerifyReport {
        @Override
        public String toString() {
            return "checkpoint %d, key %s: %s".formatted(checkpoint, keyId, reason);
        }
    }

    /** The events are whole, but the row of {@code taskId} differs from what they give. */
    record ProjectionDiffers(String taskId, String reason) implements VerifyReport {
        @Override
        public String toString() {
            return "task %s is not what its history makes it: %s".formatted(taskId, reason);
        }
    }

    default boolean isOk() {
        return this instanceof Ok;
    }

    private static String of(int stripe) {
        return stripe == 0 ? "" : " of stripe " + stripe;
    }
}
