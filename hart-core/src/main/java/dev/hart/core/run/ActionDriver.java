package dev.hart.core.run;

import static dev.hart.core.run.ActionState.ERROR;
import static dev.hart.core.run.ActionState.IN_PROGRESS;
import static dev.hart.core.run.ActionState.PENDING;
import static dev.hart.core.run.ActionState.PREVIEW_PENDING;
import static dev.hart.core.run.ActionState.STATUS_VERIFICATION_REQUESTED;

import dev.hart.Mode;
import dev.hart.RunEvent;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Gathered;
import dev.hart.core.run.RunChanges.Aftermath;
import dev.hart.core.run.RunExecution.Message;
import dev.hart.error.RecipeInvalidException;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the actions of one run: which step comes next, what becomes of its result, and what is tried when it fails.
 * Decides and writes into the run's changes; what takes time is done by workers, which report to the run's thread. Used by
 * that thread alone.
 */
final class ActionDriver {
    /** What the ledger writes in the place of a secret. */
    static final String LEFT_OUT = "[REDACTED]";
    /** Actions that a run plans anew. */
    private static final int MAX_REPAIRS = 2;
    /** Failures that are a decision: no other way is tried around them. */
    private static final Set<String> DECIDED =
            Set.of("GUARDRAIL_REFUSED", "PREVIEW_REJECTED", "RUN_CANCELLED", WaitsFor.IN_DOUBT.name());

    private final RunContext context;
    private final RunProgress progress;
    private final RunChanges changes;
    private final StepRunner steps;
    private final StepWorkers workers;
    private final RunHost host;
    private final @Nullable KeptSteps kept;
    private final Ongoing ongoing;
    private final ActionVerdicts verdicts;
    private final ActionDecisions decisions;
    /** Whether results and arguments come from a journal, where secrets are left out. */
    private boolean fromJournal;

    ActionDriver(
            RunContext context,
            RunProgress progress,
            RunChanges changes,
            StepRunner steps,
            StepWorkers workers,
            RunHost host,
            @Nullable KeptSteps kept,
            Ongoing ongoing) {
        this.context = context;
        this.progress = progress;
        this.changes = changes;
        this.steps = steps;
        this.workers = workers;
        this.host = host;
        this.kept = kept;
        this.ongoing = ongoing;
        this.fromJournal = kept != null;
        this.verdicts = new ActionVerdicts(
                progress,
                changes,
                workers,
                this,
                new Replanning(context, progress, changes, this, ongoing),
                new Suggestions(context, progress, changes, this, ongoing),
                ongoing);
        this.decisions = new ActionDecisions(context, progress, changes, host, this, ongoing);
    }

    /** What verifiers say. */
    ActionVerdicts verdicts() {
        return verdicts;
    }

    /** What persons decide, and what a resumed run finds. */
    ActionDecisions decisions() {
        return decisions;
    }

    /** From now on results and arguments come from the run's journal. */
    void fromJournal() {
        fromJournal = true;
    }

    /** Begins an action. */
    void assign(ActionProgress action) {
        Step step = action.nextStep();
        while (step != null && isKept(action, step)) {
            step = action.nextStep();
        }
        if (action.route().openEffect() == Effect.DESTRUCTIVE) {
            changes.set(action, PREVIEW_PENDING, WaitsFor.APPROVAL_REQUIRED.name());
        } else {
            changes.set(action, IN_PROGRESS, "");
            continueAction(action);
        }
    }

    /** Whether a step has its result without a call; if so, it is journalled. */
    private boolean isKept(ActionProgress action, Step step) {
        Map<String, @Nullable Object> end = kept == null ? null : kept.end(action, step);
        if (end != null) {
            changes.add(action.ref.taskId(), RunEvent.Type.STEP_FINISHED, end);
        }
        return end != null;
    }

