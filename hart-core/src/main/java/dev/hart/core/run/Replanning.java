package dev.hart.core.run;

import dev.hart.core.json.JsonText;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.plan.Draft.DraftFlow;
import dev.hart.core.plan.Draft.Taken;
import dev.hart.core.recipe.ToolRules;
import dev.hart.error.CannotPlanException;
import dev.hart.error.CannotPlanException.Missing;
import dev.hart.error.HartException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Retry;
import dev.hart.recipe.Step;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a CREATE run does otherwise because its verifier or a person says so: actions that should do something else are planned anew, one
 * that is too large is broken down, and what a person was asked for completes the plan. Used by the run's thread alone.
 */
final class Replanning {
    /** Times that the verifier of a run may change what the run should do. */
    static final int MAX_UPDATES = 3;
    /** How deep subtasks may be within one another. */
    static final int MAX_DEPTH = 8;
    /** Subtasks of one action. */
    static final int MAX_SUBTASKS = 20;
    /** Subtasks of one run. */
    static final int MAX_SUBTASKS_OF_RUN = 100;

    private static final String REFUSED = "VERDICT_ERROR";
    private static final String CANNOT_PLAN = "CANNOT_PLAN";

    private final RunContext context;
    private final RunProgress progress;
    private final RunChanges changes;
    private final ActionDriver driver;
    private final Ongoing ongoing;

    Replanning(RunContext context, RunProgress progress, RunChanges changes, ActionDriver driver, Ongoing ongoing) {
        this.context = context;
        this.progress = progress;
        this.changes = changes;
        this.driver = driver;
        this.ongoing = ongoing;
    }

    /** A person has answered: the run asks what is missing next, or does what can be planned now. */
    void gather(ActionProgress action) {
        Gathering asking = Objects.requireNonNull(progress.plan.gathering());
        Object value = action.lastResult();
        if (JsonText.of(value).contains(ActionDriver.LEFT_OUT)) {
            refusePlan(
                    action,
                    CANNOT_PLAN,
                    "the answer held a secret, which the journal does not keep; let the tool take secrets from its own"
                            + " configuration");
            return;
        }
        Gathering known = asking.answered(Objects.requireNonNull(asking.asked()), value);
        driver.plan(action.ref, known.gathered(), (draft, refusal, spent) -> {
            changes.modelCalled(action.ref.taskId(), spent);
            if (refusal != null) {
                ask(action, known, refusal);
            } else if (draft != null) {
                carryOut(action, known, draft);
            }
        });
    }

    private void ask(ActionProgress action, Gathering known, HartException refusal) {
        List<Missing> missing = refusal instanceof CannotPlanException unplanned ? unplanned.missing() : List.of();
        if (missing.isEmpty()) {
            refusePlan(action, refusal.code(), String.valueOf(refusal.getMessage()));
        } else if (known.turns() >= Gathering.MAX_TURNS) {
            refusePlan(
                    action,
                    CANNOT_PLAN,
                    "there is no plan after %d questions: %s".formatted(known.turns(), refusal.getMessage()));
        } else {
            Gathering next = known.asking(missing.get(0));
            Recipe question = Gathering.recipe(progress.plan.recipe().goal(), missing.get(0));
            define(action, question, List.of(), next);
        }
    }

    private void carryOut(ActionProgress action, Gathering known, Draft draft) {
        try {
            define(action, RunPlans.recipeOf(draft, known.gathered().text()), draft.taken(), known);
        } catch (IllegalArgumentException | RecipeInvalidException e) {
            refusePlan(action, CANNOT_PLAN, String.valueOf(e.getMessage()));
        }
    }

    private void define(ActionProgress action, Recipe recipe, List<Taken> taken, Gathering known) {
        changes.update(
                action,
                progress.plan.gathered(new ToolRules(context.tools()).complete(recipe), taken, known),
                List.of(action));
    }

