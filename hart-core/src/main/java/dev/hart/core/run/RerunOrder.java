package dev.hart.core.run;

import dev.hart.Inputs;
import dev.hart.Rerun;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.recipe.RecipeVersion;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a user wants to run again, and how. */
public final class RerunOrder implements Rerun {
    private final Supplier<RunLauncher> launcher;
    final String runId;
    final Inputs inputs;
    final Inputs results;
    final @Nullable RecipeVersion recipe;
    final @Nullable Long from;

    /**
     * The run as it was.
     *
     * @param launcher gives it while the runtime is open, and throws when it is not
     */
    public RerunOrder(Supplier<RunLauncher> launcher, String runId) {
        this(launcher, runId, Inputs.none(), Inputs.none(), null, null);
    }

    private RerunOrder(
            Supplier<RunLauncher> launcher,
            String runId,
            Inputs inputs,
            Inputs results,
            @Nullable RecipeVersion recipe,
            @Nullable Long from) {
        this.launcher = launcher;
        this.runId = runId;
        this.inputs = inputs;
        this.results = results;
        this.recipe = recipe;
        this.from = from;
    }

    @Override
    public Rerun withInput(String name, @Nullable Object value) {
        return new RerunOrder(launcher, runId, inputs.and(name, value), results, recipe, from);
    }

    @Override
    public Rerun withResult(String name, @Nullable Object value) {
        return new RerunOrder(launcher, runId, inputs, results.and(name, value), recipe, from);
    }

    @Override
    public Rerun withRecipe(RecipeVersion other) {
        return new RerunOrder(launcher, runId, inputs, results, other, from);
    }

    @Override
    public Rerun from(long eventSeq) {
        return new RerunOrder(launcher, runId, inputs, results, recipe, eventSeq);
    }

    @Override
    public Run run() {
        return launcher.get().run(this);
    }

    @Override
    public RunHandle start() {
        return launcher.get().start(this);
    }
}
