package dev.hart.security.audit;

import dev.hart.error.StoreUnavailableException;
import dev.hart.security.SecretRedactor;
import dev.hart.spi.AuditEntry;
import dev.hart.spi.AuditHead;
import dev.hart.spi.AuditJournal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happened on this node that matters for its security, as a chain of hashes without gaps. The node's key signs its newest
 * entry every {@value #ENTRIES_PER_HEAD} entries or 60 seconds, whichever comes first, and when the log is closed.
 *
 * <p>{@link #record} returns once the entry is durable, and throws when it cannot be made durable: then the caller must not do
 * what it wanted to note. When the newest part of the log was found wrong at the start, nothing is written until an operator has
 * said so with {@link #acknowledge}. Thread-safe.
 */
public final class AuditLog implements AutoCloseable {
    /** After so many entries the head is signed. */
    public static final int ENTRIES_PER_HEAD = 100;
    /** So long an entry may wait for a signature, at most. */
    public static final Duration HEAD_EVERY = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final int ATTEMPTS = 100;
    private static final Pattern HEAD = Pattern.compile(
            "\\{\"at\":\"[0-9TZ:.+-]{20,40}\",\"hash\":\"([0-9a-f]{64})\",\"sequence\":([1-9][0-9]{0,17})}");

    private final AuditJournal journal;
    private final HeadSeal seal;
    private final InstantSource clock;
    private final Consumer<AuditHead> sink;
    private final SecretRedactor redactor = new SecretRedactor();
    /** Guarded by this, as are those below. */
    private @Nullable AuditEntry last;

    private long signed;
    private @Nullable Instant unsignedSince;
    private @Nullable AuditReport damage;

    private AuditLog(AuditJournal journal, HeadSeal seal, InstantSource clock, Consumer<AuditHead> sink) {
        this.journal = journal;
        this.seal = seal;
        this.clock = clock;
        this.sink = sink;
    }

    /**
     * The log that a journal holds. What was written since the newest signed head is checked.
     *
     * @throws StoreUnavailableException when the journal cannot be read
     */
    public static AuditLog open(AuditJournal journal, HeadSeal seal, InstantSource clock) {
        return open(journal, seal, clock, head -> {});
    }

    /**
     * The same.
     *
     * @param sink is given every signed head, to keep it on another machine; what it throws is logged
     */
    public static AuditLog open(AuditJournal journal, HeadSeal seal, InstantSource clock, Consumer<AuditHead> sink) {
        AuditLog log = new AuditLog(journal, seal, clock, sink);
        log.begin();
        return log;
    }

    private synchronized void begin() {
        List<KnownHead> heads;
        try {
            heads = newestHead();
        } catch (BadHead bad) {
            damage = new AuditReport(0, 0, AuditReport.Finding.CHECKPOINT_MISMATCH, bad.sequence);
            heads = List.of();
        }
        signed = heads.isEmpty() ? 0 : heads.get(0).sequence();
        AuditReport tail = check(Math.max(1, signed), heads);
        if (damage == null && !tail.isSound()) {
            damage = tail;
        }
        last = journal.last().orElse(null);
        if (last != null && last.sequence() > signed) {
            unsignedSince = clock.instant();
        }
        if (damage != null) {
            LOG.error(
                    "the audit log is {} from entry {} on; nothing is written until an operator acknowledges it",
                    damage.finding(),
                    damage.firstBad());
        }
    }

    /**
     * Notes something; returns once it is durable.
     *
     * @return the entry as it was kept
     * @throws StoreUnavailableException when it could not be kept, or the log was found damaged and nobody has acknowledged it
     * @throws IllegalArgumentException when the detail holds something else than {@link AuditEvent} names
     */
    public AuditEntry record(AuditEvent event) {
        String detail = AuditDetail.of(event.detail());
        synchronized (this) {
            if (damage != null) {
                throw new StoreUnavailableException(
                        "the audit log is " + damage.finding() + " from entry " + damage.firstBad()
                                + " on, so nothing that needs an entry is done: look into it, then acknowledge it");
            }
            AuditEntry entry = append(event, detail);
            signIfDue();
            return entry;
        }
    }

    /**
     * Takes note that the log was found damaged, and lets it be written again behind what is there. A check goes on to report
     * the damage. Does nothing when the log was not.
     *
     * @param operator who has looked into it
     */
    public synchronized void acknowledge(String operator) {
        AuditReport known = damage;
        if (known == null) {
            return;
        }
        AuditEvent event = new AuditEvent(
                "audit",
                operator,
                "",
                "acknowledged damage",
                Map.of("finding", known.finding().name(), "first_bad", known.firstBad()));
        append(event, AuditDetail.of(event.detail()));
        damage = null;
        signIfDue();
    }

    /** What was found when the log was opened and is not acknowledged; empty when it was sound. */
    public synchronized Optional<AuditReport> damage() {
        return Optional.ofNullable(damage);
    }

    private AuditEntry append(AuditEvent event, String detail) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            AuditEntry before = last;
            AuditEntry entry = AuditChain.next(
                    before == null ? 1 : before.sequence() + 1,
                    clock.instant().truncatedTo(ChronoUnit.MILLIS),
                    event.event(),
                    event.actor(),
                    redactor.redact(event.target()),
                    redactor.redact(event.action()),
                    detail,
                    before == null ? AuditChain.GENESIS : before.hash());
            if (journal.append(entry)) {
                last = entry;
                if (unsignedSince == null) {
                    unsignedSince = entry.at();
                }
                return entry;
            }
            last = journal.last().orElse(null);
        }
        throw new StoreUnavailableException("the audit log could not be written, as another process always was faster");
    }

    /** Signs the head when entries have waited for it long enough; whoever has a timer calls it now and then. */
    public synchronized void tick() {
        signIfDue();
    }

    private void signIfDue() {
        AuditEntry newest = last;
        if (newest == null || newest.sequence() <= signed) {
            return;
        }
        Instant since = unsignedSince == null ? clock.instant() : unsignedSince;
        boolean many = newest.sequence() - signed >= ENTRIES_PER_HEAD;
        if (many || Duration.between(since, clock.instant()).compareTo(HEAD_EVERY) >= 0) {
            sign(newest);
        }
    }

    /** The entry is durable whatever becomes of the signature, which is tried again with the next one. */
    private void sign(AuditEntry newest) {
        AuditHead head;
        try {
            String payload = "{\"at\":\"%s\",\"hash\":\"%s\",\"sequence\":%d}"
                    .formatted(AuditChain.time(clock.instant()), newest.hash(), newest.sequence());
            head = new AuditHead(newest.sequence(), seal.seal(payload.getBytes(StandardCharsets.US_ASCII)));
            journal.keep(head);
        } catch (RuntimeException e) {
            LOG.error(
                    "the head of the audit log could not be signed at entry {}; it is tried again",
                    newest.sequence(),
                    e);
            return;
        }
        signed = newest.sequence();
        unsignedSince = null;
        try {
            sink.accept(head);
        } catch (RuntimeException e) {
            LOG.error("the signed head of the audit log at entry {} could not be given away", newest.sequence(), e);
        }
    }

    /** Checks every entry and every signed head. Reads the whole log, a part at a time. */
    public AuditReport verify() {
        return verify(List.of());
    }

    /**
     * The same, with signed heads that were kept elsewhere as well.
     *
     * @throws StoreUnavailableException when the journal cannot be read
     */
    public AuditReport verify(List<AuditHead> keptElsewhere) {
        try {
            return check(1, heads(keptElsewhere));
        } catch (BadHead bad) {
            return new AuditReport(0, 0, AuditReport.Finding.CHECKPOINT_MISMATCH, bad.sequence);
        }
    }

    /** A head that a known key has signed. */
    private record KnownHead(long sequence, String hash) {}

    /** What is kept as a head is none. */
    private static final class BadHead extends Exception {
        private static final long serialVersionUID = 1;
        final long sequence;

        BadHead(long sequence) {
            super(null, null, false, false);
            this.sequence = sequence;
        }
    }

    private List<KnownHead> heads(List<AuditHead> more) throws BadHead {
        List<AuditHead> all = new ArrayList<>(more);
        journal.heads(all::add);
        List<KnownHead> known = new ArrayList<>();
        for (AuditHead head : all) {
            KnownHead one = known(head);
            if (one != null) {
                known.add(one);
            }
        }
        known.sort(Comparator.comparingLong(KnownHead::sequence));
        return known;
    }

    /** Empty when no known key has signed one. */
    private List<KnownHead> newestHead() throws BadHead {
        List<KnownHead> found = new ArrayList<>();
        List<BadHead> bad = new ArrayList<>();
        journal.heads(head -> {
            try {
                KnownHead one = known(head);
                if (one != null) {
                    found.add(one);
                }
            } catch (BadHead e) {
                bad.add(e);
            }
            return found.isEmpty() && bad.isEmpty();
        });
        if (!bad.isEmpty()) {
            throw bad.get(0);
        }
        return found;
    }

    /** Null when only keys that are not known have signed it. */
    private @Nullable KnownHead known(AuditHead head) throws BadHead {
        try {
            Optional<byte[]> payload = seal.open(head.envelope());
            if (payload.isEmpty()) {
                return null;
            }
            Matcher parts = HEAD.matcher(new String(payload.get(), StandardCharsets.UTF_8));
            if (parts.matches() && Long.parseLong(parts.group(2)) == head.sequence()) {
                return new KnownHead(head.sequence(), parts.group(1));
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("head at entry {} does not verify", head.sequence(), e);
        }
        throw new BadHead(head.sequence());
    }

    private AuditReport check(long from, List<KnownHead> heads) {
        Walk walk = new Walk(from, heads);
        journal.read(from, walk::step);
        return walk.end();
    }

    /** Goes along the chain until something is wrong. */
    private static final class Walk {
        private final long from;
        private final List<KnownHead> heads;
        private int nextHead;
        private long entries;
        private long expected;
        private @Nullable String previousHash;
        private long signedUpTo;
        private AuditReport.Finding finding = AuditReport.Finding.SOUND;
        private long firstBad;

        Walk(long from, List<KnownHead> heads) {
            this.from = from;
            this.heads = heads;
            this.expected = from;
            this.previousHash = from == 1 ? AuditChain.GENESIS : null;
            while (nextHead < heads.size() && heads.get(nextHead).sequence() < from) {
                nextHead++;
            }
        }

        boolean step(AuditEntry entry) {
            entries++;
            if (entry.sequence() > expected) {
                return bad(AuditReport.Finding.GAP);
            }
            boolean follows = previousHash == null || previousHash.equals(entry.previousHash());
            if (entry.sequence() < expected
                    || !follows
                    || !AuditChain.hash(entry).equals(entry.hash())) {
                return bad(AuditReport.Finding.BROKEN);
            }
            for (; nextHead < heads.size() && heads.get(nextHead).sequence() == expected; nextHead++) {
                if (!heads.get(nextHead).hash().equals(entry.hash())) {
                    return bad(AuditReport.Finding.CHECKPOINT_MISMATCH);
                }
                signedUpTo = expected;
            }
            previousHash = entry.hash();
            expected++;
            return true;
        }

        private boolean bad(AuditReport.Finding what) {
            finding = what;
            firstBad = expected;
            return false;
        }

        AuditReport end() {
            if (finding == AuditReport.Finding.SOUND && nextHead < heads.size()) {
                bad(AuditReport.Finding.TAIL_MISSING);
            }
            return new AuditReport(entries + (from - 1), signedUpTo, finding, firstBad);
        }
    }

    /** Signs what is not signed. The journal stays the caller's. */
    @Override
    public synchronized void close() {
        AuditEntry newest = last;
        if (damage == null && newest != null && newest.sequence() > signed) {
            sign(newest);
        }
    }
}
