package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.ModelFileException;
import dev.hart.gpu.catalogue.ScriptedServer.Script;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files come over the network that there is: broken, changed, redirected, shared. */
@Timeout(30)
class ModelDownloadTest {
    private static final byte[] CONTENT = content(1, 300_000);

    @TempDir
    Path folder;

    private final List<Duration> pauses = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private static byte[] content(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static String digest(byte[] bytes) {
        return HexFormat.of().formatHex(Transfer.sha256().digest(bytes));
    }

    private ScriptedServer serve(Script script) throws IOException {
        ScriptedServer server = new ScriptedServer(script);
        open.add(server);
        return server;
    }

    private ModelStore store(UnaryOperator<ModelStore.Builder> change) {
        return storeIn(folder, change);
    }

    private ModelStore storeIn(Path root, UnaryOperator<ModelStore.Builder> change) {
        ModelStore store = change.apply(ModelStore.configure(root)
                        .limits(new TransferLimits(
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5),
                                Duration.ofMinutes(1),
                                5,
                                100))
                        .usable(path -> 1L << 40)
                        .pause((duration, until) -> pauses.add(duration)))
                .open();
        open.add(store);
        return store;
    }

    private ModelStore store() {
        return store(builder -> builder);
    }

    private static ModelEntry at(URI uri) {
        return ModelEntry.of("llm-a", "A", ModelType.LLM)
                .source(ModelSource.CUSTOM_URL)
                .downloadUrl(uri.toString())
                .file("a.bin")
                .build();
    }

    private static ModelEntry pinned(URI uri, byte[] content) {
        return at(uri).toBuilder().sha256(Map.of("a.bin", digest(content))).build();
    }

    private static void assertRefused(ThrowingCallable call, String code, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ModelFileException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    private void assertNothingLeft() throws IOException {
        for (String name : List.of(".partial", ".staging", ".trash", ".installed")) {
            try (Stream<Path> files = Files.list(folder.resolve(name))) {
                assertThat(files).as(name).isEmpty();
            }
        }
        assertThat(folder.resolve("llm-a")).doesNotExist();
    }

    @Test
    void aFileComesIsCheckedAndCounted() throws Exception {
        ScriptedServer server = serve((request, out) -> ScriptedServer.file(request, out, CONTENT));
        ModelCatalogue catalogue = ModelCatalogue.builtIn();
        ModelEntry entry = pinned(server.uri("/a.bin?sig=secret"), CONTENT);
        catalogue.register(entry);
        ModelStore store = store(builder -> builder.catalogue(catalogue));
        AtomicLong most = new AtomicLong();
        Download download =
                store.download(entry, progress -> most.accumulateAndGet(progress.receivedBytes(), Math::max));
        StoredModel model = download.await();
        assertThat(model.file("a.bin")).hasBinaryContent(CONTENT);
        assertThat(model.sizeBytes()).isEqualTo(CONTENT.length);
        assertThat(model.sourceUrl()).isEqualTo(server.uri("/a.bin").toString());
        assertThat(model.sha256()).containsExactly(Map.entry("a.bin", digest(CONTENT)));
        assertThat(most).hasValue(CONTENT.length);
        assertThat(download.progress())
                .isEqualTo(new DownloadProgress(CONTENT.length, OptionalLong.of(CONTENT.length)));
        assertThat(store.sizeBytes()).isEqualTo(CONTENT.length);
        assertThat(store.find("llm-a")).contains(model);
        assertThat(store.unfinishedBytes()).isZero();
        assertThat(catalogue.standing("llm-a").downloaded()).isTrue();
        assertThat(store.download(entry).await()).isEqualTo(model);
        assertThat(server.requests).hasSize(1);
    }

    /** What a connection brought before it broke, less the last buffer: the JDK's client may give that up. */
    private static void assertCutBehind(long sent, long received) {
        assertThat(received).isBetween(sent - 16_384, sent);
    }

    @Test
    void aBrokenConnectionIsGoneOnWithWhereItBroke() throws Exception {
        ScriptedServer server = serve((request, out) -> ScriptedServer.file(request, out, CONTENT, "\"v1\"", 100_000));
        StoredModel model = store().download(at(server.uri("/a"))).await();
        assertThat(model.file("a.bin")).hasBinaryContent(CONTENT);
        assertThat(server.requests.get(0).from()).isZero();
        assertCutBehind(100_000, server.requests.get(1).from());
        assertCutBehind(
                server.requests.get(1).from() + 100_000, server.requests.get(2).from());
        assertThat(server.requests.get(2).header("If-Range")).contains("\"v1\"");
        assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(1));
    }

