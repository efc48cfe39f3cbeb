package dev.hart.core.recipe;

import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeCorruptException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Retry;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.security.SecretRedactor;
import dev.hart.tool.Effect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the reference has stored of one agent, as the content of a draft: the definition {@code P.json}, the flows
 * {@code P_F_recipe.json} and the actions {@code P_F_A.json}. A step that called a tool becomes a TOOL step without arguments, as
 * the files do not have them; every other one a MODEL step with its instruction. Code is kept as words, and never run.
 */
final class ReferenceRecipe {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_-]+");
    private static final long LONGEST_FILE = 4L << 20;
    private static final int LONGEST_CODE = 2_000;
    private static final Map<String, @Nullable Object> NO_FIELDS =
            Map.of("type", "object", "properties", Map.of(), "required", List.of(), "additionalProperties", false);

    private final Path folder;
    private final String promptId;
    private final SecretRedactor redactor = new SecretRedactor();
    private final List<String> notes = new ArrayList<>();
    private final ReferenceSchedules schedules = new ReferenceSchedules(this::words);

    private ReferenceRecipe(Path folder, String promptId) {
        this.folder = folder;
        this.promptId = promptId;
    }

    /** The content of a draft, and what a person should know about it. */
    record Read(Recipe recipe, List<String> notes) {}

    /**
     * Reads the files of an agent.
     *
     * @throws InputInvalidException when the prompt id cannot be part of a file's name
     * @throws RecipeNotFoundException when the folder has no definition of that id
     * @throws RecipeCorruptException when a file is not what the reference writes
     * @throws dev.hart.error.RecipeInvalidException with every rule that the actions and their dependencies break
     */
    static Read read(Path folder, String promptId) {
        if (!PART.matcher(promptId).matches()) {
            throw new InputInvalidException(
                    "promptId", "has letters, digits, '_' and '-' only, was '" + promptId + "'");
        }
        return new ReferenceRecipe(folder, promptId).read();
    }

    private Read read() {
        String file = promptId + ".json";
        ReferenceJson definition = find(file);
        if (definition == null) {
            throw new RecipeNotFoundException("there is no " + file + " in " + folder
                    + "; the definition of an agent has its prompt id for a name");
        }
        List<Flow> flows = new ArrayList<>();
        List<ReferenceJson> described = definition.objects("flows");
        for (int f = 0; f < described.size(); f++) {
            flows.add(flow(f, described.get(f)));
        }
        noteScreenRecipes();
        Recipe recipe = schedules.addTo(
                new Recipe(
                        name(definition.text("name")),
                        words(definition.text("goal")),
                        List.of(),
                        NO_FIELDS,
                        NO_FIELDS,
                        flows),
                notes);
        notes.add("the requests that it serves are not known: add intents, and inputs for what differs between them");
        return new Read(recipe, List.copyOf(notes));
    }

    /** A name as recipes have them. */
    private String name(String agent) {
        String name = agent.strip().replaceAll("[^A-Za-z0-9_-]+", "-").replaceAll("^-+|-+$", "");
        name = name.substring(0, Math.min(64, name.length()));
        return name.isEmpty() ? ("agent-" + promptId).substring(0, Math.min(64, promptId.length() + 6)) : name;
    }

    private Flow flow(int flowId, ReferenceJson described) {
        String persona = described.text("persona");
        Map<Integer, Action> actions = new LinkedHashMap<>();
        ReferenceJson flow = find(promptId + "_" + flowId + "_recipe.json");
        if (flow != null) {
            for (ReferenceJson action : flow.objects("actions")) {
                Action read = action(flowId, action.number("action_id"), persona, action);
                if (actions.put(read.actionId(), read) != null) {
                    throw flow.wrong("actions", "names action " + read.actionId() + " twice");
                }
            }
            schedules.read(flow, null, "flow " + flowId);
        }
        Map<Integer, Action> missing = new TreeMap<>();
        List<?> listed = described.list("actions");
        for (int i = 0; i < listed.size(); i++) {
            int actionId = listed.get(i) instanceof Map<?, ?> one && one.get("action_id") instanceof Long id
                    ? Math.toIntExact(id)
                    : i + 1;
            if (!actions.containsKey(actionId)) {
                ReferenceJson own = find(promptId + "_" + flowId + "_" + actionId + ".json");
                missing.put(
                        actionId,
                        own == null
                                ? unlearned(flowId, actionId, text(listed.get(i)))
                                : action(flowId, actionId, persona, own));
            }
        }
        actions.putAll(missing);
        return new Flow(
                flowId,
                words(described.text("flow_name")),
                persona.isBlank() ? "Assistant" : words(persona),
                words(described.text("sub_goal")),
                flowId == 0 ? List.of() : List.of(flowId - 1),
                List.copyOf(actions.values()));
    }

    private static String text(@Nullable Object action) {
        return action instanceof Map<?, ?> fields ? String.valueOf(fields.get("action")) : String.valueOf(action);
    }

    private static String actionName(int flowId, int actionId) {
        return (flowId == 0 ? "" : "f" + flowId + "_") + "action" + actionId;
    }

    /** An action that the reference has described and not carried out yet. */
    private Action unlearned(int flowId, int actionId, String text) {
        String name = actionName(flowId, actionId);
        notes.add(name + " was never learned: it asks a model to do what its words say");
        return new Action(actionId, name, words(text), List.of(), List.of(model(1, text, name)));
    }

    private Action action(int flowId, int actionId, String persona, ReferenceJson action) {
        String name = actionName(flowId, actionId);
        String text = action.text("action");
        StringBuilder description = new StringBuilder(text);
        List<Step> steps = new ArrayList<>();
        List<ReferenceJson> recipe = action.objects("recipe");
        for (int i = 0; i < recipe.size(); i++) {
            ReferenceJson step = recipe.get(i);
            int index = i + 1;
            String output = index == recipe.size() ? name : null;
            String instruction = step.text("steps");
            String tool = step.text("tool_name").strip();
            if (!tool.isEmpty()) {
                notes.add("%s, step %d calls %s: give it its arguments; it did \"%s\""
                        .formatted(name, index, tool, words(instruction)));
                description
                        .append("\nStep ")
                        .append(index)
                        .append(", ")
                        .append(tool)
                        .append(": ")
                        .append(instruction);
                steps.add(step(index, StepKind.TOOL, words(tool), Map.of(), output));
            } else {
                steps.add(model(index, instruction.isBlank() ? text : instruction, output));
            }
            String code = step.text("generalized_functions").strip();
            if (!code.isEmpty()) {
                notes.add(name + ", step " + index + " was code, which is kept in the description and never run");
                description
                        .append("\nStep ")
                        .append(index)
                        .append(" was this code, which is not run:\n")
                        .append(code, 0, Math.min(code.length(), LONGEST_CODE));
            }
        }
        if (steps.isEmpty()) {
            return unlearned(flowId, actionId, text);
        }
        noteTheRest(name, persona, action);
        schedules.read(action, actionId, name);
        String fallback = action.text("fallback_action");
        return new Action(
                actionId,
                name,
                words(description.toString()),
                action.numbers("actions_this_action_depends_on"),
                steps,
                fallback.isBlank() ? List.of() : List.of(new Fallback(words(fallback), List.of())));
    }

    private void noteTheRest(String name, String persona, ReferenceJson action) {
        String autonomous = action.text("can_perform_without_user_input");
        if (!autonomous.isEmpty() && !autonomous.equals("yes")) {
            notes.add(name + " needed a person: " + words(autonomous));
        }
        String by = action.text("persona");
        if (!by.isEmpty() && !by.equals(persona)) {
            notes.add(name + " was done by " + words(by) + ", its flow by " + words(persona));
        }
    }

    private void noteScreenRecipes() {
        try (Stream<Path> files = Files.list(folder)) {
            long screens = files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.startsWith(promptId + "_") && name.endsWith("_vlm_agent.json"))
                    .count();
            if (screens > 0) {
                notes.add(screens + " recipes for a screen are not taken over");
            }
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    private Step model(int index, String instruction, @Nullable String output) {
        return step(index, StepKind.MODEL, null, Map.of("prompt", words(instruction)), output);
    }

    private static Step step(
            int index,
            StepKind kind,
            @Nullable String tool,
            Map<String, @Nullable Object> args,
            @Nullable String output) {
        return new Step(index, kind, tool, null, args, output, Effect.READ, null, null, Retry.DEFAULT);
    }

    /** A text of the reference as one of a recipe: without secrets, and with no placeholder in it. */
    private String words(String text) {
        return redactor.redact(text).replace("{{", "\\{{");
    }

    private @Nullable ReferenceJson find(String name) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            if (Files.size(file) > LONGEST_FILE) {
                throw new RecipeCorruptException(file + " is longer than " + LONGEST_FILE + " bytes");
            }
            return new ReferenceJson(name, CanonicalJson.readObject(Files.readString(file)));
        } catch (IllegalArgumentException e) {
            throw new RecipeCorruptException(file + " is not JSON: " + e.getMessage(), e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static StoreUnavailableException unreadable(Path file, IOException cause) {
        return new StoreUnavailableException("cannot read " + file + ": " + cause, cause);
    }
}
