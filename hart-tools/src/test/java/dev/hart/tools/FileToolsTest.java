package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.tools.FileTools.Written;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileToolsTest {
    @TempDir
    Path root;

    FileTools files;

    @BeforeEach
    void inAnEmptyWorkspace() throws IOException {
        root = root.toRealPath();
        files = new FileTools(new Workspace(root, root.resolve("hart-data")));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        assertThat(files.write(Path.of("a/b.txt"), "Grüße\n")).isEqualTo(new Written("a/b.txt", 8));
        assertThat(files.read(Path.of("a/b.txt"))).isEqualTo("Grüße\n");
    }

    @Test
    void aValueIsWrittenAsPeopleWriteIt() {
        assertThat(written(new BigDecimal("6417540.50"))).isEqualTo("6417540.5");
        assertThat(written(new BigDecimal("1E+3"))).isEqualTo("1000");
        assertThat(written(42L)).isEqualTo("42");
        assertThat(written(true)).isEqualTo("true");
        assertThat(written(null)).isEqualTo("null");
        assertThat(written(List.of(1, "b"))).isEqualTo("[ 1, \"b\" ]");
        assertThat(written(Map.of("North", new BigDecimal("1.50")))).isEqualTo("{\n  \"North\" : 1.5\n}");
    }

    @Test
    void anEnormousExponentIsNotWrittenOut() {
        assertThat(written(new BigDecimal("1E+1000"))).hasSize(1001);
        assertThat(written(new BigDecimal("1E+1001"))).isEqualTo("1E+1001");
    }

    private String written(Object value) {
        files.write(Path.of("value.txt"), value);
        return files.read(Path.of("value.txt"));
    }

    @Test
    void atMost256KibAreRead() throws IOException {
        Files.writeString(root.resolve("largest.txt"), "x".repeat(256 * 1024));
        Files.writeString(root.resolve("larger.txt"), "x".repeat(256 * 1024 + 1));

        assertThat(files.read(Path.of("largest.txt"))).hasSize(256 * 1024);
        assertFails("FILE_TOO_LARGE", () -> files.read(Path.of("larger.txt")))
                .isEqualTo("'larger.txt' is larger than the 256 KiB that can be read at once; give a smaller file");
    }

    @Test
    void atMost1MibIsWritten() {
        String longest = "x".repeat(1024 * 1024);

        assertThat(files.write(Path.of("a.txt"), longest).bytes()).isEqualTo(1024 * 1024);
        assertFails("TEXT_TOO_LARGE", () -> files.write(Path.of("b.txt"), longest + "x"))
                .isEqualTo("the text has 1048577 bytes, and at most 1048576 can be written at once; write less");
        assertThat(files.exists(Path.of("b.txt"))).isFalse();
    }

    @Test
    void binaryContentIsNoText() throws IOException {
        Files.write(root.resolve("zero.bin"), new byte[] {'a', 0, 'b'});
        Files.write(root.resolve("latin1.txt"), "Grüße".getBytes(StandardCharsets.ISO_8859_1));

        assertFails("NOT_TEXT", () -> files.read(Path.of("zero.bin")))
                .isEqualTo("'zero.bin' is not UTF-8 text; save it as UTF-8, or give a text file");
        assertFails("NOT_TEXT", () -> files.read(Path.of("latin1.txt")));
    }

    @Test
    void aByteOrderMarkIsNotPartOfTheText() throws IOException {
        Files.writeString(root.resolve("bom.txt"), "\uFEFFhello");

        assertThat(files.read(Path.of("bom.txt"))).isEqualTo("hello");
    }

    @Test
    void aMissingFileIsNamed() {
        assertFails("FILE_NOT_FOUND", () -> files.read(Path.of("missing.txt")))
                .isEqualTo("there is no file 'missing.txt' in the workspace; check the path");
        assertFails("FILE_NOT_FOUND", () -> files.delete(Path.of("missing.txt")));
        assertFails("FILE_NOT_FOUND", () -> files.list(Path.of("missing")))
                .isEqualTo("there is no folder 'missing' in the workspace; check the path");
    }

    @Test
    void aFolderIsNoFile() throws IOException {
        Files.createDirectory(root.resolve("sub"));

        assertFails("NOT_A_FILE", () -> files.read(Path.of("sub")));
        assertFails("NOT_A_FILE", () -> files.write(Path.of("sub"), "x"));
        assertFails("NOT_A_FILE", () -> files.append(Path.of("sub"), "x"));
        assertFails("NOT_A_FILE", () -> files.delete(Path.of("sub")));
        assertFails("NOT_A_FILE", () -> files.write(Path.of(""), "x"));
        assertThat(root.resolve("sub")).isDirectory();
    }

    @Test
    void writingKeepsThePermissionsOfTheFile() throws IOException {
        Path script = Files.writeString(root.resolve("run.sh"), "old");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x---"));

        files.write(Path.of("run.sh"), "new");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(script)))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNoDraft() throws IOException {
        files.write(Path.of("a.txt"), "old");
        assertFails("NOT_A_FOLDER", () -> files.write(Path.of("a.txt/b.txt"), "new"))
                .isEqualTo("'a.txt/b.txt' has a file where a folder is needed; choose another path");

        assertThat(files.read(Path.of("a.txt"))).isEqualTo("old");
        assertThat(files.list(null)).containsExactly("a.txt");
    }

    @Test
    void aReaderSeesTheOldTextOrTheNewNeverAPart() {
        String old = "a".repeat(200_000);
        String other = "b".repeat(200_000);
        files.write(Path.of("shared.txt"), old);
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 50; i++) {
                        files.write(Path.of("shared.txt"), i % 2 == 0 ? other : old);
                    }
                })
                .whenComplete((nothing, problem) -> done.set(true));

        do {
            assertThat(files.read(Path.of("shared.txt"))).isIn(old, other);
        } while (!done.get());
        writer.join();

        try (Stream<Path> left = Files.list(root)) {
            assertThat(left).containsExactly(root.resolve("shared.txt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void appendingAddsAtTheEndAndCreatesTheFile() {
        assertThat(files.append(Path.of("log/day.txt"), "one\n")).isEqualTo(new Written("log/day.txt", 4));
        assertThat(files.append(Path.of("log/day.txt"), 2L)).isEqualTo(new Written("log/day.txt", 5));
        assertThat(files.read(Path.of("log/day.txt"))).isEqualTo("one\n2");
    }

    @Test
    void appendingStopsAt64Mib() throws IOException {
        try (var file = Files.newByteChannel(
                root.resolve("log.txt"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            file.position(64L * 1024 * 1024 - 3).write(ByteBuffer.wrap(new byte[] {'x'}));
        }

        assertThat(files.append(Path.of("log.txt"), "yz").bytes()).isEqualTo(64L * 1024 * 1024);
        assertFails("FILE_TOO_LARGE", () -> files.append(Path.of("log.txt"), "!"))
                .isEqualTo("'log.txt' would grow beyond 64 MiB; start a new file");
    }

    @Test
    void aFolderIsListedInOrderWithItsFoldersMarked() throws IOException {
        files.write(Path.of("b.txt"), "");
        files.write(Path.of("a/x.txt"), "");
        Files.createSymbolicLink(root.resolve("link"), Path.of("a"));

        assertThat(files.list(null)).containsExactly("a/", "b.txt", "link");
        assertThat(files.list(Path.of("a"))).containsExactly("x.txt");
        assertFails("NOT_A_FOLDER", () -> files.list(Path.of("b.txt")))
                .isEqualTo("'b.txt' is not a folder; give the path of one");
    }

    @Test
    void atMost1000NamesAreListed() throws IOException {
        for (int i = 0; i < 1000; i++) {
            Files.createFile(root.resolve("f" + i));
        }
        assertThat(files.list(null)).hasSize(1000);

        Files.createFile(root.resolve("one-more"));
        assertFails("FOLDER_TOO_LARGE", () -> files.list(null))
                .isEqualTo("'' holds more than 1000 names; list a smaller folder");
    }

    @Test
    void aCopyReplacesItsTarget() {
        files.write(Path.of("a.txt"), "new");
        files.write(Path.of("b.txt"), "old and longer");

        assertThat(files.copy(Path.of("a.txt"), Path.of("b.txt"))).isEqualTo(new Written("b.txt", 3));
        assertThat(files.copy(Path.of("a.txt"), Path.of("deep/c.txt"))).isEqualTo(new Written("deep/c.txt", 3));

        assertThat(files.read(Path.of("b.txt"))).isEqualTo("new");
        assertThat(files.read(Path.of("a.txt"))).isEqualTo("new");
        assertFails("SAME_FILE", () -> files.copy(Path.of("a.txt"), Path.of("./a.txt")));
    }

    @Test
    void atMost64MibAreCopied() throws IOException {
        byte[] largest = new byte[64 * 1024 * 1024];
        Arrays.fill(largest, (byte) 'x');
        Files.write(root.resolve("a.bin"), largest);
        assertThat(files.copy(Path.of("a.bin"), Path.of("b.bin")).bytes()).isEqualTo(largest.length);

        Files.write(root.resolve("a.bin"), new byte[] {'x'}, StandardOpenOption.APPEND);
        assertFails("FILE_TOO_LARGE", () -> files.copy(Path.of("a.bin"), Path.of("c.bin")))
                .isEqualTo("'a.bin' is larger than the 64 MiB that can be copied; copy it by hand");
        assertThat(files.list(null)).containsExactly("a.bin", "b.bin");
    }

    @Test
    void aDeletedFileIsGone() {
        files.write(Path.of("a/b.txt"), "x");

        assertThat(files.delete(Path.of("a/b.txt"))).isEqualTo("a/b.txt");
        assertThat(files.exists(Path.of("a/b.txt"))).isFalse();
        assertThat(files.exists(Path.of("a"))).isTrue();
    }

    @Test
    void everyToolStaysInTheWorkspace() throws IOException {
        Path outside = Files.createTempDirectory("outside");
        Files.writeString(outside.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(root.resolve("way-out"), outside);
        Path secret = Path.of("way-out/secret.txt");
        files.write(Path.of("mine.txt"), "mine");

        assertFails("PATH_OUTSIDE_WORKSPACE", () -> files.read(secret));
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> files.write(secret, "x"));
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> files.append(secret, "x"));
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> files.list(Path.of("way-out")));
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> files.copy(secret, Path.of("a.txt")));
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> files.copy(Path.of("mine.txt"), Path.of("way-out/new.txt")));
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> files.delete(secret));
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> files.exists(secret));
        assertThat(outside.resolve("secret.txt")).hasContent("secret");
        assertThat(outside).isDirectoryNotContaining("glob:**new.txt");
        Files.delete(outside.resolve("secret.txt"));
        Files.delete(outside);
    }
}