    @Test
    void aServerThatKnowsNoRangesIsAskedForTheWholeAgain() throws Exception {
        AtomicInteger count = new AtomicInteger();
        ScriptedServer server = serve((request, out) -> {
            ScriptedServer.head(out, 200, "Content-Length: " + CONTENT.length);
            out.write(CONTENT, 0, count.incrementAndGet() == 1 ? 1000 : CONTENT.length);
        });
        assertThat(store().download(pinned(server.uri("/a"), CONTENT)).await().file("a.bin"))
                .hasBinaryContent(CONTENT);
        assertThat(server.requests).extracting(ScriptedServer.Request::from).containsExactly(0L, 1000L);
    }

    @Test
    void withoutAnEtagAndADigestNothingIsPiecedTogether() throws Exception {
        AtomicInteger count = new AtomicInteger();
        ScriptedServer server = serve((request, out) -> {
            ScriptedServer.head(out, 200, "ETag: W/\"weak\"", "Content-Length: " + CONTENT.length);
            out.write(CONTENT, 0, count.incrementAndGet() == 1 ? 1000 : CONTENT.length);
        });
        assertThat(store().download(at(server.uri("/a"))).await().file("a.bin")).hasBinaryContent(CONTENT);
        assertThat(server.requests).extracting(ScriptedServer.Request::from).containsExactly(0L, 0L);
    }

