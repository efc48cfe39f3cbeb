package dev.hart.server;

import dev.hart.Hart;
import dev.hart.HartClock;
import dev.hart.error.LedgerException;
import dev.hart.ledger.CanonicalJson;
import dev.hart.ledger.ClaimRequest;
import dev.hart.ledger.CommandOptions;
import dev.hart.ledger.Consensus;
import dev.hart.ledger.Lease;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.LedgerOptions;
import dev.hart.ledger.LedgerTransaction;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.NewGoal;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.Snapshot;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskCommand;
import dev.hart.ledger.TaskFilter;
import dev.hart.ledger.TaskStatus;
import dev.hart.ledger.WorkerProfile;
import dev.hart.security.access.RateLimiter;
import dev.hart.security.rules.ConflictResolver;
import dev.hart.server.LedgerDocuments.Fields;
import dev.hart.server.LedgerDocuments.Given;
import dev.hart.spi.HaltSwitch;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The routes below {@code /api/distributed}, with the names that callers of the reference know: goals whose tasks agents on
 * other machines claim, work on under a lease, submit and verify.
 *
 * <p>This node is the authority over the goals that were given to it, and over no others: what another node announces is
 * kept as a note and never executed here; agents claim it from that node.
 */
final class DistributedRoutes {
    /** The agent id of the ledgers that these routes write. */
    static final String AGENT = "hive";

    private static final LedgerId GOALS = new LedgerId(AGENT, "goals");
    private static final LedgerId HOSTS = new LedgerId(AGENT, "hosts");
    private static final LedgerId ANNOUNCEMENTS = new LedgerId(AGENT, "announcements");
    private static final String OWN_NODE = "hart";
    private static final int MOST_TASKS = 1_000;
    private static final Duration STALE = Duration.ofSeconds(300);
    private static final Duration SEEN_ANEW = Duration.ofSeconds(60);
    private static final String CAPABILITIES = "capabilities";
    private static final String SUCCESS = "success";

    private final Ledgers ledgers;
    private final HartClock clock;
    private final HiveRules rules;
    private final RateLimiter limiter;

    /** @param halt while it is thrown, no goal is taken and no task given out */
    DistributedRoutes(Ledgers ledgers, HartClock clock, Hart hart, HaltSwitch halt, RateLimiter limiter) {
        this.ledgers = ledgers;
        this.clock = clock;
        this.rules = new HiveRules(hart, halt);
        this.limiter = limiter;
    }

    void describe(RouteTable table) {
        describeGoals(table);
        describeWork(table);
        describeHive(table);
    }

    private void describeGoals(RouteTable table) {
        table.post("/api/distributed/goals")
                .summary("Takes a goal with its tasks, which agents may then claim")
                .takes(anObject(
                        "objective; tasks: [{description, task_id?, capabilities?, prerequisites?, …}]; context?"))
                .answers(201, RouteTable.JSON, succeeding("goal_id", "conflicts_with"))
                .refuses(400, "invalid_request", "INVALID_ARGUMENT")
                .refuses(403, "GUARDRAIL_REFUSED", "quarantined")
                .refuses(429, "rate_limited")
                .refuses(503, "HALTED")
                .refuses(409, "TASK_EXISTS", "LEDGER_CORRUPT")
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .refuses(422, "CYCLE", "UNKNOWN_DEPENDENCY")
                .handle(Access.USER, this::goal);
        table.get("/api/distributed/goals/{id}/progress")
                .summary("How far a goal is, with its tasks")
                .answers(
                        200,
                        RouteTable.JSON,
                        succeeding("goal_id", "total_tasks", "completed", "progress_pct", "tasks"))
                .refuses(404, "TASK_NOT_FOUND")
                .handle(Access.AGENT, this::progress);
    }

