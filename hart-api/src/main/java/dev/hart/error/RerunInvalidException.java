package dev.hart.error;

/** A run cannot run again in the way that was asked for; nothing was run. */
public final class RerunInvalidException extends HartException {
    private static final long serialVersionUID = 1;

    public RerunInvalidException(String message) {
        super("RERUN_INVALID", message, null);
    }
}
