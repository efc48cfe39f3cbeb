package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** Something needs a module that is not on the class path; the message names the dependency. */
public final class MissingModuleException extends HartException {
    private static final long serialVersionUID = 1;

    public MissingModuleException(String message) {
        this(message, null);
    }

    public MissingModuleException(String message, @Nullable Throwable cause) {
        super("MISSING_MODULE", message, cause);
    }
}
