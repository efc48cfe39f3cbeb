package dev.hart.ledger;

import dev.hart.error.LedgerException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.spi.Signer;
import dev.hart.store.Transaction;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over a ledger's history: its chains, its checkpoints, and the rows they amount to. */
final class Verification {
    private static final Logger log = LoggerFactory.getLogger(Verification.class);
    private static final String NAMED_OTHERWISE = "a signed checkpoint names another hash";
    private static final int TAIL_EVENTS = 256;
    private static final int MOST_TAIL_EVENTS = 10_000;
    private static final int TAIL_CHECKPOINTS = 16;
    private static final int TAIL_TASKS = 16; // in each stripe
    private static final int TAIL_HISTORY = 1_000;

    private final Transaction tx;
    private final LedgerTables tables;
    private final LedgerId ledger;
    private final EventChain chain;
    private final Replay replay;
    private final @Nullable Supplier<? extends Signer> signer;
    private final Map<String, PublicKey> trusted;
    private final boolean unknownKeysAside;
    /** Hashes that checkpoints name, by stripe and number. */
    private final Map<Integer, Map<Long, String>> signed = new HashMap<>();

    private long events;
    private int checkpoints;
    /** Checkpoints whose keys nobody knows. */
    private int unknown;

    /**
     * A pass.
     *
     * @param signer gives the node's own key; only asked when there is a checkpoint
     * @param trusted keys of other nodes that may sign, by name
     * @param unknownKeysAside whether checkpoints of other keys are counted, and not faults
     */
    Verification(
            Transaction tx,
            LedgerId ledger,
            @Nullable Supplier<? extends Signer> signer,
            Map<String, PublicKey> trusted,
            boolean unknownKeysAside) {
        this.tx = tx;
        this.tables = new LedgerTables(tx, ledger, false);
        this.ledger = ledger;
        this.chain = new EventChain(ledger.key());
        this.replay = new Replay(ledger.key());
        this.signer = signer;
        this.trusted = trusted;
        this.unknownKeysAside = unknownKeysAside;
    }

    /** The whole history and the rows, in a read. */
    VerifyReport run() throws SQLException {
        VerifyReport fault = checkChains(tables::head);
        if (fault == null) {
            replay.finish();
            fault = compareRows();
        }
        return fault == null ? whole() : fault;
    }

    /** The whole history without the rows, in a write: nobody appends to it in the meantime. */
    VerifyReport runChain() throws SQLException {
        LedgerTables locking = new LedgerTables(tx, ledger, true);
        VerifyReport fault = checkChains(locking::head);
        return fault == null ? whole() : fault;
    }

    private VerifyReport whole() {
        return new VerifyReport.Ok(events, (long) checkpoints - unknown, unknown);
    }

    private @Nullable VerifyReport checkChains(IntFunction<LedgerTables.@Nullable Head> heads) throws SQLException {
        LedgerTables.Info info = tables.info();
        if (info == null) {
            return null;
        }
        List<Checkpoint> all = Checkpoints.all(tx, ledger);
        checkpoints = all.size();
        VerifyReport fault = checkSignatures(all);
        for (int stripe = 0; stripe < info.options().stripes() && fault == null; stripe++) {
            fault = checkStripe(stripe, heads);
        }
        return fault;
    }

    /**
     * What came after the newest checkpoint, or the last events, and the rows of the tasks that changed last: quick enough
     * for the first write to a ledger. It locks nothing. In a write it sees what others append meanwhile; it leaves aside
     * what comes after the heads as it read them first.
     */
    VerifyReport runTail() throws SQLException {
        LedgerTables.Info info = tables.info();
        if (info == null) {
            return new VerifyReport.Ok(0, 0);
        }
        Checkpoint last = newestTrusted();
        VerifyReport fault = last == null ? null : checkSignatures(List.of(last));
        Map<Integer, Checkpoint.Head> signedHeads = new HashMap<>();
        if (last != null) {
            last.heads().forEach(head -> signedHeads.put(head.stripe(), head));
        }
        Map<String, LedgerTables.EventRow> changes = new LinkedHashMap<>();
        for (int stripe = 0; stripe < info.options().stripes() && fault == null; stripe++) {
            LedgerTables.Head head = tables.head(stripe);
            fault = checkTail(
                    stripe,
                    head == null ? new LedgerTables.Head(0, EventChain.START) : head,
                    signedHeads.get(stripe),
                    changes);
        }
        if (fault == null) {
            fault = compareNewest(changes, info.options().stripes());
        }
        return fault == null ? new VerifyReport.Ok(events, last == null ? 0 : 1) : fault;
    }

    /** Others are left aside: a checkpoint that nobody may sign hides nothing. */
    private @Nullable Checkpoint newestTrusted() throws SQLException {
        List<Checkpoint> newest = Checkpoints.newest(tx, ledger, TAIL_CHECKPOINTS);
        if (newest.isEmpty()) {
            return null;
        }
        Map<String, PublicKey> keys = Checkpoints.trusted(tx, ownKey(), trusted);
        for (Checkpoint checkpoint : newest) {
            if (keys.containsKey(checkpoint.keyId())) {
                return checkpoint;
            }
        }
        return null;
    }

