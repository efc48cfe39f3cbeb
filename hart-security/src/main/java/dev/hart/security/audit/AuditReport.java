package dev.hart.security.audit;

/**
 * What a check of the audit log has found.
 *
 * @param entries how many entries were read
 * @param signedUpTo the newest entry that a signature by a known key covers; 0 for none
 * @param finding what is wrong; {@link Finding#SOUND} when nothing is
 * @param firstBad the first entry at which it is wrong; 0 when nothing is
 */
public record AuditReport(long entries, long signedUpTo, Finding finding, long firstBad) {

    /** What a check finds. */
    public enum Finding {
        /** Every entry fits the one before, and every signed head fits. */
        SOUND,
        /** An entry is not what its hash says, or does not follow the one before. */
        BROKEN,
        /** An entry is missing between others. */
        GAP,
        /** The node has signed more entries than there are. */
        TAIL_MISSING,
        /** The node has signed another entry than the one that stands there, or what should be a head is none. */
        CHECKPOINT_MISMATCH
    }

    public boolean isSound() {
        return finding == Finding.SOUND;
    }
}
