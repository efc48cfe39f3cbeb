package dev.hart.server;

import dev.hart.error.LedgerException;
import dev.hart.ledger.ClaimRequest;
import dev.hart.ledger.CommandDocument;
import dev.hart.ledger.CommandOptions;
import dev.hart.ledger.EventCursor;
import dev.hart.ledger.ExportFormat;
import dev.hart.ledger.Heartbeat;
import dev.hart.ledger.Lease;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.LedgerSummary;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskFilter;
import dev.hart.ledger.TaskStatus;
import dev.hart.ledger.TaskType;
import dev.hart.ledger.WorkerProfile;
import dev.hart.server.LedgerDocuments.Fields;
import dev.hart.server.LedgerDocuments.Given;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The routes below {@code /api/ledgers}. */
final class LedgerRoutes {
    static final String LEDGER = "/api/ledgers/{agent}/{session}";
    static final String TASK = LEDGER + "/tasks/{id}";
    static final String BAD = "INVALID_ARGUMENT";
    static final String NO_LEDGER = "LEDGER_NOT_FOUND";
    static final String NO_TASK = "TASK_NOT_FOUND";
    static final String[] CONFLICTS = {
        "ILLEGAL_TRANSITION",
        "NO_CHANGE",
        "NOT_READY",
        "OPEN_CHILDREN",
        "VERSION_CONFLICT",
        "STALE_LEASE",
        "BUDGET_EXHAUSTED",
        "TASK_ENDED",
        "LEDGER_ID_CLASH",
        "LEDGER_CORRUPT",
        "engine_ledger"
    };
    static final Map<String, @Nullable Object> TEXT = Map.of("type", "string");
    static final Map<String, @Nullable Object> LIMIT =
            Map.of("type", "integer", "minimum", 1L, "maximum", 1_000L, "default", 100L);
    private static final Pattern VERSION = Pattern.compile("\"?([0-9]{1,18})\"?");
    static final String LEASE_TOKEN = "lease_token";
    /** Agents whose ledgers are written by HART itself: what others wrote there would mislead it. */
    private static final Set<String> ENGINE = Set.of("run", "node", DistributedRoutes.AGENT);

    private final Ledgers ledgers;
    private final EventStreams streams;

    LedgerRoutes(Ledgers ledgers, EventStreams streams) {
        this.ledgers = ledgers;
        this.streams = streams;
    }

    void describe(RouteTable table) {
        describeReads(table);
        describeHistory(table);
        // Before the commands of one task, as {command} would match these names too.
        new LedgerCommandRoutes(this).describe(table);
        describeWrites(table);
        describeSnapshots(table);
    }

