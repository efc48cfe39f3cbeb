package dev.hart.core.run;

import dev.hart.RunReport.Source;
import dev.hart.core.run.EarlierRun.Recorded;
import dev.hart.core.tool.CallableTool;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.Step;
import dev.hart.tool.Effect;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which steps of a rerun are not called, because their result was given or stands in the journal of the earlier run.
 *
 * <p>A recorded result is kept when nothing that the step depends on is different: the same tool in the same version, equal
 * arguments, and everything that it waits for unchanged. An action is unchanged when each of its results was kept or is equal
 * to the recorded one, so what runs again and comes to the same result stops a change from spreading ("early cut-off"). That
 * holds for what only reads: behind an effect that was had anew, however far, everything that waits for it runs again, as the
 * effect may be seen where no result shows it.
 *
 * <p>The answer follows from the two journals alone, so a run that is resumed comes to the same one. Not thread-safe: one
 * thread drives a run.
 */
final class KeptSteps {
    private final RunContext context;
    private final RunProgress progress;
    private final EarlierRun earlier;
    private final long upTo;
    private final StepRunner steps;
    private final Map<StepRef, @Nullable Object> given = new HashMap<>();
    /** The flows that must be done before a flow, also those that are behind others. */
    private final Map<Integer, Set<Integer>> flowsBefore = new HashMap<>();
    /** Whether an effect was had anew in a finished action or before it. */
    private final Map<ActionProgress, Boolean> stirred = new HashMap<>();
    /** Whether the inputs of this run come from its journal, where secrets are left out. */
    private final boolean resumed;

    KeptSteps(RunContext context, RunProgress progress, Origin origin, EarlierRun earlier, boolean resumed) {
        this.context = context;
        this.progress = progress;
        this.earlier = earlier;
        this.upTo = origin.event();
        this.steps = new StepRunner(context);
        this.resumed = resumed;
        origin.results()
                .forEach((name, value) ->
                        StepRef.named(progress.plan.recipe(), name).ifPresent(ref -> given.put(ref, value)));
        for (Flow flow : FlowOrder.of(progress.plan.recipe())) {
            Set<Integer> before = new HashSet<>();
            for (int id : flow.dependsOn()) {
                if (id != flow.flowId()) {
                    before.add(id);
                    before.addAll(flowsBefore.getOrDefault(id, Set.of()));
                }
            }
            flowsBefore.put(flow.flowId(), before);
        }
    }

    /** What to journal as the end of a step that is not called; null when it must be called. */
    @Nullable
    Map<String, @Nullable Object> end(ActionProgress action, Step step) {
        Route route = action.route();
        if (route.args.containsKey(step.index())) {
            return null;
        }
        StepRef ref = ref(action, route, step);
        Map<String, @Nullable Object> args = bound(action, step);
        if (given.containsKey(ref)) {
            return Payload.stepGiven(ref, args == null ? Map.of() : args, given.get(ref));
        }
        Recorded recorded = earlier.step(ref);
        return recorded != null
                        && recorded.event() <= upTo
                        && args != null
                        && isSameCall(step, args, recorded.step(), recorded.args(), recorded.toolVersion())
                        && steps.expectationProblems(step, recorded.output()).isEmpty()
                        && isUndisturbed(action, step)
                ? Payload.stepKept(ref, recorded)
                : null;
    }

    /**
     * The fallback that the earlier run took at this step, and carried the action out by; null when it did not, or the step may do
     * better now. The step is not called again then.
     */
    @Nullable
    Route fallback(ActionProgress action, Step step) {
        ActionProgress before = earlier.action(action.action.name());
        if (before == null
                || action.route().isFallback()
                || !before.isDone()
                || !before.route().isFallback()
                || before.route().number > action.action.fallbacks().size()
                || given.containsKey(ref(action, action.route(), step))) {
            return null;
        }
        Route own = before.own();
        Step lost = own.nextStep();
        Map<String, @Nullable Object> lostArgs = lost == null ? null : own.args.get(lost.index());
        Map<String, @Nullable Object> args = bound(action, step);
        Recorded last = earlier.step(new StepRef(
                action.action.name(),
                before.route().number,
                before.route().steps.size()));
        boolean holds = last != null
                && last.event() <= upTo
                && lost != null
                && lost.index() == step.index()
                && lostArgs != null
                && args != null
                && isSameCall(step, args, lost, lostArgs, lost.toolVersion())
                && isUndisturbed(action, step);
        return holds ? action.route(before.route().number) : null;
    }

