package dev.hart.core.run;

import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.recipe.Generaliser;
import dev.hart.core.recipe.LearnedWords;
import dev.hart.core.recipe.ToolRules;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Retry;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A new plan for an action of a stored recipe that has failed for good: what the action should achieve is planned again, with
 * the tools that have not failed in it. The plan becomes one more fallback of the action; the actions behind it go on with its
 * result.
 */
final class Repair {
    private final RunContext context;
    private final RunProgress progress;
    private final ActionProgress action;
    private final @Nullable Step failed;

    /** @param failed the step that has failed for good; null when none has */
    Repair(RunContext context, RunProgress progress, ActionProgress action, @Nullable Step failed) {
        this.context = context;
        this.progress = progress;
        this.action = action;
        this.failed = failed;
    }

    /**
     * What to plan, in words, with the values of this run; empty when that cannot be told, as the action is described with
     * values of the run that taught it.
     */
    Optional<String> request() {
        RecipeVersion version = progress.plan.version();
        Map<String, @Nullable Object> inputs = progress.plan.inputs().values();
        String description = action.action.description();
        if (version == null || description.equals(action.action.name())) {
            return Optional.empty();
        }
        if (version.learnedBy() != null) {
            return LearnedWords.of(version.recipe()).map(words -> words.with(description, inputs));
        }
        try {
            Object bound = new Binding(
                            path -> progress.value(action, path, context.clock().instant()))
                    .bind(description);
            return Optional.of(String.valueOf(bound));
        } catch (Binding.Unbound e) {
            return Optional.empty();
        }
    }

    /** Whether that request has words of tools or models in it. */
    boolean isLate() {
        RecipeVersion version = progress.plan.version();
        if (version != null && version.learnedBy() != null) {
            return !progress.plan.untrusted().inputs().isEmpty();
        }
        return Placeholder.in(action.action.description()).stream()
                .anyMatch(placeholder ->
                        !progress.taint(action, placeholder.path()).isTrusted());
    }

    /** The tools that a plan may use: all but the one that failed. */
    List<ToolSpec> tools() {
        String avoided = failed == null ? null : failed.tool();
        return context.tools().list().stream()
                .filter(tool -> !tool.name().equals(avoided))
                .toList();
    }

    /**
     * The draft as a fallback of the action, its values that are inputs of the run replaced by placeholders.
     *
     * @throws IllegalArgumentException when it cannot stand for the action
     * @throws dev.hart.error.RecipeInvalidException when the recipe would break a rule with it
     */
    Fallback fallback(Draft draft) {
        return fallback(
                draft,
                "planned anew: "
                        + draft.actions().stream().map(DraftAction::description).collect(Collectors.joining("; ")));
    }

    /**
     * The same under another text.
     *
     * @param text says what it does
     */
    Fallback fallback(Draft draft, String text) {
        Map<String, @Nullable Object> inputs = progress.plan.inputs().values();
        Object general = Generaliser.withInputs(Map.of("text", text), inputs).get("text");
        return completed(new Fallback(String.valueOf(general), steps(draft, inputs)));
    }

    /** The same with the values of the run as they are: what it teaches is made general at its end. */
    Fallback instead(Draft draft, String text) {
        return completed(new Fallback(text, steps(draft, Map.of())));
    }

    private List<Step> steps(Draft draft, Map<String, @Nullable Object> inputs) {
        if (draft.answers().size() != 1) {
            throw new IllegalArgumentException("its plan has " + draft.answers().size() + " results");
        }
        Map<String, String> names = new LinkedHashMap<>();
        draft.actions().forEach(planned -> names.put(planned.name(), local(names.size() + 1)));
        List<Step> steps = new ArrayList<>();
        for (DraftAction planned : draft.actions()) {
            Map<String, @Nullable Object> args = new LinkedHashMap<>();
            planned.args().forEach((name, value) -> args.put(name, renamed(value, names)));
            steps.add(step(
                    steps.size() + 1,
                    planned.kind(),
                    planned.tool(),
                    Generaliser.withInputs(args, inputs),
                    names.get(planned.name()),
                    null));
        }
        List<Step> own = action.action.steps();
        Step last = own.get(own.size() - 1);
        steps.add(step(
                steps.size() + 1,
                StepKind.TRANSFORM,
                null,
                Map.of("value", "{{" + names.get(draft.answers().get(0)) + "}}"),
                last.output(),
                last.expect()));
        return steps;
    }

