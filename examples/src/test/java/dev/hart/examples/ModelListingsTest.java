package dev.hart.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceProbe;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.VramLease;
import dev.hart.gpu.catalogue.Download;
import dev.hart.gpu.catalogue.GgufHeader;
import dev.hart.gpu.catalogue.GgufModel;
import dev.hart.gpu.catalogue.Headroom;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelCatalogue;
import dev.hart.gpu.catalogue.ModelChoice;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelSource;
import dev.hart.gpu.catalogue.ModelStore;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.catalogue.ModelVerdict;
import dev.hart.gpu.catalogue.ModelWish;
import dev.hart.gpu.catalogue.StoredModel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings about models of docs/gpu.md. */
class ModelListingsTest {
    private static final byte[] GGUF = ByteBuffer.allocate(24)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put("GGUF".getBytes(StandardCharsets.US_ASCII))
            .putInt(3)
            .putLong(0)
            .putLong(0)
            .array();

    private static Gpus open() {
        DeviceProbe probe = now -> ProbeReading.Found.of(List.of(
                Device.of(
                        DeviceKind.CUDA, 0, "GPU-a", "Card", Optional.of(new DeviceMemory(24L << 30, 20L << 30)), now),
                Device.of(
                        DeviceKind.CPU, 0, "cpu:0", "CPU", Optional.of(new DeviceMemory(32L << 30, 30L << 30)), now)));
        return Gpus.configure().probes(List.of(probe)).open();
    }

    @Test
    void aModelIsChosenThatALeaseIsGivenFor(@TempDir Path folder) throws InterruptedException {
        try (Gpus gpus = open()) {
            // tag::choice[]
            ModelCatalogue catalogue = ModelCatalogue.open(folder.resolve("catalogue.json"));
            Headroom room = Headroom.of(gpus.status(), MachineTier.FULL); // what leases could get now
            ModelWish wish = ModelWish.of(ModelType.STT).language("de");

            ModelChoice choice = catalogue.select(wish, room).orElseThrow();
            System.out.println(choice.entry().id() + " on " + choice.fit());
            for (ModelVerdict verdict : catalogue.explain(wish, room)) {
                System.out.println(verdict.entry().id() + ": " + verdict.reason());
            }
            try (VramLease lease = choice.entry().lease(gpus).orElseThrow().acquire()) {
                // load it here
            }
            // end::choice[]
            assertThat(choice.entry().id()).isEqualTo("stt-faster-whisper-large");
            try (VramLease lease = choice.entry().lease(gpus).orElseThrow().acquire()) {
                assertThat(lease.mode()).isEqualTo(choice.fit()).isEqualTo(LeaseMode.GPU);
            }
        }
    }

    @Test
    void aModelOfARepositoryIsFoundAndBroughtHere(@TempDir Path folder) throws IOException, InterruptedException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] list = """
                {"siblings": [{"rfilename": "qwen3-8b-q4_k_m.gguf", "size": %d}]}""".formatted(GGUF.length).getBytes(StandardCharsets.UTF_8);
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestURI().getPath().startsWith("/api/") ? list : GGUF;
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        URI mirror = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        ModelCatalogue catalogue = ModelCatalogue.builtIn();
        Headroom room = new Headroom(8L << 30, 16L << 30, MachineTier.FULL);
        // tag::download[]
        try (ModelStore store = ModelStore.configure(folder)
                .catalogue(catalogue) // learns which models are here
                .mirror(ModelSource.HUGGINGFACE, mirror) // huggingface.co unless set
                .open()) {
            List<GgufModel> offered = GgufModel.of(store.available("Qwen/Qwen3-8B-GGUF"));
            GgufHeader header = store.ggufHeader(
                    "Qwen/Qwen3-8B-GGUF", offered.get(0).parts().get(0).path());
            long context = header.contextBytes(8192).orElse(1L << 30);

            ModelEntry entry = GgufModel.best(offered, room.gpuBytes(), context)
                    .orElseThrow()
                    .toEntry(context);
            catalogue.register(entry);
            Download download =
                    store.download(entry, progress -> System.out.println(progress.receivedBytes() + " bytes"));
            StoredModel model = download.await();
            Path file = model.file("qwen3-8b-q4_k_m.gguf"); // for llama.cpp
        }
        // end::download[]
        server.stop(0);
        assertThat(folder.resolve("llm-qwen3-8b-gguf-q4-k-m/qwen3-8b-q4_k_m.gguf"))
                .hasBinaryContent(GGUF);
        assertThat(catalogue.standing("llm-qwen3-8b-gguf-q4-k-m").downloaded()).isTrue();
    }
}
