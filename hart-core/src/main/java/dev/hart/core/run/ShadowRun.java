package dev.hart.core.run;

import dev.hart.Mode;
import dev.hart.RunReport;
import dev.hart.RunState;
import dev.hart.core.recipe.InputCheck;
import dev.hart.core.recipe.ResultJudging;
import dev.hart.core.recipe.ToolRules;
import dev.hart.core.rollout.ResultComparison;
import dev.hart.core.rollout.TrialResult;
import dev.hart.core.run.Recordings.Recorded;
import dev.hart.core.tool.CallableTool;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.ResultCheck;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A candidate's run beside one that answered: the same inputs, step by step, without a journal. A step that reads is performed. Any
 * other, a question and a recipe inside get what the same call gave the run that answered; where that made no such call, there is
 * nothing to compare. So whatever the candidate says, no effect happens twice. Used by one thread.
 */
final class ShadowRun {
    private final RunContext context;
    private final RunProgress answered;
    private final RecipeVersion candidate;
    private final Recordings recordings;
    private final StepRunner steps;
    private final RunProgress shadow;
    private long millis;
    private long microSpark;
    private boolean counts = true;
    /** The rules that the gate flagged the result of the latest call by. */
    private Set<String> flagged = Set.of();

    ShadowRun(RunContext context, RunProgress answered, RecipeVersion candidate, Recordings recordings) {
        this.context = context;
        this.answered = answered;
        this.candidate = candidate;
        this.recordings = recordings;
        this.steps = new StepRunner(context);
        this.shadow = new RunProgress(
                answered.runId,
                new RunPlan(
                                Mode.REUSE,
                                answered.plan.request(),
                                candidate.recipe(),
                                candidate,
                                answered.plan.inputs(),
                                List.of(),
                                List.of(),
                                context.clock().instant(),
                                List.of(),
                                null,
                                null)
                        .with(answered.plan.untrusted()));
    }

    /** Its result would say nothing about the candidate. */
    private static final class NotComparable extends Exception {
        private static final long serialVersionUID = 1;

        NotComparable(String message) {
            super(message);
        }
    }

    /** A step has failed for good. */
    private static final class StepFailed extends Exception {
        private static final long serialVersionUID = 1;

        StepFailed(String message) {
            super(message);
        }
    }

    /** Whether what it came to says something about the candidate. */
    boolean counts() {
        return counts;
    }

    /** Runs the candidate. Whatever goes wrong is in the result. */
    TrialResult perform() throws InterruptedException {
        ResultCheck check = context.recipes().choices().check(candidate);
        try {
            requireFitting();
            for (Flow flow : FlowOrder.of(candidate.recipe())) {
                for (List<Action> wave : flow.waves()) {
                    for (Action action : wave) {
                        perform(shadow.action(new ActionRef(flow.flowId(), action.actionId()).taskId()));
                    }
                }
            }
        } catch (NotComparable e) {
            counts = false;
            return result(false, null, List.of(String.valueOf(e.getMessage())));
        } catch (StepFailed e) {
            return result(false, passes(check) ? Boolean.FALSE : null, List.of(String.valueOf(e.getMessage())));
        }
        return compared(check);
    }

    private TrialResult result(boolean passed, @Nullable Boolean agreed, List<String> problems) {
        return new TrialResult(answered.runId, passed, agreed, millis, microSpark, ResultJudging.readable(problems));
    }

    private void requireFitting() throws NotComparable {
        try {
            new InputCheck(context.lazySchemas()).require(candidate.recipe(), answered.plan.inputs());
            new ToolRules(context.tools()).require(candidate.recipe());
        } catch (InputInvalidException | RecipeInvalidException e) {
            throw new NotComparable("it cannot do this run: " + e.getMessage());
        }
    }

    private TrialResult compared(@Nullable ResultCheck check) {
        Map<String, @Nullable Object> outputs = shadow.outputValues();
        List<String> problems =
                new ArrayList<>(steps.problems(candidate.recipe().outputs(), outputs));
        if (check != null && problems.isEmpty()) {
            problems.addAll(context.recipes().choices().judging().problems(check, answered.plan.inputs(), outputs));
        }
        boolean passed = problems.isEmpty();
        if (!passes(check)) {
            return result(passed, null, problems);
        }
        List<String> differences = new ArrayList<>(ResultComparison.differences(
                check == null ? ResultCheck.none() : check, answered.outputValues(), outputs));
        for (Recorded left : recordings.leftWithEffect()) {
            differences.add("it does not call " + (left.tool() == null ? left.kind() : left.tool())
                    + ", which the current version did");
        }
        problems.addAll(differences);
        return result(passed, differences.isEmpty(), problems);
    }

    /** Whether the run that answered is one to be equalled. */
    private boolean passes(@Nullable ResultCheck check) {
        return answered.state == RunState.SUCCEEDED
                && answered.repairs() == 0
                && (check == null
                        || context.recipes()
                                .choices()
                                .judging()
                                .problems(check, answered.plan.inputs(), answered.outputValues())
                                .isEmpty());
    }