    @Test
    void aFileThatChangedMeanwhileIsFetchedAnew() throws Exception {
        byte[] changed = content(2, 200_000);
        AtomicInteger count = new AtomicInteger();
        ScriptedServer server = serve((request, out) -> {
            if (count.incrementAndGet() == 1) {
                ScriptedServer.file(request, out, CONTENT, "\"v1\"", 100_000);
            } else {
                ScriptedServer.file(request, out, changed, "\"v2\"", changed.length);
            }
        });
        assertThat(store().download(at(server.uri("/a"))).await().file("a.bin")).hasBinaryContent(changed);
        assertThat(server.requests).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "bytes 99999-299999/300000, \"v1\"",
        "bytes 100000-299998/299999, \"v1\"",
        "bytes 100000-299999/300000, \"v2\"",
        "nonsense, \"v1\""
    })
    void anotherPartThanAskedForIsNotTakenAsThatPart(String range, String etag) throws Exception {
        AtomicInteger count = new AtomicInteger();
        ScriptedServer server = serve((request, out) -> {
            switch (count.incrementAndGet()) {
                case 1 -> ScriptedServer.file(request, out, CONTENT, "\"v1\"", 100_000);
                case 2 ->
                    ScriptedServer.head(out, 206, "ETag: " + etag, "Content-Range: " + range, "Content-Length: 200000");
                default -> ScriptedServer.file(request, out, CONTENT);
            }
        });
        assertThat(store().download(at(server.uri("/a"))).await().file("a.bin")).hasBinaryContent(CONTENT);
        assertThat(server.requests).hasSize(3);
        assertCutBehind(100_000, server.requests.get(1).from());
        assertThat(server.requests.get(2).from()).isZero();
    }

    @Test
    void aConnectionThatNeverGetsOnIsGivenUpAndWhatIsHereStays() throws Exception {
        AtomicInteger count = new AtomicInteger();
        ScriptedServer server = serve((request, out) ->
                ScriptedServer.file(request, out, CONTENT, "\"v1\"", count.incrementAndGet() == 1 ? 100_000 : 0));
        ModelStore store = store();
        assertRefused(
                () -> store.download(at(server.uri("/a?sig=secret"))).await(),
                "DOWNLOAD_FAILED",
                "a.bin could not be fetched from " + server.uri("/a") + " in 5 attempts: it broke");
        assertThat(pauses).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L);
        assertCutBehind(100_000, store.unfinishedBytes());
        assertThat(store.find("llm-a")).isEmpty();
        server.script = (request, out) -> ScriptedServer.file(request, out, CONTENT);
        assertThat(store.download(at(server.uri("/a?sig=secret"))).await().file("a.bin"))
                .hasBinaryContent(CONTENT);
        assertCutBehind(100_000, server.requests.get(5).from());
    }

    @Test
    void aSourceThatIsBusyIsAskedAgainWhenItSays() throws Exception {
        AtomicInteger count = new AtomicInteger();
        ScriptedServer server = serve((request, out) -> {
            switch (count.incrementAndGet()) {
                case 1 -> ScriptedServer.status(out, 503, "Retry-After: 7");
                case 2 -> ScriptedServer.status(out, 429);
                default -> ScriptedServer.file(request, out, CONTENT);
            }
        });
        store().download(at(server.uri("/a"))).await();
        assertThat(pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource({
        "401, DOWNLOAD_REFUSED",
        "403, DOWNLOAD_REFUSED",
        "404, MODEL_NOT_FOUND",
        "410, MODEL_NOT_FOUND",
        "400, DOWNLOAD_FAILED"
    })
    void aSourceThatSaysNoIsNotAskedAgain(int status, String code) throws Exception {
        ScriptedServer server = serve((request, out) -> ScriptedServer.status(out, status));
        assertRefused(() -> store().download(at(server.uri("/a"))).await(), code, "status " + status);
        assertThat(server.requests).hasSize(1);
        assertThat(pauses).isEmpty();
    }

    @Test
    void aFileWithAnotherDigestIsRefusedAndRemoved() throws Exception {
        ScriptedServer server = serve((request, out) -> ScriptedServer.file(request, out, CONTENT));
        assertRefused(
                () -> store().download(pinned(server.uri("/a"), content(3, 10))).await(),
                "FILE_REFUSED",
                "a.bin from " + server.uri("/a") + " has the SHA-256 " + digest(CONTENT) + " instead of ");
        assertNothingLeft();
    }

    @Test
    void aPageInsteadOfAModelIsRefusedAndRemoved() throws Exception {
        ScriptedServer server = serve((request, out) ->
                ScriptedServer.file(request, out, "<html>Please log in".getBytes(StandardCharsets.US_ASCII)));
        ModelEntry gguf = at(server.uri("/a")).toBuilder().file("a.gguf").build();
        assertRefused(
                () -> store().download(gguf).await(),
                "FILE_REFUSED",
                "does not begin as a GGUF file does; it has been removed");
        assertNothingLeft();
    }

    @Test
    void aConnectionOverWhichNothingComesCountsAsBroken() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger count = new AtomicInteger();
        ScriptedServer server = serve((request, out) -> {
            if (count.incrementAndGet() == 1) {
                ScriptedServer.file(request, out, CONTENT, "\"v1\"", 100_000);
                out.flush();
                await(end);
            } else {
                ScriptedServer.file(request, out, CONTENT);
            }
        });
        ModelStore store = store(builder -> builder.limits(new TransferLimits(
                Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ofMinutes(1), 5, 100)));
        assertThat(store.download(at(server.uri("/a"))).await().file("a.bin")).hasBinaryContent(CONTENT);
        assertCutBehind(100_000, server.requests.get(1).from());
        end.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTransferHasALongestTime() throws Exception {
        ScriptedServer server = serve((request, out) -> ScriptedServer.file(request, out, CONTENT));
        ModelStore store = store(builder -> builder.limits(new TransferLimits(
                Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofNanos(1), 5, 100)));
        assertRefused(
                () -> store.download(at(server.uri("/a"))).await(),
                "DOWNLOAD_FAILED",
                "a.bin took longer than PT0.000000001S");
    }

    @Test
    void whoAsksForTheSameAtTheSameTimeSharesOneDownloadUntilTheLastOneLeaves() throws Exception {
        CountDownLatch halfway = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ScriptedServer server = serve((request, out) -> {
            ScriptedServer.file(request, out, CONTENT, "\"v1\"", 100_000);
            out.flush();
            halfway.countDown();
            await(goOn);
            out.write(CONTENT, 100_000, 200_000);
        });
        ModelStore store = store();
        ModelEntry entry = at(server.uri("/a"));
        ModelEntry sameFile = entryWithId(entry, "llm-b");
        Download first = store.download(entry);
        Download second = store.download(entry);
        Download other = store.download(sameFile);
        await(halfway);
        assertRefused(
                () -> store.download(entry.toBuilder().priority(1).build()),
                "MODEL_BUSY",
                "another version of model 'llm-a' is being fetched");
        assertRefused(() -> store.delete("llm-a"), "MODEL_BUSY", "model 'llm-a' is being fetched: cancel that first");
        first.cancel();
        assertRefused(first::await, "DOWNLOAD_CANCELLED", "the download of 'llm-a' was cancelled");
        goOn.countDown();
        assertThat(second.await().file("a.bin")).hasBinaryContent(CONTENT);
        assertThat(other.await().file("a.bin")).hasBinaryContent(CONTENT);
        assertThat(server.requests).hasSize(1);
        assertThat(store.models()).extracting(StoredModel::id).containsExactly("llm-a", "llm-b");
        assertThat(store.unfinishedBytes()).isZero();
    }

    private static ModelEntry entryWithId(ModelEntry entry, String id) {
        return ModelEntry.of(id, "B", ModelType.LLM)
                .source(entry.source())
                .downloadUrl(entry.downloadUrl())
                .files(entry.files())
                .build();
    }

    @Test
    void whenNobodyWantsItTheDownloadStopsAndTheNextOneGoesOn() throws Exception {
        CountDownLatch halfway = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger count = new AtomicInteger();
        ScriptedServer server = serve((request, out) -> {
            if (count.incrementAndGet() == 1) {
                ScriptedServer.file(request, out, CONTENT, "\"v1\"", 100_000);
                out.flush();
                await(end);
            } else {
                ScriptedServer.file(request, out, CONTENT);
            }
        });
        ModelStore store = store();
        Download download = store.download(at(server.uri("/a")), progress -> {
            if (progress.receivedBytes() == 100_000) {
                halfway.countDown();
            }
        });
        await(halfway);
        assertThat(download.result().cancel(true)).isTrue();
        Download next = downloadWhenFree(store, at(server.uri("/a")));
        assertThat(next.await().file("a.bin")).hasBinaryContent(CONTENT);
        assertThat(server.requests).extracting(ScriptedServer.Request::from).containsExactly(0L, 100_000L);
        end.countDown();
    }

    /** A download that is being stopped refuses newcomers until it has ended. */
    private static Download downloadWhenFree(ModelStore store, ModelEntry entry) {
        while (true) {
            try {
                return store.download(entry);
            } catch (ModelFileException e) {
                assertThat(e.code()).isEqualTo("MODEL_BUSY");
                Thread.onSpinWait();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 100000", "false, 0"})
    void afterTheEndOfTheProcessBytesCountThatADigestWillProve(boolean pinned, long from) throws Exception {
        CountDownLatch halfway = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        ScriptedServer server = serve((request, out) -> {
            ScriptedServer.file(request, out, CONTENT, "\"v1\"", 100_000);
            out.flush();
            await(end);
        });
        ModelEntry entry = pinned ? pinned(server.uri("/a"), CONTENT) : at(server.uri("/a"));
        store().download(entry, progress -> {
            if (progress.receivedBytes() == 100_000) {
                halfway.countDown();
            }
        });
        await(halfway);
        Path image = Files.createDirectories(folder.resolve("image")); // what is on disk when a process is killed now
        try (Stream<Path> files = Files.walk(folder.resolve(".partial"))) {
            for (Path file : files.toList()) {
                Files.copy(file, image.resolve(folder.relativize(file).toString()));
            }
        }
        server.script = (request, out) -> ScriptedServer.file(request, out, CONTENT);
        assertThat(storeIn(image, builder -> builder).download(entry).await().file("a.bin"))
                .hasBinaryContent(CONTENT);
        assertThat(server.requests.get(1).from()).isEqualTo(from);
        end.countDown();
    }

    @Test
    void aClosedStoreKeepsWhatIsHereAndTheNextOneGoesOn() throws Exception {
        CountDownLatch halfway = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        ScriptedServer server = serve((request, out) -> {
            ScriptedServer.file(request, out, CONTENT, "\"v1\"", 100_000);
            out.flush();
            await(end);
        });
        ModelStore first = store();
        Download download = first.download(at(server.uri("/a")), progress -> {
            if (progress.receivedBytes() == 100_000) {
                halfway.countDown();
            }
        });
        await(halfway);
        first.close();
        assertRefused(
                download::await, "DOWNLOAD_CANCELLED", "a.bin is not wanted any more; what is here of it is kept");
        server.script = (request, out) -> ScriptedServer.file(request, out, CONTENT);
        assertThat(store().download(at(server.uri("/a"))).await().file("a.bin")).hasBinaryContent(CONTENT);
        assertThat(server.requests.get(1).from()).isEqualTo(100_000);
        end.countDown();
    }

    @Test
    void aFileThatAnotherProcessFetchesIsLeftToIt() throws Exception {
        ScriptedServer server = serve((request, out) -> ScriptedServer.file(request, out, CONTENT));
        ModelStore store = store();
        FileRequest request =
                new FileRequest(server.uri("/a"), "a.bin", OptionalLong.empty(), java.util.Optional.empty());
        Path part = folder.resolve(".partial")
                .resolve(digest((server.uri("/a") + " ").getBytes(StandardCharsets.UTF_8)) + ".part");
        try (PartialFile other = PartialFile.open(request, part)) {
            assertThat(other.length()).isZero();
            assertRefused(
                    () -> store.download(at(server.uri("/a"))).await(),
                    "MODEL_BUSY",
                    "a.bin is being fetched by another process: wait for it, or stop it");
        }
        assertThat(store.download(at(server.uri("/a"))).await().sizeBytes()).isEqualTo(CONTENT.length);
    }

    @Test
    void nothingIsFetchedThatWouldLeaveTooLittleOfTheDisk() throws Exception {
        ScriptedServer server = serve((request, out) -> ScriptedServer.file(request, out, CONTENT));
        long limit = 2L << 30;
        AtomicLong free = new AtomicLong(limit + CONTENT.length - 1);
        ModelStore store = store(builder -> builder.usable(path -> free.get()));
        assertRefused(
                () -> store.download(at(server.uri("/a"))).await(),
                "DISK_FULL",
                "a.bin needs 0.00 GiB more in " + folder + ", where 2.00 GiB are free and 2.00 GiB are kept free");
        free.set(limit + CONTENT.length);
        assertThat(store.download(at(server.uri("/a"))).await().sizeBytes()).isEqualTo(CONTENT.length);
    }

    @Test
    void aTokenGoesToItsOriginAndNotWhereThatRedirects() throws Exception {
        ScriptedServer files = serve((request, out) -> ScriptedServer.file(request, out, CONTENT));
        ScriptedServer hub = serve((request, out) -> {
            if (request.path().startsWith("/owner")) {
                ScriptedServer.status(out, 302, "Location: /moved" + request.path());
            } else {
                ScriptedServer.status(out, 307, "Location: " + files.uri("/cdn?sig=1"));
            }
        });
        ModelEntry entry = ModelEntry.of("llm-a", "A", ModelType.LLM)
                .repository("owner/name")
                .file("sub/my model.bin")
                .build();
        ModelStore store = store(
                builder -> builder.mirror(ModelSource.HUGGINGFACE, hub.uri("/")).token("hf_secret"));
        StoredModel model = store.download(entry).await();
        assertThat(model.file("sub/my model.bin")).hasBinaryContent(CONTENT);
        assertThat(model.sourceUrl()).isEqualTo(hub.uri("/owner/name").toString());
        assertThat(hub.requests)
                .extracting(ScriptedServer.Request::path)
                .containsExactly(
                        "/owner/name/resolve/main/sub/my%20model.bin",
                        "/moved/owner/name/resolve/main/sub/my%20model.bin");
        assertThat(hub.requests)
                .allSatisfy(
                        request -> assertThat(request.header("Authorization")).contains("Bearer hf_secret"));
        assertThat(files.requests)
                .singleElement()
                .satisfies(
                        request -> assertThat(request.header("Authorization")).isEmpty());
        assertThat(hub.uri("/").getHost()).isNotEqualTo(hub.otherUri("/").getHost());
    }

    @Test
    void redirectsAreFollowedFiveTimesAndNoMore() throws Exception {
        ScriptedServer server = serve((request, out) -> {
            int left = Integer.parseInt(request.path().substring(1));
            if (left > 0) {
                ScriptedServer.status(out, 308, "Location: /" + (left - 1));
            } else {
                ScriptedServer.file(request, out, CONTENT);
            }
        });
        assertRefused(
                () -> store().download(at(server.uri("/6"))).await(), "DOWNLOAD_FAILED", "redirects more than 5 times");
        assertThat(store().download(at(server.uri("/5"))).await().sizeBytes()).isEqualTo(CONTENT.length);
    }

    @ParameterizedTest
    @CsvSource({
        "http://models.example/a, NOT_DOWNLOADABLE, http://models.example/a is not encrypted",
        "ftp://models.example/a, NOT_DOWNLOADABLE, needs an http or https URL",
        "https://user:pw@models.example/a, NOT_DOWNLOADABLE, was 'https://models.example/a'",
        "http:///a, NOT_DOWNLOADABLE, needs an http or https URL"
    })
    void anAddressThatIsNotSafeIsNotAsked(String address, String code, String message) {
        assertRefused(() -> store().download(at(URI.create(address))).await(), code, message);
    }

    @Test
    void aRedirectToAnAddressThatIsNotSafeIsNotFollowed() throws Exception {
        ScriptedServer server =
                serve((request, out) -> ScriptedServer.status(out, 302, "Location: http://models.example/a"));
        assertRefused(
                () -> store().download(at(server.uri("/a"))).await(),
                "NOT_DOWNLOADABLE",
                "is not encrypted: use https");
        server.script = (request, out) -> ScriptedServer.status(out, 302);
        assertRefused(
                () -> store().download(at(server.uri("/a"))).await(),
                "DOWNLOAD_FAILED",
                "redirects without saying where");
    }

    @Test
    void aWholeRepositoryComesWithTheSizesAndDigestsOfItsList() throws Exception {
        byte[] config = "{}".getBytes(StandardCharsets.US_ASCII);
        String list = """
                {"siblings": [
                  {"rfilename": "config.json", "size": 2},
                  {"rfilename": "onnx/model.bin", "size": %d, "lfs": {"sha256": "%s", "size": %d}}]}""".formatted(CONTENT.length, digest(CONTENT), CONTENT.length);
        ScriptedServer server = serve((request, out) -> {
            if (request.path().equals("/api/models/owner/name?blobs=true")) {
                ScriptedServer.file(request, out, list.getBytes(StandardCharsets.US_ASCII));
            } else {
                ScriptedServer.file(request, out, request.path().endsWith(".json") ? config : CONTENT);
            }
        });
        ModelStore store = store(builder -> builder.mirror(ModelSource.HUGGINGFACE, server.uri("")));
        assertThat(store.available("owner/name"))
                .containsExactly(
                        new RemoteFile("owner/name", "config.json", OptionalLong.of(2), java.util.Optional.empty()),
                        new RemoteFile(
                                "owner/name",
                                "onnx/model.bin",
                                OptionalLong.of(CONTENT.length),
                                java.util.Optional.of(digest(CONTENT))));
        ModelEntry entry = ModelEntry.of("llm-a", "A", ModelType.LLM)
                .repository("owner/name")
                .build();
        StoredModel model = store.download(entry).await();
        assertThat(model.file("config.json")).hasBinaryContent(config);
        assertThat(model.file("onnx/model.bin")).hasBinaryContent(CONTENT);
        assertThat(model.sizeBytes()).isEqualTo(CONTENT.length + 2);
        assertThat(store.download(entry).await()).isEqualTo(model);
    }

    @Test
    void theHeadOfAModelIsReadWithoutTheRestOfIt() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        byte[] head = GgufHeaderTest.ofLlama();
        ScriptedServer server = serve((request, out) -> {
            ScriptedServer.head(out, 200, "Content-Length: 5000000000");
            out.write(head);
            out.flush();
            await(end);
        });
        ModelStore store = store(builder -> builder.mirror(ModelSource.HUGGINGFACE, server.uri("")));
        assertThat(store.ggufHeader("owner/name", "m.gguf").layers()).hasValue(32);
        assertThat(server.requests.get(0).path()).isEqualTo("/owner/name/resolve/main/m.gguf");
        end.countDown();
        server.script = (request, out) -> ScriptedServer.status(out, 404);
        assertRefused(() -> store.ggufHeader("owner/name", "m.gguf"), "MODEL_NOT_FOUND", "or no such file in it");
    }

    @Test
    void aFileOfAnotherLengthThanTheListSaysIsRefused() throws Exception {
        ScriptedServer server = serve((request, out) -> {
            if (request.path().startsWith("/api")) {
                ScriptedServer.file(
                        request,
                        out,
                        "{\"siblings\": [{\"rfilename\": \"a.bin\", \"size\": 5}]}"
                                .getBytes(StandardCharsets.US_ASCII));
            } else {
                ScriptedServer.file(request, out, CONTENT);
            }
        });
        ModelStore store = store(builder -> builder.mirror(ModelSource.HUGGINGFACE, server.uri("")));
        ModelEntry entry = ModelEntry.of("llm-a", "A", ModelType.LLM)
                .repository("owner/name")
                .build();
        assertRefused(
                () -> store.download(entry).await(),
                "FILE_REFUSED",
                "a.bin should have 5 bytes, but its source announces 300000");
        server.script = (request, out) -> {
            if (request.path().startsWith("/api")) {
                ScriptedServer.file(
                        request,
                        out,
                        "{\"siblings\": [{\"rfilename\": \"a.bin\", \"size\": 5}]}"
                                .getBytes(StandardCharsets.US_ASCII));
            } else {
                ScriptedServer.head(out, 200);
                out.write(CONTENT, 0, 6);
            }
        };
        assertRefused(() -> store.download(entry).await(), "FILE_REFUSED", "more than 5 bytes came for a.bin");
        assertNothingLeft();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200|{\"siblings\": [{\"rfilename\": \"../a\"}]}|FILE_REFUSED|has a part '..'",
                "200|{\"siblings\":|DOWNLOAD_FAILED|the list of files of owner/name is no JSON",
                "200|{}|MODEL_NOT_FOUND|the repository owner/name has no files",
                "404|x|MODEL_NOT_FOUND|there is no repository owner/name",
                "401|x|DOWNLOAD_REFUSED|is unknown or not for everybody (status 401)",
                "500|x|DOWNLOAD_FAILED|came with status 500"
            })
    void aListThatCannotBeTrustedEndsTheDownload(int status, String list, String code, String message)
            throws Exception {
        ScriptedServer server = serve((request, out) -> {
            ScriptedServer.head(out, status, "Content-Length: " + list.length());
            out.write(list.getBytes(StandardCharsets.US_ASCII));
        });
        ModelStore store = store(builder -> builder.mirror(ModelSource.HUGGINGFACE, server.uri("")));
        ModelEntry entry = ModelEntry.of("llm-a", "A", ModelType.LLM)
                .repository("owner/name")
                .build();
        assertRefused(() -> store.download(entry).await(), code, message);
    }
}
