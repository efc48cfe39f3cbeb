package dev.hart.ledger;

import dev.hart.error.HartException;
import dev.hart.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Tells steps to a ledger and to its model, and says at the first step where they differ. */
final class Story {
    /** What a difference is told by. */
    static final class Differs extends RuntimeException {
        private static final long serialVersionUID = 1;

        Differs(String message) {
            super(message);
        }
    }

    /** What a transaction dies of that is to crash. */
    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1;

        Crash() {
            super("crash", null, false, false);
        }
    }

    private static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private static final int STEPS_BETWEEN_LOOKS = 25;
    private static final Map<TaskStatus, Set<String>> TO_PENDING = Map.of(
            TaskStatus.IN_PROGRESS, Set.of("TASK_RETRIED", "LEASE_EXPIRED", "TASK_RELEASED"),
            TaskStatus.DELEGATED, Set.of("LEASE_EXPIRED"),
            TaskStatus.PAUSED, Set.of("TASK_REQUEUED"),
            TaskStatus.USER_STOPPED, Set.of("TASK_REQUEUED"),
            TaskStatus.BLOCKED, Set.of("TASK_RETRIED", "TASK_REQUEUED", "TASK_AUTO_RESUMED"),
            TaskStatus.DEFERRED, Set.of("TASK_TRANSITIONED"));

    private final Store store;
    private final LedgerId id;
    private final LedgerOptions options;
    private final Map<Integer, Long> seen = new HashMap<>();
    /** Codes of refusals, and changes of status such as {@code PENDING>PAUSED}. */
    private final Set<String> met = new TreeSet<>();

    private LedgerModel model;
    private Ledgers ledgers;
    /** Another process on the same tables, which writes about half of the story. */
    private final Ledgers neighbour;

    private Ledger ledger;
    private int starts;
    private long now = START;

    Story(Store store, LedgerId id, LedgerOptions options) {
        this.store = store;
        this.id = id;
        this.options = options;
        this.model = new LedgerModel(options, START);
        this.ledgers = open("n0", "i0");
        this.neighbour = open("neighbour", "i");
        this.ledger = ledgers.create(id, options);
    }

    /** Who carries out a step; the same each time the story is told. */
    private Ledger ledger(Step step) {
        if (step.toString().hashCode() % 2 == 0) {
            return ledger;
        }
        ledgers.timekeeper.committed(id, 0, now); // else it would look for what others made due only every 5 seconds
        return neighbour.ledger(id);
    }

    static LedgerModel newModel(LedgerOptions options) {
        return new LedgerModel(options, START);
    }

    /** What becomes of a model by a step alone; for a generator that wants to know. */
    static LedgerModel imagine(LedgerModel model, Step step, Step.Generator generator) {
        LedgerModel next = model.copy();
        try {
            if (step instanceof Step.Clock clock) {
                next.now += clock.byMs();
            } else if (step instanceof Step.Restart restart) {
                next.restart(restart.node(), generator.nextStart());
            } else if (step instanceof Step.Pause pause) {
                next.paused = pause.paused();
            } else if (step instanceof Step.Vote vote) {
                next.vote(vote.task(), vote.verifier(), vote.verdict(), vote.expected());
            } else if (step instanceof Step.Transaction tx && tx.ending() != Step.Ending.CRASHES) {
                next.tick();
                tx.steps().forEach(one -> answer(next, one));
            }
            return next;
        } catch (LedgerModel.Refused e) {
            return model;
        }
    }

    private Ledgers open(String node, String incarnation) {
        return Ledgers.in(store)
                .clock(() -> Instant.ofEpochMilli(now))
                .node(node, incarnation)
                .withoutBackgroundThread()
                .open();
    }

    void tell(List<Step> steps) {
        int number = 0;
        for (Step step : steps) {
            number++;
            try {
                tell(step);
                if (number % STEPS_BETWEEN_LOOKS == 0 || number == steps.size()) {
                    look();
                }
            } catch (Differs e) {
                throw new Differs("step %d, %s:%n%s".formatted(number, step, e.getMessage()));
            } catch (RuntimeException e) {
                throw new IllegalStateException("step %d, %s: %s".formatted(number, step, e), e);
            }
        }
    }

    private void tell(Step step) {
        if (step instanceof Step.Clock clock) {
            now += clock.byMs();
            model.now = now;
        } else if (step instanceof Step.Restart restart) {
            String start = "i" + ++starts;
            ledgers.close();
            ledgers = open(restart.node(), start);
            ledger = ledgers.ledger(id);
            model.restart(restart.node(), start);
        } else if (step instanceof Step.Pause pause) {
            model.paused = pause.paused();
            if (pause.paused()) {
                ledger(step).pause();
            } else {
                ledger(step).unpause();
            }
        } else if (step instanceof Step.Vote vote) {
            String said = answer(() -> {
                Consensus consensus =
                        ledger(step).vote(vote.task(), vote.verifier(), vote.verdict(), null, vote.expected());
                return consensus.total() + " " + consensus.agreed() + " " + consensus.decision();
            });
            requireSame(predict(m -> m.vote(vote.task(), vote.verifier(), vote.verdict(), vote.expected())), said);
        } else if (step instanceof Step.Transaction tx) {
            tell(tx);
        }
    }

    private void tell(Step.Transaction tx) {
        boolean claims = tx.steps().size() == 1 && tx.steps().get(0) instanceof Step.Claim;
        if (claims && tx.ending() == Step.Ending.COMMITS) { // outside of a transaction, as workers do
            Step.Claim claim = (Step.Claim) tx.steps().get(0);
            // Not by the neighbour, who learns of what others made due only now and then.
            String said = answer(() -> leases(ledger.claimBatch(request(claim))));
            model.tick();
            requireSame(predict(m -> answer(m, claim)), said);
            return;
        }
        List<String> predicted = new ArrayList<>();
        LedgerModel before = model;
        model = model.copy();
        for (Step.InTransaction step : tx.steps()) {
            String one = predict(m -> answer(m, step));
            predicted.add(one);
            if (one.startsWith("refused") && tx.ending() != Step.Ending.GOES_ON) {
                model = before;
                break;
            }
        }
        if (tx.ending() == Step.Ending.CRASHES) {
            model = before;
        }
        List<String> said = new ArrayList<>();
        try {
            ledger(tx).write(l -> {
                said.clear(); // it may run again
                for (Step.InTransaction step : tx.steps()) {
                    String one = answer(() -> answer(l, step));
                    said.add(one);
                    if (one.startsWith("refused") && tx.ending() != Step.Ending.GOES_ON) {
                        throw new Crash();
                    }
                }
                if (tx.ending() == Step.Ending.CRASHES) {
                    throw new Crash();
                }
                return true;
            });
        } catch (Crash e) {
            // nothing of it is kept
        }
        requireSame(String.join("\n", predicted), String.join("\n", said));
    }

    Set<String> met() {
        return met;
    }

    private String answer(java.util.function.Supplier<String> real) {
        try {
            return real.get();
        } catch (HartException e) {
            met.add(e.code());
            return "refused " + e.code();
        }
    }

    /** What the model says; what it refuses has not changed it. */
    private String predict(Function<LedgerModel, String> question) {
        LedgerModel tried = model.copy();
        try {
            String answer = question.apply(tried);
            model = tried;
            return answer;
        } catch (LedgerModel.Refused e) {
            return "refused " + e.getMessage();
        }
    }

    private static ClaimRequest request(Step.Claim claim) {
        ClaimRequest request =
                ClaimRequest.by(claim.worker()).atMost(claim.most()).leasedFor(Duration.ofMillis(claim.leaseMs()));
        return claim.task() == null ? request : request.task(claim.task());
    }

    private static String leases(List<Lease> leases) {
        return leases.stream()
                .map(lease -> lease.taskId() + ":" + lease.token())
                .toList()
                .toString();
    }

    /** The ledger's answer, as text. */
    private static String answer(LedgerTransaction l, Step.InTransaction step) {
        if (step instanceof Step.Apply apply) {
            Task before = l.find(apply.task()).orElse(null);
            CommandOptions options = apply.key() == null
                    ? CommandOptions.none()
                    : CommandOptions.idempotent(Objects.requireNonNull(apply.key()));
            if (apply.lease() != null) {
                options = options.under((before == null ? 0 : before.leaseToken()) - apply.lease());
            }
            if (apply.versionOff() != null) {
                options = options.expecting((before == null ? 0 : before.version()) + apply.versionOff());
            }
            Task after = l.apply(apply.task(), apply.command(), options);
            return apply.key() == null ? line(after) : shortLine(after);
        } else if (step instanceof Step.Add add) {
            List<Task> tasks =
                    add.tasks().size() == 1 ? List.of(l.add(add.tasks().get(0))) : l.addAll(add.tasks());
            return tasks.stream().map(Story::line).toList().toString();
        } else if (step instanceof Step.AddEdge add) {
            Edge edge = add.edge();
            return line(l.addPrerequisite(edge.to(), edge.from(), edge.condition(), edge.strict()));
        } else if (step instanceof Step.RemoveEdge remove) {
            return line(
                    remove.kind() == Edge.Kind.PREREQ
                            ? l.removePrerequisite(remove.task(), remove.from())
                            : l.removeBlocker(remove.task(), remove.from()));
        } else if (step instanceof Step.BlockBy block) {
            return line(l.blockBy(block.task(), block.blockers().toArray(String[]::new)));
        } else if (step instanceof Step.RetryAsNew retry) {
            return line(l.retryAsNew(retry.task()));
        } else if (step instanceof Step.CancelCascade cancel) {
            return cascade(l.cancelCascade(cancel.task(), "x"));
        } else if (step instanceof Step.RollBackCascade rollBack) {
            return cascade(l.rollBackCascade(rollBack.task(), "x"));
        } else if (step instanceof Step.Claim claim) {
            return leases(l.claim(request(claim)));
        } else if (step instanceof Step.Heartbeat beat) {
            Heartbeat answer = l.heartbeat(lease(l, beat.task(), beat.age(), beat.leaseMs()));
            return "cancel " + answer.cancelRequested() + ", exhausted " + answer.budgetExhausted();
        } else if (step instanceof Step.Transfer transfer) {
            Lease taken = l.transfer(lease(l, transfer.task(), transfer.age(), transfer.leaseMs()), transfer.to());
            return taken.taskId() + ":" + taken.token();
        }
        throw new IllegalStateException("a step that nobody tells: " + step);
    }

    private static Lease lease(LedgerTransaction l, String task, int age, long leaseMs) {
        Task now = l.task(task);
        return new Lease(now, now.leaseToken() - age, l.now(), Duration.ofMillis(leaseMs));
    }

    private static String cascade(Cascade cascade) {
        return new TreeSet<>(cascade.changed()) + " " + new TreeSet<>(cascade.refused());
    }

    /** The model's answer, as text. */
    private static String answer(LedgerModel m, Step.InTransaction step) {
        if (step instanceof Step.Apply apply) {
            return applied(m, apply);
        } else if (step instanceof Step.Add add) {
            m.addAll(add.tasks());
            return add.tasks().stream()
                    .map(task -> line(m, task.taskId()))
                    .toList()
                    .toString();
        } else if (step instanceof Step.AddEdge add) {
            m.addEdges(m.require(add.edge().to()).id, List.of(add.edge()));
            return line(m, add.edge().to());
        } else if (step instanceof Step.RemoveEdge remove) {
            m.removeEdge(remove.task(), remove.from(), remove.kind());
            return line(m, remove.task());
        } else if (step instanceof Step.BlockBy block) {
            m.blockBy(block.task(), block.blockers());
            return line(m, block.task());
        } else if (step instanceof Step.RetryAsNew retry) {
            return line(m, m.retryAsNew(retry.task()));
        } else if (step instanceof Step.CancelCascade cancel) {
            return m.cancelCascade(cancel.task());
        } else if (step instanceof Step.RollBackCascade rollBack) {
            return m.rollBackCascade(rollBack.task());
        } else if (step instanceof Step.Claim claim) {
            return m.claim(claim.worker(), claim.most(), claim.leaseMs(), claim.task())
                    .toString();
        } else if (step instanceof Step.Heartbeat beat) {
            return m.heartbeat(beat.task(), m.require(beat.task()).token - beat.age(), beat.leaseMs());
        } else if (step instanceof Step.Transfer transfer) {
            long token = m.require(transfer.task()).token - transfer.age();
            return m.transfer(transfer.task(), token, transfer.to(), transfer.leaseMs());
        }
        throw new IllegalStateException("a step that nobody tells: " + step);
    }

    private static String applied(LedgerModel m, Step.Apply apply) {
        String request = apply.task() + " " + apply.command();
        LedgerModel.Answered before = apply.key() == null ? null : m.keys.get(apply.key());
        if (before != null) {
            if (!before.request().equals(request)) {
                throw new LedgerModel.Refused("IDEMPOTENCY_CONFLICT");
            }
            return before.answer();
        }
        LedgerModel.Item item = m.require(apply.task());
        if (apply.lease() != null) {
            m.requireLease(apply.task(), item.token - apply.lease());
        }
        if (apply.versionOff() != null && apply.versionOff() != 0) {
            throw new LedgerModel.Refused("VERSION_CONFLICT");
        }
        m.apply(apply.task(), apply.command());
        if (apply.key() == null) {
            return line(m, apply.task());
        }
        String answer = shortLine(m.require(apply.task()));
        m.keys.put(apply.key(), new LedgerModel.Answered(request, answer));
        return answer;
    }

    /** Everything is looked at: tasks, edges, messages, the chain, the rows made anew, and the history's changes. */
    private void look() {
        for (int i = 0; i < 20 && model.tick() > 0; i++) {
            // until nothing is due
        }
        for (int i = 0; i < 20 && ledgers.tick() > 0; i++) {
            // until nothing is due
        }
        List<Task> tasks = ledger.tasks();
        requireSame(
                model.items.keySet().stream().map(task -> line(model, task)).toList(),
                tasks.stream().map(Story::line).toList());
        requireSame(
                new TreeSet<>(model.items.values().stream()
                        .flatMap(item -> item.edges.stream())
                        .map(Edge::toString)
                        .toList()),
                new TreeSet<>(ledger.edges().stream().map(Edge::toString).toList()));
        Set<String> messages = new TreeSet<>();
        tasks.forEach(task -> ledger.messages(task.taskId())
                .forEach(message -> messages.add("%s %s %s %d"
                        .formatted(
                                message.toTaskId(),
                                message.type().wireName(),
                                message.fromTaskId(),
                                message.attempt()))));
        requireSame(model.messages, messages);
        requireWhole(ledger.verify());
        requireWhole(ledger.rebuild());
        requireSame(
                tasks.stream().map(Story::line).toList(),
                ledger.tasks().stream().map(Story::line).toList());
        for (int stripe = 0; stripe < options.stripes(); stripe++) {
            requireLegal(stripe);
        }
    }

    private static void requireWhole(VerifyReport report) {
        if (!report.isOk()) {
            throw new Differs(report.toString());
        }
    }

    /** Every change of status is one of the table, or one of the engine's own with its own type of event. */
    private void requireLegal(int stripe) {
        long after = seen.getOrDefault(stripe, 0L);
        for (LedgerEvent event : ledger.events(stripe, after, 1000)) {
            seen.put(stripe, event.seq());
            if (event.payload().get("to") instanceof String name
                    && event.payload().get("from") instanceof String was) {
                TaskStatus from = TaskStatus.ofWireName(was);
                TaskStatus to = TaskStatus.ofWireName(name);
                met.add(from + ">" + to);
                boolean legal = to == TaskStatus.PENDING
                        ? TO_PENDING.getOrDefault(from, Set.of()).contains(event.type())
                                || from.canBecome(to) && event.type().equals("TASK_TRANSITIONED")
                        : from.canBecome(to);
                if (!legal) {
                    throw new Differs("no task may go that way: " + event);
                }
            }
        }
    }

    private static void requireSame(Object predicted, Object said) {
        if (!predicted.equals(said)) {
            throw new Differs("the model says %s%nthe ledger says %s".formatted(predicted, said));
        }
    }

    private static @Nullable Object since(@Nullable Long at) {
        return at == null ? null : at - START;
    }

    private static @Nullable Object since(@Nullable Instant at) {
        return at == null ? null : at.toEpochMilli() - START;
    }

    /** What both know of a task. */
    private static String line(LedgerModel m, String id) {
        LedgerModel.Item t = m.require(id);
        return "%s claimable %s unmet %d children %s at %s-%s not before %s lease %d %s/%s/%s until %s spent %d/%d/%d%s%s%s of %s"
                .formatted(
                        shortLine(t),
                        m.isClaimable(t),
                        m.unmet(t),
                        m.hasOpenChildren(t),
                        since(t.startedAt),
                        since(t.completedAt),
                        since(t.notBefore),
                        t.token,
                        t.worker,
                        t.node,
                        t.incarnation,
                        since(t.leaseUntil),
                        t.timeSpent,
                        t.sparkSpent,
                        t.sparkReserved,
                        t.breached ? " late" : "",
                        t.cancelRequested ? " unwanted" : "",
                        t.archived ? " archived" : "",
                        t.supersedes);
    }

    private static String line(Task t) {
        return "%s claimable %s unmet %d children %s at %s-%s not before %s lease %d %s/%s/%s until %s spent %d/%d/%d%s%s%s of %s"
                .formatted(
                        shortLine(t),
                        t.claimable(),
                        t.unmetEdges(),
                        t.hasOpenChildren(),
                        since(t.startedAt()),
                        since(t.completedAt()),
                        since(t.notBefore()),
                        t.leaseToken(),
                        t.workerId(),
                        t.ownerNodeId(),
                        t.incarnation(),
                        since(t.leaseUntil()),
                        t.timeSpent().toMillis(),
                        t.sparkSpent().micro(),
                        t.sparkReserved().micro(),
                        t.slaBreached() ? " late" : "",
                        t.cancelRequested() ? " unwanted" : "",
                        t.archived() ? " archived" : "",
                        t.supersedes());
    }

    private static String shortLine(LedgerModel.Item t) {
        return "%s %s v%d p%d r%d %s/%s/%s"
                .formatted(t.id, t.status, t.version, t.priority, t.retries, t.pending, t.blocked, t.failure);
    }

    private static String shortLine(Task t) {
        return "%s %s v%d p%d r%d %s/%s/%s"
                .formatted(
                        t.taskId(),
                        t.status(),
                        t.version(),
                        t.priority(),
                        t.retryCount(),
                        t.pendingReason(),
                        t.blockedReason(),
                        t.failureReason());
    }
}
