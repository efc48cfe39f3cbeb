package dev.hart.ledger;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of the ledgers that it wrote last, so that it need not read that again. Every change of a ledger's
 * tasks comes with an event, so what is known holds as long as the head of the ledger's one chain stands where it stood:
 * whoever uses it compares the head before the commit. Of ledgers with several chains only the options are known. Signs of
 * life alone change without an event; whoever goes by them reads them. Thread-safe.
 */
final class LedgerMemory {
    private static final int MAX_LEDGERS = 1_024;
    private static final int MAX_ROWS = 1_024; // of one ledger
    private static final int MAX_TEXT = 4_096; // characters in one row
    private static final int MAX_EDGES = 64; // from one task

    /** One ledger. A row, once put, is never changed: it is replaced. */
    static final class Known {
        final LedgerTables.Info info;
        /** The newest event; null for a ledger of several chains. */
        private volatile LedgerTables.@Nullable Head head;

        private final Map<String, TaskRow> rows = new ConcurrentHashMap<>();
        private final Map<String, List<Edge>> edgesFrom = new ConcurrentHashMap<>();

        private Known(LedgerTables.Info info, LedgerTables.@Nullable Head head) {
            this.info = info;
            this.head = head;
        }

        LedgerTables.@Nullable Head head() {
            return head;
        }

        @Nullable
        TaskRow row(String taskId) {
            return rows.get(taskId);
        }

        /** What waits for a task; null if that is not known. */
        @Nullable
        List<Edge> edgesFrom(String taskId) {
            return edgesFrom.get(taskId);
        }

        private void learn(Collection<TaskRow> newRows, Map<String, List<Edge>> newEdges) {
            for (TaskRow row : newRows) {
                if (row.status.isTerminal() || row.textLength() > MAX_TEXT) {
                    rows.remove(row.taskId);
                    edgesFrom.remove(row.taskId);
                } else {
                    rows.put(row.taskId, row);
                }
            }
            newEdges.forEach((taskId, edges) -> {
                if (rows.containsKey(taskId) && edges.size() <= MAX_EDGES) {
                    edgesFrom.put(taskId, edges);
                } else {
                    edgesFrom.remove(taskId);
                }
            });
            if (rows.size() > MAX_ROWS) {
                rows.clear();
                edgesFrom.clear();
            }
        }
    }

    private final Map<LedgerId, Known> ledgers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<LedgerId, Known> eldest) {
            return size() > MAX_LEDGERS;
        }
    };

    synchronized @Nullable Known known(LedgerId id) {
        return ledgers.get(id);
    }

    synchronized void forget(LedgerId id) {
        ledgers.remove(id);
    }

    /**
     * A commit is durable.
     *
     * @param before the head that it began from; null if it did not look
     * @param after the head that it left; null for a ledger of several chains
     * @param rows tasks as it has left them
     * @param edgesFrom all edges from some of them
     */
    synchronized void committed(
            LedgerId id,
            LedgerTables.Info info,
            LedgerTables.@Nullable Head before,
            LedgerTables.@Nullable Head after,
            Collection<TaskRow> rows,
            Map<String, List<Edge>> edgesFrom) {
        Known known = ledgers.get(id);
        if (known != null && after != null && (before == null || !before.isSameAs(known.head))) {
            known = null; // two commits told in the wrong order, or another process was faster
        }
        if (known == null) {
            known = new Known(info, after);
            ledgers.put(id, known);
        }
        if (after != null) {
            known.learn(rows, edgesFrom);
            known.head = after; // last: who sees the new head sees the new rows
        }
    }
}
