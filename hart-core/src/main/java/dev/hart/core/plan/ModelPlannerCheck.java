package dev.hart.core.plan;

import dev.hart.core.json.SchemaCheck;
import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.plan.Draft.DraftFlow;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.StepKind;
import dev.hart.tool.ToolSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks a plan that a model wrote: its form, the tools it names, their arguments, and the results that its placeholders
 * read. Says everything that is wrong at once, so that the model can mend it.
 */
final class ModelPlannerCheck {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,63}");
    private static final Set<String> RESERVED = Set.of("inputs", "steps", "run", "clock");
    private static final int MAX_PROBLEMS = 20;

    private final Map<String, ToolSpec> tools;
    private final SchemaCheck schemas;

    /** A plan in which nothing is wrong; without actions only when {@code cannot} says what no tool can do. */
    record Plan(
            String name, List<DraftAction> actions, List<String> answers, List<String> cannot, List<DraftFlow> flows) {}

    ModelPlannerCheck(List<ToolSpec> tools, SchemaCheck schemas) {
        this.tools = tools.stream().collect(Collectors.toMap(ToolSpec::name, tool -> tool));
        this.schemas = schemas;
    }

    /** The plan, or null when {@code problems} has been filled. */
    @Nullable
    Plan check(Map<?, ?> answer, List<String> problems) {
        problems.addAll(schemas.problems(ModelPlannerPrompt.PLAN, answer));
        if (!problems.isEmpty()) {
            return null;
        }
        List<String> cannot = texts(answer.get("cannot"));
        if (!cannot.isEmpty()) {
            return new Plan("", List.of(), List.of(), cannot, List.of());
        }
        List<DraftAction> actions = new ArrayList<>();
        for (Object item : items(answer.get("actions"))) {
            actions.add(action((Map<?, ?>) item));
        }
        List<String> answers = texts(answer.get("answers"));
        List<String> found = new ArrayList<>();
        checkActions(actions, found);
        checkAnswers(actions, answers, found);
        List<DraftFlow> flows = ModelPlannerFlows.read(items(answer.get("flows")));
        found.addAll(ModelPlannerFlows.problems(flows, actions));
        problems.addAll(found.subList(0, Math.min(found.size(), MAX_PROBLEMS)));
        return found.isEmpty() ? new Plan(String.valueOf(answer.get("name")), actions, answers, cannot, flows) : null;
    }

    private static List<?> items(@Nullable Object value) {
        return value instanceof List<?> items ? items : List.of();
    }

    private static List<String> texts(@Nullable Object value) {
        return items(value).stream().map(String::valueOf).toList();
    }

    private static DraftAction action(Map<?, ?> item) {
        Map<String, @Nullable Object> args = new LinkedHashMap<>();
        if (item.get("args") instanceof Map<?, ?> given) {
            given.forEach((name, value) -> args.put(String.valueOf(name), value));
        }
        String tool = item.get("tool") instanceof String text && !text.isBlank() ? text : null;
        return new DraftAction(
                String.valueOf(item.get("name")),
                String.valueOf(item.get("description")),
                StepKind.valueOf(String.valueOf(item.get("kind"))),
                tool,
                args);
    }

    private void checkActions(List<DraftAction> actions, List<String> problems) {
        if (actions.isEmpty()) {
            problems.add("there are no actions; plan at least one, or say in cannot what no tool can do");
        }
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < actions.size(); i++) {
            String name = actions.get(i).name();
            if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
                problems.add(
                        "'" + name + "' cannot be the name of an action; it is a letter, then letters, digits and _,"
                                + " at most 64, and none of " + new TreeSet<>(RESERVED));
            }
            if (places.putIfAbsent(name, i) != null) {
                problems.add("two actions have the name '" + name + "'");
            }
        }
        for (int i = 0; i < actions.size(); i++) {
            DraftAction action = actions.get(i);
            checkPlaceholders(action, i, actions, places, problems);
            switch (action.kind()) {
                case TOOL -> checkTool(action, actions, places, problems);
                case TRANSFORM -> checkOnly(action, "value", problems);
                case MODEL -> checkPrompt(action, problems);
                case ASK, WAIT, SUBRECIPE ->
                    problems.add("action '" + action.name() + "': a plan has no " + action.kind() + " steps");
            }
        }
    }

    private void checkTool(
            DraftAction action, List<DraftAction> actions, Map<String, Integer> places, List<String> problems) {
        ToolSpec tool = action.tool() == null ? null : tools.get(action.tool());
        if (tool == null) {
            problems.add("action '" + action.name() + "': there is no tool '" + action.tool() + "'; the catalogue has "
                    + new TreeSet<>(tools.keySet()));
            return;
        }
        for (String problem :
                schemas.problems(openWherePlaceholdersStand(tool.inputSchema(), action.args()), action.args())) {
            problems.add("action '" + action.name() + "', args of " + tool.name() + ": " + problem);
        }
        action.args().forEach((name, value) -> {
            Placeholder whole = ModelPlannerTypes.wholePlaceholder(value);
            if (whole != null && places.containsKey(whole.root())) {
                Map<?, ?> given = result(whole, actions.get(places.get(whole.root())));
                Map<?, ?> wanted = ModelPlannerTypes.property(tool.inputSchema(), name);
                if (!ModelPlannerTypes.fits(given, wanted)) {
                    problems.add("action '" + action.name() + "': " + whole + " is of type " + given.get("type")
                            + ", but '" + name + "' of " + tool.name() + " is of type " + wanted.get("type"));
                }
            }
        });
    }

    /** What stands behind a placeholder, as a schema; an empty one when nothing is known about it. */
    private Map<?, ?> result(Placeholder placeholder, DraftAction source) {
        ToolSpec tool = source.tool() == null ? null : tools.get(source.tool());
        if (tool == null) {
            return Map.of();
        }
        Map<?, ?> found = ModelPlannerTypes.at(
                tool.outputSchema(),
                placeholder.path().subList(1, placeholder.path().size()));
        return found == null ? Map.of() : found;
    }

    /** Arguments with a placeholder get their value when the plan runs, and are checked then. */
    private static Map<String, @Nullable Object> openWherePlaceholdersStand(
            Map<String, @Nullable Object> schema, Map<String, @Nullable Object> args) {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        if (schema.get("properties") instanceof Map<?, ?> declared) {
            declared.forEach((name, property) -> {
                boolean open =
                        !Placeholder.inValue(args.get(String.valueOf(name))).isEmpty();
                properties.put(String.valueOf(name), open ? Map.of() : property);
            });
        }
        Map<String, @Nullable Object> opened = new LinkedHashMap<>(schema);
        opened.put("properties", properties);
        return opened;
    }

    private void checkPlaceholders(
            DraftAction action,
            int place,
            List<DraftAction> actions,
            Map<String, Integer> places,
            List<String> problems) {
        for (Placeholder placeholder : Placeholder.inValue(action.args())) {
            if (placeholder.path().equals(List.of("run", "id"))
                    || placeholder.path().equals(List.of("clock", "now"))) {
                continue;
            }
            Integer source = places.get(placeholder.root());
            if (source == null) {
                problems.add("action '" + action.name() + "': " + placeholder + " is not the result of any action");
            } else if (source >= place) {
                problems.add("action '" + action.name() + "': " + placeholder
                        + " reads an action that does not run before it; put that one first");
            } else {
                checkField(action, placeholder, actions.get(source), problems);
            }
        }
    }

    private void checkField(DraftAction action, Placeholder placeholder, DraftAction source, List<String> problems) {
        ToolSpec tool = source.tool() == null ? null : tools.get(source.tool());
        if (tool != null
                && ModelPlannerTypes.at(
                                tool.outputSchema(),
                                placeholder.path().subList(1, placeholder.path().size()))
                        == null) {
            problems.add("action '" + action.name() + "': the result of " + tool.name() + " has no '"
                    + String.join(
                            ".",
                            placeholder.path().subList(1, placeholder.path().size())) + "'; "
                    + ModelPlannerTypes.describe(tool.outputSchema()));
        }
    }

    private static void checkOnly(DraftAction action, String argument, List<String> problems) {
        if (!action.args().keySet().equals(Set.of(argument))) {
            problems.add(
                    "action '" + action.name() + "': a " + action.kind() + " has the one argument '" + argument + "'");
        }
    }

    private static void checkPrompt(DraftAction action, List<String> problems) {
        checkOnly(action, "prompt", problems);
        if (!(action.args().get("prompt") instanceof String prompt) || prompt.isBlank()) {
            problems.add("action '" + action.name() + "': prompt must be a text");
        }
    }

    private static void checkAnswers(List<DraftAction> actions, List<String> answers, List<String> problems) {
        if (answers.isEmpty() && !actions.isEmpty()) {
            problems.add("answers is empty; name at least one action");
        }
        for (String answer : answers) {
            if (actions.stream().noneMatch(action -> action.name().equals(answer))) {
                problems.add("answers names '" + answer + "', which is not an action");
            }
        }
    }
}
