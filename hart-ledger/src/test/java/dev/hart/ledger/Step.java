package dev.hart.ledger;

import dev.hart.Spark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One thing that is done to a ledger and to its model. A list of them is a story that can be told again, or shortened. */
sealed interface Step {

    /** What may stand inside a transaction. */
    sealed interface InTransaction extends Step {}

    /**
     * @param lease null for a caller that is no worker; else how much older than the newest its token is
     * @param versionOff null for any version; else how far the expected one is from the present
     */
    record Apply(
            String task,
            TaskCommand command,
            @Nullable String key,
            @Nullable Integer lease,
            @Nullable Integer versionOff)
            implements InTransaction {}

    record Add(List<NewTask> tasks) implements InTransaction {
        @Override
        public String toString() {
            return "Add" + tasks.stream().map(t -> t.taskId() + t.payload()).toList();
        }
    }

    record AddEdge(Edge edge) implements InTransaction {}

    record RemoveEdge(String task, String from, Edge.Kind kind) implements InTransaction {}

    record BlockBy(String task, List<String> blockers) implements InTransaction {}

    record RetryAsNew(String task) implements InTransaction {}

    record CancelCascade(String task) implements InTransaction {}

    record RollBackCascade(String task) implements InTransaction {}

    record Claim(
            WorkerProfile worker,
            int most,
            long leaseMs,
            @Nullable String task) implements InTransaction {}

    record Heartbeat(String task, int age, long leaseMs) implements InTransaction {}

    record Transfer(String task, int age, WorkerProfile to, long leaseMs) implements InTransaction {}

    enum Ending {
        /** A refusal undoes the transaction. */
        COMMITS,
        /** Refusals are caught, and the rest goes on. */
        GOES_ON,
        /** It throws at its end, as if the process had died. */
        CRASHES
    }

    record Transaction(List<InTransaction> steps, Ending ending) implements Step {}

    record Clock(long byMs) implements Step {}

    record Restart(String node) implements Step {}

    record Vote(String task, String verifier, boolean verdict, int expected) implements Step {}

    record Pause(boolean paused) implements Step {}

    /** Chooses steps that are likely to do something, by what the model knows. */
    final class Generator {
        private static final FailureReason[] FAILURES = FailureReason.values();
        private static final BlockedReason[] BLOCKS = BlockedReason.values();
        private static final int MOST_TASKS = 24;

        private final SplittableRandom random;
        private int added;
        private int keys;
        private int starts;

        Generator(long seed) {
            this.random = new SplittableRandom(seed);
        }

        private int below(int bound) {
            return random.nextInt(bound);
        }

        private boolean chance(int percent) {
            return below(100) < percent;
        }

        private <T> T one(List<T> of) {
            return of.get(below(of.size()));
        }

        private String task(LedgerModel model) {
            return model.items.isEmpty() || chance(1) ? "nobody" : one(List.copyOf(model.items.keySet()));
        }

        /** One whose status a command is likely to fit. */
        private String task(LedgerModel model, TaskStatus... likely) {
            List<String> fitting = model.items.values().stream()
                    .filter(item -> List.of(likely).contains(item.status))
                    .map(item -> item.id)
                    .toList();
            return fitting.isEmpty() || chance(15) ? task(model) : one(fitting);
        }

        Step next(LedgerModel model) {
            int dice = below(100);
            if (dice < 12) {
                return new Clock(clock(model));
            } else if (dice < 14) {
                return new Restart("n" + below(2));
            } else if (dice < 18) {
                return new Vote(
                        task(model, TaskStatus.COMPLETED),
                        (chance(25) ? "w" : "v") + below(3),
                        chance(40),
                        chance(80) ? 2 : 3);
            } else if (dice < 19) {
                return new Pause(!model.paused);
            } else if (model.paused && dice < 40) {
                return new Pause(false);
            }
            Ending ending = dice < 90 ? Ending.COMMITS : dice < 96 ? Ending.GOES_ON : Ending.CRASHES;
            int size = chance(75) ? 1 : 2 + below(3);
            List<InTransaction> steps = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                steps.add(inside(model));
            }
            return new Transaction(steps, ending);
        }

        private long clock(LedgerModel model) {
            int dice = below(10);
            if (dice < 4) { // to where something is due, or just before
                List<Long> due = model.items.values().stream()
                        .map(LedgerModel.Item::due)
                        .filter(java.util.Objects::nonNull)
                        .toList();
                return due.isEmpty() ? 1 : one(due) - model.now - below(2);
            }
            return dice < 8 ? below(3_000) : dice == 8 ? -below(5_000) : below(200_000);
        }

