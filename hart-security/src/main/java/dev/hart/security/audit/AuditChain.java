package dev.hart.security.audit;

import dev.hart.security.canonical.SignedBytes;
import dev.hart.spi.AuditEntry;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** How an entry's hash is made: SHA-256 over its fields and the hash before, each with its length. */
final class AuditChain {
    static final String GENESIS = "0".repeat(64);
    private static final String NAME = "HART-AUDIT-1";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private AuditChain() {}

    static AuditEntry next(
            long sequence,
            Instant at,
            String event,
            String actor,
            String target,
            String action,
            String detail,
            String previousHash) {
        AuditEntry unhashed = new AuditEntry(sequence, at, event, actor, target, action, detail, previousHash, GENESIS);
        return new AuditEntry(sequence, at, event, actor, target, action, detail, previousHash, hash(unhashed));
    }

    /** What the hash of an entry must be, going by its other fields. */
    static String hash(AuditEntry entry) {
        byte[] fields = new Netstrings()
                .add(NAME)
                .add(entry.previousHash())
                .add(Long.toString(entry.sequence()))
                .add(time(entry.at()))
                .add(entry.event())
                .add(entry.actor())
                .add(entry.target())
                .add(entry.action())
                .add(entry.detail())
                .bytes();
        return SignedBytes.sha256(fields);
    }

    /** In UTC with exactly three decimals. */
    static String time(Instant at) {
        return TIME.format(at);
    }
}