    private void refusePlan(ActionProgress action, String code, String why) {
        if (ongoing.failure == null) {
            driver.fail(action, code, why, false);
        }
    }

    /** An action should do what this says. */
    void update(ActionProgress action, String description) {
        ActionProgress root = action.root();
        List<ActionProgress> all = progress.actions();
        List<String> texts = new ArrayList<>(texts(all));
        int changed = all.indexOf(root);
        texts.set(changed, description);
        update(action, texts, draft -> merged(draft, all, changed, description));
    }

    /** The run should do what these say. */
    void updateAll(ActionProgress action, List<String> descriptions) {
        update(action, descriptions, draft -> new Definition(draft.actions(), draft.answers(), draft.flows()));
    }

    /** The actions of a definition, and those whose results answer the request. */
    private record Definition(List<DraftAction> actions, List<String> answers, List<DraftFlow> flows) {}

    @FunctionalInterface
    private interface Reading {
        Definition of(Draft draft);
    }

    private void update(ActionProgress action, List<String> texts, Reading reading) {
        Gathering gathering = progress.plan.gathering();
        int byAnswers = gathering == null ? 0 : gathering.turns();
        if (progress.definition() - byAnswers > MAX_UPDATES) {
            refuse(action, "cannot be changed again: a run is changed at most %d times".formatted(MAX_UPDATES));
            return;
        }
        driver.plan(action.ref, request(texts), tools(), (draft, why) -> {
            if (draft == null) {
                refuse(action, "cannot be changed: " + why);
                return;
            }
            changes.modelCalled(action.ref.taskId(), draft.modelCalls());
            try {
                update(action, reading.of(draft));
            } catch (IllegalArgumentException | RecipeInvalidException e) {
                refuse(action, "cannot be changed: " + e.getMessage());
            }
        });
    }

    private void update(ActionProgress action, Definition definition) {
        List<Taken> taken = Draft.taken(progress.plan.request(), definition.actions(), tools());
        Recipe recipe = new ToolRules(context.tools())
                .complete(RunPlans.recipeOf(
                        new Draft(
                                progress.plan.recipe().name(),
                                definition.actions(),
                                taken,
                                definition.answers(),
                                List.of(),
                                definition.flows()),
                        progress.plan.request()));
        requireNoMoreEffect(recipe.actions().flatMap(Action::allSteps));
        List<ActionProgress> again = again(action.root(), recipe);
        List<ActionProgress> left = new ArrayList<>(again);
        progress.actions().stream().filter(each -> in(recipe, each) == null).forEach(left::add);
        for (ActionProgress each : left) {
            if (each.hadEffect()) {
                throw new IllegalArgumentException(
                        each.action.name() + " has had an effect, and what had one is not done again for a verdict");
            }
        }
        progress.note("%s was changed by the verifier: definition %d"
                .formatted(action.action.name(), progress.definition() + 1));
        changes.update(
                action,
                progress.plan
                        .with(withFallbacks(recipe, again), taken)
                        .with(progress.plan.untrusted().withActions(late(recipe, again))),
                again);
    }

    /** Whether what is planned for a verdict is planned by a model that has read results. A verifier of the host is its code. */
    private boolean isLate() {
        return context.verifier() == null;
    }

    /** The actions of a new definition that were planned after results were read. */
    private Set<String> late(Recipe recipe, List<ActionProgress> again) {
        Set<String> late = new LinkedHashSet<>();
        for (Flow flow : recipe.flows()) {
            for (Action action : flow.actions()) {
                ActionProgress known = known(flow, action);
                boolean stays = known != null && !again.contains(known);
                if (stays ? progress.isPlannedLate(known, known.own()) : isLate()) {
                    late.add(action.name());
                }
            }
        }
        return late;
    }

