package dev.hart.langchain4j;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * LangChain4j's HTTP client on the JDK's, because LangChain4j's own drops the header {@code Retry-After}. Follows no
 * redirect, so that the key goes to the configured host only, and reads at most 16 MiB of an answer. Both kinds of request
 * block; the caller brings the thread. Thread-safe.
 */
final class ProviderHttpClient implements HttpClient {
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_ERROR_BYTES = 64 << 10;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    private final java.net.http.HttpClient client;

    ProviderHttpClient() {
        this.client = java.net.http.HttpClient.newBuilder()
                .version(java.net.http.HttpClient.Version.HTTP_1_1)
                .followRedirects(java.net.http.HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    /** Gives this client to a LangChain4j builder. Time limits are the caller's. */
    HttpClientBuilder asBuilder() {
        return new Builder(this);
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) throws HttpException {
        HttpResponse<InputStream> response = send(request);
        try (InputStream body = response.body()) {
            byte[] bytes = body.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IllegalStateException("the answer is longer than " + MAX_BYTES + " bytes");
            }
            return SuccessfulHttpResponse.builder()
                    .statusCode(response.statusCode())
                    .headers(response.headers().map())
                    .body(new String(bytes, StandardCharsets.UTF_8))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        try {
            HttpResponse<InputStream> response = send(request);
            try (InputStream body = response.body()) {
                listener.onOpen(SuccessfulHttpResponse.builder()
                        .statusCode(response.statusCode())
                        .headers(response.headers().map())
                        .build());
                parser.parse(body, listener);
                listener.onClose();
            }
        } catch (IOException | RuntimeException e) {
            listener.onError(e);
        }
    }

    private HttpResponse<InputStream> send(HttpRequest request) {
        try {
            HttpResponse<InputStream> response = client.send(jdk(request), BodyHandlers.ofInputStream());
            if (response.statusCode() / 100 != 2) {
                throw refusal(response);
            }
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static java.net.http.HttpRequest jdk(HttpRequest request) {
        java.net.http.HttpRequest.Builder builder = java.net.http.HttpRequest.newBuilder(URI.create(request.url()));
        request.headers().forEach((name, values) -> values.forEach(value -> builder.header(name, value)));
        String body = request.body();
        return builder.method(
                        request.method().name(),
                        body == null
                                ? java.net.http.HttpRequest.BodyPublishers.noBody()
                                : java.net.http.HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static ProviderRefusal refusal(HttpResponse<InputStream> response) throws IOException {
        try (InputStream body = response.body()) {
            return new ProviderRefusal(
                    response.statusCode(),
                    new String(body.readNBytes(MAX_ERROR_BYTES), StandardCharsets.UTF_8),
                    retryAfter(response.headers()));
        }
    }

    /** The header as RFC 9110 has it: seconds, or a date, which counts from the answer's own date. */
    static @Nullable Duration retryAfter(HttpHeaders headers) {
        Optional<String> value = headers.firstValue("Retry-After").map(String::strip);
        if (value.isEmpty()) {
            return null;
        }
        Duration wait;
        if (SECONDS.matcher(value.get()).matches()) {
            wait = Duration.ofSeconds(Long.parseLong(value.get()));
        } else {
            try {
                ZonedDateTime until = date(value.get());
                wait = headers.firstValue("Date")
                        .map(now -> Duration.between(date(now), until))
                        .orElse(null);
            } catch (DateTimeException e) {
                return null;
            }
        }
        if (wait == null || wait.isNegative()) {
            return null;
        }
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }

    private static ZonedDateTime date(String text) {
        return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
    }

    private static final class Builder implements HttpClientBuilder {
        private final ProviderHttpClient client;
        private @Nullable Duration connectTimeout;
        private @Nullable Duration readTimeout;

        Builder(ProviderHttpClient client) {
            this.client = client;
        }

        @Override
        public @Nullable Duration connectTimeout() {
            return connectTimeout;
        }

        @Override
        public HttpClientBuilder connectTimeout(Duration timeout) {
            connectTimeout = timeout;
            return this;
        }

        @Override
        public @Nullable Duration readTimeout() {
            return readTimeout;
        }

        @Override
        public HttpClientBuilder readTimeout(Duration timeout) {
            readTimeout = timeout;
            return this;
        }

        @Override
        public HttpClient build() {
            return client;
        }
    }
}
