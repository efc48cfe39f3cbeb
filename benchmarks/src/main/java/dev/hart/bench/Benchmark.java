package dev.hart.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** One measurement that {@code ./bench} can run. */
public interface Benchmark {

    /** The options it takes, in one line. */
    String usage();

    /**
     * Measures, and prints a table.
     *
     * @return the figures by name, in the order of the table
     * @throws IllegalArgumentException for an option that it does not know or cannot use, with a sentence that says which
     */
    Map<String, Number> run(List<String> options, PrintStream out) throws IOException;
}