        private WorkerProfile worker() {
            String node = "n" + below(2);
            WorkerProfile worker = WorkerProfile.of("w" + below(3), node, "i" + starts);
            return chance(70) ? worker.capabilities("gpu", "x") : worker;
        }

        /** The name of the next start; workers say the newest. */
        String nextStart() {
            return "i" + ++starts;
        }

        private InTransaction inside(LedgerModel model) {
            int dice = below(100);
            if (dice < (model.items.size() < 4 ? 40 : model.items.size() < MOST_TASKS ? 12 : 0)) {
                List<NewTask> tasks = new ArrayList<>();
                int count = chance(70) ? 1 : 2 + below(3);
                for (int i = 0; i < count; i++) {
                    tasks.add(newTask(model, count));
                }
                added += count;
                return new Add(tasks);
            } else if (dice < 26) {
                return new Claim(worker(), 1 + below(3), 1_000 + below(4) * 1_000L, chance(15) ? task(model) : null);
            } else if (dice < 31) {
                return new Heartbeat(
                        task(model, TaskStatus.IN_PROGRESS), chance(80) ? 0 : 1, 1_000 + below(4) * 1_000L);
            } else if (dice < 33) {
                return new Transfer(task(model, TaskStatus.IN_PROGRESS), chance(90) ? 0 : 1, worker(), 2_000);
            } else if (dice < 46) {
                return new Apply(task(model, TaskStatus.IN_PROGRESS), report(), null, chance(75) ? 0 : 1, null);
            } else if (dice < 50) {
                String to = task(model);
                return new AddEdge(new Edge(task(model), to, Edge.Kind.PREREQ, outcome(), chance(20)));
            } else if (dice < 52) {
                return removal(model);
            } else if (dice < 55) {
                return new BlockBy(
                        task(model, TaskStatus.PENDING, TaskStatus.IN_PROGRESS),
                        chance(50) ? List.of(task(model)) : List.of(task(model), task(model)));
            } else if (dice < 58) {
                return new RetryAsNew(task(model, TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.ROLLED_BACK));
            } else if (dice < 60) {
                return chance(50)
                        ? new CancelCascade(task(model))
                        : new RollBackCascade(task(model, TaskStatus.COMPLETED));
            }
            TaskCommand command = command(model);
            String key = chance(12) ? "k" + (chance(50) ? below(keys + 1) : keys++) : null;
            return new Apply(fitting(model, command), command, key, null, chance(5) ? below(2) : null);
        }

        private RemoveEdge removal(LedgerModel model) {
            List<Edge> edges = model.items.values().stream()
                    .flatMap(item -> item.edges.stream())
                    .toList();
            if (edges.isEmpty() || chance(10)) {
                return new RemoveEdge(task(model), task(model), Edge.Kind.PREREQ);
            }
            Edge edge = one(edges);
            return new RemoveEdge(edge.to(), edge.from(), edge.kind());
        }

        private Outcome outcome() {
            return chance(60) ? Outcome.SUCCESS : chance(50) ? Outcome.FAILURE : Outcome.ANY;
        }

        private NewTask newTask(LedgerModel model, int together) {
            // Names run on, so that one of a batch can name another that comes later.
            NewTask task = NewTask.of(chance(2) ? task(model) : "t" + (added + below(together)), "Do it")
                    .priority(chance(50) ? 50 : below(120) - 10)
                    .maxRetries(below(3));
            for (int i = below(3); i > 0; i--) {
                String from = chance(80) ? task(model) : "t" + (added + below(together));
                task = chance(30)
                        ? task.blockedBy(from)
                        : chance(20) ? task.afterCompletionOf(from) : task.after(from, outcome());
            }
            task = chance(25)
                    ? task.childOf(task(model, TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED))
                    : task;
            task = chance(5) ? task.blocked(one(List.of(BLOCKS))) : task;
            task = chance(8) ? task.scheduledAt(Instant.ofEpochMilli(model.now + below(6_000) - 1_000)) : task;
            task = chance(6) ? task.asAutoCompleting() : chance(3) ? task.asContainer() : task;
            task = chance(12) ? task.requiredCapabilities("gpu") : task;
            return LedgerModel.limits(
                    task,
                    chance(15) ? (Long) (long) below(4) : null,
                    chance(6) ? (Long) (long) below(6_000) : null,
                    chance(6) ? (Long) (long) below(9_000) : null,
                    chance(6) ? (Long) (model.now + below(9_000)) : null,
                    chance(6) ? (Long) (long) below(9_000) : null);
        }

