package dev.hart.error;

import org.jspecify.annotations.Nullable;

/**
 * The ledger refused a command, and nothing was changed; or it is not what was written ({@code LEDGER_CORRUPT}). The code says
 * why, such as {@code TASK_NOT_FOUND}.
 */
public final class LedgerException extends HartException {
    private static final long serialVersionUID = 1;

    public LedgerException(String code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }

    public LedgerException(String code, String message) {
        this(code, message, null);
    }
}
