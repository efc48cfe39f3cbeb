package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a ledger's rows anew from its events, inside a write. */
final class Rebuild {
    private static final Logger log = LoggerFactory.getLogger(Rebuild.class);

    /** The version of what events amount to; ledgers with an older one are rebuilt when they are opened. */
    static final int PROJECTION = 2;

    private Rebuild() {}

    static void run(LedgerTables tables, LedgerOptions options, String ledgerKey) {
        for (int stripe = 0; stripe < options.stripes(); stripe++) {
            tables.head(stripe); // nobody appends in the meantime
        }
        Replay replay = new Replay(ledgerKey);
        Map<String, Long> lastChange = new HashMap<>();
        for (int stripe = 0; stripe < options.stripes(); stripe++) {
            long seq = 0;
            for (List<LedgerTables.EventRow> page = tables.events(stripe, seq, Limits.MAX_EVENTS_PER_PAGE);
                    !page.isEmpty();
                    page = tables.events(stripe, seq, Limits.MAX_EVENTS_PER_PAGE)) {
                for (LedgerTables.EventRow event : page) {
                    replay.accept(event);
                    if (Projection.concerns(event.type())) {
                        Long previous = lastChange.put(event.taskId(), event.seq());
                        if (event.previousSeq() != (previous == null ? 0 : previous)) {
                            tables.link(event, previous == null ? 0 : previous);
                        }
                    }
                }
                seq = page.get(page.size() - 1).seq();
            }
        }
        replay.finish();
        keepSignsOfLife(tables, ledgerKey, replay.tasks());
        tables.deleteProjection();
        tables.insertTasks(replay.tasks().values());
        tables.insertEdges(replay.edges());
        replay.messages().forEach(tables::insertMessage);
        replay.votes().forEach(tables::insertVote);
        tables.setProjection(PROJECTION);
    }

    /** Heartbeats are not events: what prolonged a lease is taken from the old row, if that is of the same lease. */
    private static void keepSignsOfLife(LedgerTables tables, String ledgerKey, Map<String, TaskRow> rebuilt) {
        Map<String, TaskRow> before = new HashMap<>();
        try {
            tables.tasks("WHERE ledger_id = ? AND lease_until IS NOT NULL").forEach(row -> before.put(row.taskId, row));
        } catch (LedgerException e) {
            log.warn("heartbeats are lost with the rows of {}, which are made anew", ledgerKey, e);
        }
        for (TaskRow row : rebuilt.values()) {
            TaskRow old = before.get(row.taskId);
            if (old != null && row.leaseUntil != null && old.leaseToken == row.leaseToken) {
                row.leaseUntil = old.leaseUntil;
                row.heartbeatAt = old.heartbeatAt;
            }
        }
    }

    /** What a completed task tells one that waits for it. */
    static List<TaskMessage> messages(TaskRow sender, String to, long at) {
        List<TaskMessage> messages = new ArrayList<>();
        if (sender.resultJson != null) {
            messages.add(message(sender, to, TaskMessage.Type.RESULT, sender.resultJson, at));
        }
        messages.add(message(sender, to, TaskMessage.Type.COMPLETION, null, at));
        return messages;
    }

    private static TaskMessage message(
            TaskRow sender, String to, TaskMessage.Type type, @Nullable String data, long at) {
        return new TaskMessage(to, sender.taskId, sender.retryCount + 1, type, data, Instant.ofEpochMilli(at));
    }
}