    private void describeWork(RouteTable table) {
        table.post("/api/distributed/tasks/claim")
                .summary("Gives the caller the most urgent task that it may have, under a lease; task_id is null for"
                        + " none")
                .takes(anObject("agent_id?; capabilities?"))
                .answers(200, RouteTable.JSON, succeeding("task_id"))
                .refuses(400, "INVALID_ARGUMENT")
                .refuses(403, "NOT_OWNER", "quarantined")
                .refuses(409, "LEDGER_CORRUPT")
                .refuses(503, "HALTED")
                .handle(Access.AGENT, this::claim);
        table.post("/api/distributed/tasks/{id}/submit")
                .summary("Completes a task under the caller's lease")
                .header(
                        "Idempotency-Key",
                        "a submission that comes again with it changes nothing",
                        Map.of("type", "string"))
                .takes(anObject("result; lease_token; agent_id?"))
                .answers(200, RouteTable.JSON, succeeding("task_id", "result_hash", "status"))
                .refuses(400, "invalid_request", "INVALID_ARGUMENT")
                .refuses(403, "NOT_OWNER", "GUARDRAIL_REFUSED", "quarantined")
                .refuses(404, "TASK_NOT_FOUND")
                .refuses(409, "STALE_LEASE", "ILLEGAL_TRANSITION", "OPEN_CHILDREN", "LEDGER_CORRUPT")
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .refuses(422, "IDEMPOTENCY_CONFLICT")
                .handle(Access.AGENT, this::submit);
        table.post("/api/distributed/tasks/{id}/verify")
                .summary("With a verdict: a vote on a task's result. Without one: whether the result is what its hash"
                        + " says")
                .takes(anObject("verdict?; result_hash?; evidence?; agent_id?"))
                .answers(200, RouteTable.JSON, succeeding("task_id", "verified"))
                .refuses(400, "INVALID_ARGUMENT")
                .refuses(403, "NOT_OWNER", "quarantined")
                .refuses(404, "TASK_NOT_FOUND")
                .refuses(409, "ALREADY_VOTED", "NOT_READY", "VERSION_CONFLICT", "LEDGER_CORRUPT")
                .handle(Access.AGENT, this::verify);
        table.get("/api/distributed/tasks/available")
                .summary("The tasks that the caller could claim now, without their context")
                .query(CAPABILITIES, "what the caller can do, separated by commas", Map.of("type", "string"))
                .answers(200, RouteTable.JSON, succeeding("tasks"))
                .handle(Access.AGENT, this::available);
        table.post("/api/distributed/tasks/announce")
                .summary("Notes that another node has a goal; nothing of it is executed here")
                .takes(anObject("goal_id; objective; tasks; context?; sender_host?"))
                .answers(200, RouteTable.JSON, succeeding("goal_id", "local_goal_id"))
                .refuses(400, "invalid_request", "INVALID_ARGUMENT")
                .refuses(403, "GUARDRAIL_REFUSED", "quarantined")
                .refuses(409, "announced_by_another", "LEDGER_CORRUPT")
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .refuses(501, "peers_missing")
                .handle(Access.AGENT, this::announce);
    }

    private void describeHive(RouteTable table) {
        table.post("/api/distributed/baselines")
                .summary("Notes where the tasks of all goals stand, to be compared with later")
                .takes(anObject("label?"))
                .answers(200, RouteTable.JSON, succeeding("snapshot_id"))
                .refuses(400, "INVALID_ARGUMENT")
                .refuses(409, "LEDGER_CORRUPT")
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .handle(Access.USER, this::baseline);
        table.get("/api/distributed/hosts")
                .summary("The hosts that registered; stale are those unseen for 300 seconds")
                .answers(200, RouteTable.JSON, succeeding("hosts"))
                .handle(Access.AGENT, this::hosts);
        table.post("/api/distributed/hosts/register")
                .summary("Registers a host, or says that it is still there")
                .takes(anObject("host_id; host_url?; capabilities?; compute_budget?"))
                .answers(200, RouteTable.JSON, succeeding("host_id"))
                .refuses(400, "INVALID_ARGUMENT")
                .refuses(403, "NOT_OWNER", "quarantined")
                .refuses(409, "LEDGER_CORRUPT")
                .refuses(413, "PAYLOAD_TOO_LARGE")
                .handle(Access.AGENT, this::register);
        table.get("/api/distributed/status")
                .summary("Whether this node coordinates, and in which database")
                .answers(200, RouteTable.JSON, succeeding("coordinator_active", "backend_type", "energy_kwh"))
                .handle(Access.AGENT, this::status);
    }

