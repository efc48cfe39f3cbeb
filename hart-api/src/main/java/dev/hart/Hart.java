package dev.hart;

import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import java.util.List;

/**
 * An agent runtime that learns a task once and replays it from then on.
 *
 * <p>The first request of a kind is planned, run, checked and saved as a recipe ({@link Mode#CREATE}). Later requests of
 * that kind run the recipe with new inputs ({@link Mode#REUSE}), without planning and without a model.
 *
 * <p>Thread-safe. Instances are independent of each other; several may live in one JVM. Needs {@code dev.hart:hart-core}
 * at run time, found through {@link java.util.ServiceLoader}.
 */
public interface Hart extends AutoCloseable {

    /**
     * A runtime with every default: SQLite in {@code ./hart-data}, files under the current directory, the embedded
     * planner (or the model that {@code HART_MODEL} names), built-in guardrails and tools.
     *
     * @throws dev.hart.error.MissingModuleException when hart-core is not on the class path or module path
     * @throws dev.hart.error.StoreUnavailableException when the data directory cannot be opened
     */
    static Hart create() {
        return configure().create();
    }

    /** A builder with every default set. */
    static HartBuilder configure() {
        return new HartBuilder();
    }

    /**
     * Does what the request asks, and blocks until it is done: replays a stored recipe that fits, or else plans, runs
     * and learns a new one.
     *
     * @param request plain text, 1 to 10,000 characters
     * @return the run, {@link RunState#SUCCEEDED}, {@link RunState#FAILED} or {@link RunState#PAUSED}
     * @throws dev.hart.error.GuardrailRefusedException when a guardrail refuses the request; nothing was run
     * @throws dev.hart.error.CannotPlanException when no recipe fits and no plan could be made; nothing was run
     * @throws dev.hart.error.RunCancelledException when the calling thread is interrupted; the run is cancelled
     */
    Run run(String request);

    /**
     * Plans a goal anew, does it, and learns a recipe from it; blocks until it is done. Unlike {@link #run(String)} it looks for no stored
     * recipe.
     *
     * <p>When an {@linkplain Goal#interactive() interactive} goal lacks a value that its plan needs, the run is {@link RunState#PAUSED}
     * with a question ({@link Runs#questions}). Answer it with {@link Runs#answer}, then call {@link #resume(String)}: the run goes on
     * with the next question, or with its plan. After 12 questions without a plan it fails with {@code CANNOT_PLAN}. For an
     * {@linkplain Goal#autonomous() autonomous} goal the model assumes such values, and {@link Report#notes()} tells which.
     *
     * @throws dev.hart.error.GuardrailRefusedException when a guardrail refuses the goal; nothing was run
     * @throws dev.hart.error.CannotPlanException when no plan could be made, and asking would not make one; nothing was run
     * @throws dev.hart.error.InputInvalidException when no step of the plan takes one of the goal's inputs; nothing was run
     * @throws dev.hart.error.RunCancelledException when the calling thread is interrupted; the run is cancelled
     */
    Run learn(Goal goal);

    /**
     * Runs a recipe with the given inputs, and blocks until it is done. The recipe is saved first; saving an unchanged
     * recipe changes nothing.
     *
     * @throws dev.hart.error.RecipeInvalidException when the recipe names a tool that is not registered
     * @throws dev.hart.error.InputInvalidException when an input is missing, unknown or of the wrong type
     */
    Run run(Recipe recipe, Inputs inputs);

    /**
     * Runs the {@linkplain Recipes#current current version} of a stored recipe, or the one that its rollout chooses for this run;
     * the report's notes say so. Otherwise like {@link #run(Recipe, Inputs)}.
     *
     * @param recipe name or id
     * @throws dev.hart.error.RecipeNotFoundException when there is none
     */
    Run run(String recipe, Inputs inputs);

    /** Runs one stored version of a recipe, and no other; otherwise like {@link #run(Recipe, Inputs)}. */
    Run run(RecipeVersion recipe, Inputs inputs);

    /**
     * What {@link #run(RecipeVersion, Inputs)} would do: its actions in waves, their arguments as far as they are known before,
     * what needs approval, what would make it fail, how long it takes and what it costs. Calls no tool and no model, and writes
     * nothing.
     *
     * @throws dev.hart.error.InputInvalidException when an input is missing, unknown or of the wrong type
     */
    Plan dryRun(RecipeVersion recipe, Inputs inputs);

    /** The non-blocking twin of {@link #run(String)}. Planning, too, happens in the background. */
    RunHandle start(String request);

    /** The non-blocking twin of {@link #learn(Goal)}. Planning, too, happens in the background. */
    RunHandle start(Goal goal);

    /** The non-blocking twin of {@link #run(Recipe, Inputs)}. */
    RunHandle start(Recipe recipe, Inputs inputs);

    /** The non-blocking twin of {@link #run(String, Inputs)}. */
    RunHandle start(String recipe, Inputs inputs);

    /** The non-blocking twin of {@link #run(RecipeVersion, Inputs)}. */
    RunHandle start(RecipeVersion recipe, Inputs inputs);

    /**
     * Takes up one unfinished run where its journal ends: finished steps keep their results and are not called again.
     *
     * @throws dev.hart.error.RunNotFoundException when there is no such run
     * @throws dev.hart.error.RunBusyException when a living process works on it
     */
    Run resume(String runId);

    /**
     * Takes up every unfinished run whose process is gone, in the background; runs that wait for a person stay as they
     * are. Call it once after {@link #create()}.
     */
    List<RunHandle> resume();

    /**
     * A finished run, to be run again with something changed: an input, a result, the recipe. Only what depends on the change
     * runs again. Nothing happens before {@link Rerun#run()} or {@link Rerun#start()}.
     */
    Rerun rerun(String runId);

    /** The tools that runs may call. */
    Tools tools();

    /** What was learned so far. */
    Recipes recipes();

    /** The times at which recipes run by themselves; none does before {@link Schedules#start()}. */
    Schedules schedules();

    /** Every run that this data directory knows. */
    Runs runs();

    /** Forgets old runs, and versions of recipes that nobody needs. */
    Retention retention();

    /**
     * A part of this runtime that another module knows, such as {@code dev.hart.ledger.Ledgers}, or {@code dev.hart.gpu.Gpus} where
     * hart-gpu is on the path. It stays the runtime's: do not close it.
     *
     * @throws dev.hart.error.InvalidConfigurationException when there is no such part; it names those there are
     */
    <T> T unwrap(Class<T> part);

    /** Idempotent. Lets steps that are running end (at most 10 seconds), then frees threads and files. */
    @Override
    void close();
}