    /** Starts the next step of an action in progress, or has its result judged. */
    void continueAction(ActionProgress action) {
        if (ongoing.closing || ongoing.cancelled) {
            return;
        }
        for (Step step = action.nextStep(); step != null; step = action.nextStep()) {
            if (isKept(action, step)) {
                continue;
            }
            Route keptRoute = kept == null ? null : kept.fallback(action, step);
            if (keptRoute != null) {
                progress.take(action, keptRoute);
                continue;
            }
            Route route = action.route();
            if (route.isFallback() && !route.approved && route.openEffect() == Effect.DESTRUCTIVE) {
                changes.set(action, PENDING, WaitsFor.APPROVAL_REQUIRED.because("fallback " + route.number));
                return;
            }
            StepCall call;
            try {
                call = call(action, step);
            } catch (Binding.Unbound e) {
                fail(action, "UNBOUND", String.valueOf(e.getMessage()), false);
                return;
            } catch (IllegalArgumentException e) {
                fail(action, "ARGUMENTS_INVALID", action.action.name() + ": " + e.getMessage(), false);
                return;
            }
            if (needsApproval(action, call) || !begin(action, call)) {
                return;
            }
        }
        changes.set(action, STATUS_VERIFICATION_REQUESTED, "");
        verdicts.judge(action);
    }

    /** Whether a call waits for a person because of where its arguments come from; if so, one is asked. */
    private boolean needsApproval(ActionProgress action, StepCall call) {
        String name = call.step().tool();
        ToolSpec tool = name == null ? null : context.tools().find(name).orElse(null);
        if (tool == null || call.approved()) {
            return false;
        }
        List<String> reasons = ApprovalRules.byOrigin(tool, call.step(), call.taints());
        if (reasons.isEmpty()) {
            return false;
        }
        changes.preview(action, call, reasons);
        return true;
    }

    private StepCall call(ActionProgress action, Step step) {
        Route route = action.route();
        Map<String, @Nullable Object> args = route.args.get(step.index());
        if (args == null) {
            args = progress.bind(action, step, context.clock().instant());
        }
        if (fromJournal && CanonicalJson.write(args).contains(LEFT_OUT)) {
            throw new Binding.Unbound("an argument or result held a secret, which the journal does not keep;"
                    + " start a new run, and let the tool take secrets from its own configuration");
        }
        int way = route.isFallback() ? route.number : -action.replacements;
        String key = StepCall.key(progress.runId, action.ref, way, step.index(), args);
        return new StepCall(
                action.ref,
                action.action.name(),
                route.number,
                step,
                args,
                key,
                route.attempts(step) + 1,
                until(step, args),
                step.kind() == StepKind.SUBRECIPE ? host.newId() : null,
                progress.taints(action, step),
                route.approvedCalls.contains(step.index()));
    }

    private @Nullable Instant until(Step step, Map<String, @Nullable Object> args) {
        Instant now = context.clock().instant();
        return switch (step.kind()) {
            case WAIT -> Waiting.until(args, now);
            case ASK -> Waiting.deadline(args, now);
            default -> null;
        };
    }

    /** The call of the step that is open, as its start was journalled. */
    StepCall openCall(ActionProgress action) {
        Route route = action.route();
        Step step = route.step(Objects.requireNonNull(route.open));
        return new StepCall(
                action.ref,
                action.action.name(),
                route.number,
                step,
                Objects.requireNonNull(route.args.get(step.index())),
                route.key,
                route.attempts,
                route.until,
                route.run,
                progress.taints(action, step),
                route.approvedCalls.contains(step.index()));
    }

    /** Begins a step; true when it is over at once. */
    private boolean begin(ActionProgress action, StepCall call) {
        if (call.step().kind() != StepKind.TRANSFORM && isOverTime()) {
            return false;
        }
        switch (call.step().kind()) {
            case TRANSFORM -> {
                return transform(action, call);
            }
            case TOOL, MODEL -> start(call);
            case WAIT -> {
                changes.started(call);
                await(call);
            }
            case ASK -> ask(action, call);
            case SUBRECIPE -> {
                changes.started(call);
                runInside(call);
            }
        }
        return false;
    }

