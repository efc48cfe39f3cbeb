package dev.hart.server;

import io.javalin.http.Context;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sites whose pages may call the server: its own, and those that were named exactly. A browser says which site a page comes from;
 * no other header changes what that means.
 */
final class Origins {
    private static final String METHODS = "GET, POST, PUT, DELETE, PATCH, OPTIONS";
    private static final String HEADERS = "Content-Type, Authorization, X-API-Key, X-CSRF-Token, Idempotency-Key,"
            + " MCP-Protocol-Version, Mcp-Session-Id, Last-Event-ID";
    private static final String MAX_AGE = "600";

    private final Set<String> allowed;

    Origins(Set<String> allowed) {
        this.allowed = Set.copyOf(allowed);
    }

    /** Tells browsers that pages of an allowed site may read the answer. */
    void answer(Context ctx) {
        if (allowed.isEmpty()) {
            return;
        }
        ctx.header("Vary", "Origin");
        String origin = ctx.header("Origin");
        if (origin != null && allowed.contains(origin)) {
            ctx.header("Access-Control-Allow-Origin", origin);
            ctx.header("Access-Control-Allow-Credentials", "true");
            ctx.header("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
        }
    }

    /** Whether a browser asks first what a page of an allowed site may send; answered when it does. */
    boolean answersPreflight(Context ctx) {
        String origin = ctx.header("Origin");
        boolean asks = ctx.method().name().equals("OPTIONS")
                && origin != null
                && allowed.contains(origin)
                && ctx.header("Access-Control-Request-Method") != null;
        if (asks) {
            ctx.header("Access-Control-Allow-Methods", METHODS);
            ctx.header("Access-Control-Allow-Headers", HEADERS);
            ctx.header("Access-Control-Max-Age", MAX_AGE);
        }
        return asks;
    }

    /**
     * Whether a request comes from a page of a site that may change nothing here.
     *
     * @param host as the request names it
     */
    boolean isForeign(Context ctx, String host) {
        String origin = ctx.header("Origin");
        return origin == null
                ? isCrossSite(ctx.header("Sec-Fetch-Site"))
                : !allowed.contains(origin) && !isOwn(ctx, origin, host);
    }

    private static boolean isCrossSite(@Nullable String site) {
        return "cross-site".equals(site);
    }

    private static boolean isOwn(Context ctx, String origin, String host) {
        String own = host.toLowerCase(Locale.ROOT);
        String named = origin.toLowerCase(Locale.ROOT);
        return named.equals("https://" + own) || (!ctx.req().isSecure() && named.equals("http://" + own));
    }
}
