package dev.hart.ledger;

import java.util.List;

/**
 * What became of a task and of those that wait for it.
 *
 * @param changed ids in the order of the change
 * @param refused ids of those whose status does not allow it
 */
public record Cascade(List<String> changed, List<String> refused) {}
