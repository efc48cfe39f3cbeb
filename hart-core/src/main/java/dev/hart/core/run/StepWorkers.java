package dev.hart.core.run;

import dev.hart.RunEvent;
import dev.hart.Verifier;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.ModelCall;
import dev.hart.core.model.ModelVerifier;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Gathered;
import dev.hart.core.run.RunExecution.Message;
import dev.hart.core.tool.CallableTool;
import dev.hart.error.CannotPlanException;
import dev.hart.error.HaltedException;
import dev.hart.error.HartException;
import dev.hart.recipe.Step;
import dev.hart.spi.StepScheduler;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs the steps of one run on the runtime's workers. Every call reports exactly once, at the latest when its time is
 * over: a tool that does not react to the interrupt is left behind, and what it still does is not heard.
 */
final class StepWorkers {
    private static final Logger LOG = LoggerFactory.getLogger(StepWorkers.class);

    private final RunContext context;
    private final StepRunner steps;
    private final String runId;
    private final Consumer<Message> report;
    private final Set<Job> jobs = ConcurrentHashMap.newKeySet();
    /** Steps whose runs are driven at the moment. */
    private final Set<StepCall> insideCalls = ConcurrentHashMap.newKeySet();

    StepWorkers(RunContext context, StepRunner steps, String runId, Consumer<Message> report) {
        this.context = context;
        this.steps = steps;
        this.runId = runId;
        this.report = report;
    }

    /** Something to do on a worker that ends in one message. */
    @FunctionalInterface
    private interface Work {
        Message done() throws InterruptedException;
    }

    /** One piece of work; whoever claims it first, the worker or the timer, reports. */
    private final class Job implements Runnable {
        private final Work work;
        /** What to report when the work throws. */
        private final Function<Throwable, Message> broken;

        private final AtomicBoolean reported = new AtomicBoolean();
        private @Nullable Thread thread;
        private volatile @Nullable Future<?> alarm;

        Job(Work work, Function<Throwable, Message> broken) {
            this.work = work;
            this.broken = broken;
        }

        @Override
        public void run() {
            perform();
        }

        /** Gives false when somebody else has reported for it. */
        boolean perform() {
            begun();
            try {
                return !reported.get() && report(work.done());
            } catch (Throwable e) {
                if (reported.get()) {
                    LOG.debug("run {}: work that was given up ended with {}", runId, e.toString());
                    return false;
                }
                LOG.warn("run {}: work ended without a result", runId, e);
                return report(broken.apply(e));
            } finally {
                ended();
                jobs.remove(this);
            }
        }

        private synchronized void begun() {
            thread = Thread.currentThread();
        }

        /** From here on an interrupt would hit other work on this thread. */
        private synchronized void ended() {
            thread = null;
            Thread.interrupted();
        }

        boolean report(Message message) {
            boolean first = reported.compareAndSet(false, true);
            if (first) {
                Future<?> set = alarm;
                if (set != null) {
                    set.cancel(false);
                }
                report.accept(message);
            }
            return first;
        }

        synchronized void interrupt() {
            Thread running = thread;
            if (running != null) {
                running.interrupt();
            }
        }
    }

    void perform(StepCall call) {
        Step step = call.step();
        Duration timeout = steps.timeout(step);
        Job job = new Job(
                () -> new Message.Performed(steps.perform(runId, call)), e -> new Message.Performed(broken(call, e)));
        jobs.add(job);
        job.alarm =
                context.timer().schedule(() -> expire(job, call, timeout), timeout.toMillis(), TimeUnit.MILLISECONDS);
        execute(call.action(), job);
    }

    /** A tool that throws an error, or an InterruptedException that nobody sent, has failed like one that throws anything else. */
    private static StepCall.Failed broken(StepCall call, Throwable e) {
        return new StepCall.Failed(
                call,
                CallableTool.UNDECLARED,
                "threw " + e,
                call.step().effect().compareTo(Effect.WRITE) < 0,
                false,
                0,
                List.of(),
                null);
    }

    private static void expire(Job job, StepCall call, Duration timeout) {
        boolean hasEffect = call.step().effect().compareTo(Effect.WRITE) >= 0;
        job.report(new Message.Performed(new StepCall.Failed(
                call,
                "TIMEOUT",
                "took longer than " + timeout.toMillis() + " ms",
                !hasEffect,
                hasEffect,
                timeout.toMillis(),
                List.of(),
                null)));
        job.interrupt();
    }

    void retryAfter(Duration delay, StepCall next) {
        start(
                next.action(),
                new Job(
                        () -> {
                            context.clock().sleep(delay);
                            return new Message.RetryDue(next);
                        },
                        e -> new Message.RetryDue(next)));
    }

