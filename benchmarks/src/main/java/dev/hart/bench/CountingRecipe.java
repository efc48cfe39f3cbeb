package dev.hart.bench;

import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;

/** Recipes whose actions count with {@link ShopTools#count}, each from the number of the one before. */
public final class CountingRecipe {
    private CountingRecipe() {}

    /** Takes the number {@code start} and gives the one {@code steps} further on. */
    public static Recipe of(int steps) {
        RecipeBuilder recipe = Recipe.named("chain").input("start", Long.class);
        String before = "inputs.start";
        for (int i = 1; i <= steps; i++) {
            String number = "{{" + before + "}}";
            String name = "count" + i;
            recipe.action(name, action -> action.tool("shop.count").with("number", number));
            before = name;
        }
        return recipe.output(before, Long.class).build();
    }
}
