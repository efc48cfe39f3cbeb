package dev.hart.core.run;

import dev.hart.Run;
import dev.hart.RunReport;
import dev.hart.RunState;
import dev.hart.core.model.ModelCall;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Gathered;
import dev.hart.error.HaltedException;
import dev.hart.error.HartException;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunCancelledException;
import dev.hart.error.RunPausedException;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.ToolSpec;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The runtime as its runs see it. The run of a SUBRECIPE step is one of its own, which the step begins, takes up again, and takes the result of. */
final class InnerRuns implements RunHost {
    /** Other processes do not wake us: look this often whether a run that somebody else drives is over. */
    private static final long POLL_MILLIS = 250;

    private final RunContext context;
    private final ActiveRuns active;
    private final RunDirectory directory;
    private final RunPlans plans;
    private final RunLauncher launcher;
    private final QuestionAlarm alarm;
    private final Supplier<String> ids;

    InnerRuns(
            RunContext context,
            ActiveRuns active,
            RunDirectory directory,
            RunPlans plans,
            RunLauncher launcher,
            QuestionAlarm alarm,
            Supplier<String> ids) {
        this.context = context;
        this.active = active;
        this.directory = directory;
        this.plans = plans;
        this.launcher = launcher;
        this.alarm = alarm;
        this.ids = ids;
    }

    @Override
    public String newId() {
        return ids.get();
    }

    @Override
    public StepCall.Outcome drive(StepCall call, String outer) {
        String runId = Objects.requireNonNull(call.run());
        Instant start = context.clock().instant();
        try {
            Run run = directory.find(runId).isEmpty() ? begin(call, runId, outer) : takeUp(runId);
            return run == null ? new StepCall.Suspended(call) : outcome(call, run, start);
        } catch (RunCancelledException e) {
            return active.isClosing()
                    ? new StepCall.Suspended(call)
                    : failed(call, e.code(), String.valueOf(e.getMessage()), start, null);
        } catch (HaltedException e) {
            return new StepCall.Halted(call, List.of());
        } catch (HartException e) {
            return failed(call, e.code(), String.valueOf(e.getMessage()), start, null);
        } finally {
            directory.forget(runId);
        }
    }

    private Run begin(StepCall call, String runId, String outer) {
        Payload args = new Payload(call.args());
        RecipeVersion recipe = plans.inner(call.args());
        Map<String, @Nullable Object> inputs = args.has("inputs") ? args.object("inputs") : Map.of();
        Map<String, Taint> taints = new HashMap<>();
        for (String input : inputs.keySet()) {
            Taint taint = call.taints().get("inputs." + input);
            if (taint != null) {
                taints.put(input, taint);
            }
        }
        return launcher.drive(runId, plans.inside(recipe, inputs, outer, taints));
    }

    /** Null when the runtime is closed while somebody else drives the run. */
    private @Nullable Run takeUp(String runId) {
        while (!active.isClosing()) {
            long seen = context.signals().writes();
            try {
                return launcher.resume(runId);
            } catch (RunBusyException e) {
                try {
                    context.signals().awaitAfter(seen, POLL_MILLIS);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    return null;
                }
            }
        }
        return null;
    }

    private StepCall.Outcome outcome(StepCall call, Run run, Instant start) {
        if (run.state() == RunState.PAUSED) {
            List<String> waitingFor =
                    run.failure().orElse(null) instanceof RunPausedException paused ? paused.waitingFor() : List.of();
            return new StepCall.Halted(call, waitingFor);
        }
        RunReport report = run.report();
        StepCall.Spent spent = new StepCall.Spent(report.modelCalls(), report.tokens(), report.cost());
        if (run.state() != RunState.SUCCEEDED) {
            HartException why = run.failure().orElseThrow();
            return failed(call, why.code(), String.valueOf(why.getMessage()), start, spent);
        }
        Object output = run.output();
        List<String> problems = new StepRunner(context).expectationProblems(call.step(), output);
        return problems.isEmpty()
                ? new StepCall.Finished(
                        call,
                        output,
                        millisSince(start),
                        List.of(),
                        spent,
                        directory.reader().progress(run.id()).outputTaint().rules())
                : failed(call, "EXPECTATION_FAILED", String.join("; ", problems), start, spent);
    }

    private StepCall.Failed failed(
            StepCall call, String code, String message, Instant start, StepCall.@Nullable Spent spent) {
        return new StepCall.Failed(call, code, message, false, false, millisSince(start), List.of(), spent);
    }

    private long millisSince(Instant start) {
        return Math.max(0, context.clock().instant().toEpochMilli() - start.toEpochMilli());
    }

    @Override
    public void cancel(String runId) {
        active.cancelEarly(runId);
    }

    @Override
    public boolean canGoOn(String runId) {
        return directory.reader().canGoOn(directory.reader().progress(runId));
    }

    @Override
    public List<String> waitingFor(RunProgress progress) {
        return directory.reader().waitingFor(progress);
    }

    @Override
    public Draft plan(String request, List<ToolSpec> tools) {
        return plans.draft(request, tools);
    }

    @Override
    public Draft plan(Gathered request, List<ToolSpec> tools, Consumer<ModelCall> spent) {
        return plans.draft(request, tools, true, spent);
    }

    @Override
    public void wakeAt(String runId, Instant time) {
        alarm.set(runId, time);
    }
}
