package dev.hart.bench.match;

import dev.hart.core.json.SchemaCheck;
import dev.hart.core.match.SentenceVectors;
import dev.hart.core.recipe.InputCheck;
import dev.hart.core.recipe.RecipeIndex;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import java.time.Instant;
import java.util.List;

/** Recipes that do nothing but have examples, in an index as {@code Hart.run} asks it. */
final class Catalogue {
    private final RecipeIndex index;
    private final Effect effect;

    Catalogue(SentenceVectors vectors, Effect effect) {
        this.index = new RecipeIndex(new InputCheck(SchemaCheck::new), () -> vectors);
        this.effect = effect;
    }

    void add(String name, List<String> requests) {
        RecipeBuilder recipe = Recipe.named(name)
                .action("act", a -> {
                    if (effect == Effect.READ) {
                        a.transform(name);
                    } else {
                        a.tool("act").effect(effect);
                    }
                })
                .output("act", Object.class);
        requests.forEach(recipe::intent);
        index.put(new RecipeVersion(
                name, 1, null, "", Instant.EPOCH, RecipeVersion.Status.TRAINED, null, recipe.build()));
    }

    RecipeIndex index() {
        return index;
    }
}
