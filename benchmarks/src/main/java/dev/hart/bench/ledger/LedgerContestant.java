package dev.hart.bench.ledger;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** A system that keeps tasks durably, set up as its own documentation advises for throughput. */
interface LedgerContestant {

    /** Small letters and hyphens, with the store at the end, such as {@code raw-sqlite}. */
    String name();

    /** What it does so many of a second. */
    default String unit() {
        return "tasks";
    }

    /** The loads it can be measured under. */
    Set<Load> loads();

    /**
     * Opens it with nothing in it.
     *
     * @param folder for its files; missing as yet
     */
    Session open(Path folder) throws Exception;

    /** An open system. It is measured once, then closed, so that none works in the background while another is measured. */
    interface Session extends AutoCloseable {

        /** Warms up for a quarter of {@code time}, then measures for about {@code time}. */
        CommandRate run(Load load, Duration time) throws Exception;

        @Override
        void close() throws Exception;
    }
}
