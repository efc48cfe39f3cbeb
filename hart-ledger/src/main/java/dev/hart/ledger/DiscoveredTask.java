package dev.hart.ledger;

import java.util.List;

/**
 * A task that was discovered at run time, and where it was put.
 *
 * @param task as it stands now
 * @param classification what the classifier's answer came to, once everything was left out that could not be so
 * @param warnings what was left out of the answer and why; empty for an answer that was good
 */
public record DiscoveredTask(Task task, Classification classification, List<String> warnings) {
    public DiscoveredTask {
        warnings = List.copyOf(warnings);
    }
}