    private static Map<String, @Nullable Object> anObject(String description) {
        return Map.of("type", "object", "description", description);
    }

    private static Map<String, @Nullable Object> succeeding(String... fields) {
        List<String> required = new ArrayList<>(List.of(SUCCESS));
        required.addAll(List.of(fields));
        return LedgerDocuments.object(required);
    }

    private static Fields success() {
        return new Fields().put(SUCCESS, true);
    }

    /** The agent that the caller is; whoever holds the server's key may act as any. */
    private static String agent(Call call) {
        Object wished = call.body().get("agent_id");
        String own = call.caller().agent();
        if (wished == null) {
            return call.caller().actor();
        }
        String agent = new Given("agent_id", wished).text();
        if (own != null && !own.equals(agent)) {
            throw notOwner("Cannot act as another agent");
        }
        return agent;
    }

    /** The same, unless it is in quarantine. */
    private String acting(Call call) {
        String agent = agent(call);
        rules.requireTrusted(agent);
        return agent;
    }

    private static LedgerException notOwner(String message) {
        return new LedgerException("NOT_OWNER", message);
    }

    /** Where an agent stands is what its key tells: this node for the owner's, elsewhere for another. */
    private static WorkerProfile profile(Call call, String agent, String... capabilities) {
        boolean own = call.caller().isOwner();
        return WorkerProfile.of(agent, own ? OWN_NODE : "agent:" + agent, agent)
                .capabilities(capabilities)
                .trusted(own);
    }

    private Ledger goals() {
        return ledgers.ledger(GOALS);
    }

    /** The goals, to be written by an agent. */
    private Ledger goals(String agent) {
        return goals().as(agent);
    }

    private Reply goal(Call call) {
        Object objective = call.body().get("objective");
        if (!(objective instanceof String text) || text.isBlank()) {
            throw new Refused(400, "invalid_request", "objective is required");
        }
        if (!(call.body().get("tasks") instanceof List<?> items) || items.isEmpty()) {
            throw new Refused(400, "invalid_request", "tasks list is required");
        }
        if (items.size() > MOST_TASKS) {
            throw new Refused(400, "invalid_request", "a goal has at most " + MOST_TASKS + " tasks");
        }
        NewGoal goal = NewGoal.of(text).context(call.object("context"));
        StringBuilder words = new StringBuilder();
        for (Object item : items) {
            Map<String, @Nullable Object> task = new Given("tasks", item).object();
            words.append(task.get("description")).append('\n');
            goal = withTask(goal, task);
        }
        NewGoal whole = goal;
        Limits.require(limiter, "goal_create", "goals of " + call.caller().name(), "at most ten goals in an hour");
        rules.requireGoal(agent(call), text, words.toString(), call.object("context"));
        Ledger ledger =
                ledgers.create(GOALS, LedgerOptions.defaults().origin(new LedgerOptions.Origin(OWN_NODE, null, null)));
        String goalId = ledger.as(agent(call)).write(tx -> tx.submitGoal(whole)).taskId();
        return new Reply.Document(
                201,
                success()
                        .put("goal_id", goalId)
                        .put("conflicts_with", conflicting(goalId, text))
                        .map());
    }

    /** The goals that are not done yet and would undo this one: a notice, and no refusal. */
    private List<String> conflicting(String goalId, String objective) {
        return goals().find(TaskFilter.all().limit(MOST_TASKS)).stream()
                .filter(task -> task.autoComplete()
                        && !task.status().isTerminal()
                        && !task.taskId().equals(goalId)
                        && ConflictResolver.goalsConflict(objective, objective(task)))
                .map(Task::taskId)
                .toList();
    }

    private static String objective(Task goal) {
        return goal.description().replaceFirst("^\\[GOAL] ", "");
    }

