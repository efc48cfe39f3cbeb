package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** A recipe document cannot be read, or its hash does not fit its content. */
public final class RecipeCorruptException extends HartException {
    private static final long serialVersionUID = 1;

    public RecipeCorruptException(String message) {
        this(message, null);
    }

    public RecipeCorruptException(String message, @Nullable Throwable cause) {
        super("RECIPE_CORRUPT", message, cause);
    }
}