    /** A TRANSFORM step has no effect: it starts and finishes in one commit. */
    private boolean transform(ActionProgress action, StepCall call) {
        Object value = call.args().get("value");
        List<String> problems = steps.expectationProblems(call.step(), value);
        if (!problems.isEmpty()) {
            fail(action, "EXPECTATION_FAILED", action.action.name() + ": " + String.join("; ", problems), false);
            return false;
        }
        changes.started(call);
        finished(call, value, 0);
        return true;
    }

    /** Whether the run was worked on long enough; if so, nothing more starts, and it fails. */
    private boolean isOverTime() {
        Duration worked = progress.worked(context.clock().instant());
        if (worked.compareTo(context.runTimeout()) < 0) {
            return false;
        }
        if (ongoing.failure == null) {
            ongoing.failure = new Ongoing.Failure(
                    "TIMEOUT",
                    "the run was worked on for %d s, at most %d s are allowed; what it has done is kept, and a rerun goes on"
                            .formatted(worked.toSeconds(), context.runTimeout().toSeconds()));
        }
        return true;
    }

    /** Tries a step again after its delay. */
    void retry(StepCall call) {
        ongoing.sleeping--;
        if (ongoing.failure == null && !ongoing.closing && progress.isCurrent(call.action()) && !isOverTime()) {
            start(call);
        }
    }

    /** Starts an attempt of a step of a tool or the model. */
    private void start(StepCall call) {
        changes.started(call);
        ongoing.inFlight++;
        ongoing.performing++;
        changes.afterwards(() -> workers.perform(call));
    }

    void await(StepCall call) {
        ongoing.inFlight++;
        ongoing.sleeping++;
        changes.afterwards(() -> workers.await(call));
    }

    void runInside(StepCall call) {
        ongoing.inFlight++;
        ongoing.performing++;
        ongoing.inside++;
        changes.afterwards(() -> workers.runInside(call, host));
    }

    private void ask(ActionProgress action, StepCall call) {
        changes.started(call);
        changes.add(action.ref.taskId(), RunEvent.Type.ASKED, Payload.asked(call));
        changes.set(action, PENDING, WaitsFor.INPUT_REQUIRED.because(call.questionId()));
        if (call.until() != null) {
            host.wakeAt(progress.runId, call.until());
        }
    }

    private void finished(StepCall call, @Nullable Object output, long millis) {
        changes.add(call.action().taskId(), RunEvent.Type.STEP_FINISHED, Payload.stepFinished(call, output, millis));
    }

    /** A wait is over. */
    void waited(StepCall call) {
        ongoing.sleeping--;
        if (!progress.isCurrent(call.action())) {
            return;
        }
        ActionProgress action = progress.action(call.action().taskId());
        finishWith(action, call, Objects.requireNonNull(call.until()).toString());
    }

    /** Ends a step with a result that no tool and no model gave, and goes on. */
    void finishWith(ActionProgress action, StepCall call, @Nullable Object output) {
        List<String> problems = steps.expectationProblems(call.step(), output);
        if (!problems.isEmpty()) {
            lose(action, call, "EXPECTATION_FAILED", String.join("; ", problems));
            return;
        }
        Instant started = action.route().startedAt.get(call.step().index());
        Instant now = context.clock().instant();
        finished(
                call,
                output,
                started == null ? 0 : Math.max(0, Duration.between(started, now).toMillis()));
        if (ongoing.failure == null) {
            continueAction(action);
        }
    }

    /** A step failed that is not tried again. */
    void lose(ActionProgress action, StepCall call, String code, String message) {
        stepFailed(action, new StepCall.Failed(call, code, message, false, false, 0, List.of(), null));
    }

