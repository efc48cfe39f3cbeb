package dev.hart.spi;

import dev.hart.Hart;
import dev.hart.HartClock;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A part of the runtime that a module above or beside {@code hart-core} brings, found by {@link java.util.ServiceLoader}.
 * {@link Hart#unwrap} gives it: it is opened when first asked for, once for each runtime, and closed with the runtime when it is
 * {@link AutoCloseable}, before the ledger and the database are.
 *
 * @param <T> what {@code unwrap} gives
 */
public interface RuntimePart<T> {

    /** The class that {@code unwrap} is asked for; two parts of one class are refused. */
    Class<T> type();

    /**
     * Opens it. Called by at most one thread at a time; when it throws, whoever asks next has it opened anew.
     *
     * @param host the runtime that it becomes part of
     */
    T open(Host host);

    /** What a runtime gives its parts. Thread-safe. */
    interface Host {
        /** The clock of the runtime. */
        HartClock clock();

        /** Where the runtime keeps its files; empty for one in memory. */
        Optional<Path> dataDirectory();

        /** How much this node can do, such as {@code standard}; looks at the hardware when first asked. */
        String tier();

        /** What makes the runtime stand still; a part starts nothing then. */
        HaltSwitch haltSwitch();

        /** What keeps the runtime's tasks going: a watchdog where there is one. A part closes what it keeps. */
        TaskKeeper taskKeeper();

        /**
         * Another part of the same runtime, as {@link Hart#unwrap} gives it.
         *
         * @throws dev.hart.error.InvalidConfigurationException when there is no such part
         */
        <P> P part(Class<P> type);
    }
}
