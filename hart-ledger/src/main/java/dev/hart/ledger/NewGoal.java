package dev.hart.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A goal and the tasks that reach it. The goal is a container: it completes when all its tasks have succeeded, and fails when
 * all have ended and one did not. Begin with {@link #of}; each method gives a new value. Immutable.
 */
public final class NewGoal {
    /** A task of the goal; without an id the ledger makes one. */
    record Part(@Nullable String taskId, Function<String, NewTask> make) {}

    private final String objective;
    private final Map<String, ? extends @Nullable Object> context;
    private final List<Part> parts;

    private NewGoal(String objective, Map<String, ? extends @Nullable Object> context, List<Part> parts) {
        this.objective = Limits.requireText("objective", objective);
        this.context = context;
        this.parts = parts;
    }

    /** A goal without tasks, which {@link LedgerTransaction#submitGoal} refuses. */
    public static NewGoal of(String objective) {
        return new NewGoal(objective, Map.of(), List.of());
    }

    /** The goal's own data, {@code dev.hart.json} values. */
    public NewGoal context(Map<String, ? extends @Nullable Object> data) {
        return new NewGoal(objective, data, parts);
    }

    /** One more task, with the id {@code {goal}_sub_{n}}. */
    public NewGoal task(String description) {
        return task(description, task -> task);
    }

    /** The same with more about it. */
    public NewGoal task(String description, UnaryOperator<NewTask> more) {
        Limits.requireText("description", description);
        return with(new Part(null, id -> more.apply(NewTask.of(id, description))));
    }

    /** One more task, with an id of its own. */
    public NewGoal task(NewTask task) {
        return with(new Part(task.taskId(), id -> task));
    }

    private NewGoal with(Part part) {
        List<Part> all = new ArrayList<>(parts);
        all.add(part);
        return new NewGoal(objective, context, List.copyOf(all));
    }

    String objective() {
        return objective;
    }

    Map<String, ? extends @Nullable Object> context() {
        return context;
    }

    List<Part> parts() {
        return parts;
    }
}
