package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hart.error.ModelFileException;
import dev.hart.gpu.LeaseMode;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies in the folder, and what comes into it from this machine. */
class ModelStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");
    private static final String HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @TempDir
    Path temp;

    private Path folder;
    private Path original;

    @BeforeEach
    void write() throws IOException {
        folder = temp.resolve("models");
        original = Files.createDirectories(temp.resolve("original"));
        Files.writeString(original.resolve("a.bin"), "hello");
        Files.createDirectories(original.resolve("sub"));
        Files.writeString(original.resolve("sub/b.bin"), "you");
    }

    private ModelStore store() {
        return ModelStore.configure(folder).clock(InstantSource.fixed(NOW)).open();
    }

    private ModelEntry.Builder local() {
        return ModelEntry.of("stt-a", "A", ModelType.STT)
                .source(ModelSource.LOCAL)
                .downloadUrl(original.toString())
                .files(Map.of("model", "a.bin", "more", "sub/b.bin"));
    }

    private static void assertRefused(ThrowingCallable call, String code, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ModelFileException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    @Test
    void filesOfThisMachineAreCopiedAndNotedInTheManifest() throws Exception {
        try (ModelStore store = store()) {
            StoredModel model = store.download(local().build()).await();
            assertThat(model.folder()).isEqualTo(folder.resolve("stt-a"));
            assertThat(model.file("a.bin")).hasContent("hello");
            assertThat(model.file("sub/b.bin")).hasContent("you");
            assertThat(model.sha256()).containsEntry("a.bin", HELLO);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.file("c"))
                    .withMessage("model 'stt-a' has no file 'c', but [a.bin, sub/b.bin]");
        }
        JsonNode manifest =
                new ObjectMapper().readTree(folder.resolve("manifest.json").toFile());
        assertThat(manifest.toString())
                .isEqualTo(
                        "{\"tools\":{\"stt-a\":{\"source_url\":\"%s\",\"size_bytes\":8,\"downloaded_at\":\"2026-11-28T06:00:00Z\",\"path\":\"%s\"}}}"
                                .formatted(original, folder.resolve("stt-a")));
    }

    @Test
    void aModelIsThereAfterTheStoreIsOpenedAgainAndNotWhenItsFolderIsEmpty() throws Exception {
        StoredModel model;
        try (ModelStore store = store()) {
            model = store.download(local().build()).await();
        }
        try (ModelStore store = store()) {
            assertThat(store.models()).containsExactly(model);
            ModelFolder.remove(model.folder());
            Files.createDirectories(model.folder());
            assertThat(store.models()).isEmpty();
            assertThat(store.find("stt-a")).isEmpty();
        }
    }

    @Test
    void anotherVersionTakesThePlaceOfTheOneThatIsThere() throws Exception {
        try (ModelStore store = store()) {
            store.download(local().build()).await();
            Files.writeString(original.resolve("a.bin"), "hullo");
            ModelEntry pinned = local().sha256(Map.of("a.bin", HELLO)).build();
            assertThat(store.download(pinned).await().file("a.bin")).hasContent("hello");
            String hullo = "a".repeat(64);
            assertRefused(
                    () -> store.download(local().sha256(Map.of("a.bin", hullo)).build())
                            .await(),
                    "FILE_REFUSED",
                    "a.bin has the SHA-256 ");
            assertThat(store.find("stt-a").orElseThrow().file("a.bin")).hasContent("hello");
            ModelEntry only = local().files(Map.of("model", "new.bin")).build();
            Files.writeString(original.resolve("new.bin"), "new");
            assertThat(store.download(only).await().sha256()).containsOnlyKeys("new.bin");
            assertThat(folder.resolve("stt-a/a.bin")).doesNotExist();
        }
    }

    @Test
    void aModelIsDeletedByItsIdUnlessItIsLoaded() throws Exception {
        ModelCatalogue catalogue = ModelCatalogue.builtIn();
        catalogue.register(local().build());
        try (ModelStore store =
                ModelStore.configure(folder).catalogue(catalogue).open()) {
            store.download(local().build()).await();
            catalogue.markLoaded("stt-a", LeaseMode.CPU);
            assertRefused(() -> store.delete("stt-a"), "MODEL_BUSY", "model 'stt-a' is loaded: unload it first");
            catalogue.markUnloaded("stt-a");
            store.delete("stt-a");
            assertThat(catalogue.standing("stt-a").downloaded()).isFalse();
            assertThat(folder.resolve("stt-a")).doesNotExist();
            assertThat(store.sizeBytes()).isZero();
            assertRefused(() -> store.delete("stt-a"), "MODEL_NOT_FOUND", "the files of model 'stt-a' are not here");
            assertThatIllegalArgumentException().isThrownBy(() -> store.delete("../original"));
        }
        assertThat(original.resolve("a.bin")).exists();
    }

    @Test
    void aCatalogueLearnsWhatIsHereWhenTheStoreIsOpened() throws Exception {
        try (ModelStore store = store()) {
            store.download(local().build()).await();
        }
        ModelCatalogue catalogue = ModelCatalogue.builtIn();
        catalogue.register(local().build());
        ModelStore.configure(folder).catalogue(catalogue).open().close();
        assertThat(catalogue.standing("stt-a").downloaded()).isTrue();
    }

    @Test
    void aFileThatIsNotAnyMoreWhatItWasIsNamed() throws Exception {
        try (ModelStore store = store()) {
            StoredModel model = store.download(local().build()).await();
            assertThat(store.damaged("stt-a")).isEmpty();
            Files.writeString(model.file("a.bin"), "hellp");
            Files.delete(model.file("sub/b.bin"));
            assertThat(store.damaged("stt-a")).containsExactly("a.bin", "sub/b.bin");
            assertRefused(() -> store.damaged("stt-b"), "MODEL_NOT_FOUND", "the files of model 'stt-b' are not here");
        }
    }

    @Test
    void aManifestThatCannotBeReadIsSetAsideAndWrittenAnewFromTheModels() throws Exception {
        try (ModelStore store = store()) {
            store.download(local().build()).await();
        }
        Path manifest = folder.resolve("manifest.json");
        String good = Files.readString(manifest);
        Files.writeString(manifest, "{\"tools\":");
        try (ModelStore store = store()) {
            assertThat(store.models()).hasSize(1);
        }
        assertThat(manifest).hasContent(good);
        assertThat(folder.resolve("manifest.json.corrupt-20261128T060000Z")).hasContent("{\"tools\":");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{}", "{\"downloaded_at\": \"2026-11-28T06:00:00Z\", \"sha256\": {\"../x\": \"1\"}}"})
    void aModelOfWhichNothingIsKnownAnyMoreIsFetchedAnew(String note) throws Exception {
        try (ModelStore store = store()) {
            store.download(local().build()).await();
        }
        Files.writeString(folder.resolve(".installed/stt-a.json"), note);
        try (ModelStore store = store()) {
            assertThat(store.models()).isEmpty();
            assertThat(folder.resolve(".installed/stt-a.json.corrupt-20261128T060000Z"))
                    .hasContent(note);
            assertThat(store.download(local().build()).await().file("a.bin")).hasContent("hello");
        }
    }

    @Test
    void whatACrashLeftOnTheWayInOrOutIsRemovedInTime() throws Exception {
        store().close();
        Path out = Files.createDirectories(folder.resolve(".trash/stt-a-1"));
        Files.writeString(out.resolve("x"), "x");
        Path old = Files.createDirectories(folder.resolve(".staging/stt-a-2"));
        Path young = Files.createDirectories(folder.resolve(".staging/stt-a-3"));
        Files.setLastModifiedTime(
                old, FileTime.from(NOW.minus(Duration.ofDays(1)).minusSeconds(1)));
        Files.setLastModifiedTime(
                young, FileTime.from(NOW.minus(Duration.ofDays(1)).plusSeconds(1)));
        store().close();
        assertThat(out).doesNotExist();
        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void unfinishedFilesAreCountedAndCanBeRemoved() throws Exception {
        try (ModelStore store = store()) {
            Files.writeString(folder.resolve(".partial/1.part"), "12345");
            Files.writeString(folder.resolve(".partial/1.part.json"), "{}");
            assertThat(store.unfinishedBytes()).isEqualTo(5);
            assertThat(store.sizeBytes()).isZero();
            store.deleteUnfinished();
            try (Stream<Path> left = Files.list(folder.resolve(".partial"))) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void resourcesOfTheClassPathAreCopied() throws Exception {
        try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {original.toUri().toURL()}, null);
                ModelStore store =
                        ModelStore.configure(folder).resources(loader).open()) {
            ModelEntry entry = local().source(ModelSource.MAVEN)
                    .repository("dev.hart:model:1")
                    .downloadUrl("")
                    .build();
            assertThat(store.download(entry).await().file("sub/b.bin")).hasContent("you");
            ModelEntry missing = local().source(ModelSource.CLASSPATH)
                    .downloadUrl("")
                    .file("none.bin")
                    .build();
            assertRefused(
                    () -> store.download(missing).await(),
                    "MODEL_NOT_FOUND",
                    "there is no resource none.bin on the class path for model 'stt-a': add the library that has it");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "API, '', 'is a service elsewhere: there is nothing to fetch'",
        "PIP, '', is fetched by pip",
        "OLLAMA, owner/m, 'is fetched by Ollama: ''ollama pull owner/m'''",
        "HUGGINGFACE, '', has no repo_id such as 'owner/name'",
        "GITHUB, owner/m, names no files",
        "CLASSPATH, '', names no files",
        "LOCAL, '', needs an absolute path as download_url",
        "CUSTOM_URL, '', needs an http or https URL"
    })
    void whatHartCannotFetchIsRefusedWithWhatIsMissing(ModelSource source, String repository, String message) {
        ModelEntry entry = ModelEntry.of("stt-a", "A", ModelType.STT)
                .source(source)
                .repository(repository)
                .build();
        try (ModelStore store = store()) {
            assertRefused(() -> store.download(entry).await(), "NOT_DOWNLOADABLE", message.replace("'owner", "'owner"));
        }
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        try (ModelStore store = store()) {
            ModelEntry entry = local().file("none.bin").build();
            assertRefused(
                    () -> store.download(entry).await(),
                    "MODEL_NOT_FOUND",
                    "there is no file " + original.resolve("none.bin") + " for model 'stt-a'");
        }
    }

    @Test
    void copiesLeaveTheDiskItsReserveToo() {
        try (ModelStore store =
                ModelStore.configure(folder).keepFree(100).usable(path -> 104).open()) {
            assertRefused(() -> store.download(local().file("a.bin").build()).await(), "DISK_FULL", "a.bin needs");
        }
        try (ModelStore store =
                ModelStore.configure(folder).keepFree(100).usable(path -> 105).open()) {
            assertThat(store.download(local().file("a.bin").build())
                            .result()
                            .join()
                            .sizeBytes())
                    .isEqualTo(5);
        }
    }

    @Test
    void settingsThatCannotBeAreRefused() {
        ModelStore.Builder builder = ModelStore.configure(folder);
        assertThatIllegalArgumentException().isThrownBy(() -> builder.keepFree(-1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.token("a b"))
                .withMessageNotContaining("a b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.mirror(ModelSource.PIP, original.toUri()))
                .withMessage("only huggingface and github have mirrors, not pip");
        HttpClient follows = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.httpClient(follows))
                .withMessage("httpClient must have followRedirects(Redirect.NEVER), had NORMAL");
    }

    @Test
    void aNameThatIsNoRepositoryIsNeverAskedFor() {
        try (ModelStore store = store()) {
            for (String name : List.of("a/../b", "a\\b", "a\nb", "")) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> store.available(name))
                        .withMessageStartingWith("model must be a name");
            }
        }
    }
}
