package dev.hart.core.recipe;

import dev.hart.json.Json;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of SUBRECIPE steps, which need the stored recipes. Each step is fixed to one version when it is saved, and stored
 * versions never change, so what is checked then stays true. Used once.
 */
final class SubrecipeRules {
    /** Recipes within one another, the outermost included. */
    static final int MAX_DEPTH = 8;

    private final Lookup recipes;
    private final @Nullable String ownId;
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Facts> known = new HashMap<>();

    /** Finds stored recipes. */
    @FunctionalInterface
    interface Lookup {
        /** @param version null for the newest */
        @Nullable
        RecipeVersion find(String nameOrId, @Nullable Integer version);
    }

    /**
     * What is inside a stored version.
     *
     * @param depth 1 without SUBRECIPE steps
     * @param ids of it and all the recipes inside
     */
    private record Facts(int depth, Effect effect, Set<String> ids) {}

    /** @param ownId of the recipe that is saved; null when it is new */
    SubrecipeRules(Lookup recipes, @Nullable String ownId) {
        this.recipes = recipes;
        this.ownId = ownId;
    }

    /** What is wrong, once {@link #complete} was called. */
    List<Problem> problems() {
        return problems;
    }

    static boolean hasAny(Recipe recipe) {
        return recipe.actions()
                .anyMatch(action -> action.allSteps().anyMatch(step -> step.kind() == StepKind.SUBRECIPE));
    }

    /** The recipe with the versions, ids and effects of the recipes that it runs filled in. */
    Recipe complete(Recipe recipe) {
        return hasAny(recipe)
                ? RecipeSteps.map(
                        recipe, (path, step) -> step.kind() == StepKind.SUBRECIPE ? complete(path, step) : step)
                : recipe;
    }

    private Step complete(String path, Step step) {
        String nameOrId = String.valueOf(step.args().get("recipeId"));
        Integer version = version(step);
        RecipeVersion inner = recipes.find(nameOrId, version);
        if (inner == null) {
            add(
                    path,
                    "UNKNOWN_RECIPE",
                    "there is no recipe '%s'%s; save it first"
                            .formatted(nameOrId, version == null ? "" : " version " + version));
            return step;
        }
        Facts facts = facts(inner);
        if (facts == null) {
            add(path, "UNKNOWN_RECIPE", "a recipe inside " + inner.label() + " is no longer there; save it again");
            return step;
        }
        if (ownId != null && facts.ids().contains(ownId)) {
            add(path, "RECURSION", inner.label() + " is this recipe, or runs it; a recipe cannot run itself");
        }
        if (facts.depth() >= MAX_DEPTH) {
            add(
                    path,
                    "TOO_DEEP",
                    "with %s recipes are %d deep within one another, at most %d may be"
                            .formatted(inner.label(), facts.depth() + 1, MAX_DEPTH));
        }
        Map<String, @Nullable Object> inputs = inputs(step);
        checkInputs(path, inner, inputs);
        Map<String, @Nullable Object> args = new LinkedHashMap<>();
        args.put("recipeId", inner.recipeId());
        args.put("version", (long) inner.version());
        args.put("inputs", inputs);
        return new Step(
                step.index(),
                step.kind(),
                null,
                null,
                args,
                step.output(),
                step.effect().max(facts.effect()),
                step.expect(),
                null,
                step.retry());
    }

    private void add(String path, String code, String message) {
        problems.add(new Problem(path, code, message));
    }

    static @Nullable Integer version(Step step) {
        return step.args().get("version") instanceof Long number ? Math.toIntExact(number) : null;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> inputs(Step step) {
        return step.args().get("inputs") instanceof Map<?, ?> given
                ? Json.objectOf((Map<String, @Nullable Object>) given)
                : Map.of();
    }

    private void checkInputs(String path, RecipeVersion inner, Map<String, @Nullable Object> given) {
        List<String> names = inner.recipe().inputNames();
        for (String name : given.keySet()) {
            if (!names.contains(name)) {
                add(
                        path + ".args.inputs." + name,
                        "UNKNOWN_INPUT",
                        "%s takes %s, not '%s'".formatted(inner.label(), names, name));
            }
        }
        if (inner.recipe().inputs().get("required") instanceof List<?> required) {
            for (Object name : required) {
                if (!given.containsKey(String.valueOf(name))) {
                    add(path + ".args.inputs", "MISSING_INPUT", "%s needs '%s'".formatted(inner.label(), name));
                }
            }
        }
    }

    /** Null when a recipe inside is not there. */
    private @Nullable Facts facts(RecipeVersion recipe) {
        Facts found = known.get(key(recipe));
        if (found != null) {
            return found;
        }
        int depth = 1;
        Effect effect = Effect.READ;
        Set<String> ids = new HashSet<>(Set.of(recipe.recipeId()));
        List<Step> steps =
                recipe.recipe().actions().flatMap(action -> action.allSteps()).toList();
        for (Step step : steps) {
            effect = effect.max(step.effect());
            if (step.kind() == StepKind.SUBRECIPE) {
                RecipeVersion inner = recipes.find(String.valueOf(step.args().get("recipeId")), version(step));
                Facts facts = inner == null ? null : facts(inner);
                if (facts == null) {
                    return null;
                }
                depth = Math.max(depth, facts.depth() + 1);
                effect = effect.max(facts.effect());
                ids.addAll(facts.ids());
            }
        }
        Facts facts = new Facts(depth, effect, ids);
        known.put(key(recipe), facts);
        return facts;
    }

    private static String key(RecipeVersion recipe) {
        return recipe.recipeId() + "@" + recipe.version();
    }
}
