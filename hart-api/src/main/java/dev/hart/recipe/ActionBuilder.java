package dev.hart.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one action of a recipe: its steps, as in {@link StepsBuilder}, and what is tried when they fail. The last step's
 * output has the action's name unless {@link #output} names it.
 */
public final class ActionBuilder extends StepsBuilder<ActionBuilder> {
    private final int actionId;
    private final String name;
    private @Nullable String description;
    private final List<Integer> dependsOn = new ArrayList<>();
    private final List<FallbackBuilder> fallbacks = new ArrayList<>();

    ActionBuilder(int actionId, String name) {
        this.actionId = actionId;
        this.name = name;
    }

    @Override
    ActionBuilder self() {
        return this;
    }

    @Override
    String owner() {
        return "action '" + name + "'";
    }

    /** What the action should achieve; its name unless set. */
    public ActionBuilder description(String description) {
        this.description = description;
        return this;
    }

    /** Ids of actions of the same flow that must be done before; those whose outputs are read need not be named. */
    public ActionBuilder dependsOn(int... actionIds) {
        for (int id : actionIds) {
            dependsOn.add(id);
        }
        return this;
    }

    /**
     * What to try when the steps have failed for good; fallbacks are tried in the order in which they are written.
     *
     * @param text what it does, in words
     * @param steps writes its steps; the last one has the output of the action's last step unless it names another
     */
    public ActionBuilder fallback(String text, Consumer<FallbackBuilder> steps) {
        FallbackBuilder fallback = new FallbackBuilder(name, text);
        steps.accept(fallback);
        fallbacks.add(fallback);
        return this;
    }

    /** A hint what a person may do when the action fails. */
    public ActionBuilder fallback(String hint) {
        return fallback(hint, steps -> {});
    }

    Action build() {
        List<Step> built = steps(name);
        String lastOutput = built.isEmpty() ? name : built.get(built.size() - 1).output();
        return new Action(
                actionId,
                name,
                description == null ? name : description,
                dependsOn,
                built,
                fallbacks.stream().map(fallback -> fallback.build(lastOutput)).toList());
    }
}
