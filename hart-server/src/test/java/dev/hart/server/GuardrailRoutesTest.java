package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.security.NodeKey;
import dev.hart.security.trust.CircuitBreaker;
import dev.hart.security.trust.HaltCommand;
import dev.hart.security.trust.HaltScope;
import dev.hart.security.trust.TrustAnchors;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server of a node that is halted and resumed by signed orders over HTTP. */
class GuardrailRoutesTest {
    private static final String KEY = "a-key-for-tests-only";

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final NodeKey anchor = NodeKey.inMemory();
    private CircuitBreaker breaker;
    private Hart hart;
    private HartServer server;

    @BeforeEach
    void open() {
        breaker = CircuitBreaker.in(folder)
                .anchors(TrustAnchors.of(1, List.of(anchor.publicKey())))
                .open();
        hart = Hart.configure()
                .dataDirectory(folder)
                .workspace(folder)
                .withoutModel()
                .haltSwitch(breaker)
                .create();
        server = HartServer.of(hart).port(0).apiKey(KEY).circuitBreaker(breaker).start();
    }

    @AfterEach
    void close() {
        server.close();
        hart.close();
        breaker.close();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(server.baseUri().resolve(path)).header("X-API-Key", KEY);
    }

    private HttpResponse<String> post(byte[] order) throws IOException, InterruptedException {
        return send(to("/api/guardrails/commands").POST(HttpRequest.BodyPublishers.ofByteArray(order)));
    }

    private byte[] order(HaltCommand.Action action, long sequence, NodeKey key) {
        Instant now = Instant.ofEpochSecond(Instant.now().getEpochSecond());
        return new HaltCommand(
                        action,
                        UUID.randomUUID(),
                        now,
                        now.plus(Duration.ofMinutes(10)),
                        "drill",
                        new HaltScope.Network(),
                        sequence)
                .toEnvelope()
                .signedBy(key)
                .toBytes();
    }

    @Test
    void aSignedOrderHaltsTheNodeAndAnotherLetsItGoOn() throws Exception {
        assertThat(send(to("/api/guardrails/status")).body()).contains("\"halted\":false");
        byte[] halt = order(HaltCommand.Action.HALT, 1, anchor);
        HttpResponse<String> taken = post(halt);
        assertThat(taken.statusCode()).isEqualTo(200);
        assertThat(taken.body()).contains("\"halted\":true", "\"scope\":\"network\"", "\"reason\":\"drill\"");

        HttpResponse<String> chat = send(to("/runs")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"request\":\"list the files\"}")));
        assertThat(chat.statusCode()).isEqualTo(503);
        assertThat(chat.headers().firstValue("Retry-After")).contains("60");
        assertThat(chat.body()).contains("\"code\":\"HALTED\"", "network: drill");
        assertThat(send(to("/runs")).statusCode()).as("reading works").isEqualTo(200);

        HttpResponse<String> again = post(halt);
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("\"code\":\"old_sequence\"");
        HttpResponse<String> resumed = post(order(HaltCommand.Action.RESUME, 2, anchor));
        assertThat(resumed.statusCode()).isEqualTo(200);
        assertThat(resumed.body()).contains("\"halted\":false", "\"sequence\":2");
    }

    @Test
    void whatIsNoOrderOrNotSignedIsRefused() throws Exception {
        assertThat(post(new byte[CircuitBreaker.MAX_ORDER + 1]).statusCode()).isEqualTo(413);
        assertThat(post("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)).statusCode())
                .isEqualTo(422);
        HttpResponse<String> foreign = post(order(HaltCommand.Action.HALT, 1, NodeKey.inMemory()));
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(foreign.body()).contains("\"code\":\"not_signed\"");
        assertThat(send(HttpRequest.newBuilder(server.baseUri().resolve("/api/guardrails/status")))
                        .statusCode())
                .isEqualTo(401);
        assertThat(breaker.isHalted()).isFalse();
    }
}