    /** Waits until the step's time has come. */
    void await(StepCall call) {
        start(
                call.action(),
                new Job(
                        () -> {
                            Duration left =
                                    Duration.between(context.clock().instant(), Objects.requireNonNull(call.until()));
                            if (left.compareTo(Duration.ZERO) > 0) {
                                context.clock().sleep(left);
                            }
                            return new Message.Waited(call);
                        },
                        e -> new Message.Waited(call)));
    }

    /** Drives the run of a SUBRECIPE step on a thread of its own, as its steps need the workers. */
    void runInside(StepCall call, RunHost host) {
        insideCalls.add(call);
        context.inside().execute(() -> {
            Message message;
            try {
                message = new Message.Performed(host.drive(call, runId));
            } catch (RuntimeException | Error e) {
                LOG.error("run {}: the run inside {} cannot go on", runId, call.actionName(), e);
                message = new Message.Performed(new StepCall.Failed(
                        call, "RUN_BROKEN", "the run inside cannot go on: " + e, false, false, 0, List.of(), null));
            } finally {
                insideCalls.remove(call);
            }
            report.accept(message);
        });
    }

    /** Has something planned for an action. */
    void plan(ActionRef action, String request, List<ToolSpec> tools, RunHost host, Message.Then then) {
        start(
                action,
                new Job(
                        () -> {
                            try {
                                return new Message.Planned(action, then, host.plan(request, tools), "");
                            } catch (HaltedException e) {
                                return new Message.NotDone();
                            } catch (HartException e) {
                                return new Message.Planned(action, then, null, String.valueOf(e.getMessage()));
                            }
                        },
                        e -> new Message.Planned(action, then, null, "planning failed: " + e)));
    }

    /** Has a request planned that an action has asked a person about. */
    void plan(ActionRef action, Gathered request, List<ToolSpec> tools, RunHost host, Gathering.Then then) {
        List<ModelCall> spent = new ArrayList<>();
        start(
                action,
                new Job(
                        () -> {
                            try {
                                Draft draft = host.plan(request, tools, spent::add);
                                return new Message.Planned(
                                        action, (plan, why) -> then.gathered(draft, null, spent), draft, "");
                            } catch (HaltedException e) {
                                return new Message.NotDone();
                            } catch (HartException e) {
                                return new Message.Planned(
                                        action, (plan, why) -> then.gathered(null, e, spent), null, "");
                            }
                        },
                        e -> new Message.Planned(
                                action,
                                (plan, why) -> then.gathered(
                                        null, new CannotPlanException("planning failed: " + e, List.of(), null), spent),
                                null,
                                "")));
    }

    /** Asks the runs inside to stop. */
    void cancelInside(RunHost host) {
        insideCalls.forEach(call -> host.cancel(Objects.requireNonNull(call.run())));
    }

    /** Whether results are judged by more than their schema. */
    boolean canJudge() {
        return context.verifier() != null || context.model() != null;
    }

    void judge(ActionProgress action, String request, Map<String, @Nullable Object> results) {
        List<ModelCall> calls = new ArrayList<>();
        start(
                action.ref,
                new Job(
                        () -> {
                            Verifier verifier = context.verifier();
                            if (verifier == null) {
                                verifier = new ModelVerifier(
                                        Objects.requireNonNull(context.model()),
                                        calls::add,
                                        named -> announceMisnamed(action.ref, named));
                            }
                            Judgement judgement;
                            try {
                                context.halt().requireRunning();
                                judgement = verifier.verify(new Verifier.Outcome(
                                        request, action.action.name(), action.action.description(), results));
                            } catch (HaltedException e) {
                                return new Message.NotDone();
                            }
                            return new Message.Judged(
                                    action, Objects.requireNonNull(judgement, "the verifier answered null"), calls);
                        },
                        e -> new Message.Judged(
                                action, new Judgement.Wrong("the verifier failed: " + e.getMessage()), calls)));
    }

    private void announceMisnamed(ActionRef action, String named) {
        new RunJournal(context, runId, null)
                .announce(new JournalEntry(action.taskId(), RunEvent.Type.VERDICT_ID_MISMATCH, Map.of("named", named)));
    }

    private void start(ActionRef action, Job job) {
        jobs.add(job);
        execute(action, job);
    }

    private void execute(ActionRef action, Job job) {
        StepScheduler scheduler = context.scheduler();
        if (scheduler == null) {
            context.workers().execute(job);
        } else {
            scheduler.perform(runId, action.taskId(), job::perform, context.workers());
        }
    }

    /** The run waits for reports from now on. */
    void runWaits() {
        StepScheduler scheduler = context.scheduler();
        if (scheduler != null) {
            scheduler.waits(runId);
        }
    }

    /** Interrupts whatever still works; nobody hears of it any more. */
    void abandon() {
        for (Job job : jobs) {
            job.reported.set(true);
            Future<?> alarm = job.alarm;
            if (alarm != null) {
                alarm.cancel(false);
            }
            job.interrupt();
        }
        StepScheduler scheduler = context.scheduler();
        if (scheduler != null) {
            scheduler.ended(runId);
        }
    }
}
