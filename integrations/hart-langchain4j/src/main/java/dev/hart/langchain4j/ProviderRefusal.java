package dev.hart.langchain4j;

import dev.langchain4j.exception.HttpException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An error status, and how long the provider asks to wait. */
final class ProviderRefusal extends HttpException {
    private static final long serialVersionUID = 1;
    private final @Nullable Duration retryAfter;

    ProviderRefusal(int status, String body, @Nullable Duration retryAfter) {
        super(status, body);
        this.retryAfter = retryAfter;
    }

    @Nullable
    Duration retryAfter() {
        return retryAfter;
    }
}
