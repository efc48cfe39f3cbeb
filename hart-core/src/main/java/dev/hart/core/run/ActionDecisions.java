package dev.hart.core.run;

import static dev.hart.core.run.ActionState.IN_PROGRESS;
import static dev.hart.core.run.ActionState.PENDING;
import static dev.hart.core.run.ActionState.PREVIEW_APPROVED;
import static dev.hart.core.run.ActionState.TERMINATED;

import dev.hart.RunEvent;
import dev.hart.Runs.InDoubt;
import dev.hart.json.Json;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.util.Objects;

/** Goes on with actions that stood still: those of a resumed run, and those that waited for a person. Used by the run's thread alone. */
final class ActionDecisions {
    private final RunContext context;
    private final RunProgress progress;
    private final RunChanges changes;
    private final RunHost host;
    private final ActionDriver driver;
    private final Ongoing ongoing;

    ActionDecisions(
            RunContext context,
            RunProgress progress,
            RunChanges changes,
            RunHost host,
            ActionDriver driver,
            Ongoing ongoing) {
        this.context = context;
        this.progress = progress;
        this.changes = changes;
        this.host = host;
        this.driver = driver;
        this.ongoing = ongoing;
    }

    /** What an action of a resumed run needs before it can go on. */
    void takeUp(ActionProgress action) {
        switch (action.state) {
            case IN_PROGRESS -> takeUpStep(action);
            case STATUS_VERIFICATION_REQUESTED -> driver.verdicts().judge(action);
            case PREVIEW_PENDING, PENDING -> decided(action);
            case FALLBACK_REQUESTED -> driver.verdicts().suggestions().plan(action);
            case ERROR ->
                ongoing.failure = new Ongoing.Failure("RUN_FAILED", action.action.name() + ": " + action.reason);
            default -> {}
        }
    }

    private void takeUpStep(ActionProgress action) {
        Route route = action.route();
        Route.Loss loss = route.loss;
        Step step = action.nextStep();
        if (loss != null) {
            driver.fail(action, loss.code(), action.action.name() + ": " + loss.message(), loss.mayDoBetter());
        } else if (route.open == null || step == null) {
            driver.continueAction(action);
        } else if (step.kind() == StepKind.WAIT) {
            driver.await(driver.openCall(action));
        } else if (step.kind() == StepKind.SUBRECIPE) {
            driver.runInside(driver.openCall(action));
        } else if (step.effect().compareTo(Effect.WRITE) < 0) {
            driver.continueAction(action);
        } else {
            driver.doubt(action, "the process ended while " + step.tool() + " was running");
        }
    }

    /** Goes on with an action that waited for a person, if it has what it waited for. */
    void decided(ActionProgress action) {
        WaitsFor waits = action.waitsFor();
        if (waits == null) {
            return;
        }
        switch (waits) {
            case IN_DOUBT -> resolve(action);
            case APPROVAL_REQUIRED -> approve(action);
            case INPUT_REQUIRED -> answer(action);
            case SUBRECIPE_PAUSED -> takeUpInside(action);
            case SUBTASKS -> {
                // They are actions of their own, and are taken up themselves.
            }
        }
    }

    /** Takes up the run inside that an action waits for, if that does not wait for a person any longer. */
    boolean takeUpInside(ActionProgress action) {
        StepCall call = driver.openCall(action);
        if (!host.canGoOn(Objects.requireNonNull(call.run()))) {
            return false;
        }
        changes.set(action, IN_PROGRESS, "");
        driver.runInside(call);
        return true;
    }

    private void approve(ActionProgress action) {
        if (action.approved == null) {
            return;
        }
        boolean approved = action.approved;
        if (action.state == PENDING) {
            if (approved) {
                changes.set(action, IN_PROGRESS, "approved");
                driver.continueAction(action);
            } else {
                driver.fail(action, "PREVIEW_REJECTED", action.action.name() + " was not approved", false);
            }
        } else if (approved) {
            changes.set(action, PREVIEW_APPROVED, "approved");
            changes.set(action, IN_PROGRESS, "");
            driver.continueAction(action);
        } else {
            changes.set(action, TERMINATED, "rejected");
            driver.giveUpAround(action, "PREVIEW_REJECTED", action.action.name() + " was not approved");
            ongoing.failure = new Ongoing.Failure("PREVIEW_REJECTED", action.action.name() + " was not approved");
        }
    }

    private void resolve(ActionProgress action) {
        Step step = action.nextStep();
        InDoubt decision = action.decision;
        if (decision == null || step == null) {
            return;
        }
        if (decision instanceof InDoubt.GiveUp) {
            driver.fail(
                    action, WaitsFor.IN_DOUBT.name(), action.action.name() + " was given up: " + action.reason, false);
            return;
        }
        changes.set(action, IN_PROGRESS, "decided");
        if (decision instanceof InDoubt.TakeAsDone done) {
            Route route = action.route();
            changes.add(
                    action.ref.taskId(),
                    RunEvent.Type.STEP_FINISHED,
                    Payload.stepFinished(
                            route.number, step.index(), Math.max(1, route.attempts), Json.valueOf(done.output()), 0));
        }
        driver.continueAction(action);
    }

    private void answer(ActionProgress action) {
        ActionProgress.Answer answer = action.answer;
        StepCall call = driver.openCall(action);
        if (answer != null) {
            changes.set(action, IN_PROGRESS, "answered");
            driver.finishWith(action, call, answer.value());
        } else if (Waiting.isOver(call.until(), context.clock().instant())) {
            changes.set(action, IN_PROGRESS, "nobody answered");
            driver.lose(
                    action,
                    call,
                    "INPUT_TIMEOUT",
                    "nobody answered '%s' until %s".formatted(call.args().get("question"), call.until()));
        } else if (call.until() != null) {
            host.wakeAt(progress.runId, call.until());
        }
    }

    /** Gives up the questions whose deadline has passed; false when there is none. */
    boolean giveUpQuestions() {
        boolean any = false;
        for (ActionProgress action : progress.asking()) {
            if (Waiting.isOver(action.route().until, context.clock().instant()) && !ongoing.closing) {
                answer(action);
                any = true;
            }
        }
        return any;
    }
}
