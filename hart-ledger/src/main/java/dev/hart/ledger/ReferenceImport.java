package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks a whole document of the reference, and says everything that is wrong with it at once. */
final class ReferenceImport {
    private static final int MAX_CYCLES = 100;

    private final ReferenceLedger source;
    private final List<String> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, ReferenceTask> tasks = new LinkedHashMap<>();

    ReferenceImport(ReferenceLedger source, ZoneId zone) {
        this.source = source;
        Object given = source.document().get("tasks");
        if (given instanceof Map<?, ?> all) {
            for (String id : order(all.keySet())) {
                if (all.get(id) instanceof Map<?, ?> task) {
                    tasks.put(id, new ReferenceTask(id, task, zone, source.checksHashes(), problems::add, notes::add));
                } else {
                    problems.add("task '" + id + "' is not an object");
                }
            }
        } else {
            problems.add("'tasks' must be an object");
        }
        source.document().keySet().stream()
                .filter(field -> !Set.of("agent_id", "session_id", "last_updated", "task_order", "tasks")
                        .contains(field))
                .forEach(field -> notes.add("'" + field + "' is not known and was left out"));
        checkNames();
        checkCycles();
    }

    /** As the document orders them; those that the order leaves out come last. */
    private Set<String> order(Set<?> ids) {
        Set<String> order = new LinkedHashSet<>();
        Object given = source.document().get("task_order");
        if (given instanceof List<?> list) {
            for (Object id : list) {
                if (id instanceof String text && ids.contains(text)) {
                    order.add(text);
                } else {
                    notes.add("'task_order' names " + id + ", which is no task");
                }
            }
        } else if (given != null) {
            problems.add("'task_order' must be a list");
        }
        ids.forEach(id -> order.add((String) id));
        return order;
    }

    private void checkNames() {
        tasks.forEach((id, task) -> {
            String parent = task.task().parentTaskId();
            if (parent != null && !tasks.containsKey(parent)) {
                problems.add("task '%s' names the parent '%s', which is not there".formatted(id, parent));
            }
            for (Edge edge : task.task().edges()) {
                if (!tasks.containsKey(edge.from())) {
                    problems.add("task '%s' names the %s '%s', which is not there"
                            .formatted(id, edge.kind() == Edge.Kind.BLOCKER ? "blocker" : "prerequisite", edge.from()));
                }
            }
            for (String sibling : task.siblings()) {
                if (!tasks.containsKey(sibling)) {
                    notes.add("task '%s': its sibling '%s' is not there".formatted(id, sibling));
                }
            }
        });
    }

    private void checkCycles() {
        List<Edge> edges = new ArrayList<>();
        tasks.forEach((id, task) -> {
            edges.addAll(task.task().edges());
            String parent = task.task().parentTaskId();
            if (parent != null) {
                edges.add(new Edge(id, parent, Edge.Kind.BLOCKER, Outcome.ANY, false));
            }
        });
        Set<String> ids = new LinkedHashSet<>(tasks.keySet());
        edges.removeIf(edge -> !ids.contains(edge.from()) || !ids.contains(edge.to()));
        for (int found = 0; found < MAX_CYCLES; found++) {
            List<String> cycle = Walks.cycle(ids, edges);
            if (cycle.isEmpty()) {
                return;
            }
            problems.add("these tasks wait for each other: " + String.join(", ", cycle));
            ids.removeAll(cycle);
            edges.removeIf(edge -> !ids.contains(edge.from()) || !ids.contains(edge.to()));
        }
    }

    /** The ledger that the document is of; throws everything that is wrong with it, in one exception. */
    LedgerId requireGood() {
        String agent = id("agent_id");
        String session = id("session_id");
        if (!problems.isEmpty()) {
            throw refusal();
        }
        return new LedgerId(agent, session);
    }

    private String id(String field) {
        Object value = source.document().get(field);
        String text = value instanceof Long number ? number.toString() : value instanceof String given ? given : "";
        if (!Limits.isId(text)) {
            problems.add("'%s' must be 1 to 255 of letters, digits and . _ : ~ -, was %s".formatted(field, value));
        }
        return text;
    }

