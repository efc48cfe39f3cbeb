package dev.hart.bench;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.core.WriteCount;
import dev.hart.recipe.RecipeVersion;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A recipe of HART that is replayed. */
final class HartChain implements Chain {
    private final Hart hart;
    private final RecipeVersion chain;

    /** @param dataDirectory null for a runtime in memory */
    HartChain(@Nullable Path dataDirectory) {
        HartBuilder builder = Hart.configure().withoutBuiltInTools().withoutModel();
        hart = (dataDirectory == null ? builder.inMemory() : builder.dataDirectory(dataDirectory)).create();
        hart.tools().register(new ShopTools());
        chain = hart.recipes().save(CountingRecipe.of(StepRate.STEPS));
    }

    @Override
    public long run(long start) {
        return hart.run(chain, Inputs.of("start", start)).output(Long.class);
    }

    @Override
    public long commits() {
        return ((WriteCount) hart).commits();
    }

    @Override
    public void close() {
        hart.close();
    }
}
