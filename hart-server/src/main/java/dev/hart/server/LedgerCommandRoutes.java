package dev.hart.server;

import dev.hart.error.LedgerException;
import dev.hart.ledger.Cascade;
import dev.hart.ledger.CommandOptions;
import dev.hart.ledger.Delegation;
import dev.hart.ledger.DelegationType;
import dev.hart.ledger.DiscoveredTask;
import dev.hart.ledger.Lease;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerOptions;
import dev.hart.ledger.LedgerTransaction;
import dev.hart.ledger.NewGoal;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.Outcome;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskCommand;
import dev.hart.ledger.WorkerProfile;
import dev.hart.server.LedgerDocuments.Fields;
import dev.hart.server.LedgerDocuments.Given;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Commands below {@code /api/ledgers} that are about more than the state of one task: families of tasks, what a task waits
 * for, cascades, votes, and the ledger as a whole. Each is one transaction.
 */
final class LedgerCommandRoutes {
    private static final String LEDGER = LedgerRoutes.LEDGER;
    private static final String TASK = LedgerRoutes.TASK;
    private static final String REASON = "reason";
    private static final String DESCRIPTION = "description";
    private static final String DESCRIPTIONS = "descriptions";
    private static final String RESULT = "result";
    private static final int MOST = 1_000;
    private static final Duration DEFAULT_LEASE = LedgerOptions.defaults().leaseTime();

    private final LedgerRoutes routes;

    LedgerCommandRoutes(LedgerRoutes routes) {
        this.routes = routes;
    }

    /** What a command does, and answers with. */
    @FunctionalInterface
    private interface Change {
        Object in(LedgerTransaction tx, String taskId, Parts parts) throws SQLException;
    }

    /** What a command does that belongs to no one task. */
    @FunctionalInterface
    private interface Whole {
        Object in(Ledger ledger, Parts parts);
    }

    /** The body of a command, with nothing in it that the command does not know. */
    private record Parts(Map<String, @Nullable Object> body) {
        boolean has(String name) {
            return body.get(name) != null;
        }

        Given given(String name) {
            return new Given(name, body.get(name));
        }

        String text(String name) {
            return given(name).text();
        }

        String reason() {
            return has(REASON) ? text(REASON) : "";
        }

        boolean flag(String name) {
            return has(name) && given(name).flag();
        }

        List<String> texts(String name) {
            String[] texts = given(name).texts();
            if (texts.length == 0 || texts.length > MOST) {
                throw given(name).wrong("a list of 1 to " + MOST + " texts");
            }
            return Arrays.asList(texts);
        }
    }

    void describe(RouteTable table) {
        describeFamilies(table);
        describeWaiting(table);
        describeEnds(table);
        describeVotes(table);
        describeLedger(table);
    }

    private void describeFamilies(RouteTable table) {
        define(table, "add_child", "Adds a child; its parent is not ready while it is open", 201, DESCRIPTION, "…")
                .handle(Access.USER, this::addChild);
        task(
                table,
                "add_siblings",
                "Adds children that may run beside one another",
                201,
                (tx, id, parts) -> tasks(tx.addSiblings(id, parts.texts(DESCRIPTIONS), one -> one)),
                DESCRIPTIONS);
        task(
                table,
                "add_chain",
                "Adds children that are done one after the other",
                201,
                (tx, id, parts) -> tasks(tx.addChain(id, parts.texts(DESCRIPTIONS), one -> one)),
                DESCRIPTIONS);
        task(
                table,
                "add_subtasks",
                "Breaks a task down; a running one is blocked until they have ended",
                201,
                (tx, id, parts) -> tasks(tx.addSubtasks(id, newTasks(parts.given("tasks")))),
                "tasks");
        task(
                table,
                "delegate_part",
                "Hands part of a task to an agent; the task is blocked until it comes back",
                201,
                (tx, id, parts) -> document(tx.delegate(id, delegation(parts))),
                "agent",
                DESCRIPTION,
                "type?",
                "lease_s?",
                "skills?");
        task(
                table,
                "finish_delegation",
                "Takes a part back that was handed to an agent",
                200,
                (tx, id, parts) -> document(tx.finishDelegation(
                        id, parts.given("ok").flag(), parts.body().get(RESULT))),
                "ok",
                "result?");
    }

