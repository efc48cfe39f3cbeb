package dev.hart;

import dev.hart.error.HartException;
import dev.hart.recipe.RecipeVersion;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One execution that has ended or is paused, as it stood when this object was made. Immutable, thread-safe. */
public interface Run {
    /** UUIDv7. */
    String id();

    RunState state();

    Mode mode();

    /** The text that was asked, or the recipe's goal when it was run by name; a rerun has that of the run it comes from. */
    String request();

    /** The recipe that was replayed, or the one that this run learned; empty when a CREATE run did not succeed. */
    Optional<RecipeVersion> recipe();

    /**
     * The result as a JSON value (see {@link dev.hart.json.Json}): the value itself when the recipe has exactly one
     * output, else a map of all outputs by name.
     *
     * @throws HartException the cause, when the run did not succeed
     */
    @Nullable
    Object output();

    /**
     * The result converted to a type: a record, a number, a list, a map…
     *
     * @throws HartException the cause, when the run did not succeed
     * @throws dev.hart.error.OutputMismatchException when the result does not fit the type
     */
    <T> T output(Class<T> type);

    /**
     * All outputs by name.
     *
     * @throws HartException the cause, when the run did not succeed
     */
    Map<String, @Nullable Object> outputs();

    /** Why the run failed, was cancelled or is paused; empty when it succeeded. */
    Optional<HartException> failure();

    /** From the request to the end, planning included. */
    Duration elapsed();

    /** What each step did and cost. */
    RunReport report();

    /** What this run saved against the CREATE run that taught its recipe; empty when there is none to compare with. */
    Optional<Savings> savings();

    /**
     * The signed record of the run as its journal has it now, to be kept and checked elsewhere.
     *
     * @throws dev.hart.error.RunPausedException when the run waits for a person
     * @throws dev.hart.error.RunBusyException when the run goes on
     * @throws dev.hart.error.LedgerException {@code LEDGER_CORRUPT} when the ledger is not what was written
     */
    Evidence evidence();
}