    /** A worker has reported. */
    void performed(StepCall.Outcome outcome) {
        ongoing.performing--;
        StepCall call = outcome.call();
        if (call.step().kind() == StepKind.SUBRECIPE) {
            ongoing.inside--;
        }
        if (!progress.isCurrent(call.action())) {
            return;
        }
        ActionProgress action = progress.action(call.action().taskId());
        changes.modelCalled(call.action().taskId(), outcome.modelCalls());
        if (outcome instanceof StepCall.Finished finished) {
            changes.add(
                    call.action().taskId(),
                    RunEvent.Type.STEP_FINISHED,
                    Payload.flagged(
                            Payload.with(
                                    Payload.stepFinished(call, finished.output(), finished.millis()),
                                    finished.inside()),
                            finished.flagged()));
            if (ongoing.failure == null) {
                continueAction(action);
            }
        } else if (outcome instanceof StepCall.Failed failed) {
            stepFailed(action, failed);
        } else if (outcome instanceof StepCall.Unapproved unapproved) {
            notCalled(call, StepCall.Unapproved.CODE, "not called, as a person must approve it first");
            if (ongoing.failure == null) {
                changes.preview(action, call, unapproved.reasons());
            }
        } else if (outcome instanceof StepCall.Halted) {
            changes.set(action, PENDING, WaitsFor.SUBRECIPE_PAUSED.because(String.valueOf(call.run())));
        } else if (call.step().kind() != StepKind.SUBRECIPE) {
            // The node was halted before the call: the attempt is over, and the next one is made when the run goes on.
            notCalled(call, "HALTED", "not called, as the node is halted");
            ongoing.halted = true;
            ongoing.closing = true;
        } else {
            // The runtime is being closed, and the run inside heard of it first.
            ongoing.closing = true;
        }
    }

    /** The attempt is over without a call; another one may follow. */
    private void notCalled(StepCall call, String code, String why) {
        changes.add(
                call.action().taskId(),
                RunEvent.Type.STEP_FAILED,
                Payload.stepFailed(new StepCall.Failed(call, code, why, true, false, 0, List.of(), null), false));
    }

    private void stepFailed(ActionProgress action, StepCall.Failed failed) {
        StepCall call = failed.call();
        if (failed.inDoubt()) {
            doubt(action, failed.message());
            return;
        }
        boolean again = failed.retryable()
                && action.route().failures + 1 < call.step().retry().maxAttempts()
                && ongoing.failure == null;
        changes.add(call.action().taskId(), RunEvent.Type.STEP_FAILED, Payload.stepFailed(failed, !again));
        if (again) {
            Duration delay = call.step().retry().delayAfter(action.route().failures);
            ongoing.inFlight++;
            ongoing.sleeping++;
            changes.afterwards(() -> workers.retryAfter(delay, call.nextAttempt()));
        } else {
            fail(action, failed.code(), action.action.name() + ": " + failed.message(), failed.retryable());
        }
    }

    void doubt(ActionProgress action, String why) {
        changes.set(action, PENDING, WaitsFor.IN_DOUBT.because(why));
    }

    /**
     * The way taken has failed for good. Its fallbacks come next; then the action is in error: a CREATE run tries again what may
     * do better, everything else fails the run.
     */
    void fail(ActionProgress action, String code, String message, boolean mayDoBetter) {
        if (ongoing.failure == null && !DECIDED.contains(code) && action.state == IN_PROGRESS) {
            Route next = action.nextFallback(fallbackOrder(action));
            if (next != null) {
                progress.take(action, next);
                continueAction(action);
                return;
            }
        }
        if (mayBeRepaired(action, code)) {
            repair(action, code, message);
        } else {
            giveUp(action, code, message, mayDoBetter);
        }
    }

    /** A replay tries first what has worked best so far; any other run goes by the recipe. */
    private List<Integer> fallbackOrder(ActionProgress action) {
        List<Fallback> fallbacks = action.action.fallbacks();
        RecipeVersion version = progress.plan.version();
        ActionExperience known =
                ActionExperience.none(action.ref.flowId(), action.ref.actionId(), action.action.name());
        if (version != null && progress.plan.mode() == Mode.REUSE && fallbacks.size() > 1) {
            known = context.recipes().experience(version).actions().stream()
                    .filter(each -> each.flowId() == action.ref.flowId() && each.actionId() == action.ref.actionId())
                    .findFirst()
                    .orElse(known);
        }
        return known.fallbackOrder(fallbacks);
    }

