package dev.hart.ledger;

import java.util.List;

/**
 * What became of a document that was imported.
 *
 * @param tasks how many there are now
 * @param notes what came in differently than it stood there, or was only kept in the history
 */
public record ImportReport(LedgerId ledger, int tasks, List<String> notes) {
    public ImportReport {
        notes = List.copyOf(notes);
    }
}