    private void describeSnapshots(RouteTable table) {
        table.get(LEDGER + "/snapshots")
                .summary("The snapshots, oldest first")
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("snapshots")))
                .refuses(400, BAD)
                .refuses(404, NO_LEDGER)
                .handle(
                        Access.USER,
                        call -> Reply.ok(Map.of(
                                "snapshots",
                                existing(call).snapshots().stream()
                                        .map(LedgerDocuments::snapshot)
                                        .toList())));
        table.post(LEDGER + "/snapshots")
                .summary("Notes where every task stands, to be compared with later")
                .takes(anObject("label?"))
                .answers(201, RouteTable.JSON, LedgerDocuments.object(List.of("snapshot_id", "task_count")))
                .refuses(400, BAD)
                .refuses(404, NO_LEDGER)
                .refuses(409, "LEDGER_ID_CLASH", "LEDGER_CORRUPT", "engine_ledger")
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .handle(Access.USER, call -> {
                    Ledger ledger = writable(call);
                    existing(call);
                    return new Reply.Document(
                            201, LedgerDocuments.snapshot(ledger.snapshot(text(call.body(), "label", ""))));
                });
        table.get(LEDGER + "/snapshots/{id}/compare")
                .summary("What has happened since a snapshot")
                .answers(
                        200,
                        RouteTable.JSON,
                        LedgerDocuments.object(
                                List.of("new_tasks", "removed_tasks", "changed_tasks", "completed_since")))
                .refuses(400, BAD)
                .refuses(404, NO_LEDGER, "SNAPSHOT_NOT_FOUND")
                .handle(
                        Access.USER,
                        call -> Reply.ok(
                                LedgerDocuments.comparison(existing(call).compare(taskId(call)))));
    }

    private void describeReads(RouteTable table) {
        table.get("/api/ledgers")
                .summary("The ledgers, newest first, with how many tasks are in each status")
                .query("after", "the ledger_id that ended the page before", TEXT)
                .query("limit", "how many", LIMIT)
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("ledgers")))
                .refuses(400, "invalid_query")
                .handle(Access.USER, this::list);
        table.get(LEDGER)
                .summary("One ledger: its state and how many tasks are in each status")
                .answers(
                        200,
                        RouteTable.JSON,
                        LedgerDocuments.object(List.of("ledger_id", "total", "progress", "events")))
                .refuses(400, BAD)
                .refuses(404, NO_LEDGER)
                .handle(Access.USER, call -> Reply.ok(summaryDocument(id(call))));
        table.post(LEDGER)
                .summary("Makes a ledger with options; one that is there must have those that are given")
                .takes(anObject("perhaps " + String.join(", ", LedgerOptionsDocument.names())))
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("ledger_id", "options")))
                .refuses(400, BAD)
                .refuses(409, "LEDGER_EXISTS", "LEDGER_ID_CLASH", "LEDGER_CORRUPT", "engine_ledger")
                .handle(Access.USER, this::create);
        table.get(LEDGER + "/tasks")
                .summary("Tasks in the order of their creation")
                .query("status", "any of these, separated by commas", TEXT)
                .query("type", "the task_type", TEXT)
                .query("owner", "the node that works on it", TEXT)
                .query("delegated_to", "the agent in whose hands it is", TEXT)
                .query("parent", "only children of this task", TEXT)
                .query("text", "in the id or description", TEXT)
                .query("updated_since", "a time", TEXT)
                .query("updated_before", "a time", TEXT)
                .query("archived", "true for those that were put away", Map.of("type", "boolean"))
                .query("after", "the next of the page before", TEXT)
                .query("limit", "how many", LIMIT)
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("tasks")))
                .refuses(400, BAD, "invalid_query")
                .refuses(404, NO_LEDGER)
                .handle(Access.USER, this::tasks);
        table.get(TASK)
                .summary("One task, with what it waits for and what waits for it; ETag is its version")
                .answers(200, RouteTable.JSON, LedgerDocuments.taskSchema())
                .refuses(400, BAD)
                .refuses(404, NO_LEDGER, NO_TASK)
                .handle(Access.USER, this::task);
        table.get(LEDGER + "/graph")
                .summary("The tasks and what waits for what, as JSON, or as text for Graphviz or Mermaid")
                .query(
                        "format",
                        "json, dot or mermaid",
                        Map.of("enum", List.of("json", "dot", "mermaid"), "default", "json"))
                .query("after", "the next of the page before; JSON only", TEXT)
                .query(
                        "limit",
                        "how many tasks; JSON only",
                        Map.of(
                                "type",
                                "integer",
                                "minimum",
                                1L,
                                "maximum",
                                (long) LedgerGraph.MOST_TASKS,
                                "default",
                                (long) LedgerGraph.MOST_TASKS))
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("tasks", "edges", "complete")))
                .refuses(400, BAD, "invalid_query")
                .refuses(404, NO_LEDGER)
                .handle(Access.USER, this::graph);
        table.get(LEDGER + "/verify")
                .summary("Reads the whole history and tells whether it is what was written")
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("ok", "finding", "message")))
                .refuses(400, BAD)
                .refuses(404, NO_LEDGER)
                .handle(
                        Access.USER,
                        call -> Reply.ok(
                                LedgerDocuments.verification(existing(call).verify())));
        table.get(LEDGER + "/checkpoints")
                .summary("The signed checkpoints, oldest first")
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("checkpoints")))
                .refuses(400, BAD)
                .refuses(404, NO_LEDGER)
                .handle(
                        Access.USER,
                        call -> Reply.ok(Map.of(
                                "checkpoints",
                                existing(call).checkpoints().stream()
                                        .map(LedgerDocuments::checkpoint)
                                        .toList())));
    }

    private void describeHistory(RouteTable table) {
        table.get(TASK + "/history")
                .summary("The events that changed one task, oldest first")
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("events")))
                .refuses(400, BAD)
                .refuses(404, NO_LEDGER, NO_TASK)
                .handle(
                        Access.USER,
                        call -> Reply.ok(Map.of(
                                "events",
                                existing(call).history(taskId(call)).stream()
                                        .map(event -> LedgerDocuments.event(event, null))
                                        .toList())));
        table.get(LEDGER + "/events")
                .summary("The history: a page of it, or with Accept: text/event-stream all of it and what is to come")
                .query("after", "the id of the last event seen", TEXT)
                .query("last", "only the newest so many, and what follows", LIMIT)
                .query("limit", "how many in a page", LIMIT)
                .header("Last-Event-ID", "goes on behind this event of a stream", TEXT)
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("events", "next")))
                .refuses(400, BAD, "invalid_query")
                .refuses(404, NO_LEDGER)
                .refuses(503, "too_many_viewers")
                .handle(Access.USER, this::events);
    }

    private void describeWrites(RouteTable table) {
        table.post(LEDGER + "/tasks")
                .summary("Adds a task, or {\"tasks\": [...]} all or none; they may name each other in any order")
                .header("Idempotency-Key", "a request that comes again with it changes nothing", TEXT)
                .takes(anObject("a task with the fields " + String.join(", ", LedgerDocuments.newTaskFields())
                        + "; or an object with a list of such tasks"))
                .answers(201, RouteTable.JSON, LedgerDocuments.object(List.of("tasks")))
                .refuses(400, BAD)
                .refuses(409, "TASK_EXISTS", "TASK_ENDED", "LEDGER_ID_CLASH", "LEDGER_CORRUPT", "engine_ledger")
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .refuses(422, "CYCLE", "UNKNOWN_DEPENDENCY", "IDEMPOTENCY_CONFLICT")
                .handle(Access.USER, this::add);
        table.post(LEDGER + "/claim")
                .summary("Gives a worker the most urgent tasks that it may have, each under a lease")
                .takes(anObject("worker_id; perhaps node_id, incarnation, capabilities, compute, region, organisation,"
                        + " trusted, lease_s, task_id, most, parallel_only"))
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("leases")))
                .refuses(400, BAD)
                .refuses(404, NO_TASK)
                .refuses(409, "LEDGER_ID_CLASH", "LEDGER_CORRUPT", "engine_ledger")
                .handle(Access.USER, this::claim);
        table.post(TASK + "/heartbeat")
                .summary("Prolongs a lease, and tells the worker what is wished of it")
                .takes(anObject("lease_token; perhaps lease_s, how long from now"))
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("lease_until", "cancel_requested")))
                .refuses(400, BAD)
                .refuses(404, NO_LEDGER, NO_TASK)
                .refuses(409, "STALE_LEASE", "LEDGER_ID_CLASH", "LEDGER_CORRUPT", "engine_ledger")
                .handle(Access.USER, this::heartbeat);
        table.post(TASK + "/{command}")
                .path("command", "what to do", Map.of("enum", CommandDocument.names()))
                .summary("Gives a command to a task; a worker sends its lease_token with it")
                .header("If-Match", "the version that the task must have, as in ETag", TEXT)
                .header("Idempotency-Key", "a command that comes again with it changes nothing", TEXT)
                .takes(anObject("the parts of the command, such as result, error or reason; perhaps lease_token"))
                .answers(200, RouteTable.JSON, LedgerDocuments.taskSchema())
                .refuses(400, BAD, "invalid_header")
                .refuses(404, NO_LEDGER, NO_TASK)
                .refuses(409, CONFLICTS)
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .refuses(422, "IDEMPOTENCY_CONFLICT")
                .handle(Access.USER, this::command);
    }

    static Map<String, @Nullable Object> anObject(String description) {
        return Map.of("type", "object", "description", description);
    }

    private static LedgerId id(Call call) {
        return new LedgerId(call.context().pathParam("agent"), call.context().pathParam("session"));
    }

    static String taskId(Call call) {
        return call.context().pathParam("id");
    }

    Ledger existing(Call call) {
        Ledger ledger = ledgers.ledger(id(call));
        if (!ledger.exists()) {
            throw notFound(ledger.id());
        }
        return ledger;
    }

    /** The ledger, to be written as the caller. */
    Ledger writable(Call call) {
        LedgerId id = id(call);
        if (ENGINE.contains(id.agentId())) {
            throw new Refused(
                    409,
                    "engine_ledger",
                    "HART itself writes %s; runs are changed through /runs, the hive's work through /api/distributed"
                            .formatted(id.key()));
        }
        return ledgers.ledger(id).as(call.caller().actor());
    }

    private static LedgerException notFound(LedgerId id) {
        return new LedgerException(
                "LEDGER_NOT_FOUND", "there is no ledger " + id.key() + "; it comes into being with its first task");
    }

    /** One ledger, with its options. */
    Map<String, @Nullable Object> summaryDocument(LedgerId id) {
        Map<String, @Nullable Object> document = LedgerDocuments.summary(summary(id));
        document.put("options", LedgerOptionsDocument.write(ledgers.ledger(id).options()));
        return document;
    }

    private Reply create(Call call) {
        Ledger ledger = writable(call);
        ledgers.create(ledger.id(), LedgerOptionsDocument.read(call.body(), ledger.options()));
        return Reply.ok(summaryDocument(ledger.id()));
    }

    private LedgerSummary summary(LedgerId id) {
        return ledgers.summary(id).orElseThrow(() -> notFound(id));
    }

    private Reply list(Call call) {
        int limit = call.number("limit", 100, 1, 1_000);
        String after = call.query("after");
        List<LedgerSummary> page = ledgers.summaries(after == null ? "" : after, limit);
        Fields answer = new Fields()
                .put("ledgers", page.stream().map(LedgerDocuments::summary).toList());
        if (page.size() == limit) {
            answer.put("next", page.get(limit - 1).ledger().key());
        }
        return Reply.ok(answer.map());
    }

    private Reply tasks(Call call) {
        Ledger ledger = existing(call);
        TaskFilter filter = filter(call);
        List<Task> page = ledger.find(filter);
        Fields answer = new Fields()
                .put("tasks", page.stream().map(LedgerDocuments::task).toList());
        if (page.size() == filter.limit()) {
            answer.put("next", Long.toString(page.get(page.size() - 1).createdNo()));
        }
        return Reply.ok(answer.map());
    }

    private static TaskFilter filter(Call call) {
        TaskFilter filter = TaskFilter.all().limit(call.number("limit", 100, 1, 1_000));
        String statuses = call.query("status");
        if (statuses != null) {
            TaskStatus[] wanted = java.util.Arrays.stream(statuses.split(","))
                    .map(name -> new Given("status", name.strip()).constant(TaskStatus.class))
                    .toArray(TaskStatus[]::new);
            filter = filter.status(wanted[0], wanted);
        }
        String type = call.query("type");
        if (type != null) {
            filter = filter.type(new Given("type", type).constant(TaskType.class));
        }
        String owner = call.query("owner");
        if (owner != null) {
            filter = filter.owner(owner);
        }
        String delegate = call.query("delegated_to");
        if (delegate != null) {
            filter = filter.delegatedTo(delegate);
        }
        String parent = call.query("parent");
        if (parent != null) {
            filter = filter.parent(parent);
        }
        String text = call.query("text");
        if (text != null) {
            filter = filter.containing(text);
        }
        String since = call.query("updated_since");
        String before = call.query("updated_before");
        filter = filter.updated(
                since == null ? null : new Given("updated_since", since).instant(),
                before == null ? null : new Given("updated_before", before).instant());
        if ("true".equals(call.query("archived"))) {
            filter = filter.onlyArchived();
        }
        String after = call.query("after");
        return after == null ? filter : filter.after(createdNo(after));
    }

    private static long createdNo(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new Refused(400, "invalid_query", "after must be the next of the page before, was '" + text + "'");
        }
        return Long.parseLong(text);
    }

    private Reply task(Call call) {
        Ledger ledger = existing(call);
        Task task = ledger.require(taskId(call));
        return answer(call, task, LedgerDocuments.task(ledger, task));
    }

    private static Reply answer(Call call, Task task, Map<String, @Nullable Object> document) {
        call.context().header("ETag", '"' + Long.toString(task.version()) + '"');
        return Reply.ok(document);
    }

    private Reply graph(Call call) {
        String format = call.query("format");
        Ledger ledger = existing(call);
        return switch (format == null ? "json" : format) {
            case "json" -> Reply.ok(page(call, ledger).json());
            case "dot" -> text("text/vnd.graphviz; charset=utf-8", ledger.export(ExportFormat.DOT));
            case "mermaid" -> text("text/vnd.mermaid; charset=utf-8", ledger.export(ExportFormat.MERMAID));
            default -> throw new Refused(400, "invalid_query", "format must be json, dot or mermaid, was " + format);
        };
    }

    private static LedgerGraph page(Call call, Ledger ledger) {
        String after = call.query("after");
        return LedgerGraph.page(
                ledger,
                after == null ? 0 : createdNo(after),
                call.number("limit", LedgerGraph.MOST_TASKS, 1, LedgerGraph.MOST_TASKS));
    }

    private static Reply text(String type, String text) {
        return new Reply.Content(type, text.getBytes(StandardCharsets.UTF_8));
    }

    private Reply events(Call call) {
        Ledger ledger = existing(call);
        boolean stream = EventStreams.isWanted(call);
        String lastSeen = stream ? call.context().header("Last-Event-ID") : null;
        EventCursor from = lastSeen == null || lastSeen.isBlank() ? from(call) : EventCursor.parse(lastSeen.strip());
        if (stream) {
            return streams.answer(
                    call, () -> LedgerFeed.follow(ledger, from).map(LedgerRoutes::message), () -> Map.of());
        }
        int last = call.number("last", 0, 1, 1_000);
        int limit = last > 0 ? 1_000 : call.number("limit", 100, 1, 1_000);
        List<LedgerFeed.Item> page = LedgerFeed.page(ledger, from, limit);
        EventCursor next = page.isEmpty() ? from : page.get(page.size() - 1).next();
        return Reply.ok(new Fields()
                .put(
                        "events",
                        page.stream()
                                .skip(last > 0 ? Math.max(0, page.size() - last) : 0)
                                .map(item -> LedgerDocuments.event(item.event(), item.next()))
                                .toList())
                .put("next", next.toString())
                .map());
    }

    /** Where a reader begins that does not go on. */
    private EventCursor from(Call call) {
        String after = call.query("after");
        if (after != null) {
            return EventCursor.parse(after);
        }
        int last = call.number("last", 0, 1, 1_000);
        if (last == 0) {
            return EventCursor.START;
        }
        Map<Integer, Long> seqs = new TreeMap<>();
        Map<Integer, Long> end = summary(id(call)).end().seqs();
        // The newest are shared out evenly, which they are when there are many.
        int each = (last + end.size() - 1) / Math.max(1, end.size());
        end.forEach((stripe, seq) -> seqs.put(stripe, Math.max(0, seq - each)));
        return new EventCursor(seqs);
    }

    private static EventStreams.Message message(LedgerFeed.Item item) {
        return new EventStreams.Message(
                item.event().type(), item.next().toString(), LedgerDocuments.event(item.event(), item.next()));
    }

    private Reply add(Call call) {
        Ledger ledger = writable(call);
        List<NewTask> tasks = new ArrayList<>();
        if (call.body().containsKey("tasks")) {
            for (Object item : new Given("tasks", call.body().get("tasks")).list()) {
                tasks.add(LedgerDocuments.newTask(new Given("tasks", item).object()));
            }
            if (tasks.isEmpty() || tasks.size() > 1_000 || call.body().size() > 1) {
                throw LedgerDocuments.invalid("'tasks' must be a list of 1 to 1000 tasks, and stand alone");
            }
        } else {
            tasks.add(LedgerDocuments.newTask(call.body()));
        }
        CommandOptions options = new CommandOptions(null, call.context().header("Idempotency-Key"), null);
        List<Task> added = ledger.write(tx -> tx.addAll(tasks, options));
        return new Reply.Document(
                201, Map.of("tasks", added.stream().map(LedgerDocuments::task).toList()));
    }

    private Reply command(Call call) {
        Ledger ledger = writable(call);
        Map<String, @Nullable Object> parts = new LinkedHashMap<>(call.body());
        Object token = parts.remove(LEASE_TOKEN);
        CommandOptions options = new CommandOptions(
                expectedVersion(call.context().header("If-Match")),
                call.context().header("Idempotency-Key"),
                token == null ? null : token(token));
        Task task =
                ledger.apply(taskId(call), CommandDocument.read(call.context().pathParam("command"), parts), options);
        return answer(call, task, LedgerDocuments.task(task));
    }

    static long token(@Nullable Object token) {
        return new Given(LEASE_TOKEN, token).wholeNumber(0, Long.MAX_VALUE);
    }

    static @Nullable Long expectedVersion(@Nullable String header) {
        if (header == null || header.isBlank() || header.strip().equals("*")) {
            return null;
        }
        Matcher version = VERSION.matcher(header.strip());
        if (!version.matches()) {
            throw new Refused(400, "invalid_header", "If-Match must be a task's version such as \"7\", was " + header);
        }
        return Long.valueOf(version.group(1));
    }

    private Reply claim(Call call) {
        Ledger ledger = writable(call);
        List<Lease> leases = ledger.claimBatch(claimRequest(call.body()));
        return Reply.ok(
                Map.of("leases", leases.stream().map(LedgerDocuments::lease).toList()));
    }

    private static ClaimRequest claimRequest(Map<String, @Nullable Object> body) {
        String worker = new Given("worker_id", body.get("worker_id")).text();
        WorkerProfile profile = WorkerProfile.of(
                        worker, text(body, "node_id", worker), text(body, "incarnation", worker))
                .capabilities(
                        body.get("capabilities") == null
                                ? new String[0]
                                : new Given("capabilities", body.get("capabilities")).texts())
                .compute(
                        body.get("compute") == null
                                ? Map.of()
                                : new Given("compute", body.get("compute")).solidObject())
                .at(textOrNull(body, "region"), textOrNull(body, "organisation"))
                .trusted(flag(body, "trusted"));
        Object most = body.get("most");
        return new ClaimRequest(
                profile,
                leaseTime(body),
                textOrNull(body, "task_id"),
                most == null ? 1 : new Given("most", most).number(),
                flag(body, "parallel_only"));
    }

    private static String text(Map<String, @Nullable Object> body, String name, String otherwise) {
        String text = textOrNull(body, name);
        return text == null ? otherwise : text;
    }

    private static @Nullable String textOrNull(Map<String, @Nullable Object> body, String name) {
        Object value = body.get(name);
        return value == null ? null : new Given(name, value).text();
    }

    private static boolean flag(Map<String, @Nullable Object> body, String name) {
        Object value = body.get(name);
        return value != null && new Given(name, value).flag();
    }

    static @Nullable Duration leaseTime(Map<String, @Nullable Object> body) {
        Object value = body.get("lease_s");
        if (value == null) {
            return null;
        }
        Given given = new Given("lease_s", value);
        Duration time = given.duration();
        if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(Duration.ofDays(1)) > 0) {
            throw given.wrong("1 to 86400 seconds");
        }
        return time;
    }

    private Reply heartbeat(Call call) {
        Ledger ledger = writable(call);
        if (!ledger.exists()) {
            throw notFound(ledger.id());
        }
        long token = token(call.body().get(LEASE_TOKEN));
        Duration wished = leaseTime(call.body());
        Duration time = wished == null ? ledger.options().leaseTime() : wished;
        String id = taskId(call);
        Heartbeat answer = ledger.write(tx -> tx.heartbeat(new Lease(tx.task(id), token, tx.now(), time)));
        return Reply.ok(new Fields()
                .put("lease_until", answer.leaseUntil())
                .put("cancel_requested", answer.cancelRequested())
                .put("pause_requested", answer.pauseRequested())
                .put("budget_state", answer.budgetExhausted() ? "exhausted" : "ok")
                .map());
    }
}
