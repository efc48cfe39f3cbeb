package dev.hart.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A ledger as the reference saves it: one JSON object with {@code agent_id}, {@code session_id}, {@code task_order} and
 * {@code tasks}. {@link Ledgers#importReference} takes it over. Immutable.
 */
public final class ReferenceLedger {
    private final Map<String, @Nullable Object> document;
    private final boolean checksHashes;

    private ReferenceLedger(Map<String, @Nullable Object> document, boolean checksHashes) {
        this.document = document;
        this.checksHashes = checksHashes;
    }

    /**
     * Reads a file in UTF-8.
     *
     * @throws IOException if it cannot be read
     * @throws dev.hart.error.LedgerException INVALID_ARGUMENT unless it holds one JSON object without repeated keys
     */
    public static ReferenceLedger read(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    /** The same from a text. */
    public static ReferenceLedger parse(String json) {
        try {
            return new ReferenceLedger(CanonicalJson.readObject(json), true);
        } catch (IllegalArgumentException e) {
            throw Limits.invalid("this is no ledger document: " + e.getMessage());
        }
    }

    /** The same, but a hash that is not that of its task is only noted, and not a reason to refuse the document. */
    public ReferenceLedger withoutHashCheck() {
        return new ReferenceLedger(document, false);
    }

    Map<String, @Nullable Object> document() {
        return document;
    }

    boolean checksHashes() {
        return checksHashes;
    }

    /**
     * The state of the action that a task of the reference stood for, where no journal of the run tells more exactly: such as
     * {@code fallback_requested} for a paused task.
     */
    public static String actionState(TaskStatus status) {
        return switch (status) {
            case IN_PROGRESS, DELEGATED, RESUMING -> "in_progress";
            case COMPLETED, TERMINATED, CANCELLED, SKIPPED, NOT_APPLICABLE -> "terminated";
            case BLOCKED, USER_STOPPED -> "pending";
            case FAILED -> "error";
            case PAUSED -> "fallback_requested";
            case PENDING, DEFERRED, ROLLED_BACK -> "assigned";
        };
    }
}
