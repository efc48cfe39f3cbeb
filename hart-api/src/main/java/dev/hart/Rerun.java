package dev.hart;

import dev.hart.recipe.RecipeVersion;
import org.jspecify.annotations.Nullable;

/**
 * A run that is to run again with something changed: only what depends on the change runs again, every other step keeps the
 * result that was recorded.
 *
 * <p>Immutable and thread-safe: each {@code with…} gives a new one, so one may be kept and varied. What is wrong with it is
 * said by {@link #run()} and {@link #start()}, before anything is written.
 */
public interface Rerun {
    /** The same with another value for one of the recipe's inputs. */
    Rerun withInput(String name, @Nullable Object value);

    /**
     * The same with a result given, so that the step is not called.
     *
     * @param name the output of a step, or an action, which stands for its last step
     * @param value whatever {@link dev.hart.json.Json#valueOf} takes
     */
    Rerun withResult(String name, @Nullable Object value);

    /** The same with another stored version of the recipe. Its steps are told by the name of their action and their place in it. */
    Rerun withRecipe(RecipeVersion recipe);

    /**
     * The same from an earlier point: whatever was recorded after that event runs again, changed or not.
     *
     * @param eventSeq {@link RunEvent#seq()} of an event of the run that runs again
     */
    Rerun from(long eventSeq);

    /**
     * Makes a new run, and blocks until it is done. The run it comes from stays as it is.
     *
     * @return the new run, of {@link Mode#RERUN}
     * @throws dev.hart.error.RunNotFoundException when there is no run to run again
     * @throws dev.hart.error.RunBusyException when that run is not over
     * @throws dev.hart.error.RunPausedException when that run waits for a person
     * @throws dev.hart.error.RerunInvalidException when it has no such event or step, or a given result is of the wrong type
     * @throws dev.hart.error.InputInvalidException when an input is missing, unknown or of the wrong type
     * @throws dev.hart.error.RecipeInvalidException when the recipe names a tool that is not registered
     */
    Run run();

    /** The non-blocking twin of {@link #run()}; it throws the same before it returns. */
    RunHandle start();
}