        private @Nullable Object result() {
            return chance(40) ? null : Map.of("n", (long) below(100));
        }

        private TaskCommand report() {
            int dice = below(10);
            if (dice < 5) {
                return new TaskCommand.Complete(result(), chance(10));
            } else if (dice < 8) {
                return new TaskCommand.FailAttempt("boom", one(List.of(FAILURES)));
            } else if (dice == 8) {
                return new TaskCommand.Release("no");
            }
            return chance(50)
                    ? new TaskCommand.Block(one(List.of(BLOCKS)), null)
                    : new TaskCommand.Progress(below(150) - 20, chance(50) ? null : "step");
        }

        private TaskCommand command(LedgerModel model) {
            return switch (below(26)) {
                case 0, 1, 2 -> new TaskCommand.Start(chance(20));
                case 3, 4 -> new TaskCommand.Complete(result(), chance(20));
                case 5 -> new TaskCommand.Fail("boom", one(List.of(FAILURES)));
                case 6 -> new TaskCommand.FailAttempt("boom", one(List.of(FAILURES)));
                case 7 -> new TaskCommand.Pause("x");
                case 8 -> new TaskCommand.Stop("x");
                case 9 -> new TaskCommand.Block(one(List.of(BLOCKS)), chance(50) ? null : "detail");
                case 10, 11 -> new TaskCommand.Resume(chance(50) ? "" : "x");
                case 12 -> new TaskCommand.Cancel("x");
                case 13 -> chance(50) ? new TaskCommand.Terminate("x") : new TaskCommand.RequestPause("x");
                case 14 -> chance(50) ? new TaskCommand.Skip("x") : new TaskCommand.MarkNotApplicable("x");
                case 15 -> new TaskCommand.Defer("x", chance(30) ? null : soon(model));
                case 16 -> new TaskCommand.Undefer();
                case 17 -> new TaskCommand.Schedule(soon(model));
                case 18 ->
                    new TaskCommand.Delegate(
                            "other", DelegationType.ESCALATION, chance(40) ? null : Duration.ofMillis(below(5_000)));
                case 19 ->
                    chance(60) ? new TaskCommand.CompleteDelegation(result()) : new TaskCommand.ReclaimDelegation();
                case 20 -> new TaskCommand.RollBack("x");
                case 21 -> new TaskCommand.RequestCancel("x");
                case 22 -> new TaskCommand.Reprioritize(below(120) - 10);
                case 23 -> new TaskCommand.RecordSpend(new Spark(below(3)));
                case 24 -> new TaskCommand.Reserve(new Spark(below(3)));
                default ->
                    chance(50)
                            ? new TaskCommand.Settle(new Spark(below(3)), new Spark(below(3)))
                            : new TaskCommand.SetBlockedReason(one(List.of(BLOCKS)), null);
            };
        }

        private Instant soon(LedgerModel model) {
            return Instant.ofEpochMilli(model.now + below(6_000) - 1_000);
        }

        private String fitting(LedgerModel model, TaskCommand command) {
            if (command instanceof TaskCommand.Start || command instanceof TaskCommand.Schedule) {
                return task(model, TaskStatus.PENDING, TaskStatus.DEFERRED);
            } else if (command instanceof TaskCommand.Complete
                    || command instanceof TaskCommand.Fail
                    || command instanceof TaskCommand.FailAttempt
                    || command instanceof TaskCommand.Stop
                    || command instanceof TaskCommand.Pause
                    || command instanceof TaskCommand.Delegate) {
                return task(model, TaskStatus.IN_PROGRESS);
            } else if (command instanceof TaskCommand.Resume || command instanceof TaskCommand.SetBlockedReason) {
                return task(model, TaskStatus.PAUSED, TaskStatus.USER_STOPPED, TaskStatus.BLOCKED);
            } else if (command instanceof TaskCommand.Undefer) {
                return task(model, TaskStatus.DEFERRED);
            } else if (command instanceof TaskCommand.CompleteDelegation
                    || command instanceof TaskCommand.ReclaimDelegation) {
                return task(model, TaskStatus.DELEGATED);
            } else if (command instanceof TaskCommand.RollBack) {
                return task(model, TaskStatus.COMPLETED);
            }
            List<String> limited = model.items.values().stream()
                    .filter(item -> item.sparkBudget != null)
                    .map(item -> item.id)
                    .toList();
            return command instanceof TaskCommand.Reserve && !limited.isEmpty() ? one(limited) : task(model);
        }
    }
}
