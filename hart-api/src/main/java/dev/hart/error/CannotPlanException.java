package dev.hart.error;

import dev.hart.json.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** No recipe fits the request and no plan could be made for it; nothing was run. */
public final class CannotPlanException extends HartException {
    private static final long serialVersionUID = 1;
    private final transient List<String> notUnderstood;
    private final transient List<Missing> missing;

    /**
     * A value that the plan needs and the request does not give.
     *
     * @param part of the request that needs it, as it stands there; empty when it is not known
     * @param tool that takes it; empty when it is not known
     * @param argument its name; the names of nested ones are joined by {@code .}
     * @param question that asks for it
     * @param schema JSON Schema of the value
     */
    public record Missing(
            String part, String tool, String argument, String question, Map<String, @Nullable Object> schema) {
        // Written out, as compact constructors lose what their parameters' types say about null.
        public Missing(
                String part, String tool, String argument, String question, Map<String, @Nullable Object> schema) {
            this.part = part;
            this.tool = tool;
            this.argument = argument;
            this.question = question;
            this.schema = Json.objectOf(schema);
        }
    }

    /**
     * @param message names the parts and says how to go on
     * @param notUnderstood the parts of the request that the planner could not use, as they stand in it
     */
    public CannotPlanException(String message, List<String> notUnderstood, @Nullable Throwable cause) {
        this(message, notUnderstood, List.of(), cause);
    }

    /**
     * @param message names the parts and says how to go on
     * @param notUnderstood the parts of the request that the planner could not use, as they stand in it
     * @param missing what would make it a plan, in the order of the request; empty when more than values is wanting
     */
    public CannotPlanException(
            String message, List<String> notUnderstood, List<Missing> missing, @Nullable Throwable cause) {
        super("CANNOT_PLAN", message, cause);
        this.notUnderstood = List.copyOf(notUnderstood);
        this.missing = List.copyOf(missing);
    }

    public List<String> notUnderstood() {
        return notUnderstood;
    }

    /** The values without which there is no plan, in the order of the request; empty when more than values is wanting. */
    public List<Missing> missing() {
        return missing;
    }
}
