package dev.hart.server;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.hart.core.json.SchemaCheck;
import dev.hart.security.access.RateLimiter;
import io.javalin.config.JavalinConfig;
import io.javalin.config.SizeUnit;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of every request: host, origin, size, route, access, body, handler, in this order. Nothing has an effect before
 * all checks have passed.
 */
final class FrontDoor {
    static final int MAX_BODY = 2 * 1024 * 1024;
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
    private static final Map<String, String> SECURITY_HEADERS = Map.of(
            "X-Frame-Options", "DENY",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "strict-origin-when-cross-origin",
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), magnetometer=()",
            "Content-Security-Policy",
                    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
                            + " frame-ancestors 'none'",
            "Cache-Control", "no-cache");

    private final RouteTable table;
    private final HostNames hosts;
    private final Origins origins;
    private final Credentials credentials;
    private final Visits visits;
    private final RateLimiter limiter;
    private final SchemaCheck schemas = new SchemaCheck();

    FrontDoor(
            RouteTable table,
            HostNames hosts,
            Origins origins,
            Credentials credentials,
            Visits visits,
            RateLimiter limiter) {
        this.table = table;
        this.hosts = hosts;
        this.origins = origins;
        this.credentials = credentials;
        this.visits = visits;
        this.limiter = limiter;
    }

    void open(JavalinConfig config) {
        config.http.maxRequestSize = MAX_BODY;
        // Uploads stay in memory: what callers send is not written to this machine's disk.
        config.jetty.multipartConfig.maxInMemoryFileSize(MAX_BODY, SizeUnit.BYTES);
        config.jetty.multipartConfig.maxFileSize(MAX_BODY, SizeUnit.BYTES);
        config.jetty.multipartConfig.maxTotalRequestSize(MAX_BODY, SizeUnit.BYTES);
        config.http.prefer405over404 = true;
        config.routes.before(this::receive);
        for (RouteTable.Entry entry : table.entries()) {
            Route route = entry.route();
            config.routes.addHttpHandler(
                    HandlerType.findOrCreate(route.method()), route.path(), ctx -> serve(entry, ctx));
        }
        config.routes.exception(Exception.class, ErrorAnswers::answer);
        config.routes.exception(HttpResponseException.class, ErrorAnswers::answer);
    }

    /** What holds for every request, whatever its path. */
    private void receive(Context ctx) {
        String requestId = UuidCreator.getTimeOrderedEpoch().toString();
        ctx.attribute(ErrorAnswers.REQUEST_ID, requestId);
        ctx.header("X-Request-Id", requestId);
        SECURITY_HEADERS.forEach(ctx::header);
        if (ctx.req().isSecure()) {
            ctx.header("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload");
        }
        String host = ctx.header("Host");
        if (!hosts.admit(host)) {
            throw new Refused(400, "invalid_host", "Invalid host: call the server by a name that it knows");
        }
        origins.answer(ctx);
        if (origins.answersPreflight(ctx)) {
            ctx.status(204).skipRemainingHandlers();
            return;
        }
        if (!SAFE.contains(ctx.method().name()) && origins.isForeign(ctx, String.valueOf(host))) {
            throw new Refused(403, "foreign_origin", "pages of other sites may not call this server");
        }
        if (ctx.req().getContentLengthLong() > MAX_BODY) {
            throw tooLarge();
        }
    }

    private void serve(RouteTable.Entry entry, Context ctx) throws Exception {
        visits.enter();
        boolean later = false;
        try {
            Route route = entry.route();
            Caller caller = checkAccess(route, ctx);
            Map<String, @Nullable Object> body = route.requestSchema() == null ? Map.of() : body(route, ctx);
            later = write(ctx, entry.handler().handle(new Call(ctx, body, caller)));
        } finally {
            if (!later) {
                visits.leave();
            }
        }
    }

    private Caller checkAccess(Route route, Context ctx) {
        Caller caller = credentials.caller(ctx.header("Authorization"), ctx.header("X-API-Key"), ctx.ip());
        if (caller == null) {
            // The right key is let in all the same: an operator must reach a node that somebody else plagues.
            Limits.require(
                    limiter, "auth", "wrong key from " + ctx.ip(), "too many wrong keys or tokens from this address");
            throw unauthorized("the key is not one that the server knows");
        }
        if (!caller.mayCall(route.access())) {
            throw caller.agent() == null
                    ? unauthorized("send the server's key as Bearer token or X-API-Key")
                    : new Refused(
                            403,
                            "forbidden",
                            "an agent's key is for the routes below /api/distributed, not for this one");
        }
        return caller;
    }

    private static Refused unauthorized(String message) {
        return new Refused(401, "unauthorized", message, Map.of("WWW-Authenticate", "Bearer realm=\"hart\""));
    }

    private Map<String, @Nullable Object> body(Route route, Context ctx) throws IOException {
        byte[] text = ctx.req().getInputStream().readNBytes(MAX_BODY + 1);
        if (text.length > MAX_BODY) {
            throw tooLarge();
        }
        Map<String, @Nullable Object> body;
        try {
            body = JsonText.readObject(text);
        } catch (IOException e) {
            throw new Refused(400, "invalid_json", "the body must be one JSON object");
        }
        List<String> problems = schemas.problems(java.util.Objects.requireNonNull(route.requestSchema()), body);
        if (!problems.isEmpty()) {
            throw new Refused(400, "invalid_request", String.join("; ", problems));
        }
        return body;
    }

    static Refused tooLarge() {
        return new Refused(
                413, "too_large", "a body may have at most " + MAX_BODY + " bytes", Map.of("Connection", "close"));
    }

    /** Whether the visit ends later, with a future. */
    private boolean write(Context ctx, Reply reply) {
        if (reply instanceof Reply.Document document) {
            document(ctx, document);
        } else if (reply instanceof Reply.Content content) {
            ctx.contentType(content.contentType()).result(content.bytes());
        } else if (reply instanceof Reply.Later later) {
            ctx.future(() ->
                    later.reply().thenAccept(done -> write(ctx, done)).whenComplete((done, failure) -> visits.leave()));
            return true;
        } else if (reply instanceof Reply.Stream stream) {
            visits.leave();
            ctx.disableCompression();
            ctx.future(stream::end);
            return true;
        }
        return false;
    }

    private static void document(Context ctx, Reply.Document document) {
        ctx.status(document.status()).contentType(RouteTable.JSON).result(JsonText.write(document.value()));
    }
}
