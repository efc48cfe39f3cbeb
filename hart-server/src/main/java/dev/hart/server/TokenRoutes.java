package dev.hart.server;

import dev.hart.security.access.RateLimiter;
import dev.hart.security.access.Tokens;
import dev.hart.security.access.Tokens.Renewal;
import dev.hart.security.audit.AuditEvent;
import dev.hart.security.audit.AuditLog;
import dev.hart.tool.Param;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tokens for callers who are not to hold the server's key. Each step is in the audit log before it counts. */
final class TokenRoutes {
    private static final String NAME = "^[A-Za-z0-9._:~-]{1,100}$";

    private final Supplier<Tokens> tokens;
    private final Supplier<AuditLog> audit;
    private final RateLimiter limiter;
    private final boolean keyIsSet;

    /** @param keyIsSet whether the server has a key; without one tokens would outlive the time in which nobody needs any */
    TokenRoutes(Supplier<Tokens> tokens, Supplier<AuditLog> audit, RateLimiter limiter, boolean keyIsSet) {
        this.tokens = tokens;
        this.audit = audit;
        this.limiter = limiter;
        this.keyIsSet = keyIsSet;
    }

    /** The names of RFC 6749. */
    record TokenAnswer(
            @Param(name = "access_token") String accessToken,
            @Param(name = "token_type") String tokenType,
            @Param(name = "expires_in") long expiresIn,
            @Param(name = "refresh_token") String refreshToken) {
        static TokenAnswer of(Tokens.Pair pair) {
            return new TokenAnswer(
                    pair.accessToken(), "Bearer", pair.expiresIn().toSeconds(), pair.refreshToken());
        }
    }

    record Revoked(boolean success) {}

    void describe(RouteTable table) {
        table.post("/api/auth/tokens")
                .summary("Gives a user or an agent an access token and a refresh token")
                .takes(schema(Map.of(
                        "subject", Map.of("type", "string", "pattern", NAME),
                        "scope", Map.of("type", "string", "enum", List.of(AccessTokens.USER, AccessTokens.AGENT)))))
                .answers(201, TokenAnswer.class)
                .refuses(400, "invalid_request")
                .refuses(409, "no_key")
                .refuses(429, "rate_limited")
                .handle(Access.USER, this::issue);
        table.post("/api/auth/refresh")
                .summary("Gives the next pair of tokens for a refresh token, which is used up")
                .takes(schema(Map.of("refresh_token", Map.of("type", "string", "minLength", 1L, "maxLength", 200L))))
                .answers(200, TokenAnswer.class)
                .refuses(400, "invalid_request", "invalid_grant")
                .refuses(429, "rate_limited")
                .handle(Access.REFRESH_TOKEN, this::refresh);
        table.post("/api/auth/revoke")
                .summary("Ends every sign-in of a user or an agent")
                .takes(schema(Map.of("subject", Map.of("type", "string", "pattern", NAME))))
                .answers(200, Revoked.class)
                .refuses(400, "invalid_request")
                .handle(Access.USER, this::revoke);
    }

    private static Map<String, @Nullable Object> schema(Map<String, @Nullable Object> properties) {
        return Map.of(
                "type",
                "object",
                "properties",
                properties,
                "required",
                List.copyOf(properties.keySet()),
                "additionalProperties",
                false);
    }

    private Reply issue(Call call) {
        if (!keyIsSet) {
            throw new Refused(409, "no_key", "this server has no key, so nobody needs a token: set HART_API_KEY first");
        }
        requireAllowed(call);
        String subject = call.text("subject");
        String scope = call.text("scope");
        audit.get()
                .record(new AuditEvent("auth", call.caller().actor(), subject, "token issued", Map.of("scope", scope)));
        return new Reply.Document(201, TokenAnswer.of(tokens.get().issue(subject, scope, AccessTokens.AUDIENCE)));
    }

    private Reply refresh(Call call) {
        requireAllowed(call);
        Renewal renewal = tokens.get().renew(call.text("refresh_token"));
        if (renewal instanceof Renewal.Renewed renewed) {
            return Reply.ok(TokenAnswer.of(renewed.pair()));
        }
        if (renewal instanceof Renewal.Reused reused) {
            audit.get()
                    .record(AuditEvent.of(
                            "auth", "hart", reused.subject(), "refresh token used twice: its sign-in was ended"));
        }
        throw new Refused(400, "invalid_grant", "the refresh token is not good: sign in again");
    }

    private Reply revoke(Call call) {
        String subject = call.text("subject");
        audit.get().record(AuditEvent.of("auth", call.caller().actor(), subject, "tokens revoked"));
        tokens.get().revokeAll(subject);
        return Reply.ok(new Revoked(true));
    }

    private void requireAllowed(Call call) {
        Limits.require(limiter, "auth", call.caller().name(), "Rate limit exceeded. Please wait.");
    }
}
