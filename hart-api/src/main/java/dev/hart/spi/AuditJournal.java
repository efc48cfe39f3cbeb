package dev.hart.spi;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where the entries of an audit log are kept. It keeps what it is given and judges nothing: the audit log makes the entries and
 * checks the chain. Thread-safe. Methods throw a {@link dev.hart.error.HartException} when they cannot keep or read.
 */
public interface AuditJournal {

    /**
     * Keeps an entry behind all others, and returns once it is durable.
     *
     * @return false, and nothing is kept, when the number of the newest entry is not the one before this entry's: another
     *     writer was faster
     */
    boolean append(AuditEntry entry);

    /** The newest entry; empty when there is none. */
    Optional<AuditEntry> last();

    /**
     * Hands over every entry from a number on, as they are kept, oldest first, until {@code each} says false. Holds no more
     * than a part of them in memory.
     *
     * @param from 1 for all
     */
    void read(long from, Predicate<AuditEntry> each);

    /** Keeps a signed head, and returns once it is durable. */
    void keep(AuditHead head);

    /** Hands over the signed heads, the newest first, until {@code each} says false. */
    void heads(Predicate<AuditHead> each);
}
