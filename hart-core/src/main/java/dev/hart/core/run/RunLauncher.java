package dev.hart.core.run;

import dev.hart.Goal;
import dev.hart.Inputs;
import dev.hart.Plan;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.core.plan.Assumptions;
import dev.hart.core.plan.Planner;
import dev.hart.core.recipe.InputCheck;
import dev.hart.error.HartException;
import dev.hart.error.LedgerException;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunCancelledException;
import dev.hart.ledger.Task;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts runs from their plans, and takes up those that were cut off. */
public final class RunLauncher {
    private static final Logger LOG = LoggerFactory.getLogger(RunLauncher.class);

    private final RunContext context;
    private final ActiveRuns active;
    private final RunReader reader;
    private final RunDirectory directory;
    private final RunPlans plans;
    private final Supplier<String> ids;
    private final ExecutorService runners;
    private final QuestionAlarm alarm;
    private final RunHost inside;
    private final ShadowRuns shadows;

    /**
     * A launcher.
     *
     * @param ids gives a new UUIDv7 each time
     * @param runners drive the runs that nobody waits for
     */
    public RunLauncher(
            RunContext context,
            ActiveRuns active,
            RunDirectory directory,
            Planner planner,
            @Nullable Assumptions assumptions,
            InputCheck inputCheck,
            Supplier<String> ids,
            ExecutorService runners) {
        this.context = context;
        this.active = active;
        this.reader = directory.reader();
        this.directory = directory;
        this.plans = new RunPlans(context, reader, planner, assumptions, inputCheck);
        this.ids = ids;
        this.runners = runners;
        this.alarm = new QuestionAlarm(context, active, runners, this::resumeOutward);
        this.shadows = new ShadowRuns(context);
        this.inside = new InnerRuns(context, active, directory, plans, this, alarm, ids);
    }

    public Run run(String request) {
        RunPlans.requireText(request);
        context.halt().requireRunning();
        context.prepareToSign();
        String runId = ids.get();
        Instant start = context.clock().instant();
        return drive(runId, plans.of(runId, request, start));
    }

    /** Plans this goal anew, and does it. */
    public Run learn(Goal goal) {
        RunPlans.requireText(goal.text());
        context.halt().requireRunning();
        context.prepareToSign();
        String runId = ids.get();
        Instant start = context.clock().instant();
        return drive(runId, plans.of(runId, goal, start));
    }

    /** The non-blocking twin of {@link #learn}. */
    public RunHandle start(Goal goal) {
        RunPlans.requireText(goal.text());
        context.halt().requireRunning();
        context.prepareToSign();
        String runId = ids.get();
        Instant start = context.clock().instant();
        return launch(runId, () -> drive(runId, plans.of(runId, goal, start)));
    }

    public Run run(RecipeVersion recipe, Inputs inputs) {
        context.halt().requireRunning();
        return drive(ids.get(), plans.of(recipe, inputs));
    }

    /** Runs the current version of a recipe, or the one that its rollout chooses. */
    public Run runCurrent(RecipeVersion current, Inputs inputs) {
        context.halt().requireRunning();
        String runId = ids.get();
        return drive(runId, plans.current(runId, current, inputs));
    }

    /** What {@link #run(RecipeVersion, Inputs)} would do. */
    public Plan dryRun(RecipeVersion recipe, Inputs inputs) {
        return plans.dryRun(recipe, inputs);
    }

    public RunHandle start(String request) {
        RunPlans.requireText(request);
        context.halt().requireRunning();
        context.prepareToSign();
        String runId = ids.get();
        Instant start = context.clock().instant();
        return launch(runId, () -> drive(runId, plans.of(runId, request, start)));
    }

    public RunHandle start(RecipeVersion recipe, Inputs inputs) {
        context.halt().requireRunning();
        return launch(plans.of(recipe, inputs));
    }

    /** The non-blocking twin of {@link #runCurrent}. */
    public RunHandle startCurrent(RecipeVersion current, Inputs inputs) {
        context.halt().requireRunning();
        String runId = ids.get();
        RunPlan plan = plans.current(runId, current, inputs);
        return launch(runId, () -> drive(runId, plan));
    }

