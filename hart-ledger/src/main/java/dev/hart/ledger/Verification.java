package dev.hart.ledger;

import dev.hart.spi.Signer;
import dev.hart.store.Transaction;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One pass over a ledger's history: its chains, its checkpoints, and the rows they amount to. */
final class Verification {
    private final Transaction tx;
    private final LedgerTables tables;
    private final LedgerId ledger;
    private final EventChain chain;
    private final Replay replay;
    private final @Nullable Signer signer;
    /** Hashes that checkpoints name, by stripe and number. */
    private final Map<Integer, Map<Long, String>> signed = new HashMap<>();

    private long events;

    Verification(Transaction tx, LedgerId ledger, @Nullable Signer signer) {
        this.tx = tx;
        this.tables = new LedgerTables(tx, ledger, false);
        this.ledger = ledger;
        this.chain = new EventChain(ledger.key());
        this.replay = new Replay(ledger.key());
        this.signer = signer;
    }

    /** The whole history. */
    VerifyReport run() throws SQLException {
        LedgerTables.Info info = tables.info();
        if (info == null) {
            return new VerifyReport.Ok(0, 0);
        }
        List<Checkpoint> checkpoints = Checkpoints.all(tx, ledger);
        VerifyReport fault = checkSignatures(checkpoints);
        for (int stripe = 0; stripe < info.options().stripes() && fault == null; stripe++) {
            fault = checkStripe(stripe, 0, EventChain.START, true);
        }
        if (fault == null) {
            replay.finish();
            fault = compareRows();
        }
        return fault == null ? new VerifyReport.Ok(events, checkpoints.size()) : fault;
    }

    /** Only what came after the newest checkpoint; for an open that must be quick. */
    VerifyReport runTail() throws SQLException {
        LedgerTables.Info info = tables.info();
        Checkpoint last = info == null ? null : Checkpoints.last(tx, ledger);
        if (info == null || last == null) {
            return new VerifyReport.Ok(0, 0);
        }
        VerifyReport fault = checkSignatures(List.of(last));
        Map<Integer, Checkpoint.Head> heads = new HashMap<>();
        last.heads().forEach(head -> heads.put(head.stripe(), head));
        for (int stripe = 0; stripe < info.options().stripes() && fault == null; stripe++) {
            Checkpoint.Head head = heads.get(stripe);
            fault = head == null ? checkStripe(stripe, 0, EventChain.START, false) : checkTail(head);
        }
        return fault == null ? new VerifyReport.Ok(events, 1) : fault;
    }

    private @Nullable VerifyReport checkTail(Checkpoint.Head head) {
        LedgerTables.EventRow event = tables.event(head.stripe(), head.seq());
        if (event == null) {
            LedgerTables.Head end = tables.head(head.stripe());
            return new VerifyReport.BehindCheckpoint(head.stripe(), end == null ? 0 : end.seq(), head.seq());
        }
        if (!HexFormat.of().formatHex(event.hash()).equals(head.hash())) {
            return new VerifyReport.Broken(head.stripe(), head.seq(), "a signed checkpoint names another hash");
        }
        return checkStripe(head.stripe(), head.seq(), event.hash(), false);
    }

    private @Nullable VerifyReport checkSignatures(List<Checkpoint> checkpoints) throws SQLException {
        if (checkpoints.isEmpty()) {
            return null;
        }
        Map<String, PublicKey> keys = Checkpoints.trusted(tx, signer);
        for (Checkpoint checkpoint : checkpoints) {
            PublicKey key = keys.get(checkpoint.keyId());
            if (key == null) {
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

    private @Nullable VerifyReport checkStripe(int stripe, long after, byte[] afterHash, boolean replayed) {
        long seq = after;
        byte[] hash = afterHash;
        Map<Long, String> named = signed.getOrDefault(stripe, Map.of());
        List<LedgerTables.EventRow> page;
        do {
            page = tables.events(stripe, seq, Limits.MAX_EVENTS_PER_PAGE);
            for (LedgerTables.EventRow event : page) {
                VerifyReport fault = check(event, seq, hash, named);
                if (fault != null) {
                    return fault;
                }
                if (replayed) {
                    try {
                        replay.accept(event);
                    } catch (RuntimeException e) {
                        return new VerifyReport.Broken(
                                stripe, event.seq(), "it cannot follow the events before it: " + e.getMessage());
                    }
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
        return checkHead(stripe, seq, hash);
    }

    private @Nullable VerifyReport checkHead(int stripe, long seq, byte[] hash) {
        LedgerTables.Head head = tables.head(stripe);
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
            return new VerifyReport.Broken(event.stripe(), event.seq(), "a signed checkpoint names another hash");
        }
        return null;
    }

    private @Nullable VerifyReport compareRows() {
        Map<String, TaskRow> expected = replay.tasks();
        Set<String> seen = new HashSet<>();
        for (TaskRow row : tables.tasks()) {
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
