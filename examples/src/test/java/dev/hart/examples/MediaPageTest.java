package dev.hart.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hart.Hart;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.library.ModelLibrary;
import dev.hart.gpu.media.MediaAgent;
import dev.hart.gpu.media.MediaProtocol;
import dev.hart.gpu.media.MediaResult;
import dev.hart.gpu.media.MediaService;
import dev.hart.gpu.media.MediaTask;
import dev.hart.gpu.media.MediaTools;
import dev.hart.gpu.sidecar.SidecarSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The listings about media of docs/models.md, with a tool whose process names a server of this test. */
@DisabledOnOs(OS.WINDOWS)
class MediaPageTest {
    private static final byte[] CLIP = "\0\0\0\20ftypisom\0\0\2\0".getBytes(StandardCharsets.ISO_8859_1);

    private final List<String> orders = new CopyOnWriteArrayList<>();

    private HttpServer server() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith("/generate")) {
                orders.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            }
            switch (path) {
                case "/generate", "/generate_long" -> answer(exchange, "application/json", "{\"file\":\"a.mp4\"}");
                case "/list" -> answer(exchange, "application/json", "{\"videos\":[\"a.mp4\"]}");
                case "/video/a.mp4" -> answer(exchange, "video/mp4", new String(CLIP, StandardCharsets.ISO_8859_1));
                default -> answer(exchange, "application/json", "{}");
            }
        });
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Test
    void aClipIsMadeByCodeThenByARequestAndByTheRecipeOfThat(@TempDir Path workspace) throws Exception {
        HttpServer server = server();
        List<String> command =
                List.of("/bin/sh", "-c", "echo PORT=" + server.getAddress().getPort() + "; exec sleep 1000");
        try (Hart hart = Hart.configure()
                .workspace(workspace)
                .dataDirectory(workspace.resolve("hart-data"))
                .withoutModel()
                .create()) {
            hart.unwrap(ModelLibrary.class)
                    .catalogue()
                    .register(ModelEntry.of("video_gen-small", "Small", ModelType.VIDEO_GEN)
                            .supportsGpu(false)
                            .ramBytes(64L << 20)
                            .build());
            // tag::media[]
            MediaAgent media = hart.unwrap(MediaAgent.class);
            media.bind(new MediaService(
                    MediaProtocol.LTX2, "video_gen-small", SidecarSpec.known("ltx2", command), Optional.empty()));

            MediaResult clip = media.make(
                    MediaTask.video("a red kite over a hill").seconds(5).size(832, 480));
            System.out.println(clip.file() + ", " + clip.bytes() + " bytes, " + clip.mediaType());
            clip.changes().forEach(System.out::println); // size: 512x320 instead of 832x480; …
            // end::media[]
            assertThat(clip.file())
                    .hasBinaryContent(CLIP)
                    .hasParent(workspace.resolve("hart-data").resolve("media"));
            assertThat(clip.changes()).hasSize(1);

            // tag::media-tools[]
            hart.tools().register(new MediaTools(media, workspace));
            Run first = hart.run("Make a 5 second video clip of a red kite");
            Run again = hart.run("Make a 3 second video clip of a green boat"); // the same recipe, no planning
            // end::media-tools[]
            assertThat(first.mode()).isEqualTo(Mode.CREATE);
            assertThat(again.mode()).isEqualTo(Mode.REUSE);
            assertThat(orders.get(1)).contains("\"prompt\":\"red kite\"", "\"num_frames\":125");
            assertThat(orders.get(2)).contains("\"prompt\":\"green boat\"", "\"num_frames\":73");
            try (var files = Files.list(workspace.resolve("media"))) {
                assertThat(files).hasSize(2);
            }
        } finally {
            server.stop(0);
        }
    }
}
