package dev.hart.server;

import dev.hart.Recipes;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.recipe.RecipeVersion;

/** Recipes as people name them: {@code name}, or {@code name@version}. */
public final class RecipeLabel {
    private RecipeLabel() {}

    /**
     * The version with that label; the newest when the label names none. An id does for a name.
     *
     * @throws RecipeNotFoundException when there is none
     */
    public static RecipeVersion find(Recipes recipes, String label) {
        int at = label.lastIndexOf('@');
        return at > 0 && label.substring(at + 1).matches("\\d{1,9}")
                ? recipes.get(label.substring(0, at), Integer.parseInt(label.substring(at + 1)))
                : recipes.get(label);
    }
}