    /**
     * Begins a run of a stored recipe without inputs, and returns once it is durable that it has begun.
     *
     * @param part what of the recipe is run: the recipe itself, or one with some of its actions
     * @throws RunBusyException when {@code alongside} says that the run must not begin
     */
    public RunHandle startScheduled(RecipeVersion recipe, Recipe part, Alongside alongside) {
        context.halt().requireRunning();
        String runId = ids.get();
        RunPlan plan = plans.scheduled(runId, recipe, part);
        CompletableFuture<Void> begun = new CompletableFuture<>();
        RunHandle handle = launch(runId, () -> {
            try {
                RunProgress progress = new RunProgress(runId, plan);
                RunExecution execution =
                        new RunExecution(context, progress, new RunJournal(context, runId, null), inside, null);
                Run run = drive(execution, progress, () -> execution.begin(alongside, () -> begun.complete(null)));
                // A run that ends in its first commit does nothing afterwards.
                begun.complete(null);
                return run;
            } catch (RuntimeException | Error e) {
                begun.completeExceptionally(e);
                throw e;
            }
        });
        try {
            begun.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        return handle;
    }

    Run run(RerunOrder order) {
        context.halt().requireRunning();
        return drive(ids.get(), plans.of(order));
    }

    RunHandle start(RerunOrder order) {
        context.halt().requireRunning();
        return launch(plans.of(order));
    }

    private RunHandle launch(RunPlan plan) {
        String runId = ids.get();
        return launch(runId, () -> drive(runId, plan));
    }

    private RunHandle launch(String runId, Supplier<Run> work) {
        return new LiveRun(runId, directory, runners, work);
    }

    /** Begins a run, and blocks until it has ended or is paused. */
    Run drive(String runId, RunPlan plan) {
        RunProgress progress = new RunProgress(runId, plan);
        RunExecution execution = new RunExecution(
                context, progress, new RunJournal(context, runId, null), inside, kept(progress, false));
        return drive(execution, progress, execution::begin);
    }

    private @Nullable KeptSteps kept(RunProgress progress, boolean resumed) {
        Origin origin = progress.plan.origin();
        return origin == null
                ? null
                : new KeptSteps(context, progress, origin, reader.earlier(origin.runId()), resumed);
    }

    /** Takes up a run, and blocks until it has ended or is paused. */
    public Run resume(String runId) {
        Task task = reader.task(runId);
        if (RunDirectory.stateOf(task.status()).hasEnded()) {
            return reader.run(reader.progress(runId));
        }
        context.halt().requireRunning();
        if (active.contains(runId)) {
            throw new RunBusyException("run " + runId + " is already going on in this runtime");
        }
        directory.requireIdle(runId, task);
        RunProgress progress = reader.progress(runId);
        if (!reader.canGoOn(progress)) {
            return reader.run(progress);
        }
        String owner = task.incarnation();
        if (context.presence().isLeased()) {
            new RunJournal(context, runId, owner).claim();
            owner = context.processId();
            progress = reader.progress(runId);
        }
        RunJournal journal = new RunJournal(context, runId, owner);
        journal.reload();
        RunExecution execution = new RunExecution(context, progress, journal, inside, kept(progress, true));
        return drive(execution, progress, execution::resume);
    }

    /** Takes up a run, and then the run around it, which may have waited for it. */
    private void resumeOutward(String runId) {
        for (String next = runId; next != null; next = reader.outer(next)) {
            resume(next);
        }
    }

    /** Takes up every run whose process is gone, in the background. Runs inside are taken up by those around them. */
    public List<RunHandle> resumeAll() {
        context.halt().requireRunning();
        directory.endLeftInside();
        directory.deadlines().forEach(alarm::set);
        List<RunHandle> handles = new ArrayList<>();
        for (String runId : directory.orphans()) {
            handles.add(launch(runId, () -> resume(runId)));
        }
        return handles;
    }

    @FunctionalInterface
    private interface Driving {
        void drive() throws InterruptedException;
    }

    private Run drive(RunExecution execution, RunProgress progress, Driving driving) {
        active.enter(execution);
        try {
            driving.drive();
        } catch (InterruptedException e) {
            endIfBegun(progress.runId, RunState.CANCELLED, "RUN_CANCELLED", "the calling thread was interrupted");
            Thread.currentThread().interrupt();
            throw new RunCancelledException("the thread that ran " + progress.runId + " was interrupted", e);
        } catch (LedgerException e) {
            return failed(progress.runId, e.code(), e);
        } catch (HartException e) {
            throw e;
        } catch (RuntimeException e) {
            return failed(progress.runId, "RUN_BROKEN", e);
        } finally {
            active.leave(execution);
        }
        shadows.begin(progress);
        return reader.run(progress);
    }

    /** What goes wrong on the run's own thread ends the run, so that nobody waits for it for ever. */
    private Run failed(String runId, String code, RuntimeException cause) {
        LOG.error("run {} cannot go on", runId, cause);
        try {
            if (endIfBegun(runId, RunState.FAILED, code, String.valueOf(cause.getMessage()))) {
                return reader.run(reader.progress(runId));
            }
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
        throw cause;
    }

    private boolean endIfBegun(String runId, RunState state, String code, String message) {
        boolean begun = directory.isOurs(runId);
        if (begun) {
            directory.end(runId, state, code, message);
        }
        return begun;
    }
}