    /**
     * A model that judges has read what tools answered, which may be meant to mislead it: what it changes has no higher effect than
     * what was planned for the request.
     */
    private void requireNoMoreEffect(Stream<Step> steps) {
        Effect planned = steps.map(Step::effect).reduce(Effect.READ, Effect::max);
        Effect most = progress.recipe().actions().map(Action::effect).reduce(Effect.READ, Effect::max);
        if (context.verifier() == null && planned.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    "its plan has the effect " + planned + ", what was planned for the request has at most " + most);
        }
    }

    /** The recipe with the fallbacks that were suggested for actions which stay as they are. */
    private Recipe withFallbacks(Recipe recipe, List<ActionProgress> again) {
        Recipe kept = recipe;
        for (ActionProgress known : progress.actions()) {
            Action action = in(recipe, known);
            if (action != null && !again.contains(known)) {
                for (Fallback fallback : known.action.fallbacks()) {
                    kept = Repair.with(kept, known.ref, Repair.with(action, fallback));
                }
            }
        }
        return kept;
    }

    /** The action of a recipe in the place of one that is known; null when it has none there. */
    private static @Nullable Action in(Recipe recipe, ActionProgress known) {
        return recipe.flows().stream()
                .filter(flow -> flow.flowId() == known.ref.flowId())
                .flatMap(flow -> flow.actions().stream())
                .filter(action -> action.actionId() == known.ref.actionId())
                .findFirst()
                .orElse(null);
    }

    /** The actions that are assigned anew: what was judged, what is not the same, and what was done with the result of such a one. */
    private List<ActionProgress> again(ActionProgress judged, Recipe recipe) {
        List<ActionProgress> again = new ArrayList<>();
        Set<Integer> changedFlows = new HashSet<>();
        for (Flow flow : FlowOrder.of(recipe)) {
            Set<Integer> changed = new HashSet<>();
            boolean behind = flow.dependsOn().stream().anyMatch(changedFlows::contains);
            for (List<Action> wave : flow.waves()) {
                for (Action action : wave) {
                    boolean stirred = behind || action.dependsOn().stream().anyMatch(changed::contains);
                    ActionProgress known = known(flow, action);
                    if (known != null && (known == judged || !isSame(known, action) || (stirred && known.hasBegun()))) {
                        changed.add(action.actionId());
                        again.add(known);
                    }
                }
            }
            if (!changed.isEmpty()) {
                changedFlows.add(flow.flowId());
            }
        }
        return again;
    }

    private @Nullable ActionProgress known(Flow flow, Action action) {
        return progress.actions().stream()
                .filter(each -> each.ref.flowId() == flow.flowId() && each.ref.actionId() == action.actionId())
                .findFirst()
                .orElse(null);
    }

    private static boolean isSame(ActionProgress known, Action action) {
        return known.action.name().equals(action.name()) && known.action.steps().equals(action.steps());
    }

    /** The definition with one action as it was planned anew; all of the new plan when that differs in more. */
    private Definition merged(Draft draft, List<ActionProgress> all, int changed, String description) {
        List<DraftAction> planned = draft.actions();
        boolean alike = planned.size() == all.size();
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; alike && i < planned.size(); i++) {
            alike = i == changed || isAlike(planned.get(i), all.get(i));
            names.put(planned.get(i).name(), all.get(i).action.name());
        }
        if (!alike) {
            return new Definition(planned, draft.answers(), draft.flows());
        }
        List<DraftAction> actions = new ArrayList<>();
        Set<String> answers = new LinkedHashSet<>();
        for (int i = 0; i < planned.size(); i++) {
            DraftAction now = planned.get(i);
            Action before = all.get(i).action;
            Step step = before.steps().get(0);
            actions.add(
                    i == changed
                            ? new DraftAction(
                                    before.name(), description, now.kind(), now.tool(), renamed(now.args(), names))
                            : new DraftAction(
                                    before.name(), before.description(), step.kind(), step.tool(), step.args()));
        }
        draft.answers().forEach(answer -> answers.add(names.getOrDefault(answer, answer)));
        return new Definition(actions, List.copyOf(answers), flows());
    }

    /** The flows as they are; empty when there is one. */
    private List<DraftFlow> flows() {
        List<Flow> flows = progress.plan.recipe().flows();
        if (flows.size() == 1) {
            return List.of();
        }
        return flows.stream()
                .map(flow -> new DraftFlow(
                        flow.name(),
                        flow.persona(),
                        flow.subGoal(),
                        flow.dependsOn().stream()
                                .filter(id -> id != flow.flowId())
                                .map(id -> flows.get(id).name())
                                .toList(),
                        flow.actions().stream().map(Action::name).toList()))
                .toList();
    }

    private static boolean isAlike(DraftAction planned, ActionProgress known) {
        Step step = known.action.steps().get(0);
        return known.action.steps().size() == 1
                && planned.kind() == step.kind()
                && (planned.tool() == null || planned.tool().equals(step.tool()));
    }

    /** An action is too large for one. */
    void breakDown(ActionProgress action, List<String> subtasks) {
        long known = progress.byTask.values().stream()
                .filter(each -> each.ref.isSubtask())
                .count();
        if (!action.subtasks().isEmpty()) {
            refuse(action, "was broken down already");
        } else if (action.ref.path().size() >= MAX_DEPTH) {
            refuse(action, "cannot be broken down: subtasks are at most %d deep".formatted(MAX_DEPTH));
        } else if (subtasks.size() > MAX_SUBTASKS) {
            refuse(
                    action,
                    "cannot be broken down into %d subtasks, at most %d are allowed"
                            .formatted(subtasks.size(), MAX_SUBTASKS));
        } else if (known + subtasks.size() > MAX_SUBTASKS_OF_RUN) {
            refuse(action, "cannot be broken down: a run has at most %d subtasks".formatted(MAX_SUBTASKS_OF_RUN));
        } else {
            List<ActionProgress> before = done(action.root());
            List<String> texts = new ArrayList<>(texts(before));
            texts.addAll(subtasks);
            breakDown(action, subtasks, before, texts);
        }
    }

    /** The actions before one, as far as all of them are done: a subtask may speak of their results. */
    private List<ActionProgress> done(ActionProgress root) {
        List<ActionProgress> all = progress.actions();
        List<ActionProgress> before = all.subList(0, all.indexOf(root));
        return before.stream().allMatch(ActionProgress::isDone) ? before : List.of();
    }

    private void breakDown(
            ActionProgress action, List<String> subtasks, List<ActionProgress> before, List<String> texts) {
        driver.plan(action.ref, request(texts), tools(), (draft, why) -> {
            if (draft != null) {
                changes.modelCalled(action.ref.taskId(), draft.modelCalls());
            }
            if (draft == null || !isBehind(before, draft)) {
                if (before.isEmpty()) {
                    refuse(action, "cannot be broken down: " + why);
                } else {
                    breakDown(action, subtasks, List.of(), subtasks);
                }
                return;
            }
            try {
                breakDown(action, before, draft);
            } catch (IllegalArgumentException | RecipeInvalidException e) {
                refuse(action, "cannot be broken down: " + e.getMessage());
            }
        });
    }

    /** Whether a plan begins with these actions, and goes on. */
    private static boolean isBehind(List<ActionProgress> before, Draft draft) {
        boolean behind = draft.actions().size() > before.size();
        for (int i = 0; behind && i < before.size(); i++) {
            behind = isAlike(draft.actions().get(i), before.get(i));
        }
        return behind;
    }

    private void breakDown(ActionProgress action, List<ActionProgress> before, Draft draft) {
        List<DraftAction> parts =
                draft.actions().subList(before.size(), draft.actions().size());
        if (parts.size() > MAX_SUBTASKS) {
            throw new IllegalArgumentException(
                    "its plan has %d subtasks, at most %d are allowed".formatted(parts.size(), MAX_SUBTASKS));
        }
        int answer = answer(draft.answers(), parts);
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; i < before.size(); i++) {
            Step step = before.get(i).action.steps().get(0);
            String name = step.output() == null ? before.get(i).action.name() : step.output();
            names.put(draft.actions().get(i).name(), name);
        }
        Set<String> taken = namesInUse();
        List<String> own = new ArrayList<>();
        List<Step> lastSteps = action.action.steps();
        String output = lastSteps.get(lastSteps.size() - 1).output();
        for (int i = 0; i < parts.size(); i++) {
            String name = free(parts.get(i).name(), taken);
            own.add(name);
            names.put(parts.get(i).name(), i == answer && output != null ? output : name);
        }
        List<Step> steps = new ArrayList<>();
        for (DraftAction part : parts) {
            steps.add(Repair.step(
                    1, part.kind(), part.tool(), renamed(part.args(), names), names.get(part.name()), null));
        }
        List<Step> complete = completed(action, steps);
        requireNoMoreEffect(complete.stream());
        List<Action> subtasks = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            subtasks.add(
                    new Action(i + 1, own.get(i), parts.get(i).description(), List.of(), List.of(complete.get(i))));
        }
        changes.breakDown(action, subtasks, answer + 1, isLate());
    }

    /** The subtask whose result is that of the action: the last that answers, or else the last. */
    private static int answer(List<String> answers, List<DraftAction> parts) {
        for (int i = parts.size() - 1; i >= 0; i--) {
            if (answers.contains(parts.get(i).name())) {
                return i;
            }
        }
        return parts.size() - 1;
    }

    private Set<String> namesInUse() {
        Set<String> names = new HashSet<>(Set.of("inputs", "steps", "run", "clock"));
        progress.byTask.values().forEach(each -> {
            names.add(each.action.name());
            each.action.allSteps().map(Step::output).forEach(names::add);
        });
        return names;
    }

    private static String free(String name, Set<String> taken) {
        String free = name;
        for (int n = 2; !taken.add(free); n++) {
            free = name + n;
        }
        return free;
    }

    /** The steps of subtasks as they will stand in the recipe, with what their tools declare filled in. */
    private List<Step> completed(ActionProgress action, List<Step> steps) {
        ActionProgress root = action.root();
        List<Step> whole = BrokenDown.steps(root, action, steps);
        Recipe recipe = new ToolRules(context.tools())
                .complete(Repair.with(progress.whole(), root.ref, BrokenDown.with(root.action, whole)));
        int from = action.placeInWhole(action.action.steps().size());
        List<Step> complete = recipe.flows().get(root.ref.flowId()).actions().stream()
                .filter(each -> each.actionId() == root.ref.actionId())
                .findFirst()
                .orElseThrow()
                .steps();
        return complete.subList(from, from + steps.size()).stream()
                .map(step -> new Step(
                        1,
                        step.kind(),
                        step.tool(),
                        step.toolVersion(),
                        step.args(),
                        step.output(),
                        step.effect(),
                        step.expect(),
                        step.timeout(),
                        Retry.DEFAULT))
                .toList();
    }

    private static Map<String, @Nullable Object> renamed(
            Map<String, @Nullable Object> args, Map<String, String> names) {
        Map<String, @Nullable Object> renamed = new LinkedHashMap<>();
        args.forEach((name, value) -> renamed.put(name, Repair.renamed(value, names)));
        return renamed;
    }

    private static List<String> texts(List<ActionProgress> actions) {
        return actions.stream().map(each -> each.action.description()).toList();
    }

    /** Texts of what is to be done as one request. */
    private static String request(List<String> texts) {
        return texts.stream().map(text -> text.strip().replaceAll("[.;]+$", "")).collect(Collectors.joining(". "));
    }

    private List<ToolSpec> tools() {
        return context.tools().list();
    }

    private void refuse(ActionProgress action, String why) {
        if (ongoing.failure == null) {
            driver.fail(action, REFUSED, action.action.name() + " " + why, false);
        }
    }
}
