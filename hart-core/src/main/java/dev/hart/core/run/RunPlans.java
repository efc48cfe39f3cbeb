package dev.hart.core.run;

import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.RunEvent;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.plan.Planner;
import dev.hart.core.recipe.InputCheck;
import dev.hart.core.recipe.ToolRules;
import dev.hart.error.InputInvalidException;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
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

/** Where the plan of a run comes from. Everything that can be refused is refused here, before anything is written. */
final class RunPlans {
    private static final int MAX_REQUEST = 10_000;

    private final RunContext context;
    private final ToolRules tools;
    private final Planner planner;
    private final InputCheck inputCheck;

    RunPlans(RunContext context, Planner planner, InputCheck inputCheck) {
        this.context = context;
        this.tools = new ToolRules(context.tools());
        this.planner = planner;
        this.inputCheck = inputCheck;
    }

    /**
     * The plan for a stored recipe with these inputs.
     *
     * @throws InputInvalidException when an input is missing, unknown or of the wrong type
     */
    RunPlan of(RecipeVersion recipe, Inputs inputs) {
        Instant start = context.clock().instant();
        inputCheck.require(recipe.recipe(), inputs);
        return replay(recipe, inputs, recipe.recipe().goal(), start);
    }

    static void requireText(String request) {
        if (request.isBlank()) {
            throw new InputInvalidException("request", "is blank; say what to do");
        }
        if (request.length() > MAX_REQUEST) {
            throw new InputInvalidException(
                    "request", "has " + request.length() + " characters, at most " + MAX_REQUEST + " are allowed");
        }
    }

    private RunPlan replay(RecipeVersion recipe, Inputs inputs, String request, Instant start) {
        tools.require(recipe.recipe());
        return new RunPlan(
                Mode.REUSE, request, recipe.recipe(), recipe, inputs, List.of(), List.of(), start, List.of());
    }

    /** A stored recipe with its inputs when one does the request, else a new plan. */
    RunPlan of(String runId, String request, Instant start) {
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
}
