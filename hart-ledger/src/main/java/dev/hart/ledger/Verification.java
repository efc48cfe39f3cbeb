package dev.hart.ledger;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One pass over a ledger's history. */
final class Verification {
    private final LedgerTables tables;
    private final EventChain chain;
    private final Replay replay;
    private long seq;
    private byte[] hash = EventChain.START;

    Verification(LedgerTables tables, LedgerId ledger) {
        this.tables = tables;
        this.chain = new EventChain(ledger.key());
        this.replay = new Replay(ledger);
    }

    VerifyReport run() {
        LedgerTables.Head head = tables.head();
        List<LedgerTables.EventRow> page;
        do {
            page = tables.events(seq, Limits.MAX_EVENTS_PER_PAGE);
            for (LedgerTables.EventRow event : page) {
                VerifyReport fault = check(event);
                if (fault != null) {
                    return fault;
                }
            }
        } while (!page.isEmpty());
        long headSeq = head == null ? 0 : head.seq();
        if (headSeq > seq) {
            return new VerifyReport.MissingSeq(seq + 1);
        }
        if (headSeq < seq || head != null && !Arrays.equals(head.hash(), hash)) {
            return new VerifyReport.Broken(seq, "the ledger's head is at event " + headSeq + " or has another hash");
        }
        return compareRows();
    }

    private @Nullable VerifyReport check(LedgerTables.EventRow event) {
        if (event.seq() != seq + 1) {
            return new VerifyReport.MissingSeq(seq + 1);
        }
        if (!Arrays.equals(event.prevHash(), hash)) {
            return new VerifyReport.Broken(event.seq(), "it does not name the hash of the event before it");
        }
        byte[] computed = chain.hash(
                hash,
                chain.envelope(event.seq(), event.taskId(), event.type(), event.at(), event.actor(), event.payload()));
        if (!Arrays.equals(event.hash(), computed)) {
            return new VerifyReport.Broken(event.seq(), "its hash is not that of its content");
        }
        try {
            replay.accept(event);
        } catch (RuntimeException e) {
            return new VerifyReport.Broken(event.seq(), "it cannot follow the events before it: " + e.getMessage());
        }
        seq = event.seq();
        hash = computed;
        return null;
    }

    private VerifyReport compareRows() {
        Map<String, TaskRow> expected = replay.tasks();
        Set<String> seen = new HashSet<>();
        for (TaskRow row : tables.tasks()) {
            seen.add(row.taskId);
            TaskRow replayed = expected.get(row.taskId);
            if (replayed == null) {
                return new VerifyReport.ProjectionDiffers(row.taskId, "no event created it");
            }
            if (!replayed.task().equals(row.task())) {
                return new VerifyReport.ProjectionDiffers(
                        row.taskId, "by its events it is " + replayed.task() + ", its row says " + row.task());
            }
        }
        for (String taskId : expected.keySet()) {
            if (!seen.contains(taskId)) {
                return new VerifyReport.ProjectionDiffers(taskId, "its row is gone");
            }
        }
        Set<Replay.Edge> edges = replay.edges();
        for (Replay.Edge edge : tables.edges()) {
            if (!edges.remove(edge)) {
                return new VerifyReport.ProjectionDiffers(edge.to(), "by its events it does not have " + edge);
            }
        }
        return edges.stream()
                .findFirst()
                .<VerifyReport>map(
                        edge -> new VerifyReport.ProjectionDiffers(edge.to(), "by its events it has " + edge))
                .orElse(new VerifyReport.Ok(seq));
    }
}
