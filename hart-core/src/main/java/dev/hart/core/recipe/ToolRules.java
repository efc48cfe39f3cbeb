package dev.hart.core.recipe;

import dev.hart.Tools;
import dev.hart.error.RecipeInvalidException;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.ToolSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rules of a recipe that need the registered tools. */
public final class ToolRules {
    private final Tools tools;

    public ToolRules(Tools tools) {
        this.tools = tools;
    }

    /**
     * The recipe with what its tools declare filled in: their versions, and effects at least as high as theirs.
     *
     * @throws RecipeInvalidException with every step whose tool is unknown, of another version, or called with other
     *     arguments than it takes
     */
    public Recipe complete(Recipe recipe) {
        List<Problem> problems = new ArrayList<>();
        Recipe complete = RecipeSteps.map(
                recipe, (path, step) -> step.kind() == StepKind.TOOL ? complete(path, step, problems) : step);
        if (!problems.isEmpty()) {
            throw new RecipeInvalidException(recipe.name(), problems);
        }
        return complete;
    }

    /**
     * Holds a stored recipe against the tools that are registered now.
     *
     * @throws RecipeInvalidException with every tool that is missing or of another version
     */
    public void require(Recipe recipe) {
        List<Problem> problems = problems(recipe);
        if (!problems.isEmpty()) {
            throw new RecipeInvalidException(recipe.name(), problems);
        }
    }

    /** Every tool of a stored recipe that is missing or of another version than the recipe needs. */
    public List<Problem> problems(Recipe recipe) {
        List<Problem> problems = new ArrayList<>();
        for (Flow flow : recipe.flows()) {
            for (Action action : flow.actions()) {
                require(action.name(), action.steps(), problems);
                for (int i = 0; i < action.fallbacks().size(); i++) {
                    require(
                            action.name() + ".fallbacks[" + i + "]",
                            action.fallbacks().get(i).steps(),
                            problems);
                }
            }
        }
        return problems;
    }

    private void require(String path, List<Step> steps, List<Problem> problems) {
        for (Step step : steps) {
            if (step.kind() == StepKind.TOOL) {
                tool(path + ".steps[" + (step.index() - 1) + "]", step, problems);
            }
        }
    }

    private Step complete(String path, Step step, List<Problem> problems) {
        ToolSpec tool = tool(path, step, problems);
        if (tool == null) {
            return step;
        }
        String version = step.toolVersion();
        checkArguments(path, step, tool, problems);
        return new Step(
                step.index(),
                step.kind(),
                tool.name(),
                version == null ? tool.version() : version,
                step.args(),
                step.output(),
                step.effect().max(tool.effect()),
                step.expect(),
                step.timeout(),
                step.retry());
    }

    private @Nullable ToolSpec tool(String path, Step step, List<Problem> problems) {
        String name = Objects.requireNonNull(step.tool());
        ToolSpec tool = tools.find(name).orElse(null);
        if (tool == null) {
            problems.add(new Problem(path, "UNKNOWN_TOOL", "tool '" + name + "' is not registered; register it first"));
            return null;
        }
        String version = step.toolVersion();
        if (version != null && !major(version).equals(major(tool.version()))) {
            problems.add(new Problem(
                    path,
                    "TOOL_VERSION",
                    "needs version " + version + " of tool '" + name + "', registered is " + tool.version()));
        }
        return tool;
    }

    private static void checkArguments(String path, Step step, ToolSpec tool, List<Problem> problems) {
        if (!(tool.inputSchema().get("properties") instanceof Map<?, ?> properties)) {
            return;
        }
        for (String argument : step.args().keySet()) {
            if (!properties.containsKey(argument)) {
                problems.add(new Problem(
                        path + ".args." + argument,
                        "UNKNOWN_ARGUMENT",
                        "tool '" + tool.name() + "' takes " + properties.keySet() + ", not '" + argument + "'"));
            }
        }
        if (tool.inputSchema().get("required") instanceof List<?> required) {
            for (Object argument : required) {
                if (!step.args().containsKey(argument)) {
                    problems.add(new Problem(
                            path + ".args", "MISSING_ARGUMENT", "tool '" + tool.name() + "' needs '" + argument + "'"));
                }
            }
        }
    }

    private static String major(String version) {
        int dot = version.indexOf('.');
        return dot < 0 ? version : version.substring(0, dot);
    }
}
