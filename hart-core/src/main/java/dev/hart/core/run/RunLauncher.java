package dev.hart.core.run;

import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.plan.Planner;
import dev.hart.core.recipe.InputCheck;
import dev.hart.core.recipe.ToolRules;
import dev.hart.error.HartException;
import dev.hart.error.InputInvalidException;
import dev.hart.error.LedgerException;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunCancelledException;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.ledger.Task;
import dev.hart.recipe.ActionBuilder;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a request to a run: gate, matching recipe or new plan, execution. */
public final class RunLauncher {
    private static final Logger LOG = LoggerFactory.getLogger(RunLauncher.class);
    private static final int MAX_REQUEST = 10_000;

    private final RunContext context;
    private final ToolRules tools;
    private final ActiveRuns active;
    private final RunReader reader;
    private final RunDirectory directory;
    private final Planner planner;
    private final InputCheck inputCheck;
    private final Supplier<String> ids;
    private final ExecutorService runners;

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
            InputCheck inputCheck,
            Supplier<String> ids,
            ExecutorService runners) {
        this.context = context;
        this.tools = new ToolRules(context.tools());
        this.active = active;
        this.reader = directory.reader();
        this.directory = directory;
        this.planner = planner;
        this.inputCheck = inputCheck;
        this.ids = ids;
        this.runners = runners;
    }

    public Run run(String request) {
        requireText(request);
        String runId = ids.get();
        Instant start = context.clock().instant();
        return drive(runId, plan(runId, request, start));
    }

    public Run run(RecipeVersion recipe, Inputs inputs) {
        Instant start = context.clock().instant();
        inputCheck.require(recipe.recipe(), inputs);
        return drive(ids.get(), replay(recipe, inputs, recipe.recipe().goal(), start));
    }

    public RunHandle start(String request) {
        requireText(request);
        String runId = ids.get();
        Instant start = context.clock().instant();
        return launch(runId, () -> drive(runId, plan(runId, request, start)));
    }

    public RunHandle start(RecipeVersion recipe, Inputs inputs) {
        inputCheck.require(recipe.recipe(), inputs);
        String runId = ids.get();
        RunPlan plan =
                replay(recipe, inputs, recipe.recipe().goal(), context.clock().instant());
        return launch(runId, () -> drive(runId, plan));
    }

    private static void requireText(String request) {
        if (request.isBlank()) {
            throw new InputInvalidException("request", "is blank; say what to do");
        }
        if (request.length() > MAX_REQUEST) {
            throw new InputInvalidException(
                    "request", "has " + request.length() + " characters, at most " + MAX_REQUEST + " are allowed");
        }
    }

    private RunHandle launch(String runId, Supplier<Run> work) {
        return new LiveRun(runId, directory, runners, work);
    }

    private RunPlan replay(RecipeVersion recipe, Inputs inputs, String request, Instant start) {
        tools.require(recipe.recipe());
        return new RunPlan(
                Mode.REUSE, request, recipe.recipe(), recipe, inputs, List.of(), List.of(), start, List.of());
    }

    /** A stored recipe with its inputs when one does the request, else a new plan. */
    private RunPlan plan(String runId, String request, Instant start) {
        context.gate().require(Rail.PROMPT, Subject.text(request, Provenance.USER));
        MatchResult match = context.recipes().match(request);
        List<String> notes = new ArrayList<>();
        if (match instanceof MatchResult.Exact exact) {
            return replay(exact.recipe(), exact.inputs(), request, start);
        }
        if (match instanceof MatchResult.Match close) {
            if (readsOnly(close.recipe().recipe())) {
                return replay(close.recipe(), close.inputs(), request, start);
            }
            notes.add("recipe %s is close (%s), but it has effects: run it by name to use it"
                    .formatted(close.recipe().label(), close.score()));
        } else if (match instanceof MatchResult.Ambiguous several) {
            notes.add("several recipes fit: "
                    + String.join(
                            ", ",
                            several.candidates().stream()
                                    .map(c -> c.recipe().label())
                                    .toList()));
        }
        announce(runId, request);
        Draft draft = planner.plan(request, context.tools().list());
        context.gate().require(Rail.PLAN, Subject.text(words(draft), Provenance.USER));
        Recipe recipe = tools.complete(recipeOf(draft, request));
        return new RunPlan(
                Mode.CREATE, request, recipe, null, Inputs.none(), draft.taken(), draft.modelCalls(), start, notes);
    }

    private static boolean readsOnly(Recipe recipe) {
        return recipe.actions()
                .flatMap(action -> action.steps().stream())
                .allMatch(step -> step.effect() == Effect.READ);
    }

    private void announce(String runId, String request) {
        new RunJournal(context, runId, null)
                .announce(new JournalEntry(JournalEntry.RUN, RunEvent.Type.RUN_PLANNING, Map.of("request", request)));
    }

    private static String words(Draft draft) {
        StringBuilder words = new StringBuilder();
        for (DraftAction action : draft.actions()) {
            words.append(action.description()).append('\n');
        }
        return words.toString();
    }

    /** The draft as a recipe with literal arguments. */
    private static Recipe recipeOf(Draft draft, String request) {
        RecipeBuilder recipe = Recipe.named(draft.name()).goal(request);
        for (DraftAction action : draft.actions()) {
            recipe.action(action.name(), steps -> step(steps, action));
        }
        draft.answers().forEach(answer -> recipe.output(answer, Object.class));
        return recipe.build();
    }

    private static void step(ActionBuilder steps, DraftAction action) {
        steps.description(action.description());
        if (action.kind() == StepKind.TOOL) {
            steps.tool(Objects.requireNonNull(action.tool()));
        } else if (action.kind() == StepKind.MODEL) {
            steps.model("");
        } else {
            steps.transform(null);
        }
        action.args().forEach(steps::with);
    }

    private Run drive(String runId, RunPlan plan) {
        RunProgress progress = new RunProgress(runId, plan);
        RunExecution execution = new RunExecution(context, progress, new RunJournal(context, runId, null));
        return drive(execution, progress, execution::begin);
    }

    /** Takes up a run, and blocks until it has ended or is paused. */
    public Run resume(String runId) {
        Task task = reader.task(runId);
        if (RunDirectory.stateOf(task.status()).hasEnded()) {
            return reader.run(reader.progress(runId));
        }
        if (active.contains(runId)) {
            throw new RunBusyException("run " + runId + " is already going on in this runtime");
        }
        directory.requireIdle(runId, task);
        RunProgress progress = reader.progress(runId);
        if (progress.state == RunState.PAUSED && !progress.waitingFor().isEmpty()) {
            return reader.run(progress);
        }
        RunJournal journal = new RunJournal(context, runId, task.incarnation());
        journal.reload();
        RunExecution execution = new RunExecution(context, progress, journal);
        return drive(execution, progress, execution::resume);
    }

    /** Takes up every run whose process is gone, in the background. */
    public List<RunHandle> resumeAll() {
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
        boolean begun = directory.find(runId).isPresent();
        if (begun) {
            directory.end(runId, state, code, message);
        }
        return begun;
    }
}