    private String local(int number) {
        String task = action.ref.taskId().replaceAll("[^A-Za-z0-9]+", "_");
        return "repair" + (action.action.fallbacks().size() + action.replacements + 1) + "_" + task + "_" + number;
    }

    static Step step(
            int index,
            StepKind kind,
            @Nullable String tool,
            Map<String, @Nullable Object> args,
            @Nullable String output,
            @Nullable Map<String, @Nullable Object> expect) {
        return new Step(index, kind, tool, null, args, output, Effect.READ, expect, null, Retry.DEFAULT);
    }

    static @Nullable Object renamed(@Nullable Object value, Map<String, String> names) {
        if (value instanceof String text) {
            StringBuilder renamed = new StringBuilder();
            int from = 0;
            for (Placeholder placeholder : Placeholder.in(text)) {
                List<String> path = new ArrayList<>(placeholder.path());
                path.set(0, names.getOrDefault(placeholder.root(), placeholder.root()));
                renamed.append(text, from, placeholder.start())
                        .append("{{")
                        .append(String.join(".", path))
                        .append("}}");
                from = placeholder.end();
            }
            return renamed.append(text.substring(from)).toString();
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> items = new ArrayList<>();
            list.forEach(item -> items.add(renamed(item, names)));
            return items;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            map.forEach((name, field) -> fields.put(String.valueOf(name), renamed(field, names)));
            return fields;
        }
        return value;
    }

    /** With what its tools declare filled in; it must not have a higher effect than the action may have as it is. */
    private Fallback completed(Fallback fallback) {
        Action longer = with(action.action, fallback);
        Recipe complete = new ToolRules(context.tools()).complete(with(progress.recipe(), action.ref, longer));
        Action completed = complete.flows().get(action.ref.flowId()).actions().stream()
                .filter(each -> each.actionId() == action.ref.actionId())
                .findFirst()
                .orElseThrow();
        Effect planned = completed.fallbacks().get(completed.fallbacks().size() - 1).steps().stream()
                .map(Step::effect)
                .reduce(Effect.READ, Effect::max);
        if (planned.compareTo(action.effect()) > 0) {
            throw new IllegalArgumentException(
                    "its plan has the effect " + planned + ", the action has at most " + action.effect());
        }
        return completed.fallbacks().get(completed.fallbacks().size() - 1);
    }

    /** The action with one more fallback. */
    static Action with(Action action, Fallback fallback) {
        List<Fallback> fallbacks = new ArrayList<>(action.fallbacks());
        fallbacks.add(fallback);
        return new Action(
                action.actionId(),
                action.name(),
                action.description(),
                action.dependsOn(),
                action.steps(),
                fallbacks,
                action.trainedDuration());
    }

    /** The action with other steps. */
    static Action withSteps(Action action, List<Step> steps) {
        return new Action(
                action.actionId(),
                action.name(),
                action.description(),
                action.dependsOn(),
                steps,
                action.fallbacks(),
                action.trainedDuration());
    }

    /** The recipe with one of its actions replaced. */
    static Recipe with(Recipe recipe, ActionRef ref, Action action) {
        List<Flow> flows = new ArrayList<>();
        for (Flow flow : recipe.flows()) {
            flows.add(
                    flow.flowId() != ref.flowId()
                            ? flow
                            : new Flow(
                                    flow.flowId(),
                                    flow.name(),
                                    flow.persona(),
                                    flow.subGoal(),
                                    flow.dependsOn(),
                                    flow.actions().stream()
                                            .map(each -> each.actionId() == ref.actionId() ? action : each)
                                            .toList()));
        }
        return new Recipe(
                recipe.name(),
                recipe.goal(),
                recipe.intents(),
                recipe.inputs(),
                recipe.outputs(),
                flows,
                recipe.schedules());
    }
}
