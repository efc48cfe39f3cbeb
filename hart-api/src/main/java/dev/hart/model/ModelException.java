package dev.hart.model;

import dev.hart.error.HartException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A model gave no usable answer. */
public final class ModelException extends HartException {
    private static final long serialVersionUID = 1;
    private final Kind kind;
    private final @Nullable Duration retryAfter;

    /** What went wrong. */
    public enum Kind {
        /** 429: asked too often. */
        RATE_LIMITED(true),
        /** 5xx, or nobody listens. */
        UNAVAILABLE(true),
        TIMEOUT(true),
        /** The answer broke off. */
        INCOMPLETE(true),
        /** The answer is not what the protocol or the schema says. */
        UNREADABLE(true),
        /** 401 or 403: the key is missing or wrong. */
        UNAUTHORIZED(false),
        /** Another 4xx: the same request will be refused again. */
        REFUSED(false);

        private final boolean retryable;

        Kind(boolean retryable) {
            this.retryable = retryable;
        }
    }

    public ModelException(Kind kind, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super("MODEL_" + kind, message, cause);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    public ModelException(Kind kind, String message) {
        this(kind, message, null, null);
    }

    public Kind kind() {
        return kind;
    }

    /** Whether the same request may be answered later. */
    public boolean retryable() {
        return kind.retryable;
    }

    /** How long the provider asks to wait. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
