package dev.hart.core.run;

import dev.hart.Runs.InDoubt;
import dev.hart.recipe.Action;
import dev.hart.recipe.Step;
import dev.hart.tool.Effect;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the journal says about one action. Not thread-safe: one thread drives a run. */
final class ActionProgress {
    final ActionRef ref;
    /** As the recipe has it, and with the plans that the run added as fallbacks. */
    Action action;

    /** What it was broken down into, in order; empty when it was not. */
    private List<ActionProgress> subtasks = List.of();
    /** The subtask whose result is its own. */
    private @Nullable ActionProgress standIn;
    /** The action that it is a subtask of; null when it is none. */
    private @Nullable ActionProgress parent;

    private Route own;
    /** The fallbacks that were looked at so far, by number; made when first needed. */
    private Map<Integer, Route> fallbacks = Map.of();

    private Route route;
    /** The numbers of the fallbacks that were taken since it began. */
    private final Set<Integer> taken = new HashSet<>();

    ActionState state = ActionState.ASSIGNED;
    /** Why it is in this state. */
    String reason = "";
    /** How often the action was begun. */
    int executions;
    /** How often the verifier said "not yet" in a row. */
    int pending;
    /** How often its steps were replaced by what a verifier suggested. */
    int replacements;
    /** Whether it was in error when a fallback was asked for. */
    boolean inError;
    /** What a person decided about an approval; null when nobody has. */
    @Nullable
    Boolean approved;
    /** What a person decided about a step in doubt; null when nobody has. */
    @Nullable
    InDoubt decision;
    /** What a person answered to the open question; null when nobody has. */
    @Nullable
    Answer answer;

    /** The call that an approval is asked for; null when none is, or it is asked for all DESTRUCTIVE steps. */
    @Nullable
    Preview preview;
    /** Whether a model planned all of it after it had read results. */
    boolean plannedLate;
    /** The numbers of the fallbacks of which that is so. */
    final Set<Integer> lateFallbacks = new HashSet<>();

    /**
     * A call that waits for its approval.
     *
     * @param reasons sentences
     */
    record Preview(int step, List<String> reasons) {}

    /** The answer to a question. */
    record Answer(@Nullable Object value) {}

    ActionProgress(ActionRef ref, Action action) {
        this.ref = ref;
        this.action = action;
        this.own = new Route(0, action.steps());
        this.route = own;
    }

    /** Goes on under another definition that changes nothing about what was done for it. */
    void define(Action same) {
        action = same;
        if (own.args.isEmpty()) {
            own = new Route(0, action.steps());
            route = own;
        }
    }

    /** Is broken down: its end waits for that of the subtasks. */
    void breakDown(List<ActionProgress> into, ActionProgress answer) {
        subtasks = List.copyOf(into);
        standIn = answer;
        into.forEach(subtask -> subtask.parent = this);
    }

    List<ActionProgress> subtasks() {
        return subtasks;
    }

    /** The subtask that has its result; null when it was not broken down. */
    @Nullable
    ActionProgress standIn() {
        return standIn;
    }

    @Nullable
    ActionProgress parent() {
        return parent;
    }

    /** The action of the definition that it belongs to: itself, unless it is a subtask. */
    ActionProgress root() {
        ActionProgress root = this;
        while (root.parent != null) {
            root = root.parent;
        }
        return root;
    }

    /** It and its subtasks, and theirs, each behind the one that it belongs to. */
    List<ActionProgress> all() {
        List<ActionProgress> all = new ArrayList<>();
        all.add(this);
        subtasks.forEach(subtask -> all.addAll(subtask.all()));
        return all;
    }

    /** The one of its subtasks, or of theirs, that comes next; null when all are done. */
    @Nullable
    ActionProgress nextSubtask() {
        for (ActionProgress subtask : subtasks) {
            if (!subtask.isDone()) {
                ActionProgress inner = subtask.nextSubtask();
                return inner == null ? subtask : inner;
            }
        }
        return null;
    }

    /** Whether a call with an effect of WRITE or more was begun for it. */
    boolean hadEffect() {
        return all().stream()
                .anyMatch(each ->
                        hadEffect(each.own) || each.fallbacks.values().stream().anyMatch(ActionProgress::hadEffect));
    }

    private static boolean hadEffect(Route route) {
        return route.steps.stream()
                .anyMatch(step -> step.effect().compareTo(Effect.WRITE) >= 0 && route.args.containsKey(step.index()));
    }

    /**
     * All that was done for it as one way: its own steps, and behind them those of its subtasks in order. The step that gives its
     * result has the name of its output.
     */
    Route whole() {
        if (subtasks.isEmpty()) {
            return own;
        }
        Route whole = new Route(0, BrokenDown.steps(this));
        int place = 0;
        for (ActionProgress each : all()) {
            for (Step step : each.own.steps) {
                place++;
                int index = step.index();
                if (each.own.results.containsKey(index)) {
                    whole.results.put(place, each.own.results.get(index));
                    whole.sources.put(place, Objects.requireNonNull(each.own.sources.get(index)));
                    whole.taints.put(place, Objects.requireNonNull(each.own.taints.get(index)));
                }
                Map<String, @Nullable Object> args = each.own.args.get(index);
                if (args != null) {
                    whole.args.put(place, args);
                }
                Instant started = each.own.startedAt.get(index);
                if (started != null) {
                    whole.startedAt.put(place, started);
                }
            }
        }
        return whole;
    }

