package dev.hart.server;

import dev.hart.security.access.RateLimiter;
import dev.hart.security.audit.AuditEvent;
import dev.hart.security.audit.AuditLog;
import dev.hart.security.trust.CircuitBreaker;
import dev.hart.security.trust.HaltAnswer;
import dev.hart.spi.HaltCause;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether this node stands still; its emergency stop; orders of the trust anchors to halt or resume it. */
final class GuardrailRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(GuardrailRoutes.class);
    private static final String NO_REASON = "an operator's emergency stop";

    private final @Nullable CircuitBreaker breaker;
    private final OrderRelay relay;
    private final RateLimiter limiter;
    private final Supplier<AuditLog> audit;

    GuardrailRoutes(@Nullable CircuitBreaker breaker, OrderRelay relay, RateLimiter limiter, Supplier<AuditLog> audit) {
        this.breaker = breaker;
        this.relay = relay;
        this.limiter = limiter;
        this.audit = audit;
    }

    /**
     * @param sequence the highest of the orders that were taken
     * @param node the node's key id; empty when it has none
     */
    record Status(boolean halted, List<Cause> causes, long sequence, String node) {}

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
                .summary("Takes a signed order of the trust anchors, as hart-signing writes it, and hands it on to"
                        + " peers")
                .answers(200, Status.class)
                .refuses(403, "not_signed")
                .refuses(404, "no_anchors")
                .refuses(409, "old_sequence")
                .refuses(413, "too_large")
                .refuses(422, "unreadable", "wrong_time", "wrong_scope")
                .refuses(503, "state_unreadable")
                .handle(Access.SIGNED_ORDER, this::accept);
        table.post("/api/guardrails/estop")
                .summary("Stops this node at once, until its operators clear that; a second stop changes nothing")
                .takes(Map.of(
                        "type",
                        "object",
                        "properties",
                        Map.of("reason", Map.of("type", "string", "minLength", 1L, "maxLength", 500L)),
                        "additionalProperties",
                        false))
                .answers(200, Status.class)
                .refuses(404, "no_kill_switch")
                .handle(Access.USER, this::stop);
        table.post("/api/guardrails/estop/clear")
                .summary("Ends the emergency stop by an order that the node's operators have signed")
                .answers(200, Status.class)
                .refuses(403, "not_signed")
                .refuses(404, "no_kill_switch")
                .refuses(409, "old_sequence")
                .refuses(413, "too_large")
                .refuses(422, "unreadable", "wrong_time", "wrong_scope")
                .handle(Access.USER, this::clear);
    }

    private Status status() {
        CircuitBreaker known = breaker;
        return known == null
                ? new Status(false, List.of(), 0, "")
                : new Status(
                        known.isHalted(),
                        known.causes().stream().map(Cause::of).toList(),
                        known.sequence(),
                        known.nodeId());
    }

    private Reply accept(Call call) throws IOException {
        CircuitBreaker known = breaker;
        if (known == null || !known.takesOrders()) {
            throw new Refused(
                    404, "no_anchors", "this node trusts no anchors, so there is nobody whose orders it takes");
        }
        Limits.require(
                limiter, RateLimiter.GLOBAL, "orders from " + call.source(), "too many orders from this address");
        byte[] envelope = call.bytes(CircuitBreaker.MAX_ORDER + 1);
        HaltAnswer answer = known.accept(envelope, call.source());
        if (answer instanceof HaltAnswer.Refused refused) {
            throw refused(refused);
        }
        relay.handOn(envelope, ((HaltAnswer.Accepted) answer).command());
        return Reply.ok(status());
    }

    private Reply stop(Call call) {
        CircuitBreaker known = known();
        Object reason = call.body().get("reason");
        known.localHalt(reason == null || reason.toString().isBlank() ? NO_REASON : reason.toString());
        note(call, "emergency stop");
        return Reply.ok(status());
    }

    private Reply clear(Call call) throws IOException {
        CircuitBreaker known = known();
        Optional<HaltAnswer.Refused> refused = known.clear(call.bytes(CircuitBreaker.MAX_ORDER + 1), call.source());
        if (refused.isPresent()) {
            throw refused(refused.get());
        }
        note(call, "emergency stop cleared");
        return Reply.ok(status());
    }

    private CircuitBreaker known() {
        CircuitBreaker known = breaker;
        if (known == null) {
            throw new Refused(404, "no_kill_switch", "this server was given no kill switch");
        }
        return known;
    }

    private static Refused refused(HaltAnswer.Refused refused) {
        int status = refused.reason().status();
        return new Refused(
                status,
                refused.reason().name().toLowerCase(Locale.ROOT),
                refused.message(),
                status == 503 ? Map.of("Retry-After", "60") : Map.of());
    }

    /** It has happened already, and must whatever becomes of the log. */
    private void note(Call call, String what) {
        try {
            audit.get().record(AuditEvent.of("estop", call.caller().actor(), "", what));
        } catch (RuntimeException e) {
            LOG.error(
                    "'{}' by {} could not be noted in the audit log",
                    what,
                    call.caller().actor(),
                    e);
        }
    }
}
