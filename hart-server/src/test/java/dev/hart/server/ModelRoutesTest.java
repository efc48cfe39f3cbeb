package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.hart.Hart;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelBackend;
import dev.hart.gpu.catalogue.ModelCatalogue;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelSource;
import dev.hart.gpu.catalogue.ModelStore;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.library.ModelLibrary;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.runtime.LoadedModel;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.TextRequest;
import dev.hart.spi.RuntimePart;
import dev.hart.tinymodel.TinyModel;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models over HTTP: a small real one from a hub on this machine, run by llama.cpp on the processor. */
@Timeout(60)
class ModelRoutesTest {
    private static final String MODEL = "llm-tiny-gguf-q8-0";

    @TempDir
    private Path directory;

    private HttpServer hub;
    private ServedHart served;

    @BeforeEach
    void serve() throws IOException {
        byte[] weights;
        try (InputStream in = TinyModel.gguf().openStream()) {
            weights = in.readAllBytes();
        }
        byte[] list = "{\"siblings\":[{\"rfilename\":\"tiny-Q8_0.gguf\",\"size\":%d}]}"
                .formatted(weights.length)
                .getBytes(StandardCharsets.UTF_8);
        hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hub.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] body = path.startsWith("/api/models/acme/tiny-GGUF") ? list : weights;
            boolean known = path.contains("acme/tiny-GGUF");
            exchange.sendResponseHeaders(known ? 200 : 404, known ? body.length : -1);
            if (known) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        hub.start();
        served = new ServedHart(
                directory, runtime -> runtime.part(new Processor()).part(new FromHub()), settings -> settings);
    }

    @AfterEach
    void close() {
        served.close();
        hub.stop(0);
    }

    /** A machine of a processor only. */
    private static final class Processor implements RuntimePart<Gpus> {
        @Override
        public Class<Gpus> type() {
            return Gpus.class;
        }

        @Override
        public Gpus open(Host host) {
            DeviceMemory memory = new DeviceMemory(16L << 30, 12L << 30);
            return Gpus.configure()
                    .probes(List.of(now -> ProbeReading.Found.of(
                            List.of(Device.of(DeviceKind.CPU, 0, "cpu:0", "CPU", Optional.of(memory), now)))))
                    .open();
        }
    }

    /** A library whose hub is on this machine. */
    private final class FromHub implements RuntimePart<ModelLibrary> {
        @Override
        public Class<ModelLibrary> type() {
            return ModelLibrary.class;
        }

        @Override
        public ModelLibrary open(Host host) {
            Path folder = host.dataDirectory().orElseThrow().resolve("models");
            ModelCatalogue catalogue = ModelCatalogue.open(folder.resolve("catalogue.json"));
            ModelStore store = ModelStore.configure(folder)
                    .catalogue(catalogue)
                    .mirror(
                            ModelSource.HUGGINGFACE,
                            URI.create("http://127.0.0.1:" + hub.getAddress().getPort()))
                    .keepFree(0)
                    .open();
            return new ModelLibrary(
                    catalogue, store, host.part(Gpus.class), host.part(Models.class), MachineTier.parse(host.tier()));
        }
    }

    private Map<String, Object> awaited(String path, String field, String value) {
        return await().atMost(Duration.ofSeconds(30))
                .until(() -> served.get(path).json(), document -> {
                    assertThat(document.get("status")).as(document.toString()).isNotEqualTo("failed");
                    return value.equals(document.get(field));
                });
    }

    @Test
    void aModelIsChosenFetchedLoadedUsedAndRemoved() throws InterruptedException {
        assertThat(served.get("/api/models/available?model=acme/tiny-GGUF").body())
                .contains("\"filename\":\"tiny-Q8_0.gguf\"", "\"quant\":\"Q8_0\"", "\"quant_rank\":0");

        ServedHart.Answer begun = served.post("/api/models/onboard", "{\"model\":\"acme/tiny-GGUF\"}");
        assertThat(begun.status()).as(begun.body()).isEqualTo(202);
        assertThat(begun.json()).containsEntry("model", MODEL);
        awaited("/api/models/" + MODEL, "status", "ready");

        Map<String, Object> tools = served.get("/api/tools/status").json();
        assertThat(tools.get("tools").toString()).contains("tool=" + MODEL, "running=true", "offload_mode=cpu");
        assertThat(served.get("/api/models/downloaded").body()).contains(MODEL);
        assertThat(served.get("/api/models?type=llm").body())
                .contains("\"id\":\"" + MODEL + "\"", "\"loaded\":true", "\"chosen\":true");
        TinyModel.Task task = TinyModel.heldOutTasks().get(0);
        ModelLibrary library = served.hart.unwrap(ModelLibrary.class);
        try (ModelUse<LoadedModel> use = library.model(MODEL).model().use()) {
            TextModel model = (TextModel) use.get();
            assertThat(model.generate(TextRequest.of(task.prompt()).maxTokens(100))
                            .text()
                            .strip())
                    .isEqualTo(task.answer().strip());
        }

        assertThat(served.send("DELETE", "/api/models/" + MODEL, null).status()).isEqualTo(409);
        assertThat(served.post("/api/tools/" + MODEL + "/stop", "").json()).containsEntry("device", "unloaded");
        assertThat(served.post("/api/tools/" + MODEL + "/start", "").status()).isIn(200, 202);
        awaited("/api/models/" + MODEL, "status", "ready");
        served.post("/api/tools/" + MODEL + "/unload", "");
        assertThat(served.send("DELETE", "/api/models/" + MODEL, null).json()).containsEntry("status", "removed");
        assertThat(served.get("/api/models/downloaded").body()).doesNotContain(MODEL);
    }

    @Test
    void aPriorityByHandIsOneOfThree() {
        served.post("/api/models/onboard", "{\"model\":\"acme/tiny-GGUF\",\"quant\":\"Q4_K_M\"}");
        awaited("/api/models/" + MODEL, "status", "ready");
        String path = "/api/tools/lifecycle/" + MODEL + "/priority";
        assertThat(served.post(path, "{}").json())
                .containsEntry("priority", "warm")
                .containsEntry("pinned", true);
        assertThat(served.post(path, "{\"priority\":\"urgent\"}").status()).isEqualTo(400);
        assertThat(served.post("/api/tools/lifecycle/" + MODEL + "/offload", "").json())
                .containsEntry("code", "model_not_loaded");
        assertThat(served.get("/api/tools/lifecycle").body()).contains("\"name\":\"" + MODEL + "\"");
        assertThat(served.get("/api/system/pressure").json()).containsKeys("level", "throttle_factor");
    }

    @Test
    void whatIsNotThereIsSaidSo() {
        assertThat(served.post("/api/tools/nosuch/setup", "").status()).isEqualTo(404);
        assertThat(served.post("/api/tools/nosuch/start", "").status()).isEqualTo(404);
        assertThat(served.post("/api/tools/nosuch/stop", "").status()).isEqualTo(404);
        assertThat(served.post("/api/tools/lifecycle/nosuch/priority", "{}").status())
                .isEqualTo(404);
        assertThat(served.post("/api/models/onboard", "{}").status()).isEqualTo(400);
        assertThat(served.post("/api/models/onboard", "{\"model\":\"../etc\"}").status())
                .isEqualTo(400);
        assertThat(served.post("/api/models/onboard", "{\"model\":\"acme/tiny-GGUF\",\"quant\":\"best\"}")
                        .status())
                .isEqualTo(400);
        assertThat(served.post("/api/models/onboard", "{\"model\":\"acme/none\"}")
                        .status())
                .isEqualTo(404);
        assertThat(served.get("/api/models/available").status()).isEqualTo(400);
        assertThat(served.get("/api/models?type=toaster").status()).isEqualTo(400);
        assertThat(served.get("/api/models/nosuch").status()).isEqualTo(404);
        assertThat(served.send("DELETE", "/api/models/nosuch", null).status()).isEqualTo(404);
        assertThat(served.send("DELETE", "/api/models/..%2F..", null).status()).isIn(400, 404);
    }

    @Test
    void aRuntimeThatKeepsNoFilesSaysSo() throws IOException {
        try (Hart hart = Hart.configure().inMemory().withoutModel().create();
                HartServer server = HartServer.of(hart).port(0).start()) {
            for (String path : List.of(
                    "/api/models?type=llm", "/api/models/downloaded", "/api/tools/status", "/api/voice/voices")) {
                HttpResponse<String> answer = served.client.send(
                        HttpRequest.newBuilder(server.baseUri().resolve(path)).build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(path).isEqualTo(501);
                assertThat(answer.body())
                        .contains("\"code\":\"MODELS_NOT_KEPT\"", "this runtime keeps none: give it a data directory");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aModelWithoutAnEngineSaysWhichIsMissing() throws InterruptedException {
        ModelLibrary library = served.hart.unwrap(ModelLibrary.class);
        library.catalogue()
                .register(ModelEntry.of("torchy", "Torchy", ModelType.LLM)
                        .source(ModelSource.CLASSPATH)
                        .files(Map.of("model", "hart-tiny/hart-tiny.gguf"))
                        .backend(ModelBackend.TORCH)
                        .supportsGpu(false)
                        .ramBytes(1L << 20)
                        .build());
        ServedHart.Answer answer = served.post("/api/tools/torchy/start", "");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json()).containsEntry("code", "RUNTIME_UNAVAILABLE");
        assertThat(answer.json().get("error").toString()).contains("no model runtime 'torch' is installed");
    }
}
