package dev.hart.core.plan;

import dev.hart.core.model.ModelCall;
import dev.hart.json.Json;
import dev.hart.recipe.StepKind;
import dev.hart.tool.ToolSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A plan before it has run: actions with the literal arguments of this one request.
 *
 * @param name a short name for the recipe that may be learned from it: words of the request joined by {@code -}
 * @param actions in an order in which they can run; at least one
 * @param taken the arguments that came from the words of the request
 * @param answers the names of the actions whose results answer the request; at least one
 * @param modelCalls what planning asked of a model, in order; empty for the embedded planner
 * @param flows who does which of the actions, each in exactly one; empty when one persona does all
 */
public record Draft(
        String name,
        List<DraftAction> actions,
        List<Taken> taken,
        List<String> answers,
        List<ModelCall> modelCalls,
        List<DraftFlow> flows) {
    public Draft {
        actions = List.copyOf(actions);
        taken = List.copyOf(taken);
        answers = List.copyOf(answers);
        modelCalls = List.copyOf(modelCalls);
        flows = List.copyOf(flows);
    }

    /** A draft of one flow. */
    public Draft(
            String name,
            List<DraftAction> actions,
            List<Taken> taken,
            List<String> answers,
            List<ModelCall> modelCalls) {
        this(name, actions, taken, answers, modelCalls, List.of());
    }

    /**
     * Actions that one persona carries out.
     *
     * @param name unique in the draft
     * @param dependsOn the names of the flows that must be done before; those whose results it reads need not be named
     * @param actions the names of its actions
     */
    public record DraftFlow(String name, String persona, String subGoal, List<String> dependsOn, List<String> actions) {
        public DraftFlow {
            dependsOn = List.copyOf(dependsOn);
            actions = List.copyOf(actions);
        }
    }

    /** The arguments of actions, planned for some other text, that came from the words of a request. */
    public static List<Taken> taken(String request, List<DraftAction> actions, List<ToolSpec> tools) {
        return ModelPlannerInputs.taken(request, actions, tools);
    }

    /**
     * One action of one step.
     *
     * @param name unique in the draft: a letter, then letters, digits and {@code _}; later actions read its result as {@code {{name}}}
     *     or {@code {{name.field}}}
     * @param description what it should achieve, in words
     * @param tool the tool's name for a TOOL step, null for the other kinds
     * @param args literal JSON values, and placeholders for results of earlier actions
     */
    public record DraftAction(
            String name,
            String description,
            StepKind kind,
            @Nullable String tool,
            Map<String, @Nullable Object> args) {
        public DraftAction {
            args = Json.objectOf(args);
        }
    }

    /**
     * An argument that was taken from the request.
     *
     * @param input the name it has as an input of the learned recipe: unique, and telling (the argument's name where
     *     possible)
     * @param value the JSON value as it stands in the arguments
     * @param start where its words begin in the request, in chars
     * @param end behind its last char
     * @param schema JSON Schema of the argument
     */
    public record Taken(
            String input, @Nullable Object value, int start, int end, Map<String, @Nullable Object> schema) {
        public Taken {
            schema = Json.objectOf(schema);
        }
    }
}