    /** Where one of its own steps stands in the {@link #whole} of the action that it belongs to. */
    int placeInWhole(int index) {
        int place = 0;
        for (ActionProgress each : root().all()) {
            if (each == this) {
                return place + index;
            }
            place += each.own.steps.size();
        }
        throw new IllegalStateException(ref + " is no subtask of " + root().ref);
    }

    /** The way that is taken at the moment, or was at the end. */
    Route route() {
        return route;
    }

    /** The action's own steps. */
    Route own() {
        return own;
    }

    /** A way, whether it was taken or not; 0 for the action's own steps. */
    Route route(int number) {
        if (number == 0) {
            return own;
        }
        if (fallbacks.isEmpty()) {
            fallbacks = new HashMap<>();
        }
        return fallbacks.computeIfAbsent(
                number, n -> new Route(n, action.fallbacks().get(n - 1).steps()));
    }

    /** Takes another way. */
    void take(Route other) {
        taken.add(other.number);
        route = other;
    }

    /** Goes back to its own steps, for another attempt: those that are done stay done. */
    void tryAgain() {
        own.failures = 0;
        own.loss = null;
        fallbacks = Map.of();
        taken.clear();
        route = own;
    }

    /** The next way in the order of the recipe; null when there is none. */
    @Nullable
    Route nextFallback() {
        return nextFallback(
                IntStream.range(0, action.fallbacks().size()).boxed().toList());
    }

    /**
     * The next way that was not taken yet and has steps; null when there is none.
     *
     * @param order the places of the fallbacks in the order in which they are tried, from 0
     */
    @Nullable
    Route nextFallback(List<Integer> order) {
        for (int place : order) {
            if (!taken.contains(place + 1)
                    && !action.fallbacks().get(place).steps().isEmpty()) {
                return route(place + 1);
            }
        }
        return null;
    }

    /** Begins anew: what was done so far does not count. */
    void startOver() {
        own = new Route(0, action.steps());
        fallbacks = Map.of();
        taken.clear();
        route = own;
    }

    /** The first step of the way taken that has no result, or null when all have one. */
    @Nullable
    Step nextStep() {
        return route.nextStep();
    }

    /** Whether one of the action's own steps has a result, or a step of the fallback that stands for it. */
    boolean hasResult(int index) {
        return index > own.steps.size() ? whole().results.containsKey(index) : routeOf(index) != null;
    }

    /** The result of one of the action's own steps, or that of the step of the fallback that stands for it. */
    @Nullable
    Object result(int index) {
        if (index > own.steps.size()) {
            return whole().results.get(index);
        }
        Route from = Objects.requireNonNull(routeOf(index));
        return from.results.get(from == own ? index : standIn(index));
    }

    /** Who had a hand in that result. */
    Taint taint(int index) {
        if (index > own.steps.size()) {
            return whole().taints.getOrDefault(index, Taint.NONE);
        }
        Route from = Objects.requireNonNull(routeOf(index));
        return from.taints.getOrDefault(from == own ? index : standIn(index), Taint.NONE);
    }

    /** Whether a model planned a way after it had read results. */
    boolean isPlannedLate(Route way) {
        return plannedLate || lateFallbacks.contains(way.number);
    }

    private @Nullable Route routeOf(int index) {
        if (route.isFallback() && route.results.containsKey(standIn(index))) {
            return route;
        }
        return own.results.containsKey(index) ? own : null;
    }

    /** The step of the way taken that stands for one of the action's own: the one with its output; 0 when there is none. */
    private int standIn(int index) {
        String output = action.steps().get(index - 1).output();
        Step step = output == null ? null : route.named(output);
        if (step != null) {
            return step.index();
        }
        return output == null && index == action.steps().size() ? route.steps.size() : 0;
    }

    /** The result of the last step. */
    @Nullable
    Object lastResult() {
        return standIn == null ? route.lastResult() : standIn.lastResult();
    }

    /** The highest effect that it may have, whichever way it takes. */
    Effect effect() {
        return action.effect();
    }

    /** Whether every step has a result, and the verifier would not have it. */
    boolean isRefused() {
        return state == ActionState.ERROR && nextStep() == null;
    }

    /** Whether anything was done for it. */
    boolean hasBegun() {
        return state != ActionState.ASSIGNED || !own.args.isEmpty();
    }

    boolean isDone() {
        return state == ActionState.TERMINATED;
    }

    /** What it waits for from a person; null when it does not. */
    @Nullable
    WaitsFor waitsFor() {
        return state == ActionState.PENDING || state == ActionState.PREVIEW_PENDING ? WaitsFor.of(reason) : null;
    }

    /** Whether a person has said what it waits for. */
    boolean isDecided() {
        WaitsFor waits = waitsFor();
        if (waits == null) {
            return false;
        }
        return switch (waits) {
            case IN_DOUBT -> decision != null;
            case APPROVAL_REQUIRED -> approved != null;
            case INPUT_REQUIRED -> answer != null;
            case SUBRECIPE_PAUSED, SUBTASKS -> false;
        };
    }

    /** Whether that question waits for its answer. */
    boolean isAsking(String questionId) {
        return waitsFor() == WaitsFor.INPUT_REQUIRED
                && answer == null
                && route.open != null
                && QuestionId.of(ref.taskId(), route.number, route.open).equals(questionId);
    }

    /** Whether the run left a step behind that may have had its effect, or not. */
    boolean isLeftInDoubt() {
        Step step = nextStep();
        return route.open != null && step != null && step.effect().compareTo(Effect.WRITE) >= 0;
    }

    boolean isInDoubt() {
        return waitsFor() == WaitsFor.IN_DOUBT;
    }
}