    private static StepRef ref(ActionProgress action, Route route, Step step) {
        return new StepRef(action.action.name(), route.number, step.index());
    }

    private @Nullable Map<String, @Nullable Object> bound(ActionProgress action, Step step) {
        try {
            return progress.bind(action, step, context.clock().instant());
        } catch (Binding.Unbound e) {
            return null;
        }
    }

    private boolean isSameCall(
            Step step,
            Map<String, @Nullable Object> args,
            Step before,
            Map<String, @Nullable Object> argsBefore,
            @Nullable String toolVersion) {
        if (step.kind() != before.kind() || !Objects.equals(step.tool(), before.tool())) {
            return false;
        }
        if (step.tool() != null && toolVersion != null) {
            CallableTool tool = context.tools().tool(step.tool());
            if (tool == null || !tool.spec().version().equals(toolVersion)) {
                return false;
            }
        }
        String canonical = CanonicalJson.write(args);
        return canonical.equals(CanonicalJson.write(argsBefore))
                && !(resumed && canonical.contains(ActionDriver.LEFT_OUT));
    }

    /** Whether everything that comes before the step came to what it came to in the earlier run, without an effect. */
    private boolean isUndisturbed(ActionProgress action, Step step) {
        Route own = action.own();
        Route route = action.route();
        for (Step before : own.steps) {
            if (own.results.containsKey(before.index()) && isDisturbed(action, own, before)) {
                return false;
            }
        }
        for (Step before : route.steps) {
            if (before.index() < step.index() && isDisturbed(action, route, before)) {
                return false;
            }
        }
        return !isStirredBefore(action) && awaited(action).stream().allMatch(this::isUnchanged);
    }

    private boolean isDisturbed(ActionProgress action, Route route, Step step) {
        return !isUnchanged(action, route, step) || hadEffect(route, step);
    }

    /** Whether an action was carried out in the same way, and every step of it came to what it came to before. */
    private boolean isUnchanged(ActionProgress action) {
        Route route = action.route();
        ActionProgress before = earlier.action(action.action.name());
        return before != null
                && before.route().number == route.number
                && route.steps.stream().allMatch(step -> isUnchanged(action, route, step))
                && (!route.isFallback()
                        || action.own().results.keySet().stream()
                                .allMatch(index -> isUnchanged(
                                        action, action.own(), action.own().step(index))));
    }

    private boolean isUnchanged(ActionProgress action, Route route, Step step) {
        if (route.sources.get(step.index()) == Source.KEPT) {
            return true;
        }
        Recorded recorded = earlier.step(ref(action, route, step));
        if (recorded == null) {
            return false;
        }
        String now = CanonicalJson.write(route.results.get(step.index()));
        // Two secrets look alike in a journal.
        return now.equals(CanonicalJson.write(recorded.output())) && !now.contains(ActionDriver.LEFT_OUT);
    }

    private static boolean hadEffect(Route route, Step step) {
        return step.effect() != Effect.READ && route.sources.get(step.index()) == Source.PERFORMED;
    }

    private static boolean hadEffect(ActionProgress action) {
        return hadEffect(action.own()) || hadEffect(action.route());
    }

    private static boolean hadEffect(Route route) {
        return route.steps.stream().anyMatch(step -> hadEffect(route, step));
    }

    private boolean isStirredBefore(ActionProgress action) {
        Set<Integer> flows = flowsBefore.getOrDefault(action.ref.flowId(), Set.of());
        return awaited(action).stream().anyMatch(this::isStirred)
                || progress.byTask.values().stream()
                        .anyMatch(other -> flows.contains(other.ref.flowId()) && hadEffect(other));
    }

    private boolean isStirred(ActionProgress done) {
        Boolean known = stirred.get(done);
        if (known == null) {
            known = hadEffect(done) || isStirredBefore(done);
            stirred.put(done, known);
        }
        return known;
    }

    /** The actions that an action waits for by name, or whose results it reads. */
    private Set<ActionProgress> awaited(ActionProgress action) {
        Set<ActionProgress> awaited = new LinkedHashSet<>();
        for (int id : action.action.dependsOn()) {
            awaited.add(progress.at(action.ref.flowId(), id));
        }
        action.action
                .allSteps()
                .flatMap(step -> Placeholder.inValue(step.args()).stream())
                .map(placeholder -> progress.producer(placeholder.root()))
                .filter(Objects::nonNull)
                .forEach(awaited::add);
        awaited.remove(action);
        return awaited;
    }
}
