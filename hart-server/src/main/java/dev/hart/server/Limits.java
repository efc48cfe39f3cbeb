package dev.hart.server;

import dev.hart.security.access.RateLimiter;
import java.util.Map;

/** Answers 429 to who calls too often. */
final class Limits {
    private Limits() {}

    /** @throws Refused with {@code Retry-After} when the caller has used up its limit */
    static void require(RateLimiter limiter, String action, String caller, String message) {
        if (limiter.take(action, caller) instanceof RateLimiter.Decision.Refused refused) {
            throw new Refused(
                    429, "rate_limited", message, Map.of("Retry-After", Long.toString(refused.retryAfterSeconds())));
        }
    }
}