    private void describeWaiting(RouteTable table) {
        task(
                table,
                "block_by",
                "Blocks a task until others have succeeded",
                200,
                (tx, id, parts) ->
                        document(tx.blockBy(id, parts.texts("blockers").toArray(String[]::new))),
                "blockers");
        task(
                table,
                "add_prerequisite",
                "Lets a task wait for another",
                200,
                (tx, id, parts) -> document(tx.addPrerequisite(
                        id,
                        parts.text("prerequisite"),
                        parts.has("condition") ? parts.given("condition").constant(Outcome.class) : Outcome.SUCCESS,
                        parts.flag("strict"))),
                "prerequisite",
                "condition?",
                "strict?");
        task(
                table,
                "remove_prerequisite",
                "Lets a task wait for another no longer",
                200,
                (tx, id, parts) -> document(tx.removePrerequisite(id, parts.text("prerequisite"))),
                "prerequisite");
        task(
                table,
                "remove_blocker",
                "Lets a task be blocked by another no longer",
                200,
                (tx, id, parts) -> document(tx.removeBlocker(id, parts.text("blocker"))),
                "blocker");
    }

    private void describeEnds(RouteTable table) {
        task(
                table,
                "cancel_cascade",
                "Cancels a task and all that wait for it; tells which it could not",
                200,
                (tx, id, parts) -> cascade(tx.cancelCascade(id, parts.reason())),
                "reason?");
        task(
                table,
                "roll_back_cascade",
                "Takes back a result and those that were made from it",
                200,
                (tx, id, parts) -> cascade(tx.rollBackCascade(id, parts.reason())),
                "reason?");
        task(
                table,
                "retry_as_new",
                "Adds a task that repeats one that has ended",
                201,
                (tx, id, parts) -> document(tx.retryAsNew(id)));
        task(
                table,
                "transfer",
                "Hands a task under its lease to another worker, which gets a lease of its own",
                200,
                LedgerCommandRoutes::transfer,
                LedgerRoutes.LEASE_TOKEN,
                "worker_id",
                "node_id?",
                "incarnation?",
                "lease_s?");
        table.post(TASK + "/complete_and_route")
                .summary("Ends a task and tells which one is the next that could be claimed")
                .header("If-Match", "the version that the task must have, as in ETag", LedgerRoutes.TEXT)
                .header("Idempotency-Key", "a command that comes again with it changes nothing", LedgerRoutes.TEXT)
                .takes(LedgerRoutes.anObject(
                        "outcome: success or failure; result? or the text of the error;" + " lease_token?"))
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("task")))
                .refuses(400, LedgerRoutes.BAD, "invalid_header")
                .refuses(404, LedgerRoutes.NO_LEDGER, LedgerRoutes.NO_TASK)
                .refuses(409, LedgerRoutes.CONFLICTS)
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .refuses(422, "IDEMPOTENCY_CONFLICT")
                .handle(Access.USER, this::completeAndRoute);
    }

    private void describeVotes(RouteTable table) {
        table.get(TASK + "/votes")
                .summary("What was said of a task's results, and what that amounts to")
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("votes", "consensus")))
                .refuses(400, LedgerRoutes.BAD)
                .refuses(404, LedgerRoutes.NO_LEDGER, LedgerRoutes.NO_TASK)
                .handle(Access.USER, call -> {
                    Ledger ledger = routes.existing(call);
                    String id = LedgerRoutes.taskId(call);
                    return Reply.ok(new Fields()
                            .put("consensus", LedgerDocuments.consensus(ledger.consensus(id)))
                            .put(
                                    "votes",
                                    ledger.votes(id).stream()
                                            .map(LedgerDocuments::vote)
                                            .toList())
                            .map());
                });
        define(
                        table,
                        "vote",
                        "Says whether a result is right; the last of the expected voters decides",
                        200,
                        "verdict",
                        "verifier?",
                        "result_hash?",
                        "evidence?",
                        "expected?")
                .refuses(403, "NOT_OWNER")
                .refuses(409, "ALREADY_VOTED")
                .handle(Access.USER, this::vote);
    }

    private void describeLedger(RouteTable table) {
        whole(
                table,
                "/chain",
                "Adds tasks that are done one after the other",
                201,
                (ledger, parts) -> ledger.write(tx -> tasks(tx.addChain(null, parts.texts(DESCRIPTIONS), one -> one))),
                DESCRIPTIONS);
        whole(
                table,
                "/goals",
                "Adds a goal with its tasks; it ends with them",
                201,
                LedgerCommandRoutes::goal,
                "objective",
                "tasks",
                "context?");
        whole(
                table,
                "/dynamic",
                "Adds a task where the classifier says it belongs; by is the task that was being done",
                201,
                LedgerCommandRoutes::discovered,
                DESCRIPTION,
                "context?",
                "by?");
        whole(
                table,
                "/link_siblings",
                "Notes that tasks may run beside one another",
                200,
                (ledger, parts) -> {
                    List<String> ids = parts.texts("task_ids");
                    ledger.write(tx -> {
                        tx.linkSiblings(ids.toArray(String[]::new));
                        return true;
                    });
                    return Map.of("task_ids", ids);
                },
                "task_ids");
        count(
                table,
                "/pause_all_active",
                "Pauses every task in progress",
                (ledger, parts) -> ledger.pauseAllActive(parts.reason()),
                "reason?");
        count(
                table,
                "/resume_all_paused",
                "Resumes every paused or stopped task",
                (ledger, parts) -> ledger.resumeAllPaused());
        count(
                table,
                "/defer_all_pending",
                "Puts every pending task off",
                (ledger, parts) -> ledger.deferAllPending(parts.reason(), until(parts)),
                "reason?",
                "until?");
        count(table, "/undefer_all", "Makes every deferred task pending", (ledger, parts) -> ledger.undeferAll());
        count(
                table,
                "/archive",
                "Puts away the tasks that ended before a time; their events stay",
                (ledger, parts) -> ledger.archive(parts.given("older_than").instant()),
                "older_than");
        state(table, "/pause", "Gives out no more tasks; what was claimed goes on", Ledger::pause);
        state(table, "/unpause", "Gives out tasks again", Ledger::unpause);
        table.get(LEDGER + "/ready")
                .summary("The tasks that could be claimed now, the most urgent first")
                .query("limit", "how many", LedgerRoutes.LIMIT)
                .query("parallel", "true for those only that may run beside others", Map.of("type", "boolean"))
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("tasks")))
                .refuses(400, LedgerRoutes.BAD, "invalid_query")
                .refuses(404, LedgerRoutes.NO_LEDGER)
                .handle(Access.USER, call -> {
                    Ledger ledger = routes.existing(call);
                    int limit = call.number("limit", 100, 1, MOST);
                    return Reply.ok(tasks(
                            "true".equals(call.query("parallel")) ? ledger.readyParallel(limit) : ledger.ready(limit)));
                });
        table.get(LEDGER + "/report")
                .summary("What the tasks amount to: progress, and advice for an agent")
                .answers(200, RouteTable.JSON, LedgerDocuments.object(List.of("progress", "awareness")))
                .refuses(400, LedgerRoutes.BAD)
                .refuses(404, LedgerRoutes.NO_LEDGER)
                .handle(Access.USER, call -> {
                    var report = routes.existing(call).report();
                    return Reply.ok(new Fields()
                            .put("progress", report.detailedProgress().document())
                            .put("awareness", report.awareness().document())
                            .put("text", report.awareness().text())
                            .map());
                });
    }

    /** A command to one task, and what it does. */
    private void task(RouteTable table, String name, String summary, int status, Change change, String... parts) {
        define(table, name, summary, status, parts)
                .handle(Access.USER, call -> change(call, status, parts(call, parts), change));
    }

    private RouteTable.Definition define(RouteTable table, String name, String summary, int status, String... parts) {
        return table.post(TASK + "/" + name)
                .summary(summary)
                .header("If-Match", "the version that the task must have, as in ETag", LedgerRoutes.TEXT)
                .takes(LedgerRoutes.anObject(
                        (parts.length == 0 ? "" : String.join("; ", parts) + "; ") + "lease_token?"))
                .answers(status, RouteTable.JSON, LedgerDocuments.object(List.of()))
                .refuses(400, LedgerRoutes.BAD, "invalid_header")
                .refuses(404, LedgerRoutes.NO_LEDGER, LedgerRoutes.NO_TASK)
                .refuses(409, LedgerRoutes.CONFLICTS)
                .refuses(409, "TASK_EXISTS", "NOT_DELEGATED")
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .refuses(422, "CYCLE", "UNKNOWN_DEPENDENCY");
    }

    /** A command to the ledger, and what it does. */
    private void whole(RouteTable table, String path, String summary, int status, Whole change, String... parts) {
        table.post(LEDGER + path)
                .summary(summary)
                .takes(LedgerRoutes.anObject(String.join("; ", parts)))
                .answers(status, RouteTable.JSON, LedgerDocuments.object(List.of()))
                .refuses(400, LedgerRoutes.BAD, "invalid_header")
                .refuses(404, LedgerRoutes.NO_LEDGER, LedgerRoutes.NO_TASK)
                .refuses(409, "TASK_EXISTS", "TASK_ENDED", "LEDGER_ID_CLASH", "LEDGER_CORRUPT", "engine_ledger")
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .refuses(422, "CYCLE", "UNKNOWN_DEPENDENCY")
                .handle(Access.USER, call -> {
                    Parts given = parts(call, parts);
                    return new Reply.Document(status, change.in(writable(call), given));
                });
    }

    private void count(RouteTable table, String path, String summary, Whole change, String... parts) {
        whole(table, path, summary, 200, (ledger, given) -> Map.of("changed", change.in(ledger, given)), parts);
    }

    private void state(RouteTable table, String path, String summary, Consumer<Ledger> change) {
        whole(table, path, summary, 200, (ledger, parts) -> {
            change.accept(ledger);
            return routes.summaryDocument(ledger.id());
        });
    }

    // ---- what they have in common

    /** Its fields are checked by what makes a task of them. */
    private Reply addChild(Call call) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>(call.body());
        fields.remove(LedgerRoutes.LEASE_TOKEN);
        if (fields.containsKey("task_id") || fields.containsKey("parent_task_id")) {
            throw LedgerDocuments.invalid(
                    "a child's task_id and parent_task_id are made by the ledger: leave them out");
        }
        return change(
                call,
                201,
                new Parts(fields),
                (tx, id, parts) -> document(
                        tx.addChild(id, parts.text(DESCRIPTION), child -> LedgerDocuments.with(child, fields))));
    }

    private Reply change(Call call, int status, Parts parts, Change change) {
        Ledger ledger = writable(call);
        Long expected = LedgerRoutes.expectedVersion(call.context().header("If-Match"));
        Object token = call.body().get(LedgerRoutes.LEASE_TOKEN);
        String id = LedgerRoutes.taskId(call);
        return new Reply.Document(status, ledger.write(tx -> {
            Task task = tx.task(id);
            requireVersion(task, expected);
            if (token != null) {
                tx.requireLease(new Lease(task, LedgerRoutes.token(token), tx.now(), Duration.ZERO));
            }
            return change.in(tx, id, parts);
        }));
    }

    private static void requireVersion(Task task, @Nullable Long expected) {
        if (expected != null && expected != task.version()) {
            throw new LedgerException(
                    "VERSION_CONFLICT",
                    "task %s has version %d, not %d: read it again and decide anew"
                            .formatted(task.taskId(), task.version(), expected));
        }
    }

    private Ledger writable(Call call) {
        Ledger ledger = routes.writable(call);
        if (call.context().header("Idempotency-Key") != null) {
            throw new Refused(
                    400,
                    "invalid_header",
                    "this command keeps no Idempotency-Key: send If-Match, or look what became of it before repeating"
                            + " it");
        }
        routes.existing(call);
        return ledger;
    }

    /** The body, when it has every part that is needed, and no other than those named. */
    private static Parts parts(Call call, String... names) {
        List<String> known = new ArrayList<>();
        for (String name : names) {
            String plain = name.endsWith("?") ? name.substring(0, name.length() - 1) : name;
            known.add(plain);
            if (plain.equals(name) && call.body().get(name) == null) {
                throw LedgerDocuments.invalid("'%s' is needed".formatted(name));
            }
        }
        for (String given : call.body().keySet()) {
            if (!known.contains(given) && !given.equals(LedgerRoutes.LEASE_TOKEN)) {
                throw LedgerDocuments.invalid("there is no '%s' here; there is %s"
                        .formatted(given, known.isEmpty() ? "nothing but lease_token" : String.join(", ", known)));
            }
        }
        return new Parts(call.body());
    }

    private static Map<String, @Nullable Object> document(Task task) {
        return LedgerDocuments.task(task);
    }

    private static Map<String, @Nullable Object> tasks(List<Task> tasks) {
        return new Fields()
                .put("tasks", tasks.stream().map(LedgerDocuments::task).toList())
                .map();
    }

    private static Map<String, @Nullable Object> cascade(Cascade cascade) {
        return new Fields()
                .put("changed", cascade.changed())
                .put("refused", cascade.refused())
                .map();
    }

    private static List<NewTask> newTasks(Given given) {
        List<?> items = given.list();
        if (items.isEmpty() || items.size() > MOST) {
            throw given.wrong("a list of 1 to " + MOST + " tasks");
        }
        return items.stream()
                .map(item -> LedgerDocuments.newTask(new Given(given.name(), item).object()))
                .toList();
    }

    // ---- commands

    private static Delegation delegation(Parts parts) {
        Delegation part = Delegation.to(parts.text("agent"), parts.text(DESCRIPTION));
        if (parts.has("type")) {
            part = part.type(parts.given("type").constant(DelegationType.class));
        }
        Duration lease = LedgerRoutes.leaseTime(parts.body());
        if (lease != null) {
            part = part.leasedFor(lease);
        }
        return parts.has("skills") ? part.skills(parts.given("skills").texts()) : part;
    }

    private static Map<String, @Nullable Object> transfer(LedgerTransaction tx, String id, Parts parts) {
        String worker = parts.text("worker_id");
        Duration time = LedgerRoutes.leaseTime(parts.body());
        Lease lease = new Lease(
                tx.task(id),
                LedgerRoutes.token(parts.body().get(LedgerRoutes.LEASE_TOKEN)),
                tx.now(),
                time == null ? DEFAULT_LEASE : time);
        return LedgerDocuments.lease(tx.transfer(
                lease,
                WorkerProfile.of(
                        worker,
                        parts.has("node_id") ? parts.text("node_id") : worker,
                        parts.has("incarnation") ? parts.text("incarnation") : worker)));
    }

    private Reply completeAndRoute(Call call) {
        Parts parts = parts(call, "outcome", "result?");
        Ledger ledger = routes.writable(call);
        routes.existing(call);
        Object result = parts.body().get(RESULT);
        Object token = call.body().get(LedgerRoutes.LEASE_TOKEN);
        TaskCommand command = switch (parts.given("outcome").constant(Outcome.class)) {
            case SUCCESS -> TaskCommand.complete(result);
            case FAILURE -> TaskCommand.failAttempt(result == null ? "failed" : result.toString());
            case ANY -> throw parts.given("outcome").wrong("success or failure");
        };
        Task task = ledger.apply(
                LedgerRoutes.taskId(call),
                command,
                new CommandOptions(
                        LedgerRoutes.expectedVersion(call.context().header("If-Match")),
                        call.context().header("Idempotency-Key"),
                        token == null ? null : LedgerRoutes.token(token)));
        return Reply.ok(new Fields()
                .put("task", document(task))
                .put("next", ledger.next().map(LedgerCommandRoutes::document).orElse(null))
                .map());
    }

    private Reply vote(Call call) {
        Parts parts = parts(call, "verdict", "verifier?", "result_hash?", "evidence?", "expected?");
        Ledger ledger = writable(call);
        Task task = ledger.require(LedgerRoutes.taskId(call));
        requireVersion(task, LedgerRoutes.expectedVersion(call.context().header("If-Match")));
        if (parts.has("result_hash") && !parts.text("result_hash").equals(task.resultHash())) {
            throw new LedgerException(
                    "VERSION_CONFLICT",
                    "the result of task %s has the hash %s, not %s: look at it again"
                            .formatted(task.taskId(), task.resultHash(), parts.text("result_hash")));
        }
        return Reply.ok(LedgerDocuments.consensus(ledger.vote(
                task.taskId(),
                parts.has("verifier") ? parts.text("verifier") : call.caller().actor(),
                parts.given("verdict").flag(),
                parts.body().get("evidence"),
                parts.has("expected") ? parts.given("expected").number() : 2)));
    }

    private static Map<String, @Nullable Object> goal(Ledger ledger, Parts parts) {
        NewGoal goal = NewGoal.of(parts.text("objective"));
        if (parts.has("context")) {
            goal = goal.context(parts.given("context").object());
        }
        List<?> items = parts.given("tasks").list();
        if (items.isEmpty() || items.size() > MOST) {
            throw parts.given("tasks").wrong("a list of 1 to " + MOST + " tasks");
        }
        for (Object item : items) {
            goal = DistributedRoutes.withTask(goal, new Given("tasks", item).object());
        }
        NewGoal whole = goal;
        return new Fields()
                .put("goal_id", ledger.write(tx -> tx.submitGoal(whole)).taskId())
                .map();
    }

    private static Map<String, @Nullable Object> discovered(Ledger ledger, Parts parts) {
        DiscoveredTask found = ledger.addDynamic(
                parts.text(DESCRIPTION),
                parts.has("context") ? parts.given("context").object() : Map.of(),
                parts.has("by") ? ledger.require(parts.text("by")).taskId() : null);
        return new Fields()
                .put("task", document(found.task()))
                .put("relationship", found.classification().relationship())
                .put("warnings", found.warnings())
                .map();
    }

    private static @Nullable Instant until(Parts parts) {
        return parts.has("until") ? parts.given("until").instant() : null;
    }
}
