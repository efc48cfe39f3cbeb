package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static dev.hart.tools.Failures.assertFailsForNow;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hart.tool.ToolContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpToolsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final CountDownLatch testIsOver = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private String host;
    private HttpTools http;

    @BeforeEach
    void aServerOnThisMachine() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setExecutor(threads);
        server.start();
        host = "127.0.0.1:" + server.getAddress().getPort();
        http = new HttpTools(new AllowedHosts(Set.of(host)), InstantSource.fixed(NOW));
    }

    @AfterEach
    void stop() {
        testIsOver.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private void at(String path, Answer answer) {
        server.createContext(path, exchange -> {
            asked.add(exchange.getRequestURI().toString());
            try (exchange) {
                answer.to(exchange);
            }
        });
    }

    private static void reply(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        if (type != null) {
            exchange.getResponseHeaders().set("Content-Type", type);
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private static void redirect(HttpExchange exchange, int status, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(status, -1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String get(String path) {
        return getUrl("http://" + host + path, Duration.ofSeconds(30));
    }

    private String getUrl(String url, Duration left) {
        return http.get(URI.create(url), new ToolContext("run", "action", "key", NOW.plus(left), 1));
    }

    @Test
    void theTextOfAnAllowedHostIsAnswered() {
        at("/page", exchange -> reply(exchange, 200, "text/html; charset=utf-8", bytes("<p>Grüße</p>")));
        at(
                "/latin",
                exchange -> reply(
                        exchange,
                        200,
                        "text/plain; charset=\"ISO-8859-1\"",
                        "ü".getBytes(StandardCharsets.ISO_8859_1)));
        at("/none", exchange -> reply(exchange, 204, null, new byte[0]));

        assertThat(get("/page")).isEqualTo("<p>Grüße</p>");
        assertThat(get("/latin")).isEqualTo("ü");
        assertThat(get("/none")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/problem+json", "text/csv", "Text/Plain"})
    void textAndJsonAreRead(String type) {
        at("/x", exchange -> reply(exchange, 200, type, bytes("1")));

        assertThat(get("/x")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"image/png", "application/octet-stream", "application/jsonp", "texts/plain", ""})
    void otherContentIsRefused(String type) {
        at("/x", exchange -> reply(exchange, 200, type, bytes("1")));

        assertFails("CONTENT_NOT_TEXT", () -> get("/x"))
                .isEqualTo(
                        "http://%s/x answers with content of type '%s', and only text and JSON are read; give another"
                                + " address",
                        host, type);
    }

    @Test
    void encodedContentAndUnknownCharacterSetsAreRefused() {
        at("/zip", exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            reply(exchange, 200, "text/plain", bytes("x"));
        });
        at("/set", exchange -> reply(exchange, 200, "text/plain; charset=klingon", bytes("x")));

        assertFails("CONTENT_NOT_TEXT", () -> get("/zip")).contains("encoded content although none was asked for");
        assertFails("CONTENT_NOT_TEXT", () -> get("/set")).contains("unknown character set 'klingon'");
    }

    @Test
    void noHostIsAllowedUnlessNamed() {
        HttpTools none = new HttpTools(new AllowedHosts(Set.of()), InstantSource.fixed(NOW));

        assertFails(
                        "HOST_NOT_ALLOWED",
                        () -> none.get(
                                URI.create("https://example.com/page"),
                                new ToolContext("run", "action", "key", NOW.plusSeconds(1), 1)))
                .isEqualTo("'example.com' is not among the allowed hosts; if it may be called, add"
                        + " allowHost(\"example.com\") to Hart.configure()");
    }

    @ParameterizedTest
    @CsvSource({"404, false", "400, false", "401, false", "429, true", "500, true", "503, true", "304, false"})
    void aStatusThatIsNoSuccessFails(int status, boolean retryable) {
        at("/x", exchange -> reply(exchange, status, "text/plain", new byte[0]));

        if (retryable) {
            assertFailsForNow("HTTP_STATUS", () -> get("/x?token=secret"))
                    .isEqualTo("http://%s/x answered with status %d; try again later", host, status);
        } else {
            assertFails("HTTP_STATUS", () -> get("/x?token=secret"))
                    .isEqualTo("http://%s/x answered with status %d; check the address", host, status);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectToAnAllowedHostIsFollowed(int status) {
        at("/old", exchange -> redirect(exchange, status, "/new?a=b"));
        at("/new", exchange -> reply(exchange, 200, "text/plain", bytes("here")));

        assertThat(get("/old")).isEqualTo("here");
        assertThat(asked).containsExactly("/old", "/new?a=b");
    }

    @Test
    void aRedirectToAnotherHostIsCheckedLikeTheFirst() {
        at(
                "/out",
                exchange -> redirect(
                        exchange, 302, "http://localhost:" + server.getAddress().getPort() + "/secret"));
        at("/user", exchange -> redirect(exchange, 302, "http://me:pass@" + host + "/secret"));
        at("/file", exchange -> redirect(exchange, 302, "file:///etc/passwd"));
        at("/secret", exchange -> reply(exchange, 200, "text/plain", bytes("secret")));

        assertFails("HOST_NOT_ALLOWED", () -> get("/out"));
        assertFails("URL_INVALID", () -> get("/user"));
        assertFails("URL_INVALID", () -> get("/file"));
        assertThat(asked).containsExactly("/out", "/user", "/file");
    }

    @Test
    void atMost5RedirectsAreFollowed() {
        at("/hop/", exchange -> {
            int left = Integer.parseInt(exchange.getRequestURI().getPath().substring("/hop/".length()));
            if (left == 0) {
                reply(exchange, 200, "text/plain", bytes("arrived"));
            } else {
                redirect(exchange, 302, "/hop/" + (left - 1));
            }
        });

        assertThat(get("/hop/5")).isEqualTo("arrived");
        assertFails("TOO_MANY_REDIRECTS", () -> get("/hop/6"))
                .isEqualTo("http://%s/hop/6 redirects more than 5 times; give the final address", host);
    }

    @Test
    void aRedirectMustSayWhereTo() {
        at("/none", exchange -> exchange.sendResponseHeaders(302, -1));
        at("/bad", exchange -> redirect(exchange, 302, "http://[bad"));

        assertFails("REDIRECT_REFUSED", () -> get("/none"))
                .isEqualTo("http://%s/none redirects without saying where to; give the final address", host);
        assertFails("REDIRECT_REFUSED", () -> get("/bad")).contains("to an address that cannot be read");
    }

    @Test
    void aRedirectNeverGivesUpProtection() {
        URI secure = URI.create("https://example.com/a/b");

        assertThat(HttpTools.target(secure, "../c")).hasToString("https://example.com/c");
        assertThat(HttpTools.target(secure, "https://other.org/")).hasToString("https://other.org/");
        assertThat(HttpTools.target(URI.create("http://example.com/"), "https://example.com/"))
                .hasToString("https://example.com/");
        assertFails("REDIRECT_REFUSED", () -> HttpTools.target(secure, "http://example.com/"))
                .isEqualTo(
                        "https://example.com/a/b redirects from https to an unprotected address; give the final address");
    }

    @Test
    void atMost1MibIsReadAlsoWhenTheLengthIsNotDeclared() {
        at("/largest", exchange -> reply(exchange, 200, "text/plain", new byte[1024 * 1024]));
        at("/larger", exchange -> reply(exchange, 200, "text/plain", new byte[1024 * 1024 + 1]));
        at("/endless", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 0);
            while (testIsOver.getCount() > 0) {
                exchange.getResponseBody().write(new byte[8192]);
            }
        });

        assertThat(get("/largest")).hasSize(1024 * 1024);
        assertFails("RESPONSE_TOO_LARGE", () -> get("/larger"))
                .isEqualTo("the answer is larger than the 1024 KiB that are read; ask for a smaller page");
        assertFails("RESPONSE_TOO_LARGE", () -> get("/endless"));
    }

    @Test
    void aSlowAnswerIsGivenUpAtTheDeadline() {
        at("/head", exchange -> awaitEnd());
        at("/body", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
            awaitEnd();
        });

        assertFailsForNow("TIMEOUT", () -> getUrl("http://" + host + "/head?token=secret", Duration.ofMillis(200)))
                .isEqualTo("http://%s/head did not answer in time; try again later", host);
        assertFailsForNow("TIMEOUT", () -> getUrl("http://" + host + "/body", Duration.ofMillis(200)));
        assertFailsForNow("TIMEOUT", () -> getUrl("http://" + host + "/late", Duration.ZERO));
        assertThat(asked).containsExactly("/head?token=secret", "/body");
    }

    private void awaitEnd() {
        try {
            testIsOver.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anInterruptIsPassedOn() {
        at("/x", exchange -> awaitEnd());

        Thread.currentThread().interrupt();
        assertFailsForNow("INTERRUPTED", () -> get("/x"));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aConnectionThatFailsMayBeTriedAgain() {
        server.stop(0);

        assertFailsForNow("CONNECTION_FAILED", () -> get("/x")).contains("check the address and the network");
    }

    @Test
    void aNameThatResolvesToThisMachineIsNotCalled() {
        at("/secret", exchange -> reply(exchange, 200, "text/plain", bytes("secret")));
        String name = "rebound.example:" + server.getAddress().getPort();
        http = new HttpTools(
                new AllowedHosts(Set.of(name), any -> new InetAddress[] {InetAddress.getByName("127.0.0.1")}),
                InstantSource.fixed(NOW));

        assertFails("ADDRESS_NOT_ALLOWED", () -> getUrl("http://" + name + "/secret", Duration.ofSeconds(5)))
                .isEqualTo(
                        "'rebound.example' resolves to 127.0.0.1, which is not a public address; if that is meant, add"
                                + " allowHost(\"127.0.0.1\") and call it by the address");
        assertThat(asked).isEmpty();
    }

    @Test
    void anUnknownNameMayBeTriedAgain() {
        http = new HttpTools(
                new AllowedHosts(Set.of("nowhere.example"), name -> {
                    throw new UnknownHostException(name);
                }),
                InstantSource.fixed(NOW));

        assertFailsForNow("HOST_UNKNOWN", () -> getUrl("https://nowhere.example/", Duration.ofSeconds(5)))
                .isEqualTo("'nowhere.example' has no address; check the name and the network");
    }
}
