package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EventStreamsTest {
    private static final Pattern ID = Pattern.compile("(?m)^id: (\\d+)$");
    private static final Pattern EVENT = Pattern.compile("(?m)^event: (.+)$");

    @TempDir
    private Path directory;

    private ServedHart served;

    @BeforeEach
    void open() throws IOException {
        served = new ServedHart(directory, settings -> settings.heartbeat(Duration.ofMillis(50)));
    }

    @AfterEach
    void close() {
        served.close();
    }

    @Test
    void aFinishedRunsJournalIsToldInOrderAndThenTheStreamEnds() {
        String id = served.hart.run(ServedHart.SALES).id();

        ServedHart.Answer answer = served.get("/runs/" + id + "/events");

        assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream;charset=utf-8");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        List<String> types = all(EVENT, answer.body());
        assertThat(types)
                .startsWith("run.started")
                .endsWith("run.finished", "end")
                .contains("step.finished");
        List<Long> ids = all(ID, answer.body()).stream().map(Long::valueOf).toList();
        assertThat(ids).isSorted().doesNotHaveDuplicates().hasSize(types.size() - 1);
        assertThat(answer.body()).endsWith("event: end\ndata: {\"runId\":\"" + id + "\",\"state\":\"SUCCEEDED\"}\n\n");
    }

    @Test
    void aViewerThatComesBackGoesOnBehindTheLastEventItSaw() {
        String id = served.hart.run(ServedHart.SALES).id();
        List<String> ids = all(ID, served.get("/runs/" + id + "/events").body());

        String rest = served.get("/runs/" + id + "/events", "Last-Event-ID", ids.get(2))
                .body();

        assertThat(all(ID, rest)).isEqualTo(ids.subList(3, ids.size()));
        assertThat(served.get("/runs/" + id + "/events", "Last-Event-ID", "x").status())
                .isEqualTo(400);
    }

    @Test
    void everyOneOfManyViewersSeesTheWholeRunAndTheirThreadsEndWithIt() {
        String id = held();
        int before = eventThreads();
        List<CompletableFuture<HttpResponse<String>>> viewers = Stream.generate(() -> served.client.sendAsync(
                        HttpRequest.newBuilder(served.uri("/runs/" + id + "/events"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()))
                .limit(50)
                .toList();
        await().until(() -> served.server.viewers() == 50);

        served.gate.countDown();

        List<List<String>> seen = viewers.stream()
                .map(viewer -> all(EVENT, viewer.join().body()))
                .distinct()
                .toList();
        assertThat(seen).hasSize(1);
        assertThat(seen.get(0)).startsWith("run.started").endsWith("end");
        await().until(() -> served.server.viewers() == 0);
        served.server.close();
        await().until(() -> eventThreads() <= before);
    }

    @Test
    void aRunThatNeverStartsHasNoEventsButAnEnd() {
        String id = served.runToItsEnd("Sing a song about the sea");

        assertThat(all(EVENT, served.get("/runs/" + id + "/events").body())).containsExactly("end");
    }

    @Test
    void aQuietRunIsKeptAliveByComments() throws IOException {
        String id = held();
        try (InputStream stream = follow(id)) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            assertThat(lines.lines().filter(line -> line.equals(": still here")).limit(3))
                    .hasSize(3);
        }
    }

    @Test
    void aViewerThatHasGoneIsForgottenThoughTheRunGoesOn() throws IOException {
        String id = held();
        List<Socket> viewers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Socket viewer = new Socket("127.0.0.1", served.server.baseUri().getPort());
            viewer.getOutputStream()
                    .write(("GET /runs/" + id + "/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            viewers.add(viewer);
        }
        await().until(() -> served.server.viewers() == 5);

        for (Socket viewer : viewers) {
            viewer.close();
        }

        await().until(() -> served.server.viewers() == 0);
        await("threads that still work for the viewers").until(() -> busyEventThreads() == 0);
        assertThat(served.get("/runs/" + id).body()).contains("\"state\":\"RUNNING\"");
    }

    @Test
    void aStoppingServerEndsItsStreams() throws IOException {
        String id = held();
        try (InputStream stream = follow(id)) {
            await().until(() -> served.server.viewers() == 1);
            served.server.stop(Duration.ofSeconds(5));
            await().until(() -> served.server.viewers() == 0);
        }
    }

    @Test
    void moreViewersThanThereArePlacesForAreAskedToComeBack() {
        String id = held();
        List<CompletableFuture<HttpResponse<InputStream>>> viewers = Stream.generate(() -> served.client.sendAsync(
                        HttpRequest.newBuilder(served.uri("/runs/" + id + "/events"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream()))
                .limit(EventStreams.MAX_VIEWERS)
                .toList();
        await().until(() -> served.server.viewers() == EventStreams.MAX_VIEWERS);

        ServedHart.Answer oneMore = served.get("/runs/" + id + "/events");

        assertThat(oneMore.status()).isEqualTo(503);
        assertThat(oneMore.json()).containsEntry("code", "too_many_viewers");
        assertThat(oneMore.header("Retry-After")).isEqualTo("5");
        served.gate.countDown();
        viewers.forEach(CompletableFuture::join);
    }

    private InputStream follow(String id) {
        return served.client
                .sendAsync(
                        HttpRequest.newBuilder(served.uri("/runs/" + id + "/events"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream())
                .join()
                .body();
    }

    /** A run that goes on until the gate is opened. */
    private String held() {
        return served.post("/recipes/hold/runs", "{\"inputs\":{}}")
                .json()
                .get("id")
                .toString();
    }

    private static int eventThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("hart-events"))
                .count();
    }

    private static long busyEventThreads() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().contains("hart-events"))
                .filter(thread -> Stream.of(thread.getValue())
                        .anyMatch(frame -> frame.getClassName().contains("EventStreams")))
                .count();
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }
}