    /** The node's own key; a signer that has none must not keep a ledger from being written. */
    private @Nullable Signer ownKey() {
        Supplier<? extends Signer> from = signer;
        if (from == null) {
            return null;
        }
        try {
            return from.get();
        } catch (RuntimeException e) {
            log.warn(
                    "{}: the node's key is not there, so its checkpoints are checked with the stored keys",
                    ledger.key(),
                    e);
            return null;
        }
    }

    private @Nullable VerifyReport checkTail(
            int stripe,
            LedgerTables.Head head,
            Checkpoint.@Nullable Head signedHead,
            Map<String, LedgerTables.EventRow> changes) {
        long after = Math.max(0, head.seq() - TAIL_EVENTS);
        if (signedHead != null) {
            if (signedHead.seq() > head.seq()) {
                return new VerifyReport.BehindCheckpoint(stripe, head.seq(), signedHead.seq());
            }
            LedgerTables.EventRow event = tables.event(stripe, signedHead.seq());
            if (event == null) {
                return new VerifyReport.MissingSeq(stripe, signedHead.seq());
            }
            if (!HexFormat.of().formatHex(event.hash()).equals(signedHead.hash())) {
                return new VerifyReport.Broken(stripe, signedHead.seq(), NAMED_OTHERWISE);
            }
            after = Math.max(signedHead.seq(), head.seq() - MOST_TAIL_EVENTS);
        }
        byte[] hash = EventChain.START;
        if (after > 0) {
            LedgerTables.EventRow event = tables.event(stripe, after);
            if (event == null) {
                return new VerifyReport.MissingSeq(stripe, after);
            }
            hash = event.hash();
        }
        Map<Long, String> named = signed.getOrDefault(stripe, Map.of());
        for (long seq = after; seq < head.seq(); ) {
            List<LedgerTables.EventRow> page = tables.events(stripe, seq, Limits.MAX_EVENTS_PER_PAGE);
            if (page.isEmpty()) {
                return new VerifyReport.MissingSeq(stripe, seq + 1);
            }
            for (LedgerTables.EventRow event : page) {
                if (seq == head.seq()) {
                    break;
                }
                VerifyReport fault = check(event, seq, hash, named);
                if (fault != null) {
                    return fault;
                }
                seq = event.seq();
                hash = event.hash();
                events++;
                if (Projection.concerns(event.type())) {
                    changes.remove(event.taskId());
                    changes.put(event.taskId(), event);
                }
            }
        }
        return Arrays.equals(head.hash(), hash)
                ? null
                : new VerifyReport.Broken(stripe, head.seq(), "the ledger's head has another hash");
    }

