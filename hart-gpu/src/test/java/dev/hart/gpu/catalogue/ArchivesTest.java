package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.ModelFileException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.UnixStat;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that mean well, and those that do not. */
class ArchivesTest {
    @TempDir
    Path temp;

    private Path target;

    @BeforeEach
    void makeTarget() throws IOException {
        target = Files.createDirectories(temp.resolve("in/target"));
    }

    /** One entry, as an archive may have it. */
    record Entry(String name, String content, byte type) {
        static Entry file(String name, String content) {
            return new Entry(name, content, TarConstants.LF_NORMAL);
        }
    }

    private Path tar(List<Entry> entries) throws IOException {
        Path archive = temp.resolve("a.tar.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(archive));
                TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Entry each : entries) {
                byte[] content = each.content().getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(each.name(), each.type(), true);
                boolean hasContent = each.type() == TarConstants.LF_NORMAL;
                entry.setSize(hasContent ? content.length : 0);
                if (each.type() == TarConstants.LF_SYMLINK || each.type() == TarConstants.LF_LINK) {
                    entry.setLinkName(each.content());
                }
                tar.putArchiveEntry(entry);
                if (hasContent) {
                    tar.write(content);
                }
                tar.closeArchiveEntry();
            }
        }
        return archive;
    }

    private Path zip(List<Entry> entries) throws IOException {
        Path archive = temp.resolve("a.zip");
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
            for (Entry each : entries) {
                ZipArchiveEntry entry = new ZipArchiveEntry(each.name());
                if (each.type() == TarConstants.LF_SYMLINK) {
                    entry.setUnixMode(UnixStat.LINK_FLAG | 0777);
                }
                zip.putArchiveEntry(entry);
                zip.write(each.content().getBytes(StandardCharsets.UTF_8));
                zip.closeArchiveEntry();
            }
        }
        return archive;
    }

    private Map<String, String> unpack(Path archive) throws IOException {
        return Archives.unpack(archive, String.valueOf(archive.getFileName()), target, 1000, 10);
    }

    private void assertRefused(Path archive, String message) throws IOException {
        assertThatThrownBy(() -> unpack(archive))
                .isInstanceOfSatisfying(
                        ModelFileException.class, e -> assertThat(e.code()).isEqualTo("FILE_REFUSED"))
                .hasMessageStartingWith("the archive a.")
                .hasMessageContaining(message);
        try (Stream<Path> outside = Files.list(temp.resolve("in"))) {
            assertThat(outside).containsExactly(target);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void filesAndFoldersComeOutAsTheyWere(boolean isTar) throws IOException {
        List<Entry> entries = List.of(
                new Entry("./", "", TarConstants.LF_DIR),
                new Entry("m/", "", TarConstants.LF_DIR),
                Entry.file("./m/a.txt", "hello"),
                Entry.file("m/deep/" + "n".repeat(150) + ".txt", "you"));
        List<Entry> inZip = entries.subList(1, 4);
        Map<String, String> digests = unpack(isTar ? tar(entries) : zip(inZip));
        assertThat(target.resolve("m/a.txt")).hasContent("hello");
        assertThat(target.resolve("m/deep/" + "n".repeat(150) + ".txt")).hasContent("you");
        assertThat(digests)
                .hasSize(2)
                .containsEntry("m/a.txt", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    }

    static Stream<String> unsafeNames() {
        return Stream.of("../a", "m/../../a", "/etc/a", "a\\..\\b", "C:/a", "a//b", "con", "..", "a\u0001");
    }

    @ParameterizedTest
    @MethodSource("unsafeNames")
    void aNameThatLeavesTheFolderIsRefused(String name) throws IOException {
        assertRefused(
                tar(List.of(Entry.file("good", ""), Entry.file(name, "x"))), "is not safe to unpack: an entry must");
        Files.delete(target.resolve("good"));
        assertRefused(zip(List.of(Entry.file(name, "x"))), "");
    }

    @ParameterizedTest
    @ValueSource(
            bytes = {
                TarConstants.LF_SYMLINK,
                TarConstants.LF_LINK,
                TarConstants.LF_FIFO,
                TarConstants.LF_CHR,
                TarConstants.LF_BLK
            })
    void linksAndDevicesAreRefused(byte type) throws IOException {
        assertRefused(tar(List.of(new Entry("a", "/etc/passwd", type))), "has an entry that is a link or a device: a");
    }

    @Test
    void aLinkInAZipIsRefused() throws IOException {
        assertRefused(
                zip(List.of(new Entry("a", "/etc/passwd", TarConstants.LF_SYMLINK))),
                "has an entry that is a link or a device: a");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noMoreBytesAndEntriesAreUnpackedThanSaid(boolean isTar) throws IOException {
        List<Entry> full = List.of(Entry.file("a", "x".repeat(400)), Entry.file("b", "x".repeat(600)));
        assertThat(unpack(isTar ? tar(full) : zip(full))).hasSize(2);
        ModelFolder.remove(target);
        Files.createDirectories(target);
        List<Entry> large = List.of(Entry.file("a", "x".repeat(400)), Entry.file("b", "x".repeat(601)));
        assertRefused(isTar ? tar(large) : zip(large), "is larger than 0.00 GiB when unpacked");
        ModelFolder.remove(target);
        Files.createDirectories(target);
        List<Entry> ten = Stream.iterate(0, i -> i + 1)
                .limit(10)
                .map(i -> Entry.file("f" + i, ""))
                .toList();
        assertThat(unpack(isTar ? tar(ten) : zip(ten))).hasSize(10);
        ModelFolder.remove(target);
        Files.createDirectories(target);
        List<Entry> eleven = Stream.iterate(0, i -> i + 1)
                .limit(11)
                .map(i -> Entry.file("f" + i, ""))
                .toList();
        assertRefused(isTar ? tar(eleven) : zip(eleven), "has more than 10 entries");
    }

    @Test
    void twoEntriesOfOneNameAreRefused() throws IOException {
        assertRefused(tar(List.of(Entry.file("a", "1"), Entry.file("./a", "2"))), "has two entries of one name: a");
    }

    @Test
    void aDamagedArchiveIsRefused() throws IOException {
        Path archive = tar(List.of(Entry.file("a", "x".repeat(900))));
        byte[] bytes = Files.readAllBytes(archive);
        for (int cut : new int[] {0, 1, 9, bytes.length / 2, bytes.length - 9}) {
            ModelFolder.remove(target);
            Files.createDirectories(target);
            Files.write(archive, java.util.Arrays.copyOf(bytes, cut));
            assertRefused(archive, "cannot be unpacked (");
        }
        Path zip = temp.resolve("a.zip");
        Files.writeString(zip, "PK but no more");
        assertRefused(zip, "cannot be unpacked (");
    }

    @Test
    void anArchiveOfAModelIsUnpackedAndNotKept() throws Exception {
        Path archive = tar(List.of(Entry.file("m/a.txt", "hello")));
        ModelEntry entry = ModelEntry.of("stt-a", "A", ModelType.STT)
                .source(ModelSource.LOCAL)
                .downloadUrl(archive.toString())
                .files(Map.of("archive", "a.tar.gz"))
                .build();
        try (ModelStore store = ModelStore.open(temp.resolve("models"))) {
            StoredModel model = store.download(entry).await();
            assertThat(model.sha256()).containsOnlyKeys("m/a.txt");
            assertThat(model.file("m/a.txt")).hasContent("hello");
            assertThat(model.folder().resolve("a.tar.gz")).doesNotExist();
            assertThat(store.download(entry).await()).isEqualTo(model);
        }
    }
}
