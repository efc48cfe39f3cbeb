package dev.hart.server;

import dev.hart.security.trust.CircuitBreaker;
import dev.hart.security.trust.HaltAnswer;
import dev.hart.spi.HaltCause;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether this node stands still, and orders of the trust anchors to halt or resume it. */
final class GuardrailRoutes {
    private final @Nullable CircuitBreaker breaker;

    GuardrailRoutes(@Nullable CircuitBreaker breaker) {
        this.breaker = breaker;
    }

    /** @param sequence the highest of the orders that were taken */
    record Status(boolean halted, List<Cause> causes, long sequence) {}

    record Cause(String kind, String scope, String reason, Instant since, long sequence) {
        static Cause of(HaltCause cause) {
            return new Cause(cause.kind().name(), cause.scope(), cause.reason(), cause.since(), cause.sequence());
        }
    }

    void describe(RouteTable table) {
        table.get("/api/guardrails/status")
                .summary("Whether this node is halted, and why")
                .answers(200, Status.class)
                .handle(Access.USER, call -> Reply.ok(status()));
        table.post("/api/guardrails/commands")
                .summary("Takes a signed order of the trust anchors, as hart-signing writes it")
                .answers(200, Status.class)
                .refuses(403, "not_signed")
                .refuses(404, "no_anchors")
                .refuses(409, "old_sequence")
                .refuses(413, "too_large")
                .refuses(422, "unreadable", "wrong_time", "wrong_scope")
                .refuses(503, "state_unreadable")
                .handle(Access.USER, this::accept);
    }

    private Status status() {
        CircuitBreaker known = breaker;
        return known == null
                ? new Status(false, List.of(), 0)
                : new Status(
                        known.isHalted(), known.causes().stream().map(Cause::of).toList(), known.sequence());
    }

    private Reply accept(Call call) throws IOException {
        CircuitBreaker known = breaker;
        if (known == null) {
            throw new Refused(
                    404, "no_anchors", "this node trusts no anchors, so there is nobody whose orders it takes");
        }
        HaltAnswer answer = known.accept(call.bytes(CircuitBreaker.MAX_ORDER + 1), call.source());
        if (answer instanceof HaltAnswer.Refused refused) {
            throw new Refused(
                    refused.reason().status(),
                    refused.reason().name().toLowerCase(java.util.Locale.ROOT),
                    refused.message(),
                    refused.reason().status() == 503 ? Map.of("Retry-After", "60") : Map.of());
        }
        return Reply.ok(status());
    }
}
