package dev.hart.ledger;

import dev.hart.ledger.TaskCommand.Block;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ledger as its sheet describes it, as plainly as it can be said: maps, no counters, no storage, no events. What follows
 * from other tasks is computed when it is asked for. A command that is refused throws {@link Refused}; it may have changed
 * something by then, so whoever gives commands works on a {@link #copy}.
 */
final class LedgerModel {
    /** A refusal, by its code. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(String code) {
            super(code, null, false, false);
        }
    }

    /** A task of the model. */
    static final class Item implements Cloneable {
        final String id;
        final long no;
        final @Nullable String parent;
        final @Nullable String supersedes;
        final boolean container;
        final boolean autoComplete;
        final boolean needsGpu;
        final int maxRetries;
        final @Nullable Long sparkBudget;
        final @Nullable Long timeBudget;
        final @Nullable Long timeout;
        final @Nullable Long deadline;
        final @Nullable Long slaTarget;
        List<Edge> edges = new ArrayList<>();
        TaskStatus status = TaskStatus.PENDING;
        int priority;
        int retries;
        long version = 1;

        @Nullable
        BlockedReason blocked;

        @Nullable
        PendingReason pending;

        @Nullable
        FailureReason failure;

        @Nullable
        Long notBefore;

        @Nullable
        Long scheduledAt;

        @Nullable
        Long startedAt;

        @Nullable
        Long completedAt;

        @Nullable
        Long runningSince;

        @Nullable
        Long leaseUntil;

        long token;
        long timeSpent;
        long sparkSpent;
        long sparkReserved;
        boolean breached;
        boolean cancelRequested;
        boolean archived;

        @Nullable
        String worker;

        @Nullable
        String node;

        @Nullable
        String incarnation;

        @Nullable
        Object result;

        Item(NewTask task, long no, @Nullable String supersedes) {
            Map<String, @Nullable Object> parts = task.payload();
            this.id = task.taskId();
            this.no = no;
            this.parent = task.parentTaskId();
            this.supersedes = supersedes;
            this.container = parts.containsKey("container");
            this.autoComplete = parts.containsKey("auto_complete");
            this.needsGpu = parts.containsKey("required_capabilities");
            this.maxRetries = ((Number) Objects.requireNonNull(parts.get("max_retries"))).intValue();
            this.priority = ((Number) Objects.requireNonNull(parts.get("priority"))).intValue();
            this.sparkBudget = (Long) parts.get("spark_budget_micro");
            this.timeBudget = (Long) parts.get("time_budget_ms");
            this.timeout = (Long) parts.get("timeout_ms");
            this.deadline = (Long) parts.get("deadline");
            this.slaTarget = (Long) parts.get("sla_target_ms");
        }

        boolean isLate(long now) {
            Long target = after(startedAt, slaTarget);
            return deadline != null && now > deadline || target != null && now > target;
        }

        boolean isOver() {
            return status.isTerminal();
        }

        boolean isStarted() {
            return startedAt != null;
        }

        boolean isBudgetSpent() {
            return sparkBudget != null && sparkSpent >= sparkBudget || timeBudget != null && timeSpent >= timeBudget;
        }

        boolean isTimeBudgetSpent(long now) {
            return isBudgetSpent()
                    || timeBudget != null && runningSince != null && timeSpent + now - runningSince >= timeBudget;
        }

        boolean isExhausted(long now) {
            return isTimeBudgetSpent(now)
                    || timeout != null && startedAt != null && !isOver() && now - startedAt >= timeout;
        }

        /** When time alone demands something; null for never. */
        @Nullable
        Long due() {
            if (isOver()) {
                return null;
            }
            boolean running = status == TaskStatus.IN_PROGRESS;
            return Stream.of(
                            notBefore,
                            leaseUntil,
                            running ? after(startedAt, timeout) : null,
                            running && isBudgetSpent() ? runningSince : null,
                            timeBudget == null ? null : after(runningSince, Math.max(0, timeBudget - timeSpent)),
                            breached ? null : after(deadline, 1L),
                            breached ? null : after(after(startedAt, slaTarget), 1L))
                    .filter(Objects::nonNull)
                    .min(Comparator.naturalOrder())
                    .orElse(null);
        }

        private static @Nullable Long after(@Nullable Long time, @Nullable Long more) {
            return time == null || more == null ? null : (Long) (time + more);
        }

        Item copy() {
            try {
                Item copy = (Item) clone();
                copy.edges = new ArrayList<>(edges);
                return copy;
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private record Change(Item item, TaskStatus from) {}

    /** What a key was used for, and what was answered. */
    record Answered(String request, String answer) {}

    final LedgerOptions options;
    final Map<String, Item> items = new LinkedHashMap<>();
    final Map<String, Map<String, Boolean>> votes = new TreeMap<>();
    final Set<String> messages = new TreeSet<>();
    final Map<String, Answered> keys = new TreeMap<>();
    long now;
    boolean paused;
    private long created;
    private final Deque<Change> untold = new ArrayDeque<>();

    LedgerModel(LedgerOptions options, long now) {
        this.options = options;
        this.now = now;
    }

    LedgerModel copy() {
        LedgerModel copy = new LedgerModel(options, now);
        items.forEach((id, item) -> copy.items.put(id, item.copy()));
        votes.forEach((id, of) -> copy.votes.put(id, new LinkedHashMap<>(of)));
        copy.messages.addAll(messages);
        copy.keys.putAll(keys);
        copy.paused = paused;
        copy.created = created;
        return copy;
    }

    Item require(String id) {
        Item item = items.get(id);
        if (item == null) {
            throw new Refused("TASK_NOT_FOUND");
        }
        return item;
    }

    // What follows from other tasks.

    private static boolean isMet(Edge edge, TaskStatus status) {
        return switch (edge.condition()) {
            case SUCCESS ->
                status == TaskStatus.COMPLETED
                        || !edge.strict() && (status == TaskStatus.SKIPPED || status == TaskStatus.NOT_APPLICABLE);
            case FAILURE ->
                status == TaskStatus.FAILED || status == TaskStatus.CANCELLED || status == TaskStatus.TERMINATED;
            case ANY -> status.isTerminal();
        };
    }

    private static boolean isDead(Edge edge, TaskStatus status) {
        return status.isTerminal() && !isMet(edge, status);
    }

    long unmet(Item item) {
        return item.edges.stream()
                .filter(edge -> !isMet(edge, require(edge.from()).status))
                .count();
    }

    boolean hasOpenChildren(Item item) {
        return items.values().stream().anyMatch(child -> item.id.equals(child.parent) && !child.isOver());
    }

    private boolean isFree(Item item) {
        return unmet(item) == 0 && !hasOpenChildren(item);
    }

    boolean isClaimable(Item item) {
        return item.status == TaskStatus.PENDING
                && isFree(item)
                && item.notBefore == null
                && !item.container
                && !item.archived
                && !item.cancelRequested
                && !item.isBudgetSpent();
    }

    private List<Item> waiters(Item of) {
        return items.values().stream()
                .filter(item -> item.edges.stream().anyMatch(edge -> edge.from().equals(of.id)))
                .sorted(Comparator.comparing(item -> item.id))
                .toList();
    }

    private boolean hasFailedChildren(Item parent) {
        Set<String> repeated = new HashSet<>();
        items.values().forEach(item -> repeated.add(item.supersedes));
        return items.values().stream()
                .anyMatch(child ->
                        parent.id.equals(child.parent) && !child.status.isResolved() && !repeated.contains(child.id));
    }

    /** Whether somebody waits for themselves; by trying to take away who waits for nobody left. */
    private boolean hasCycle() {
        Map<String, Set<String>> waits = new TreeMap<>();
        items.values()
                .forEach(item -> waits.computeIfAbsent(item.id, id -> new HashSet<>())
                        .addAll(item.edges.stream().map(Edge::from).toList()));
        items.values().forEach(item -> {
            if (item.parent != null) {
                waits.get(item.parent).add(item.id);
            }
        });
        while (true) {
            Set<String> free = new HashSet<>();
            waits.forEach((id, of) -> {
                if (of.stream().noneMatch(waits::containsKey)) {
                    free.add(id);
                }
            });
            if (free.isEmpty()) {
                return !waits.isEmpty();
            }
            waits.keySet().removeAll(free);
        }
    }

    // Changes of status, and what follows.

    private void requireNext(Item item, TaskStatus to) {
        if (item.status == to) {
            throw new Refused("NO_CHANGE");
        }
        if (!item.status.canBecome(to)) {
            throw new Refused("ILLEGAL_TRANSITION");
        }
    }

    private void change(Item item, TaskStatus to) {
        TaskStatus from = item.status;
        item.breached |= to.isTerminal() && item.completedAt == null && item.isLate(now);
        item.status = to;
        item.version++;
        item.pending = null;
        if (from == TaskStatus.BLOCKED) {
            item.blocked = null;
        }
        if (item.runningSince != null) {
            item.timeSpent += Math.max(0, now - item.runningSince);
            item.runningSince = null;
        }
        if (item.leaseUntil != null || to.isTerminal()) {
            item.leaseUntil = null;
            item.node = null;
            item.incarnation = null;
            item.worker = to == TaskStatus.COMPLETED ? item.worker : null;
        }
        if (to != TaskStatus.USER_STOPPED) {
            item.notBefore = null;
        }
        if (to == TaskStatus.IN_PROGRESS) {
            item.startedAt = item.startedAt == null ? (Long) now : item.startedAt;
            item.runningSince = now;
        }
        if (to == TaskStatus.IN_PROGRESS || to == TaskStatus.COMPLETED) {
            item.failure = null;
        }
        if (to.isTerminal()) {
            item.completedAt = now;
        }
        untold.add(new Change(item, from));
    }

    private void move(Item item, TaskStatus to) {
        requireNext(item, to);
        change(item, to);
    }

    private void toPending(Item item) {
        change(item, TaskStatus.PENDING);
        waitFor(item);
    }

    /** What a pending task waits for. */
    private void waitFor(Item item) {
        if (item.scheduledAt != null && item.scheduledAt > now) {
            item.pending = PendingReason.SCHEDULED;
            item.notBefore = item.scheduledAt;
        } else {
            item.notBefore = null;
            item.pending = isFree(item) ? PendingReason.READY : PendingReason.AWAITING_PREREQUISITES;
        }
    }

    /** What a command has changed has its consequences, and these have theirs. */
    void tell() {
        for (Change change = untold.poll(); change != null; change = untold.poll()) {
            Item child = change.item();
            for (Item waiter : waiters(child)) {
                for (Edge edge : waiter.edges) {
                    if (edge.from().equals(child.id)) {
                        tell(waiter, edge, change.from(), child.status);
                    }
                }
            }
            if (child.parent != null && child.isOver() && !change.from().isTerminal()) {
                tellParent(require(child.parent));
            }
        }
    }

    private void tell(Item waiter, Edge edge, TaskStatus from, TaskStatus to) {
        if (waiter.isOver()) {
            return;
        }
        if (isDead(edge, to) && !isDead(edge, from)) {
            die(waiter);
            if (options.onDependencyFailure() == DependencyFailureRule.CANCEL
                    && waiter.status.canBecome(TaskStatus.CANCELLED)) {
                change(waiter, TaskStatus.CANCELLED);
            }
        } else if (isMet(edge, to) && !isMet(edge, from) && unmet(waiter) == 0) {
            release(waiter);
        } else if (!isMet(edge, to) && isMet(edge, from) && waiter.pending == PendingReason.READY) {
            waiter.pending = PendingReason.AWAITING_PREREQUISITES;
            waiter.version++;
        }
    }

    private void die(Item waiter) {
        waiter.failure = FailureReason.DEPENDENCY_FAILED;
        if (waiter.pending == PendingReason.READY) {
            waiter.pending = PendingReason.AWAITING_PREREQUISITES;
        }
    }

    private void tellParent(Item parent) {
        if (hasOpenChildren(parent) || parent.isOver()) {
            return;
        }
        if (parent.autoComplete && parent.status == TaskStatus.IN_PROGRESS) {
            endContainer(parent);
        } else if (unmet(parent) == 0) {
            release(parent);
        }
    }

    private void endContainer(Item container) {
        if (hasFailedChildren(container)) {
            change(container, TaskStatus.FAILED);
            container.failure = FailureReason.DEPENDENCY_FAILED;
        } else {
            complete(container, null);
        }
    }

    private void release(Item item) {
        if (hasOpenChildren(item)) {
            return;
        }
        if (item.status == TaskStatus.PENDING) {
            item.pending = item.notBefore == null ? PendingReason.READY : PendingReason.SCHEDULED;
            item.failure = null;
        } else if (item.status == TaskStatus.BLOCKED && item.blocked == BlockedReason.DEPENDENCY) {
            if (!hasFailedChildren(item) || options.onChildFailure() == ChildFailureRule.RESUME_PARENT) {
                goOn(item);
            } else if (options.onChildFailure() == ChildFailureRule.FAIL_PARENT) {
                change(item, TaskStatus.FAILED);
                item.failure = FailureReason.DEPENDENCY_FAILED;
            }
        }
    }

    private void goOn(Item item) {
        boolean run = switch (options.resume()) {
            case RUN -> true;
            case REQUEUE -> false;
            case AUTO -> item.isStarted() && item.token == 0;
        };
        if (run) {
            change(item, TaskStatus.IN_PROGRESS);
        } else {
            toPending(item);
        }
    }

    private void complete(Item item, @Nullable Object result) {
        change(item, TaskStatus.COMPLETED);
        item.result = result;
        for (Item waiter : waiters(item)) {
            if (result != null) {
                messages.add(waiter.id + " result " + item.id + " " + (item.retries + 1));
            }
            messages.add(waiter.id + " completion " + item.id + " " + (item.retries + 1));
        }
    }

    private void fail(Item item, FailureReason reason) {
        change(item, TaskStatus.FAILED);
        item.failure = reason;
    }

    private void retryOrFail(Item item, FailureReason reason, boolean delayed) {
        if (item.retries >= item.maxRetries) {
            fail(item, FailureReason.MAX_RETRIES_EXCEEDED);
            return;
        }
        toPending(item);
        item.retries++;
        item.failure = reason;
        if (delayed) {
            long delay = options.retryBase().toMillis();
            for (int i = 1; i < item.retries; i++) {
                delay *= 2;
            }
            item.pending = PendingReason.RETRY_BACKOFF;
            long again = now + Math.min(delay, options.retryCap().toMillis());
            item.notBefore = item.notBefore == null ? (Long) again : (Long) Math.max(again, item.notBefore);
        }
    }

    // Commands.

    void requireLease(String id, long token) {
        Item item = require(id);
        if (item.token != token || item.leaseUntil == null || item.status != TaskStatus.IN_PROGRESS) {
            throw new Refused("STALE_LEASE");
        }
    }

    void apply(String id, TaskCommand command) {
        Item item = require(id);
        if (command instanceof TaskCommand.Start start) {
            requireNext(item, TaskStatus.IN_PROGRESS);
            if (!start.force() && !isFree(item)) {
                throw new Refused("NOT_READY");
            }
            change(item, TaskStatus.IN_PROGRESS);
        } else if (command instanceof TaskCommand.Complete complete) {
            requireNext(item, TaskStatus.COMPLETED);
            if (!complete.force() && hasOpenChildren(item)) {
                throw new Refused("OPEN_CHILDREN");
            }
            complete(item, complete.result());
        } else if (command instanceof TaskCommand.Fail fail) {
            requireNext(item, TaskStatus.FAILED);
            fail(item, fail.reason());
        } else if (command instanceof TaskCommand.FailAttempt fail) {
            failAttempt(item, fail.reason());
        } else if (command instanceof TaskCommand.Release) {
            if (item.status != TaskStatus.IN_PROGRESS || item.leaseUntil == null) {
                throw new Refused("NO_CHANGE");
            }
            toPending(item);
        } else if (command instanceof TaskCommand.Pause) {
            move(item, TaskStatus.PAUSED);
        } else if (command instanceof TaskCommand.Stop) {
            move(item, TaskStatus.USER_STOPPED);
        } else if (command instanceof Block block) {
            move(item, TaskStatus.BLOCKED);
            item.blocked = block.reason();
        } else if (command instanceof TaskCommand.Resume) {
            resume(item);
        } else if (command instanceof TaskCommand.Cancel) {
            move(item, TaskStatus.CANCELLED);
        } else if (command instanceof TaskCommand.Terminate) {
            move(item, TaskStatus.TERMINATED);
        } else if (command instanceof TaskCommand.Skip) {
            move(item, TaskStatus.SKIPPED);
        } else if (command instanceof TaskCommand.MarkNotApplicable) {
            move(item, TaskStatus.NOT_APPLICABLE);
        } else if (command instanceof TaskCommand.Defer defer) {
            move(item, TaskStatus.DEFERRED);
            item.notBefore = defer.until() == null ? null : (Long) defer.until().toEpochMilli();
        } else if (command instanceof TaskCommand.Undefer) {
            if (item.status != TaskStatus.DEFERRED) {
                throw new Refused(item.status == TaskStatus.PENDING ? "NO_CHANGE" : "ILLEGAL_TRANSITION");
            }
            toPending(item);
        } else if (command instanceof TaskCommand.Schedule schedule) {
            schedule(item, schedule.at().toEpochMilli());
        } else if (command instanceof TaskCommand.Delegate delegate) {
            move(item, TaskStatus.DELEGATED);
            item.leaseUntil = delegate.lease() == null
                    ? null
                    : (Long) (now + delegate.lease().toMillis());
        } else if (command instanceof TaskCommand.CompleteDelegation complete) {
            requireDelegated(item, TaskStatus.COMPLETED);
            if (hasOpenChildren(item)) {
                throw new Refused("OPEN_CHILDREN");
            }
            complete(item, complete.result());
        } else if (command instanceof TaskCommand.ReclaimDelegation) {
            requireDelegated(item, TaskStatus.IN_PROGRESS);
            change(item, TaskStatus.IN_PROGRESS);
        } else if (command instanceof TaskCommand.RollBack) {
            move(item, TaskStatus.ROLLED_BACK);
        } else {
            update(item, command);
        }
        tell();
    }

    private void requireDelegated(Item item, TaskStatus to) {
        if (item.status != TaskStatus.DELEGATED) {
            throw new Refused(item.status == to ? "NO_CHANGE" : "ILLEGAL_TRANSITION");
        }
    }

    private void failAttempt(Item item, FailureReason reason) {
        if (item.status != TaskStatus.IN_PROGRESS && item.status != TaskStatus.BLOCKED) {
            throw new Refused("ILLEGAL_TRANSITION");
        }
        if (reason == FailureReason.VALIDATION_FAILED || reason == FailureReason.PERMISSION_DENIED) {
            fail(item, reason);
        } else {
            retryOrFail(item, reason, true);
        }
    }

    private void resume(Item item) {
        if (!item.status.isResumable()) {
            throw new Refused(item.status == TaskStatus.IN_PROGRESS ? "NO_CHANGE" : "ILLEGAL_TRANSITION");
        }
        if (item.isStarted()) {
            change(item, TaskStatus.IN_PROGRESS);
            if (item.autoComplete
                    && items.values().stream().anyMatch(child -> item.id.equals(child.parent))
                    && !hasOpenChildren(item)) {
                endContainer(item);
            }
        } else {
            toPending(item);
        }
    }

    private void schedule(Item item, long at) {
        if (item.status != TaskStatus.PENDING && item.status != TaskStatus.DEFERRED) {
            throw new Refused("ILLEGAL_TRANSITION");
        }
        item.version++;
        item.scheduledAt = at;
        boolean retriesLater =
                item.pending == PendingReason.RETRY_BACKOFF && item.notBefore != null && item.notBefore >= at;
        if (item.status == TaskStatus.PENDING && !retriesLater) {
            item.notBefore = at > now ? (Long) at : null;
            item.pending = at > now
                    ? PendingReason.SCHEDULED
                    : isFree(item) ? PendingReason.READY : PendingReason.AWAITING_PREREQUISITES;
        }
    }

    private void update(Item item, TaskCommand command) {
        if (command instanceof TaskCommand.RequestCancel || command instanceof TaskCommand.RequestPause) {
            if (item.isOver()) {
                throw new Refused("ILLEGAL_TRANSITION");
            }
            item.cancelRequested |= command instanceof TaskCommand.RequestCancel;
        } else if (command instanceof TaskCommand.Reprioritize change) {
            item.priority = Math.min(100, Math.max(0, change.priority()));
        } else if (command instanceof TaskCommand.RecordSpend spend) {
            item.sparkSpent += spend.amount().micro();
        } else if (command instanceof TaskCommand.Reserve reserve) {
            long all = item.sparkSpent + item.sparkReserved + reserve.amount().micro();
            if (item.sparkBudget != null && all > item.sparkBudget) {
                throw new Refused("BUDGET_EXHAUSTED");
            }
            item.sparkReserved += reserve.amount().micro();
        } else if (command instanceof TaskCommand.Settle settle) {
            if (settle.reserved().micro() > item.sparkReserved) {
                throw new Refused("INVALID_ARGUMENT");
            }
            item.sparkReserved -= settle.reserved().micro();
            item.sparkSpent += settle.spent().micro();
        } else if (command instanceof TaskCommand.SetBlockedReason set) {
            if (item.status != TaskStatus.BLOCKED) {
                throw new Refused("ILLEGAL_TRANSITION");
            }
            item.blocked = set.reason();
        }
        item.version++;
    }

    void addAll(List<NewTask> tasks) {
        Set<String> together = new HashSet<>();
        for (NewTask task : tasks) {
            if (!together.add(task.taskId()) || items.containsKey(task.taskId())) {
                throw new Refused("TASK_EXISTS");
            }
        }
        for (NewTask task : tasks) {
            requireKnown(task, together);
        }
        for (NewTask task : tasks) {
            create(task, null);
        }
        if (hasCycle()) {
            throw new Refused("CYCLE");
        }
        for (NewTask task : tasks) {
            connect(require(task.taskId()));
        }
        for (NewTask task : tasks) {
            if (task.isInProgress()) {
                change(require(task.taskId()), TaskStatus.IN_PROGRESS);
            }
        }
        tell();
    }

    private void requireKnown(NewTask task, Set<String> together) {
        if (task.isInProgress() && task.blocked() != null) {
            throw new Refused("INVALID_ARGUMENT");
        }
        String parent = task.parentTaskId();
        if (parent != null && !together.contains(parent)) {
            if (!items.containsKey(parent)) {
                throw new Refused("UNKNOWN_DEPENDENCY");
            }
            if (require(parent).isOver()) {
                throw new Refused("TASK_ENDED");
            }
        }
        for (Edge edge : task.edges()) {
            if (!together.contains(edge.from()) && !items.containsKey(edge.from())) {
                throw new Refused("UNKNOWN_DEPENDENCY");
            }
        }
    }

    private Item create(NewTask task, @Nullable String supersedes) {
        Item item = new Item(task, ++created, supersedes);
        boolean met = task.edges().stream()
                .allMatch(edge -> items.containsKey(edge.from()) && isMet(edge, require(edge.from()).status));
        item.edges.addAll(task.edges());
        item.scheduledAt =
                task.scheduledAt() == null ? null : (Long) task.scheduledAt().toEpochMilli();
        boolean nothingToWaitFor = task.blocked() == BlockedReason.DEPENDENCY && met && !item.edges.isEmpty();
        if (task.blocked() != null && !nothingToWaitFor) {
            item.status = TaskStatus.BLOCKED;
            item.blocked = task.blocked();
        } else {
            item.notBefore = item.scheduledAt != null && item.scheduledAt > now ? item.scheduledAt : null;
            item.pending = !met
                    ? PendingReason.AWAITING_PREREQUISITES
                    : item.notBefore != null ? PendingReason.SCHEDULED : PendingReason.READY;
        }
        items.put(item.id, item);
        return item;
    }

    private void connect(Item item) {
        if (item.edges.stream().anyMatch(edge -> isDead(edge, require(edge.from()).status))) {
            die(item);
        }
    }

    void addEdges(String id, List<Edge> edges) {
        Item item = require(id);
        if (!edges.isEmpty() && item.isOver()) {
            throw new Refused("TASK_ENDED");
        }
        for (Edge edge : edges) {
            if (!items.containsKey(edge.from())) {
                throw new Refused("UNKNOWN_DEPENDENCY");
            }
            if (item.edges.stream()
                    .anyMatch(known -> known.from().equals(edge.from()) && known.kind() == edge.kind())) {
                throw new Refused("NO_CHANGE");
            }
            item.edges.add(edge);
            if (hasCycle()) {
                throw new Refused("CYCLE");
            }
            item.version++;
            TaskStatus from = require(edge.from()).status;
            if (item.status == TaskStatus.PENDING && !isMet(edge, from)) {
                item.pending = PendingReason.AWAITING_PREREQUISITES;
            }
            if (isDead(edge, from)) {
                die(item);
            }
        }
    }

    void removeEdge(String id, String from, Edge.Kind kind) {
        Item item = require(id);
        if (!item.edges.removeIf(edge -> edge.from().equals(from) && edge.kind() == kind)) {
            throw new Refused("NO_CHANGE");
        }
        item.version++;
        if (!item.isOver() && unmet(item) == 0) {
            release(item);
        }
        tell();
    }

    void blockBy(String id, List<String> blockers) {
        Item item = require(id);
        requireNext(item, TaskStatus.BLOCKED);
        addEdges(
                id,
                blockers.stream()
                        .distinct()
                        .map(from -> new Edge(from, id, Edge.Kind.BLOCKER, Outcome.SUCCESS, false))
                        .toList());
        apply(id, new Block(BlockedReason.DEPENDENCY, null));
        if (unmet(item) == 0) {
            release(item);
        }
        tell();
    }

    String retryAsNew(String id) {
        Item old = require(id);
        if (!old.isOver()) {
            throw new Refused("ILLEGAL_TRANSITION");
        }
        String parent = old.parent == null || require(old.parent).isOver() ? null : old.parent;
        Item original = old;
        while (original.supersedes != null) {
            original = require(original.supersedes);
        }
        int n = 1;
        while (items.containsKey(original.id + "~" + n)) {
            n++;
        }
        String freshId = original.id + "~" + n;
        List<Item> waiters = waiters(old);
        NewTask repeated = NewTask.of(freshId, "x").maxRetries(old.maxRetries).priority(old.priority);
        repeated = parent == null ? repeated : repeated.childOf(parent);
        repeated = old.container ? repeated.asContainer() : repeated;
        repeated = old.autoComplete ? repeated.asAutoCompleting() : repeated;
        repeated = old.needsGpu ? repeated.requiredCapabilities("gpu") : repeated;
        repeated = limits(repeated, old.sparkBudget, old.timeBudget, old.timeout, old.deadline, old.slaTarget);
        Item fresh = create(repeated, old.id);
        old.edges.forEach(
                edge -> fresh.edges.add(new Edge(edge.from(), freshId, edge.kind(), edge.condition(), edge.strict())));
        fresh.pending = unmet(fresh) == 0 ? PendingReason.READY : PendingReason.AWAITING_PREREQUISITES;
        connect(fresh);
        if (fresh.autoComplete) {
            change(fresh, TaskStatus.IN_PROGRESS);
            tell();
        }
        for (Item waiter : waiters) {
            List<Edge> unmet = waiter.edges.stream()
                    .filter(edge -> edge.from().equals(old.id) && !isMet(edge, old.status))
                    .toList();
            if (!waiter.isOver()) {
                for (Edge edge : unmet) {
                    waiter.edges.remove(edge);
                    waiter.edges.add(new Edge(freshId, waiter.id, edge.kind(), edge.condition(), edge.strict()));
                    waiter.version++;
                    boolean dead = waiter.edges.stream().anyMatch(other -> isDead(other, require(other.from()).status));
                    waiter.failure = waiter.failure == FailureReason.DEPENDENCY_FAILED && !dead ? null : waiter.failure;
                }
            }
        }
        return freshId;
    }

    static NewTask limits(
            NewTask task,
            @Nullable Long spark,
            @Nullable Long time,
            @Nullable Long timeout,
            @Nullable Long deadline,
            @Nullable Long sla) {
        NewTask limited = spark == null ? task : task.sparkBudget(new dev.hart.Spark(spark));
        limited = time == null ? limited : limited.timeBudget(java.time.Duration.ofMillis(time));
        limited = timeout == null ? limited : limited.timeout(java.time.Duration.ofMillis(timeout));
        limited = deadline == null ? limited : limited.deadline(java.time.Instant.ofEpochMilli(deadline));
        return sla == null ? limited : limited.slaTarget(java.time.Duration.ofMillis(sla));
    }

    /** A task and all that wait for it, over any number of steps. */
    private List<Item> downstream(Item first) {
        Set<Item> found = new java.util.LinkedHashSet<>(Set.of(first));
        Deque<Item> next = new ArrayDeque<>(found);
        while (!next.isEmpty()) {
            waiters(next.poll()).forEach(waiter -> {
                if (found.add(waiter)) {
                    next.add(waiter);
                }
            });
        }
        return List.copyOf(found);
    }

    String cancelCascade(String id) {
        Item first = require(id);
        Set<String> cancelled = new TreeSet<>();
        Set<String> refused = new TreeSet<>();
        for (Item item : downstream(first)) {
            if (item.status.canBecome(TaskStatus.CANCELLED)) {
                change(item, TaskStatus.CANCELLED);
                cancelled.add(item.id);
            } else if (item == first || !item.isOver()) {
                refused.add(item.id);
            }
        }
        tell();
        return cancelled + " " + refused;
    }

    String rollBackCascade(String id) {
        Item first = require(id);
        requireNext(first, TaskStatus.ROLLED_BACK);
        List<Item> all = downstream(first);
        if (all.stream().anyMatch(item -> item.status.isActive())) {
            throw new Refused("NOT_READY");
        }
        Set<String> rolledBack = new TreeSet<>();
        for (Item item : all) {
            if (item.status == TaskStatus.COMPLETED) {
                change(item, TaskStatus.ROLLED_BACK);
                rolledBack.add(item.id);
            }
        }
        tell();
        return rolledBack + " []";
    }

    // Workers.

    List<String> claim(WorkerProfile worker, int most, long leaseTime, @Nullable String wanted) {
        List<String> leases = new ArrayList<>();
        if (paused) {
            return leases;
        }
        if (wanted != null) {
            require(wanted);
        }
        items.values().stream()
                .filter(item -> wanted == null || item.id.equals(wanted))
                .filter(item -> isClaimable(item) && !item.isExhausted(now) && mayHave(worker, item))
                .sorted(Comparator.comparing((Item item) -> -item.priority).thenComparing(item -> item.no))
                .limit(most)
                .toList()
                .forEach(item -> leases.add(lease(item, worker, leaseTime)));
        tell();
        return leases;
    }

    private static boolean mayHave(WorkerProfile worker, Item item) {
        return !item.needsGpu || worker.capabilities().contains("gpu");
    }

    private String lease(Item item, WorkerProfile worker, long leaseTime) {
        change(item, TaskStatus.IN_PROGRESS);
        item.token++;
        item.leaseUntil = now + leaseTime;
        item.worker = worker.workerId();
        item.node = worker.nodeId();
        item.incarnation = worker.incarnation();
        return item.id + ":" + item.token;
    }

    String heartbeat(String id, long token, long leaseTime) {
        requireLease(id, token);
        Item item = require(id);
        boolean exhausted = item.isExhausted(now);
        if (exhausted) {
            fail(item, item.isTimeBudgetSpent(now) ? FailureReason.BUDGET_EXHAUSTED : FailureReason.TIMEOUT);
            tell();
        } else {
            item.leaseUntil = Math.max(Objects.requireNonNull(item.leaseUntil), now + leaseTime);
        }
        return "cancel " + item.cancelRequested + ", exhausted " + exhausted;
    }

    String transfer(String id, long token, WorkerProfile to, long leaseTime) {
        requireLease(id, token);
        Item item = require(id);
        if (paused
                || !isFree(item)
                || item.container
                || item.cancelRequested
                || item.isExhausted(now)
                || !mayHave(to, item)) {
            throw new Refused("NOT_OWNER");
        }
        change(item, TaskStatus.PENDING);
        String lease = lease(item, to, leaseTime);
        tell();
        return lease;
    }

    /** A node starts anew: what its earlier starts held is free at once. */
    void restart(String node, String incarnation) {
        for (Item item : List.copyOf(items.values())) {
            if (item.status == TaskStatus.IN_PROGRESS
                    && item.leaseUntil != null
                    && node.equals(item.node)
                    && !incarnation.equals(item.incarnation)) {
                retryOrFail(item, FailureReason.LEASE_EXPIRED, false);
                tell();
            }
        }
    }

    // Time.

    /** Does what is due, each task once; gives how many there were. */
    int tick() {
        List<Item> due = items.values().stream()
                .filter(item -> item.due() != null && item.due() <= now)
                .sorted(Comparator.comparing((Item item) -> item.due()).thenComparing(item -> item.no))
                .toList();
        for (Item item : due) {
            while (item.due() != null && item.due() <= now) {
                look(item);
                tell();
            }
        }
        return due.size();
    }

    private void look(Item item) {
        if (item.leaseUntil != null && item.leaseUntil <= now) {
            if (item.status == TaskStatus.DELEGATED) {
                toPending(item);
            } else {
                retryOrFail(item, FailureReason.LEASE_EXPIRED, true);
            }
        } else if (item.notBefore != null && item.notBefore <= now) {
            if (item.status == TaskStatus.DEFERRED) {
                toPending(item);
            } else {
                waitFor(item);
                item.failure = item.pending == PendingReason.AWAITING_PREREQUISITES ? item.failure : null;
            }
        } else if (item.status == TaskStatus.IN_PROGRESS && item.isExhausted(now)) {
            fail(item, item.isTimeBudgetSpent(now) ? FailureReason.BUDGET_EXHAUSTED : FailureReason.TIMEOUT);
        } else {
            item.breached = true;
        }
    }

    // Votes.

    String vote(String id, String verifier, boolean verdict, int expected) {
        Item item = require(id);
        if (item.status != TaskStatus.COMPLETED) {
            throw new Refused("NOT_READY");
        }
        if (verifier.equals(item.worker)) {
            throw new Refused("NOT_OWNER");
        }
        Map<String, Boolean> all = votes.computeIfAbsent(id, of -> new LinkedHashMap<>());
        Boolean before = all.putIfAbsent(verifier, verdict);
        if (before != null && before != verdict) {
            throw new Refused("ALREADY_VOTED");
        }
        long agreed = all.values().stream().filter(yes -> yes).count();
        boolean accepted = agreed > all.size() * 0.5;
        if (before == null && all.size() == expected && !accepted) {
            change(item, TaskStatus.ROLLED_BACK);
            tell();
            int repetitions = 0;
            for (Item at = item; at.supersedes != null; at = require(at.supersedes)) {
                repetitions++;
            }
            if (repetitions < 3) {
                retryAsNew(id);
            }
        }
        String decision = all.size() < 2 ? "UNDECIDED" : accepted ? "ACCEPTED" : "REJECTED";
        return all.size() + " " + agreed + " " + decision;
    }
}
