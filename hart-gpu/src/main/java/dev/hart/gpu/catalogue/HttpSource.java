package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks over HTTP, following redirects itself: at most five, https only, to this machine only from this machine. A token goes to the
 * origin that it is for and to no other. Thread-safe.
 */
final class HttpSource {
    private static final int MOST_REDIRECTS = 5;
    private static final String AGENT = "hart";

    private final HttpClient client;
    private final boolean allowHttp;
    private final @Nullable String token;
    private final @Nullable Origin tokenFor;

    HttpSource(HttpClient client, boolean allowHttp, @Nullable String token, @Nullable Origin tokenFor) {
        this.client = client;
        this.allowHttp = allowHttp;
        this.token = token;
        this.tokenFor = tokenFor;
    }

    /** A request whose answer somebody may stop waiting for. */
    interface Stoppable {
        void waitsFor(@Nullable CompletableFuture<?> answer);
    }

    /**
     * The answer to a GET, after redirects; its status may be any.
     *
     * @param offset from which byte on; with {@code etag} only if it is still the same
     * @throws IOException when the connection broke, or nothing came in time
     * @throws CancellationException when {@code stoppable} cancelled the future that it was given
     */
    HttpResponse<InputStream> get(
            URI uri, long offset, Optional<String> etag, Duration answerWithin, Stoppable stoppable)
            throws IOException, InterruptedException {
        URI at = uri;
        Origin first = requireAllowed(at, null);
        for (int redirects = 0; ; redirects++) {
            HttpResponse<InputStream> response = send(request(at, offset, etag, answerWithin), stoppable);
            if (!isRedirect(response.statusCode())) {
                return response;
            }
            response.body().close();
            if (redirects == MOST_REDIRECTS) {
                throw new ModelFileException(
                        "DOWNLOAD_FAILED",
                        "%s redirects more than %d times".formatted(Origin.withoutSecrets(uri), MOST_REDIRECTS));
            }
            at = target(at, response);
            requireAllowed(at, first);
        }
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static URI target(URI from, HttpResponse<?> response) {
        String location = response.headers().firstValue("Location").orElse("");
        try {
            if (!location.isEmpty()) {
                return from.resolve(location);
            }
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(
                    "DOWNLOAD_FAILED", Origin.withoutSecrets(from) + " redirects to what is no URL", e);
        }
        throw new ModelFileException(
                "DOWNLOAD_FAILED", Origin.withoutSecrets(from) + " redirects without saying where");
    }

    private Origin requireAllowed(URI uri, @Nullable Origin first) {
        Origin origin = Origin.of(uri);
        if (origin.isLoopback()) {
            if (first != null && !first.isLoopback()) {
                throw new ModelFileException(
                        "DOWNLOAD_FAILED", first.host() + " redirects to this machine itself, which is not followed");
            }
            return origin;
        }
        if (!origin.scheme().equals("https") && !allowHttp) {
            throw new ModelFileException(
                    "NOT_DOWNLOADABLE",
                    "%s is not encrypted: use https, or allowHttp() if the network can be trusted"
                            .formatted(Origin.withoutSecrets(uri)));
        }
        return origin;
    }

    private HttpRequest request(URI uri, long offset, Optional<String> etag, Duration answerWithin) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(answerWithin)
                .header("User-Agent", AGENT)
                .header("Accept-Encoding", "identity");
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-");
            etag.ifPresent(tag -> request.header("If-Range", tag));
        }
        if (token != null && Origin.of(uri).equals(tokenFor)) {
            request.header("Authorization", "Bearer " + token);
        }
        return request.build();
    }

    private HttpResponse<InputStream> send(HttpRequest request, Stoppable stoppable)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<InputStream>> answer =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
        stoppable.waitsFor(answer);
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException broken) {
                throw broken;
            }
            throw new IOException(e.getCause());
        } finally {
            stoppable.waitsFor(null);
        }
    }
}
