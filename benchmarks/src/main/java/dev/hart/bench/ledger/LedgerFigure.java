package dev.hart.bench.ledger;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/** What is measured of one system alone, such as how fast it verifies its history. */
interface LedgerFigure {

    /** Small letters and hyphens. */
    String name();

    /**
     * Measures, and prints a line.
     *
     * @param folder for its files; missing as yet
     * @return the figures by name
     */
    Map<String, Number> measure(Path folder, PrintStream out) throws Exception;
}
