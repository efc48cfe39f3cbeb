package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** There is no such recipe or version. */
public final class RecipeNotFoundException extends HartException {
    private static final long serialVersionUID = 1;

    public RecipeNotFoundException(String message) {
        this(message, null);
    }

    public RecipeNotFoundException(String message, @Nullable Throwable cause) {
        super("RECIPE_NOT_FOUND", message, cause);
    }
}
