package dev.hart.tools;

import dev.hart.guard.Reach;
import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolFailure;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tool for pages of the web. Redirects are followed one by one, each checked like the first address; proxies are not
 * used, so that the address checked is the address called. Thread-safe.
 */
public final class HttpTools {
    static final int MAX_BYTES = 1 << 20;
    static final int MAX_REDIRECTS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Pattern TEXT_TYPE = Pattern.compile("text/[a-z0-9.+-]+|application/(?:[a-z0-9.-]+\\+)?json");
    private static final Pattern CHARSET =
            Pattern.compile(";\\s*charset\\s*=\\s*\"?([^\\s\";]+)", Pattern.CASE_INSENSITIVE);

    private final AllowedHosts allowed;
    private final InstantSource clock;
    private @Nullable HttpClient client;

    HttpTools(AllowedHosts allowed, InstantSource clock) {
        this.allowed = allowed;
        this.clock = clock;
    }

    @Tool(
            name = "http.get",
            description = "Download the text or JSON of a web page or web service.",
            effect = Effect.READ,
            reach = Reach.NETWORK)
    public String get(@Param("The URL to download") URI url, ToolContext context) {
        URI here = url;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            allowed.check(here);
            HttpResponse<byte[]> answer = fetch(here, context);
            if (!REDIRECTS.contains(answer.statusCode())) {
                return text(answer, here);
            }
            here = target(here, answer.headers().firstValue("Location").orElse(""));
        }
        throw new ToolFailure(
                "TOO_MANY_REDIRECTS",
                "%s redirects more than %d times; give the final address".formatted(shown(url), MAX_REDIRECTS));
    }

    private HttpResponse<byte[]> fetch(URI url, ToolContext context) {
        Duration left = Duration.between(clock.instant(), context.deadline());
        if (left.isZero() || left.isNegative()) {
            throw timeout(url, null);
        }
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Accept", "text/*, application/json")
                .timeout(left)
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client().sendAsync(request, head -> new TextBody(isWanted(head) ? MAX_BYTES : 0));
        try {
            return answer.get(left.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw timeout(url, e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new ToolFailure("INTERRUPTED", "the call of %s was interrupted".formatted(shown(url)), true, e);
        } catch (ExecutionException e) {
            throw failure(url, e);
        }
    }

    private static boolean isWanted(HttpResponse.ResponseInfo head) {
        return head.statusCode() >= 200
                && head.statusCode() < 300
                && isText(head.headers().firstValue("Content-Type").orElse(""))
                && head.headers().firstValue("Content-Encoding").isEmpty();
    }

    private static String text(HttpResponse<byte[]> answer, URI url) {
        int status = answer.statusCode();
        if (status < 200 || status >= 300) {
            boolean retryable = status == 429 || status >= 500;
            throw new ToolFailure(
                    "HTTP_STATUS",
                    "%s answered with status %d; %s"
                            .formatted(shown(url), status, retryable ? "try again later" : "check the address"),
                    retryable,
                    null);
        }
        String type = answer.headers().firstValue("Content-Type").orElse("");
        if (status == 204) {
            return "";
        }
        if (!isText(type)) {
            throw new ToolFailure(
                    "CONTENT_NOT_TEXT",
                    "%s answers with content of type '%s', and only text and JSON are read; give another address"
                            .formatted(shown(url), Quoted.shorten(type)));
        }
        if (answer.headers().firstValue("Content-Encoding").isPresent()) {
            throw new ToolFailure(
                    "CONTENT_NOT_TEXT",
                    "%s answers with encoded content although none was asked for; give another address"
                            .formatted(shown(url)));
        }
        return new String(answer.body(), charset(type, url));
    }

    private static boolean isText(String contentType) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return TEXT_TYPE.matcher(type).matches();
    }

    private static Charset charset(String contentType, URI url) {
        Matcher charset = CHARSET.matcher(contentType);
        if (!charset.find()) {
            return StandardCharsets.UTF_8;
        }
        try {
            return Charset.forName(charset.group(1));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new ToolFailure(
                    "CONTENT_NOT_TEXT",
                    "%s answers in the unknown character set '%s'; give another address"
                            .formatted(shown(url), Quoted.shorten(charset.group(1))),
                    false,
                    e);
        }
    }

    /** Where a redirect leads, not yet checked against the allowed hosts. */
    static URI target(URI from, String location) {
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw badRedirect(from, "to an address that cannot be read", e);
        }
        if (location.isEmpty()) {
            throw badRedirect(from, "without saying where to", null);
        }
        if ("https".equalsIgnoreCase(from.getScheme()) && !"https".equalsIgnoreCase(target.getScheme())) {
            throw badRedirect(from, "from https to an unprotected address", null);
        }
        return target;
    }

    private static ToolFailure badRedirect(URI from, String how, @Nullable Exception cause) {
        return new ToolFailure(
                "REDIRECT_REFUSED",
                "%s redirects %s; give the final address".formatted(shown(from), how),
                false,
                cause);
    }

    private static ToolFailure failure(URI url, ExecutionException problem) {
        for (Throwable cause = problem.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ToolFailure failure) {
                return failure;
            }
            if (cause instanceof HttpTimeoutException) {
                return timeout(url, problem);
            }
        }
        return new ToolFailure(
                "CONNECTION_FAILED",
                "could not get %s: %s; check the address and the network".formatted(shown(url), problem.getCause()),
                true,
                problem);
    }

    private static ToolFailure timeout(URI url, @Nullable Exception cause) {
        return new ToolFailure(
                "TIMEOUT", "%s did not answer in time; try again later".formatted(shown(url)), true, cause);
    }

    /** Without the query, which may hold a secret. */
    private static String shown(URI url) {
        String path = url.getRawPath() == null ? "" : url.getRawPath();
        return Quoted.shorten(url.getScheme() + "://" + url.getRawAuthority() + path);
    }

    /** Made at the first call: it starts a thread. */
    private synchronized HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .build();
        }
        return client;
    }
}