    /**
     * Whether an action of a stored recipe is planned anew: what failed was called, has no effect that planning might repeat, and
     * nothing decided against it.
     */
    private boolean mayBeRepaired(ActionProgress action, String code) {
        Step failed = action.nextStep();
        return context.repairs()
                && progress.plan.mode() == Mode.REUSE
                && ongoing.failure == null
                && action.state == IN_PROGRESS
                && action.route().loss != null
                && !DECIDED.contains(code)
                && progress.repairs() < MAX_REPAIRS
                && !progress.isRepaired(action)
                && failed != null
                && (failed.kind() == StepKind.TOOL || failed.kind() == StepKind.MODEL)
                && failed.effect().compareTo(Effect.WRITE) < 0;
    }

    private void repair(ActionProgress action, String code, String message) {
        Repair repair = new Repair(context, progress, action, Objects.requireNonNull(action.nextStep()));
        String request = repair.request().orElse(null);
        if (request == null || isOverTime()) {
            giveUp(action, code, message, false);
            return;
        }
        plan(action.ref, request, repair.tools(), (draft, why) -> planned(action, repair, draft, why));
    }

    /** Has something planned for an action. */
    void plan(ActionRef action, String request, List<ToolSpec> tools, Message.Then then) {
        ongoing.inFlight++;
        changes.afterwards(() -> workers.plan(action, request, tools, host, then));
    }

    /** Has a request planned that an action has asked a person about. */
    void plan(ActionRef action, Gathered request, Gathering.Then then) {
        ongoing.inFlight++;
        changes.afterwards(() -> workers.plan(action, request, context.tools().list(), host, then));
    }

    /** The planner has answered; {@code why} says why there is no plan. */
    private void planned(ActionProgress action, Repair repair, @Nullable Draft draft, String why) {
        Route.Loss loss = Objects.requireNonNull(action.route().loss);
        String message = action.action.name() + ": " + loss.message();
        if (draft == null || ongoing.failure != null) {
            progress.note(action.action.name() + " could not be planned anew: " + why);
            giveUp(action, loss.code(), message, false);
            return;
        }
        changes.modelCalled(action.ref.taskId(), draft.modelCalls());
        Fallback plan;
        try {
            plan = repair.fallback(draft);
        } catch (IllegalArgumentException | RecipeInvalidException e) {
            progress.note(action.action.name() + " could not be planned anew: " + e.getMessage());
            giveUp(action, loss.code(), message, false);
            return;
        }
        changes.add(action.ref.taskId(), RunEvent.Type.REPAIRED, Payload.late(Payload.repaired(plan), repair.isLate()));
        progress.take(action, action.route(action.action.fallbacks().size()));
        continueAction(action);
    }

    private void giveUp(ActionProgress action, String code, String message, boolean mayDoBetter) {
        boolean again = mayDoBetter
                && progress.plan.mode() == Mode.CREATE
                && action.executions < ActionVerdicts.MAX_EXECUTIONS
                && ongoing.failure == null;
        changes.set(action, ERROR, code + ": " + message, again ? Aftermath.RETRIED : Aftermath.NONE);
        if (again) {
            changes.set(action, IN_PROGRESS, "another attempt");
            continueAction(action);
        } else {
            giveUpAround(action, code, message);
            if (ongoing.failure == null) {
                ongoing.failure = new Ongoing.Failure(code, message + hints(action));
            }
        }
    }

    /** An action is in error when one of its subtasks is. */
    void giveUpAround(ActionProgress subtask, String code, String message) {
        for (ActionProgress around = subtask.parent(); around != null; around = around.parent()) {
            changes.set(around, ERROR, code + ": " + message);
        }
    }

    private static String hints(ActionProgress action) {
        String hints = action.action.fallbacks().stream()
                .filter(fallback -> fallback.steps().isEmpty())
                .map(Fallback::text)
                .collect(Collectors.joining("; "));
        return hints.isEmpty() ? "" : " (hint: " + hints + ")";
    }
}
