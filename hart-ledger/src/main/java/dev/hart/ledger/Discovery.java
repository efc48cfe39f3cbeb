package dev.hart.ledger;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task that somebody found has to be done while doing others.
 *
 * @param description what is to be done
 * @param context its data, {@code dev.hart.json} values
 * @param discoveredBy the task that was being done, or null
 * @param tasks what the ledger holds already: the newest tasks, at most 200, in the order of their creation
 */
public record Discovery(
        String description,
        Map<String, ? extends @Nullable Object> context,
        @Nullable String discoveredBy,
        List<Task> tasks) {

    /** Checks the parts; throws LedgerException INVALID_ARGUMENT. */
    public Discovery {
        Limits.requireText("description", description);
        if (discoveredBy != null) {
            Limits.requireId("discovered by", discoveredBy);
        }
        tasks = List.copyOf(tasks);
    }

    /** A discovery without knowledge of other tasks. */
    public static Discovery of(String description) {
        return new Discovery(description, Map.of(), null, List.of());
    }
}