    private @Nullable VerifyReport compareNewest(Map<String, LedgerTables.EventRow> changes, int stripes) {
        List<LedgerTables.EventRow> newest = new ArrayList<>(changes.values());
        for (LedgerTables.EventRow event :
                newest.subList(Math.max(0, newest.size() - TAIL_TASKS * stripes), newest.size())) {
            VerifyReport fault = compareNewest(event);
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    private @Nullable VerifyReport compareNewest(LedgerTables.EventRow event) {
        String taskId = event.taskId();
        try {
            TaskRow row = tables.task(taskId);
            if (row == null) {
                return new VerifyReport.ProjectionDiffers(taskId, "its row is gone");
            }
            if (row.lastEventSeq > event.seq()) {
                return null; // it has changed since the head was read
            }
            List<LedgerTables.EventRow> history = tables.history(event.stripe(), event.seq(), TAIL_HISTORY);
            if (history.size() > TAIL_HISTORY) {
                return null;
            }
            String difference = Replay.row(ledger.key(), history).ownDifference(row);
            return difference.isEmpty() ? null : new VerifyReport.ProjectionDiffers(taskId, difference);
        } catch (RuntimeException e) {
            if (e instanceof StoreUnavailableException) {
                throw e;
            }
            return new VerifyReport.ProjectionDiffers(taskId, String.valueOf(e.getMessage()));
        }
    }

    private @Nullable VerifyReport checkSignatures(List<Checkpoint> checkpoints) throws SQLException {
        if (checkpoints.isEmpty()) {
            return null;
        }
        Map<String, PublicKey> keys = Checkpoints.trusted(tx, ownKey(), trusted);
        for (Checkpoint checkpoint : checkpoints) {
            PublicKey key = keys.get(checkpoint.keyId());
            if (key == null) {
                if (unknownKeysAside) {
                    unknown++;
                    continue;
                }
                return new VerifyReport.BadSignature(checkpoint.no(), checkpoint.keyId(), "this key may not sign here");
            }
            if (!Checkpoints.isSignedBy(
                    key,
                    checkpoint.statement().getBytes(StandardCharsets.UTF_8),
                    HexFormat.of().parseHex(checkpoint.signature()))) {
                return new VerifyReport.BadSignature(
                        checkpoint.no(), checkpoint.keyId(), "the signature is not that of its content");
            }
            checkpoint
                    .heads()
                    .forEach(head -> signed.computeIfAbsent(head.stripe(), stripe -> new HashMap<>())
                            .put(head.seq(), head.hash()));
        }
        return null;
    }

    private @Nullable VerifyReport checkStripe(int stripe, IntFunction<LedgerTables.@Nullable Head> heads) {
        LedgerTables.Head head = heads.apply(stripe);
        long seq = 0;
        byte[] hash = EventChain.START;
        Map<Long, String> named = signed.getOrDefault(stripe, Map.of());
        List<LedgerTables.EventRow> page;
        do {
            page = tables.events(stripe, seq, Limits.MAX_EVENTS_PER_PAGE);
            for (LedgerTables.EventRow event : page) {
                VerifyReport fault = check(event, seq, hash, named);
                if (fault != null) {
                    return fault;
                }
                try {
                    replay.accept(event);
                } catch (RuntimeException e) {
                    return new VerifyReport.Broken(
                            stripe, event.seq(), "it cannot follow the events before it: " + e.getMessage());
                }
                seq = event.seq();
                hash = event.hash();
                events++;
            }
        } while (!page.isEmpty());
        long newestSigned =
                named.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
        if (newestSigned > seq) {
            return new VerifyReport.BehindCheckpoint(stripe, seq, newestSigned);
        }
        return checkHead(stripe, head, seq, hash);
    }

    private @Nullable VerifyReport checkHead(int stripe, LedgerTables.@Nullable Head head, long seq, byte[] hash) {
        long headSeq = head == null ? 0 : head.seq();
        if (headSeq > seq) {
            return new VerifyReport.MissingSeq(stripe, seq + 1);
        }
        if (headSeq < seq || head != null && seq > 0 && !Arrays.equals(head.hash(), hash)) {
            return new VerifyReport.Broken(
                    stripe, seq, "the ledger's head is at event " + headSeq + " or has another hash");
        }
        return null;
    }

    private @Nullable VerifyReport check(LedgerTables.EventRow event, long seq, byte[] hash, Map<Long, String> named) {
        if (event.seq() != seq + 1) {
            return new VerifyReport.MissingSeq(event.stripe(), seq + 1);
        }
        if (!Arrays.equals(event.prevHash(), hash)) {
            return new VerifyReport.Broken(
                    event.stripe(), event.seq(), "it does not name the hash of the event before it");
        }
        byte[] computed = chain.hash(
                hash,
                chain.envelope(
                        event.stripe(),
                        event.seq(),
                        event.taskId(),
                        event.type(),
                        event.at(),
                        event.actor(),
                        event.payload()));
        if (!Arrays.equals(event.hash(), computed)) {
            return new VerifyReport.Broken(event.stripe(), event.seq(), "its hash is not that of its content");
        }
        String name = named.isEmpty() ? null : named.get(event.seq());
        if (name != null && !name.equals(HexFormat.of().formatHex(computed))) {
            return new VerifyReport.Broken(event.stripe(), event.seq(), NAMED_OTHERWISE);
        }
        return null;
    }

    private @Nullable VerifyReport compareRows() {
        Map<String, TaskRow> expected = replay.tasks();
        Set<String> seen = new HashSet<>();
        List<TaskRow> rows;
        try {
            rows = tables.tasks();
        } catch (LedgerException e) {
            return new VerifyReport.ProjectionDiffers("*", String.valueOf(e.getMessage()));
        }
        for (TaskRow row : rows) {
            seen.add(row.taskId);
            TaskRow replayed = expected.get(row.taskId);
            if (replayed == null) {
                return new VerifyReport.ProjectionDiffers(row.taskId, "no event created it");
            }
            String difference = replayed.difference(row);
            if (!difference.isEmpty()) {
                return new VerifyReport.ProjectionDiffers(row.taskId, difference);
            }
        }
        for (String taskId : expected.keySet()) {
            if (!seen.contains(taskId)) {
                return new VerifyReport.ProjectionDiffers(taskId, "its row is gone");
            }
        }
        Set<Edge> edges = replay.edges();
        for (Edge edge : tables.edges()) {
            if (!edges.remove(edge)) {
                return new VerifyReport.ProjectionDiffers(edge.to(), "by its events it does not have " + edge);
            }
        }
        for (Edge edge : edges) {
            return new VerifyReport.ProjectionDiffers(edge.to(), "by its events it has " + edge);
        }
        Set<TaskMessage> messages = new LinkedHashSet<>(replay.messages());
        if (!messages.equals(new HashSet<>(tables.messages(null, null)))) {
            return new VerifyReport.ProjectionDiffers("*", "messages are not those of its events");
        }
        if (!new HashSet<>(replay.votes()).equals(new HashSet<>(tables.votes(null)))) {
            return new VerifyReport.ProjectionDiffers("*", "votes are not those of its events");
        }
        Map<String, String> snapshots = new HashMap<>();
        new Snapshots(ledger, tables).find(null).forEach(found -> snapshots.put(found.snapshotId(), found.hash()));
        if (!replay.snapshotHashes().equals(snapshots)) {
            return new VerifyReport.ProjectionDiffers("*", "snapshots are not those of its events");
        }
        return null;
    }
}
