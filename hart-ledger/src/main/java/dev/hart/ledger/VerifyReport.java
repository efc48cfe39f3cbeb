package dev.hart.ledger;

/** What {@link Ledger#verify} found. */
public sealed interface VerifyReport {
    /** The chain is whole, ends at its head, and every task row follows from it. */
    record Ok(long events) implements VerifyReport {}

    /** Event {@code seq} is not what was written. */
    record Broken(long seq, String reason) implements VerifyReport {}

    /** Event {@code seq} is gone. */
    record MissingSeq(long seq) implements VerifyReport {}

    /** The events are whole, but the row of {@code taskId} differs from what they give. */
    record ProjectionDiffers(String taskId, String reason) implements VerifyReport {}
}
