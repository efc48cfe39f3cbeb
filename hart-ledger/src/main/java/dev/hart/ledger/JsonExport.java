package dev.hart.ledger;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a ledger as one JSON object, a line for each task, edge and event. Tasks and events are read page by page; ids, edges
 * and histories of states are held in memory.
 */
final class JsonExport {
    private static final int PAGE = 500;

    private final LedgerId ledger;
    private final LedgerTables tables;
    private final Appendable out;

    JsonExport(LedgerId ledger, LedgerTables tables, Appendable out) {
        this.ledger = ledger;
        this.tables = tables;
        this.out = out;
    }

    void write(boolean withEvents) throws IOException {
        LedgerTables.Info info = tables.info();
        out.append("{\"ledger\":").append(CanonicalJson.write(head(info)));
        List<Edge> edges = tables.edges();
        out.append(",\n\"edges\":");
        Lines lines = new Lines();
        for (Edge edge : edges) {
            lines.add(TaskDocument.of(edge));
        }
        lines.end();
        out.append(",\n\"tasks\":");
        writeTasks(info, edges);
        if (withEvents) {
            out.append(",\n\"events\":");
            writeEvents(info);
        }
        out.append("}\n");
    }

    private Map<String, @Nullable Object> head(LedgerTables.@Nullable Info info) {
        Map<String, @Nullable Object> head = new LinkedHashMap<>();
        head.put("ledger_id", ledger.key());
        head.put("agent_id", ledger.agentId());
        head.put("session_id", ledger.sessionId());
        head.put("status", info == null ? LedgerJournal.Status.OPEN : info.status());
        head.put(
                "options",
                info == null
                        ? Map.of()
                        : CanonicalJson.readObject(info.options().json()));
        return head;
    }

    /** A JSON array, an item on each line. */
    private final class Lines {
        private boolean first = true;

        void add(Object item) throws IOException {
            out.append(first ? "[\n" : ",\n").append(CanonicalJson.write(item));
            first = false;
        }

        void end() throws IOException {
            out.append(first ? "[]" : "\n]");
        }
    }

    private void writeTasks(LedgerTables.@Nullable Info info, List<Edge> edges) throws IOException {
        Map<String, List<Edge>> edgesTo = new HashMap<>();
        Map<String, List<Edge>> edgesFrom = new HashMap<>();
        edges.forEach(edge -> {
            edgesTo.computeIfAbsent(edge.to(), id -> new ArrayList<>()).add(edge);
            edgesFrom.computeIfAbsent(edge.from(), id -> new ArrayList<>()).add(edge);
        });
        Map<String, TaskPast> pasts = new HashMap<>();
        if (info != null) {
            tables.eachEvent(info.options().stripes(), event -> {
                if (Projection.concerns(event.type())) {
                    pasts.computeIfAbsent(event.taskId(), id -> new TaskPast())
                            .add(event.type(), event.at(), CanonicalJson.readObject(event.payload()));
                }
            });
        }
        Set<String> parents = tables.parents();
        Lines lines = new Lines();
        long after = 0;
        List<TaskRow> page;
        do {
            page = tables.tasks("WHERE ledger_id = ? AND created_no > ? ORDER BY created_no LIMIT ?", after, PAGE);
            for (TaskRow row : page) {
                after = row.createdNo;
                List<Edge> to = edgesTo.getOrDefault(row.taskId, List.of());
                List<Edge> from = edgesFrom.getOrDefault(row.taskId, List.of());
                lines.add(TaskDocument.full(
                        new Task(ledger, row),
                        to,
                        from,
                        parents.contains(row.taskId) ? tables.children(row.taskId) : List.of(),
                        to.isEmpty() ? List.of() : tables.messages(row.taskId, null),
                        sent(tables, row.taskId, from),
                        pasts.getOrDefault(row.taskId, new TaskPast())));
            }
        } while (page.size() == PAGE);
        lines.end();
    }

    /** What a task told each that waits for it. */
    static List<TaskMessage> sent(LedgerTables tables, String taskId, List<Edge> edgesFrom) {
        List<TaskMessage> sent = new ArrayList<>();
        edgesFrom.stream().map(Edge::to).distinct().forEach(waiter -> sent.addAll(tables.messages(waiter, taskId)));
        return sent;
    }

    private void writeEvents(LedgerTables.@Nullable Info info) throws IOException {
        Lines lines = new Lines();
        if (info != null) {
            IOException[] failure = {null};
            tables.eachEvent(info.options().stripes(), unlessFailed(failure, event -> lines.add(document(event))));
            if (failure[0] != null) {
                throw failure[0];
            }
        }
        lines.end();
    }

    @FunctionalInterface
    private interface Writing {
        void write(LedgerTables.EventRow event) throws IOException;
    }

    private static Consumer<LedgerTables.EventRow> unlessFailed(@Nullable IOException[] failure, Writing writing) {
        return event -> {
            if (failure[0] == null) {
                try {
                    writing.write(event);
                } catch (IOException e) {
                    failure[0] = e;
                }
            }
        };
    }

    private Map<String, @Nullable Object> document(LedgerTables.EventRow event) {
        Map<String, @Nullable Object> document = TaskDocument.of(Ledger.event(ledger, event));
        document.put("payload", new CanonicalJson.Raw(event.payload()));
        document.put("prev_hash", HexFormat.of().formatHex(event.prevHash()));
        return document;
    }
}
