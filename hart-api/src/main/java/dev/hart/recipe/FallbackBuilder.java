package dev.hart.recipe;

import org.jspecify.annotations.Nullable;

/** Writes the steps of one fallback of an action, as in {@link StepsBuilder}. */
public final class FallbackBuilder extends StepsBuilder<FallbackBuilder> {
    private final String action;
    private final String text;

    FallbackBuilder(String action, String text) {
        this.action = action;
        this.text = text;
    }

    @Override
    FallbackBuilder self() {
        return this;
    }

    @Override
    String owner() {
        return "fallback '" + text + "' of action '" + action + "'";
    }

    /** @param lastOutput of the action's last step */
    Fallback build(@Nullable String lastOutput) {
        return new Fallback(text, steps(lastOutput));
    }
}