    /** A task of a goal: a new task's fields, with the reference's name for what a worker must be able to do. */
    static NewGoal withTask(NewGoal goal, Map<String, @Nullable Object> given) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>(given);
        if (document.containsKey(CAPABILITIES)) {
            document.putIfAbsent("required_capabilities", document.remove(CAPABILITIES));
        }
        if (document.containsKey("task_id")) {
            return goal.task(LedgerDocuments.newTask(document));
        }
        String description = new Given("description", document.get("description")).text();
        return goal.task(description, task -> LedgerDocuments.with(task, document));
    }

    private Reply progress(Call call) {
        Task goal = goals().require(call.context().pathParam("id"));
        if (!goal.autoComplete()) {
            throw new LedgerException("TASK_NOT_FOUND", "there is no goal " + goal.taskId() + "; it is a task of one");
        }
        List<Task> all = goals().find(TaskFilter.all().parent(goal.taskId()).limit(MOST_TASKS));
        Set<String> repeated =
                all.stream().map(Task::supersedes).filter(Objects::nonNull).collect(Collectors.toSet());
        List<Task> tasks = all.stream()
                .filter(task -> !repeated.contains(task.taskId()))
                .map(this::latest)
                .toList();
        long completed = tasks.stream()
                .filter(task -> task.status() == TaskStatus.COMPLETED)
                .count();
        return Reply.ok(success()
                .put("goal_id", goal.taskId())
                .put("objective", objective(goal))
                .put("context", call.caller().isOwner() ? goal.context() : null)
                .put("status", goal.status())
                .put("total_tasks", (long) tasks.size())
                .put("completed", completed)
                .put("progress_pct", LedgerDocuments.onePlace(completed, tasks.size()))
                .put(
                        "tasks",
                        tasks.stream()
                                .map(task -> new Fields()
                                        .put("task_id", task.taskId())
                                        .put("description", task.description())
                                        .put("status", task.status())
                                        .put("claimed_by", task.workerId())
                                        .put("result_hash", task.resultHash())
                                        .map())
                                .toList())
                .map());
    }

    /** What repeats a task whose result was rejected after the goal had ended; such a task is no child of the goal. */
    private Task latest(Task task) {
        Task latest = task;
        String original = task.taskId().replaceFirst("~[0-9]+$", "");
        for (int n = 1; latest.status() == TaskStatus.ROLLED_BACK; n++) {
            Optional<Task> next = goals().task(original + "~" + n);
            if (next.isEmpty()) {
                break;
            }
            latest = next.get();
        }
        return latest;
    }

    private Reply claim(Call call) {
        String agent = acting(call);
        rules.requireRunning();
        Object capabilities = call.body().get(CAPABILITIES);
        String[] offered = capabilities == null ? new String[0] : new Given(CAPABILITIES, capabilities).texts();
        Optional<Lease> claimed = goals(agent).claim(ClaimRequest.by(profile(call, agent, offered)));
        if (claimed.isEmpty()) {
            Map<String, @Nullable Object> none = success().map();
            none.put("task_id", null);
            none.put("message", "No tasks available");
            return Reply.ok(none);
        }
        Lease lease = claimed.get();
        return Reply.ok(success()
                .put("task_id", lease.taskId())
                .put("description", lease.task().description())
                .put("context", lease.task().context())
                .put("lease_token", lease.token())
                .put("lease_until", lease.until())
                .put("attempt", (long) lease.attempt())
                .put("idempotency_key", lease.idempotencyKey())
                .map());
    }

    private Reply submit(Call call) {
        String agent = acting(call);
        if (!call.body().containsKey("result")) {
            throw new Refused(400, "invalid_request", "result is required");
        }
        rules.requireResult(agent, call.body().get("result"));
        Object token = call.body().get("lease_token");
        Long lease = token == null ? null : new Given("lease_token", token).wholeNumber(0, Long.MAX_VALUE);
        String key = call.context().header("Idempotency-Key");
        String id = call.context().pathParam("id");
        Task task = goals(agent).write(tx -> {
            Task before = tx.task(id);
            // Whoever sends no token, as callers of the reference do, works under the lease it holds, if it holds one.
            boolean holds = agent.equals(before.workerId());
            if (!holds && (lease == null || lease == before.leaseToken())) {
                throw notOwner("task %s is not claimed by %s: claim it first".formatted(id, agent));
            }
            return tx.apply(
                    id,
                    TaskCommand.complete(call.body().get("result")),
                    new CommandOptions(null, key, lease == null ? (Long) before.leaseToken() : lease));
        });
        return Reply.ok(success()
                .put("task_id", id)
                .put("result_hash", task.resultHash())
                .put("status", task.status())
                .map());
    }

    private Reply verify(Call call) {
        String agent = acting(call);
        String id = call.context().pathParam("id");
        Ledger ledger = goals();
        Task task = ledger.require(id);
        Object judged = call.body().get("result_hash");
        if (judged != null && !judged.equals(task.resultHash())) {
            throw new LedgerException(
                    "VERSION_CONFLICT",
                    "the result of task %s has the hash %s, not %s: look at it again"
                            .formatted(id, task.resultHash(), judged));
        }
        Object verdict = call.body().get("verdict");
        Fields answer = success().put("task_id", id);
        if (verdict == null) {
            boolean intact = task.resultHash() != null
                    && CanonicalJson.sha256(task.result()).equals(task.resultHash());
            return Reply.ok(answer.put("verified", intact).map());
        }
        Consensus consensus = ledger.as(agent)
                .vote(
                        id,
                        agent,
                        new Given("verdict", verdict).flag(),
                        call.body().get("evidence"),
                        2);
        return Reply.ok(answer.put("verified", consensus.decision() == Consensus.Decision.ACCEPTED)
                .put("consensus", LedgerDocuments.consensus(consensus))
                .map());
    }

    private Reply available(Call call) {
        String offered = call.query(CAPABILITIES);
        String[] capabilities = offered == null ? new String[0] : offered.split("\\s*,\\s*");
        List<Task> tasks = goals().ready(profile(call, agent(call), capabilities), MOST_TASKS);
        return Reply.ok(success()
                .put(
                        "tasks",
                        tasks.stream()
                                .map(task -> new Fields()
                                        .put("task_id", task.taskId())
                                        .put("description", task.description())
                                        .put("capabilities_required", List.copyOf(task.requiredCapabilities()))
                                        .map())
                                .toList())
                .map());
    }

    private Reply announce(Call call) {
        if (call.body().containsKey("encrypted") || call.body().containsKey("envelope")) {
            throw new Refused(
                    501,
                    "peers_missing",
                    "this server has no keys of peers and cannot open an envelope: announce in clear");
        }
        if (!(call.body().get("goal_id") instanceof String goalId)
                || goalId.isBlank()
                || !(call.body().get("tasks") instanceof List<?> tasks)
                || tasks.isEmpty()) {
            throw new Refused(400, "invalid_request", "goal_id and tasks required");
        }
        if (tasks.size() > MOST_TASKS) {
            throw new Refused(400, "invalid_request", "a goal has at most " + MOST_TASKS + " tasks");
        }
        Map<String, @Nullable Object> note = new LinkedHashMap<>();
        note.put("objective", String.valueOf(call.body().getOrDefault("objective", "")));
        note.put("sender_host", call.body().get("sender_host"));
        String agent = acting(call);
        note.put("announced_by", agent);
        note.put("tasks", tasks.stream().map(DistributedRoutes::advertised).toList());
        rules.requireMessage(agent, note);
        boolean isNew = ledgers.ledger(ANNOUNCEMENTS).as(agent).write(tx -> note(tx, goalId, note));
        return Reply.ok(success()
                .put("goal_id", goalId)
                .put("local_goal_id", goalId)
                .put(
                        "message",
                        isNew ? "Noted; its tasks are claimed from the node that has the goal" : "Already announced")
                .map());
    }

    /** What others may know of a task: not its context, which its own node gives to whoever claims it. */
    private static Map<String, @Nullable Object> advertised(@Nullable Object item) {
        Map<String, @Nullable Object> task = new Given("tasks", item).object();
        return new Fields()
                .put("task_id", task.get("task_id"))
                .put("description", task.get("description"))
                .put(CAPABILITIES, task.get(CAPABILITIES))
                .map();
    }

    /** A group without members, which nobody can claim. */
    private static boolean note(LedgerTransaction tx, String goalId, Map<String, @Nullable Object> note) {
        Optional<Task> known = tx.find(goalId);
        if (known.isPresent()) {
            Map<String, @Nullable Object> before = known.get().context();
            if (!Objects.equals(before.get("sender_host"), note.get("sender_host"))
                    || !Objects.equals(before.get("announced_by"), note.get("announced_by"))) {
                throw new Refused(409, "announced_by_another", "goal " + goalId + " was announced by another node");
            }
            return false;
        }
        tx.add(NewTask.of(goalId, "[ANNOUNCED] " + note.get("objective"))
                .context(note)
                .asContainer());
        return true;
    }

    private Reply register(Call call) {
        String hostId = new Given("host_id", call.body().get("host_id")).text();
        Map<String, @Nullable Object> host = new LinkedHashMap<>();
        host.put("host_url", url(call.body().get("host_url")));
        Object capabilities = call.body().get(CAPABILITIES);
        host.put(
                CAPABILITIES,
                capabilities == null ? List.of() : List.of(new Given(CAPABILITIES, capabilities).texts()));
        Object budget = call.body().get("compute_budget");
        host.put("compute_budget", budget == null ? Map.of() : new Given("compute_budget", budget).object());
        String agent = acting(call);
        rules.requireTrusted(hostId);
        ledgers.ledger(HOSTS).as(agent).write(tx -> {
            Task known = tx.find(hostId)
                    .orElseGet(() -> tx.add(NewTask.of(hostId, "[HOST] " + hostId)
                            .context(Map.of("registered_by", agent))
                            .asContainer()));
            if (!call.caller().isOwner() && !agent.equals(known.context().get("registered_by"))) {
                throw notOwner("host %s was registered by another agent".formatted(hostId));
            }
            boolean isNews = lastSeen(known).plus(SEEN_ANEW).isBefore(tx.now())
                    || !host.equals(registration(known).orElse(null));
            return isNews ? tx.apply(hostId, new TaskCommand.PostStatus("registered", host)) : known;
        });
        return Reply.ok(success().put("host_id", hostId).map());
    }

    private static @Nullable String url(@Nullable Object given) {
        if (given == null) {
            return null;
        }
        String text = new Given("host_url", given).text();
        try {
            URI uri = URI.create(text);
            if (text.length() <= 2_048
                    && uri.getHost() != null
                    && Set.of("http", "https").contains(uri.getScheme())) {
                return text;
            }
        } catch (IllegalArgumentException e) {
            // answered below, like an address of another kind
        }
        throw new Given("host_url", given).wrong("an address that begins with http:// or https://");
    }

    private static Optional<Map<String, @Nullable Object>> lastMessage(Task host) {
        List<Map<String, @Nullable Object>> messages = host.statusMessages();
        return messages.isEmpty() ? Optional.empty() : Optional.of(messages.get(messages.size() - 1));
    }

    private static Optional<Map<String, @Nullable Object>> registration(Task host) {
        return lastMessage(host).map(message -> new Given("metadata", message.get("metadata")).object());
    }

    private static Instant lastSeen(Task host) {
        return lastMessage(host)
                .map(message -> new Given("timestamp", message.get("timestamp")).instant())
                .orElse(Instant.EPOCH);
    }

    private Reply baseline(Call call) {
        Object label = call.body().get("label");
        Snapshot snapshot = goals(agent(call)).snapshot(label == null ? "" : new Given("label", label).text());
        return Reply.ok(success().put("snapshot_id", snapshot.snapshotId()).map());
    }

    private Reply hosts(Call call) {
        Instant now = clock.instant();
        List<Map<String, @Nullable Object>> hosts = new ArrayList<>();
        for (Task host : ledgers.ledger(HOSTS).find(TaskFilter.all().limit(1_000))) {
            Instant seen = lastSeen(host);
            Fields fields = new Fields().put("host_id", host.taskId());
            registration(host).ifPresent(parts -> parts.forEach(fields::put));
            hosts.add(fields.put("registered_at", host.createdAt())
                    .put("last_seen", seen)
                    .put("stale", seen.plus(STALE).isBefore(now))
                    .map());
        }
        return Reply.ok(success().put("hosts", hosts).map());
    }

    private Reply status(Call call) {
        return Reply.ok(success()
                .put("coordinator_active", true)
                .put("backend_type", ledgers.dialect())
                .put("energy_kwh", rules.energy().toPlainString())
                .map());
    }
}
