package dev.hart.server;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.ProbeReading;
import dev.hart.recipe.Recipe;
import dev.hart.spi.LeaseJournal;
import dev.hart.spi.RuntimePart;
import dev.hart.tool.Effect;
import dev.hart.tool.TypedTool;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

/** A real runtime with a workspace of two CSV files, and a server in front of it. */
final class ServedHart implements AutoCloseable {
    static final String KEY = "a-key-for-tests-only";
    static final String SALES = "Add up column amount of sales.csv and write the total to total.txt";
    static final String MARCH = "Add up column amount of march.csv and write the total to march.txt";

    final Hart hart;
    final HartServer server;
    final Path workspace;
    final HttpClient client = HttpClient.newHttpClient();
    /** Runs of the recipe {@code hold} end when this is opened. */
    final CountDownLatch gate = new CountDownLatch(1);

    /** What {@link #gate} holds up. */
    record Nothing() {}

    ServedHart(Path directory, UnaryOperator<HartServerBuilder> settings) throws IOException {
        this(directory, builder -> builder.part(new TwoCards()), settings);
    }

    ServedHart(Path directory, UnaryOperator<HartBuilder> runtime, UnaryOperator<HartServerBuilder> settings)
            throws IOException {
        workspace = Files.createDirectories(directory.resolve("workspace"));
        Files.writeString(workspace.resolve("sales.csv"), "name,amount\n\"Miller, Anna\",10.5\nBo,2\n");
        Files.writeString(workspace.resolve("march.csv"), "name,amount\nBo,7\nCy,8\n");
        hart = runtime.apply(Hart.configure()
                        .dataDirectory(directory.resolve("data"))
                        .workspace(workspace)
                        .withoutModel())
                .create();
        hart.tools()
                .register(TypedTool.of("gate.pass", "Passes the gate", Nothing.class, String.class, Effect.READ, in -> {
                    try {
                        gate.await();
                        return "passed";
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("interrupted", e);
                    }
                }));
        hart.recipes()
                .save(Recipe.named("hold")
                        .goal("Wait at the gate")
                        .action("pass", action -> action.tool("gate.pass"))
                        .output("pass", String.class)
                        .schedule("0 9 * * *")
                        .build());
        server = settings.apply(HartServer.of(hart).port(0)).start();
    }

    /** Two GPUs of 24 GiB, of which nothing is in use, whatever the machine has. */
    static final class TwoCards implements RuntimePart<Gpus> {
        @Override
        public Class<Gpus> type() {
            return Gpus.class;
        }

        @Override
        public Gpus open(Host host) {
            DeviceMemory empty = new DeviceMemory(24L << 30, 24L << 30);
            return Gpus.configure()
                    .probes(List.of(now -> ProbeReading.Found.of(List.of(
                            Device.of(DeviceKind.CUDA, 0, "GPU-a", "Card", Optional.of(empty), now),
                            Device.of(DeviceKind.CUDA, 1, "GPU-b", "Card", Optional.of(empty), now)))))
                    .journal(host.part(LeaseJournal.class))
                    .open();
        }
    }

    /** An answer with its body, read as JSON when it is a JSON object. */
    record Answer(HttpResponse<String> response) {
        int status() {
            return response.statusCode();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse(null);
        }

        String body() {
            return response.body();
        }

        Map<String, Object> json() {
            try {
                return JsonText.readObject(body().getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new AssertionError("no JSON object: " + body(), e);
            }
        }
    }

    Answer get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    Answer post(String path, String body, String... headers) {
        return send("POST", path, body, headers);
    }

    Answer send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return new Answer(client.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(method + " " + path, e);
        }
    }

    /** Sends bytes as they are, for what an HTTP client would not send; gives the status line. */
    String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.baseUri().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            return answer.substring(0, Math.max(0, answer.indexOf("\r\n")));
        }
    }

    URI uri(String path) {
        return server.baseUri().resolve(path);
    }

    /** Starts a run and waits until it has ended or is paused, by following its events. */
    String runToItsEnd(String request) {
        Answer started = post("/runs", JsonText.write(Map.of("request", request)));
        String id = String.valueOf(started.json().get("id"));
        get("/runs/" + id + "/events");
        return id;
    }

    @Override
    public void close() {
        gate.countDown();
        server.close();
        hart.close();
    }
}