    private LedgerException refusal() {
        return new LedgerException(
                "IMPORT_REFUSED",
                "nothing was imported, the document has %d faults:\n- %s"
                        .formatted(problems.size(), String.join("\n- ", problems)));
    }

    List<String> notes() {
        return notes;
    }

    /** Puts all tasks into a ledger that has none. */
    int into(LedgerJournal journal, Creation creation) {
        if (!journal.tables().tasks("WHERE ledger_id = ? LIMIT 1").isEmpty()) {
            throw new LedgerException(
                    "LEDGER_EXISTS",
                    "%s has tasks already: import into a ledger without any".formatted(journal.name("")));
        }
        Map<String, Map<String, @Nullable Object>> states = new LinkedHashMap<>();
        Set<String> waitedForByParent = new HashSet<>();
        tasks.values().forEach(task -> {
            if (task.task().parentTaskId() != null && !task.status().isTerminal()) {
                waitedForByParent.add(task.task().parentTaskId());
            }
        });
        tasks.forEach((id, task) -> states.put(id, state(journal, id, task, waitedForByParent.contains(id))));
        if (!problems.isEmpty()) {
            throw refusal();
        }
        creation.importAll(tasks.values().stream().map(ReferenceTask::task).toList(), states);
        return tasks.size();
    }

    /** The payload of TASK_IMPORTED, without secrets, and with what follows from other tasks and from the present. */
    private Map<String, @Nullable Object> state(
            LedgerJournal journal, String id, ReferenceTask task, boolean hasOpenChildren) {
        Map<String, @Nullable Object> state = new LinkedHashMap<>(task.state());
        List<String> siblings = task.siblings().stream()
                .filter(sibling -> tasks.containsKey(sibling) && !sibling.equals(id))
                .toList();
        if (!siblings.isEmpty()) {
            state.put(Fields.SIBLINGS, siblings);
        }
        if (task.status() == TaskStatus.DEFERRED && state.get(Fields.DEFERRED_UNTIL) instanceof Long until) {
            state.put("not_before", until);
        } else if (task.status() == TaskStatus.PENDING) {
            boolean met = !hasOpenChildren
                    && task.task().edges().stream()
                            .allMatch(edge -> edge.isSatisfiedBy(Objects.requireNonNull(tasks.get(edge.from()))
                                    .status()));
            Object scheduled = state.get(Fields.SCHEDULED_AT);
            boolean later = scheduled instanceof Long at && at > journal.now();
            state.put("not_before", later ? scheduled : null);
            state.put(
                    "pending_reason",
                    (!met
                                    ? PendingReason.AWAITING_PREREQUISITES
                                    : later ? PendingReason.SCHEDULED : PendingReason.READY)
                            .wireName());
        } else {
            state.put("not_before", null);
        }
        if (task.status() != TaskStatus.PENDING) {
            state.put("pending_reason", null);
        }
        if (task.status() != TaskStatus.BLOCKED) {
            state.put("blocked_reason", null);
        }
        int most = journal.options().maxPayloadBytes();
        requireSize(id, "context", task.task().context(), most);
        for (String field : List.of(
                "result",
                Fields.DELEGATION_RESULT,
                Fields.ORIGINAL_RESULT,
                Fields.STEPS,
                Fields.STATUS_MESSAGES,
                "history")) {
            Object value = state.get(field);
            if (value != null) {
                state.put(
                        field,
                        requireSize(id, field, value, field.equals("history") ? Limits.MAX_PAYLOAD_BYTES : most));
            }
        }
        return state;
    }

    private CanonicalJson.Raw requireSize(String id, String field, Object value, int most) {
        try {
            String text = CanonicalJson.writeRedacted(value);
            if (text.length() > most / 3 && text.getBytes(StandardCharsets.UTF_8).length > most) {
                problems.add("task '%s': '%s' is more than %s of JSON: make the ledger first, with a larger"
                                .formatted(id, field, Limits.size(most))
                        + " maxPayloadBytes, or leave it out");
            }
            return new CanonicalJson.Raw(text);
        } catch (IllegalArgumentException e) {
            problems.add("task '%s': '%s': %s".formatted(id, field, e.getMessage()));
            return new CanonicalJson.Raw("null");
        }
    }
}
