package dev.hart.ledger;

/** What a ledger can be written as. */
public enum ExportFormat {
    /** One JSON object: the ledger, its edges, and its tasks with their histories, those put away included. */
    JSON,
    /** The same with all events. */
    JSON_WITH_EVENTS,
    /** A drawing for Graphviz. */
    DOT,
    /** A flowchart for Mermaid. */
    MERMAID,
    /** A tree of parents and children in plain text, two spaces to a level. */
    TREE;

    /** Lower case, as in routes and on the command line. */
    public String wireName() {
        return WireNames.of(this);
    }

    /** The format of that name; throws LedgerException INVALID_ARGUMENT for an unknown one. */
    public static ExportFormat ofWireName(String name) {
        return WireNames.parse(ExportFormat.class, name);
    }
}