    private void perform(ActionProgress action) throws NotComparable, StepFailed, InterruptedException {
        while (true) {
            try {
                for (Step step : action.route().steps) {
                    perform(action, step);
                }
                return;
            } catch (StepFailed e) {
                Route next = action.nextFallback();
                if (next == null) {
                    throw e;
                }
                action.take(next);
            }
        }
    }

    private void perform(ActionProgress action, Step step) throws NotComparable, StepFailed, InterruptedException {
        Map<String, @Nullable Object> args;
        try {
            args = shadow.bind(action, step, context.clock().instant());
        } catch (Binding.Unbound e) {
            throw new StepFailed("UNBOUND: " + e.getMessage());
        }
        Route route = action.route();
        flagged = Set.of();
        Object output = output(action, route, step, args);
        route.args.put(step.index(), args);
        route.taints.put(step.index(), shadow.resultTaint(action, step, RunReport.Source.PERFORMED, flagged));
        route.results.put(step.index(), output);
    }

    private @Nullable Object output(ActionProgress action, Route route, Step step, Map<String, @Nullable Object> args)
            throws NotComparable, StepFailed, InterruptedException {
        if (step.kind() == StepKind.TRANSFORM) {
            Object value = args.get("value");
            List<String> problems = steps.expectationProblems(step, value);
            if (!problems.isEmpty()) {
                throw new StepFailed("EXPECTATION_FAILED: " + String.join("; ", problems));
            }
            return value;
        }
        if (step.kind() == StepKind.WAIT) {
            return context.clock().instant().toString();
        }
        if (mayBePerformed(step)) {
            return called(action, route, step, args);
        }
        Recorded recorded = recordings.take(step, args);
        if (recorded == null) {
            throw new NotComparable("%s would %s, which the current version did not do with these values"
                    .formatted(
                            action.action.name(),
                            switch (step.kind()) {
                                case ASK -> "ask a person";
                                case SUBRECIPE -> "run another recipe";
                                default -> "call " + step.tool();
                            }));
        }
        if (step.kind() != StepKind.ASK) {
            millis += recorded.millis();
        }
        return recorded.output();
    }

    /** Whether a step only reads, by what the recipe says and by what the tool says now. */
    private boolean mayBePerformed(Step step) {
        if (step.kind() == StepKind.MODEL) {
            return true;
        }
        if (step.kind() != StepKind.TOOL || step.effect() != Effect.READ) {
            return false;
        }
        CallableTool tool = context.tools().tool(Objects.requireNonNull(step.tool()));
        return tool != null && tool.spec().effect() == Effect.READ;
    }

    /** The result of a call. Further attempts follow at once. */
    private @Nullable Object called(ActionProgress action, Route route, Step step, Map<String, @Nullable Object> args)
            throws NotComparable, StepFailed, InterruptedException {
        StepCall call = new StepCall(
                action.ref,
                action.action.name(),
                route.number,
                step,
                args,
                StepCall.key("shadow/" + answered.runId, action.ref, route.number, step.index(), args),
                1,
                null,
                null,
                shadow.taints(action, step),
                false);
        ToolSpec tool =
                step.tool() == null ? null : context.tools().find(step.tool()).orElse(null);
        if (tool != null) {
            requireNoApproval(ApprovalRules.byOrigin(tool, step, call.taints()));
        }
        while (true) {
            StepCall.Outcome outcome = inTime(call);
            millis += outcome.millis();
            outcome.modelCalls().forEach(asked -> microSpark += asked.cost().micro());
            if (outcome instanceof StepCall.Finished finished) {
                flagged = finished.flagged();
                return finished.output();
            }
            if (outcome instanceof StepCall.Unapproved unapproved) {
                requireNoApproval(unapproved.reasons());
            }
            if (outcome instanceof StepCall.Suspended) {
                throw new NotComparable("the node was halted");
            }
            StepCall.Failed failed = (StepCall.Failed) outcome;
            if (!failed.retryable() || call.attempt() >= step.retry().maxAttempts()) {
                throw new StepFailed(failed.code() + ": " + failed.message());
            }
            call = call.nextAttempt();
        }
    }

    /** A shadow run has nobody to ask. */
    private static void requireNoApproval(List<String> reasons) throws NotComparable {
        if (!reasons.isEmpty()) {
            throw new NotComparable("a person would have to approve a call: " + String.join("; ", reasons));
        }
    }

    private StepCall.Outcome inTime(StepCall call) throws InterruptedException {
        FutureTask<StepCall.Outcome> task = new FutureTask<>(() -> steps.perform(answered.runId, call));
        context.workers().execute(task);
        long most = steps.timeout(call.step()).toMillis();
        try {
            return task.get(most, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            return failed(call, "STEP_TIMEOUT", "took longer than " + most + " ms", most);
        } catch (ExecutionException e) {
            return failed(call, "STEP_FAILED", "threw " + e.getCause(), 0);
        } catch (InterruptedException e) {
            task.cancel(true);
            throw e;
        }
    }

    private static StepCall.Failed failed(StepCall call, String code, String message, long millis) {
        return new StepCall.Failed(call, code, message, true, false, millis, List.of(), null);
    }
}
