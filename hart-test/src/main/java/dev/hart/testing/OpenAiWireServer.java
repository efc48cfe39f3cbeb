package dev.hart.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hart.model.Message.ToolCall;
import dev.hart.model.TokenCount;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model endpoint on this machine that speaks OpenAI's chat-completions format, for tests and benchmarks. It answers what
 * it is told to, whole or as a stream of server-sent events as the request asks, and misbehaves on demand. A request that
 * is not in the documented form gets status 400 and the reason, as OpenAI itself answers.
 *
 * <p>Thread-safe. {@link #close} ends replies that still wait.
 */
public final class OpenAiWireServer implements AutoCloseable {
    private static final String PATH = "/v1/chat/completions";
    private static final int MAX_REQUEST_BYTES = 16 << 20;

    static {
        // Without it every reply waits some 40 ms for a delayed acknowledgement, and no latency measured here is true.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** What the server answers to one request. */
    public sealed interface Reply {

        /**
         * An answer as the model gives it.
         *
         * @param text empty when there are only tool calls
         * @param finishReason {@code stop}, {@code tool_calls}, {@code length} or {@code content_filter}
         */
        record Answer(String text, List<ToolCall> toolCalls, String finishReason, TokenCount tokens) implements Reply {
            public Answer {
                toolCalls = List.copyOf(toolCalls);
            }
        }

        /**
         * An error status with OpenAI's error document.
         *
         * @param retryAfter sent as the header Retry-After, in whole seconds; null for none
         */
        record Refusal(int status, String message, @Nullable Duration retryAfter) implements Reply {}

        /** The answer of a server in trouble. */
        record Broken(Fault fault, String text) implements Reply {}

        /** A text with 10 tokens read and one token written for every four characters. */
        static Reply text(String text) {
            return new Answer(text, List.of(), "stop", new TokenCount(10, (text.length() + 3) / 4));
        }

        /** Calls of tools, by their names on the wire. */
        static Reply toolCalls(ToolCall... calls) {
            return new Answer("", List.of(calls), "tool_calls", new TokenCount(10, 5));
        }

        static Reply refusal(int status, String message) {
            return new Refusal(status, message, null);
        }

        /** Status 429. */
        static Reply rateLimited(Duration retryAfter) {
            return new Refusal(429, "Rate limit reached", retryAfter);
        }

        static Reply broken(Fault fault) {
            return new Broken(fault, "Half of this answer is lost");
        }
    }

    /** How an answer goes wrong. */
    public enum Fault {
        /** Nothing comes, until the client or the server gives up. */
        SILENCE,
        /** The connection is cut in the middle of the body, or of the stream. */
        CUT,
        /** A stream ends in order, but before its last piece; a body ends in the middle of its JSON. */
        EARLY_END,
        /** Status 200 and text that is not JSON. */
        INVALID_JSON,
        /** Status 200 and a document without choices. */
        NO_CHOICES
    }

    /**
     * A request as it came.
     *
     * @param authorization the header; null when there was none
     * @param body the JSON document, null when it was none
     */
    public record Request(
            @Nullable String authorization, @Nullable Map<String, @Nullable Object> body) {

        /** The text of the last message. */
        public String lastMessage() {
            if (body != null && body.get("messages") instanceof List<?> messages && !messages.isEmpty()) {
                return messages.get(messages.size() - 1) instanceof Map<?, ?> last
                        ? String.valueOf(last.get("content"))
                        : "";
            }
            return "";
        }

        boolean isStream() {
            return body != null && Boolean.TRUE.equals(body.get("stream"));
        }

        boolean wantsUsage() {
            return body != null
                    && body.get("stream_options") instanceof Map<?, ?> options
                    && Boolean.TRUE.equals(options.get("include_usage"));
        }
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Queue<Reply> queue = new ConcurrentLinkedQueue<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile Function<Request, Reply> otherwise =
            request -> Reply.refusal(500, "the test prepared no reply for this request");
    private volatile Duration latency = Duration.ZERO;
    private volatile @Nullable String apiKey;

    private OpenAiWireServer(HttpServer server) {
        this.server = server;
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "openai-wire-server");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** A server on a free port of the loopback interface. */
    public static OpenAiWireServer start() {
        try {
            HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            OpenAiWireServer server = new OpenAiWireServer(http);
            http.setExecutor(server.threads);
            http.createContext("/", server::handle);
            http.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("no port of the loopback interface could be opened", e);
        }
    }

    /** What a client is configured with: {@code http://127.0.0.1:PORT/v1}. */
    public URI baseUrl() {
        return URI.create("http://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort() + "/v1");
    }

    /** Adds answers; each is given once, in order. */
    public OpenAiWireServer reply(Reply... replies) {
        queue.addAll(Arrays.asList(replies));
        return this;
    }

    /** Adds text answers. */
    public OpenAiWireServer reply(String... texts) {
        for (String text : texts) {
            queue.add(Reply.text(text));
        }
        return this;
    }

    /** What is answered when no prepared answer is left; status 500 unless set. */
    public OpenAiWireServer otherwise(Function<Request, Reply> replies) {
        this.otherwise = replies;
        return this;
    }

    /** How long each answer takes to begin; nothing unless set. */
    public OpenAiWireServer latency(Duration delay) {
        this.latency = delay;
        return this;
    }

    /** Requests without this key get status 401; every request is welcome unless set. */
    public OpenAiWireServer requireKey(String key) {
        this.apiKey = key;
        return this;
    }

    /** Every request so far, refused ones too. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try {
            byte[] bytes = exchange.getRequestBody().readNBytes(MAX_REQUEST_BYTES);
            Request request =
                    new Request(exchange.getRequestHeaders().getFirst("Authorization"), OpenAiWireFormat.parse(bytes));
            requests.add(request);
            if (closed.await(latency.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("the server is closing");
            }
            send(exchange, request, replyTo(exchange, request));
            // Not in a finally: closing would end a stream in order that is to be cut.
            exchange.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the server is closing", e);
        }
    }

    private Reply replyTo(HttpExchange exchange, Request request) {
        if (!exchange.getRequestURI().getPath().equals(PATH)) {
            return Reply.refusal(404, "Unknown request URL; this server has POST " + PATH);
        }
        if (!exchange.getRequestMethod().equals("POST")) {
            return Reply.refusal(405, "Not allowed to " + exchange.getRequestMethod() + " on " + PATH);
        }
        if (apiKey != null && !("Bearer " + apiKey).equals(request.authorization())) {
            return Reply.refusal(401, "Incorrect API key provided");
        }
        List<String> problems =
                OpenAiWireFormat.problems(exchange.getRequestHeaders().getFirst("Content-Type"), request.body());
        if (!problems.isEmpty()) {
            return Reply.refusal(400, String.join("; ", problems));
        }
        Reply prepared = queue.poll();
        return prepared != null ? prepared : otherwise.apply(request);
    }

    private void send(HttpExchange exchange, Request request, Reply reply) throws IOException, InterruptedException {
        if (reply instanceof Reply.Answer answer) {
            if (request.isStream()) {
                stream(exchange, OpenAiWireFormat.events(answer, request.wantsUsage()), Integer.MAX_VALUE);
            } else {
                body(exchange, 200, OpenAiWireFormat.completion(answer));
            }
        } else if (reply instanceof Reply.Refusal refusal) {
            if (refusal.retryAfter() != null) {
                exchange.getResponseHeaders()
                        .set("Retry-After", String.valueOf(refusal.retryAfter().toSeconds()));
            }
            body(exchange, refusal.status(), OpenAiWireFormat.error(refusal));
        } else if (reply instanceof Reply.Broken broken) {
            sendBroken(exchange, request, broken);
        }
    }

    private void sendBroken(HttpExchange exchange, Request request, Reply.Broken broken)
            throws IOException, InterruptedException {
        Reply.Answer answer = (Reply.Answer) Reply.text(broken.text());
        List<String> events = OpenAiWireFormat.events(answer, request.wantsUsage());
        String completion = OpenAiWireFormat.completion(answer);
        switch (broken.fault()) {
            case SILENCE -> closed.await();
            case CUT -> {
                if (request.isStream()) {
                    stream(exchange, events, 3);
                } else {
                    byte[] bytes = completion.getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Content-Type", "application/json");
                    exchange.sendResponseHeaders(200, bytes.length);
                    write(exchange, Arrays.copyOf(bytes, bytes.length / 2));
                }
                // The JDK's server drops the connection of a handler that throws.
                throw new IOException("cut on purpose");
            }
            case EARLY_END -> {
                if (request.isStream()) {
                    stream(exchange, events, 3);
                } else {
                    body(exchange, 200, completion.substring(0, completion.length() / 2));
                }
            }
            case INVALID_JSON -> {
                if (request.isStream()) {
                    stream(exchange, List.of("{this is not JSON", "[DONE]"), Integer.MAX_VALUE);
                } else {
                    body(exchange, 200, "<html>Bad gateway</html>");
                }
            }
            case NO_CHOICES -> {
                if (request.isStream()) {
                    stream(exchange, OpenAiWireFormat.eventsWithoutChoices(), Integer.MAX_VALUE);
                } else {
                    body(exchange, 200, OpenAiWireFormat.completionWithoutChoices());
                }
            }
        }
    }

    private static void body(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        write(exchange, bytes);
    }

    private static void stream(HttpExchange exchange, List<String> events, int most) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.sendResponseHeaders(200, 0);
        for (String event : new ArrayList<>(events).subList(0, Math.min(most, events.size()))) {
            write(exchange, ("data: " + event + "\n\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void write(HttpExchange exchange, byte[] bytes) throws IOException {
        OutputStream out = exchange.getResponseBody();
        out.write(bytes);
        out.flush();
    }
}
