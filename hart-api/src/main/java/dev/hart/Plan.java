package dev.hart;

import dev.hart.guard.Reach;
import dev.hart.json.Json;
import dev.hart.recipe.Problem;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run of a recipe with these inputs would do, as far as that is known before it: see {@link Hart#dryRun}.
 *
 * @param waves in the order in which they run; a wave waits for those before it
 * @param problems why the run would fail, as far as it is known: tools that are missing, arguments that a tool would not take,
 *     calls that a guardrail would refuse
 * @param forecast how long it takes and what it costs, going by experience
 */
public record Plan(RecipeVersion recipe, Inputs inputs, List<Wave> waves, List<Problem> problems, Forecast forecast) {
    public Plan {
        waves = List.copyOf(waves);
        problems = List.copyOf(problems);
    }

    /** Whether nothing is known that would make the run fail. */
    public boolean isRunnable() {
        return problems.isEmpty();
    }

    /** The actions that are known to wait for a person's approval, in their order. */
    public List<String> approvals() {
        return waves.stream()
                .flatMap(wave -> wave.actions().stream())
                .filter(PlannedAction::needsApproval)
                .map(PlannedAction::name)
                .toList();
    }

    /** The actions that will ask a person, in their order. */
    public List<String> questions() {
        return waves.stream()
                .flatMap(wave -> wave.actions().stream())
                .filter(action -> action.steps().stream().anyMatch(step -> step.kind() == StepKind.ASK))
                .map(PlannedAction::name)
                .toList();
    }

    /** The tools that the recipe calls and that are not registered, each once. */
    public List<String> missingTools() {
        return waves.stream()
                .flatMap(wave -> wave.actions().stream())
                .flatMap(action -> action.steps().stream())
                .filter(PlannedStep::isToolMissing)
                .map(step -> String.valueOf(step.tool()))
                .distinct()
                .toList();
    }

    /**
     * Actions of one flow that wait for the same. Neighbours that only read run at the same time, as many as the runtime's
     * parallelism allows; every other one runs alone, in this order.
     */
    public record Wave(int flowId, List<PlannedAction> actions) {
        public Wave {
            actions = List.copyOf(actions);
        }
    }

    /**
     * One action.
     *
     * @param effect the highest that it may have, its fallbacks included
     * @param needsApproval whether it is known to wait for a person: what results make suspicious only shows in the run
     * @param steps its own; fallbacks are only taken when they fail
     * @param time on average so far, or as its steps say when they wait and compute only; empty when it is not known
     * @param cost of its model calls on average so far; empty likewise
     */
    public record PlannedAction(
            int flowId,
            int actionId,
            String name,
            String description,
            Effect effect,
            boolean needsApproval,
            List<PlannedStep> steps,
            Optional<Duration> time,
            Optional<Spark> cost) {
        public PlannedAction {
            steps = List.copyOf(steps);
        }
    }

    /**
     * One step.
     *
     * @param tool the tool's name, for a TOOL step only
     * @param isToolMissing whether that tool is not registered
     * @param reach what that tool touches beside the data of this node, as it says now
     * @param args with every placeholder filled in whose value is known before the run
     * @param open the placeholders that are left in {@code args}, such as {@code {{total}}}
     */
    public record PlannedStep(
            int index,
            StepKind kind,
            @Nullable String tool,
            boolean isToolMissing,
            Effect effect,
            Set<Reach> reach,
            Map<String, @Nullable Object> args,
            List<String> open) {
        // Written out, as compact constructors lose what their parameters' types say about null.
        public PlannedStep(
                int index,
                StepKind kind,
                @Nullable String tool,
                boolean isToolMissing,
                Effect effect,
                Set<Reach> reach,
                Map<String, @Nullable Object> args,
                List<String> open) {
            this.index = index;
            this.kind = kind;
            this.tool = tool;
            this.isToolMissing = isToolMissing;
            this.effect = effect;
            this.reach = Set.copyOf(reach);
            this.args = Json.objectOf(args);
            this.open = List.copyOf(open);
        }
    }

    /**
     * What the measured actions take together.
     *
     * @param time with actions beside each other where they run at the same time; waiting for a person, and between attempts, is
     *     not in it
     * @param cost of their model calls, at the prices of the runs that were measured
     * @param unmeasured actions of which nothing is known, so that they are not in {@code time} and {@code cost}
     */
    public record Forecast(Duration time, Spark cost, List<String> unmeasured) {
        public Forecast {
            unmeasured = List.copyOf(unmeasured);
        }

        /** Whether every action is in it. */
        public boolean isComplete() {
            return unmeasured.isEmpty();
        }
    }
}
