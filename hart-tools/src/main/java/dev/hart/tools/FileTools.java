package dev.hart.tools;

import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tools for the files of the workspace. Thread-safe. */
public final class FileTools {
    static final int MAX_READ_BYTES = 256 << 10;
    static final int MAX_WRITE_BYTES = 1 << 20;
    static final int MAX_APPENDED_FILE_BYTES = 64 << 20;
    static final int MAX_COPY_BYTES = 64 << 20;
    static final int MAX_NAMES = 1000;

    private final Workspace workspace;

    FileTools(Workspace workspace) {
        this.workspace = workspace;
    }

    /**
     * A file after it was changed.
     *
     * @param path relative to the workspace
     * @param bytes its size now
     */
    public record Written(String path, long bytes) {}

    @Tool(
            name = "file.read",
            description = "Read the text of a file.",
            effect = Effect.READ,
            reach = {})
    public String read(@Param("The file to read") Path path) {
        return workspace.readText(path, MAX_READ_BYTES);
    }

    @Tool(
            name = "file.write",
            description = "Write a text, number or other value to a file, replacing what was in it.",
            effect = Effect.IDEMPOTENT,
            reach = {})
    public Written write(
            @Param("The file to write") Path path, @Param("The text, number or value to write") @Nullable Object text) {
        Path file = writable(path);
        byte[] content = bytes(text);
        try {
            AtomicFile.write(file, content);
        } catch (IOException e) {
            throw Workspace.failure("write", path.toString(), e, true);
        }
        return new Written(workspace.relative(file), content.length);
    }

    @Tool(
            name = "file.append",
            description = "Append a text, number or other value to the end of a file.",
            effect = Effect.WRITE,
            reach = {})
    public Written append(
            @Param("The file to append to") Path path,
            @Param("The text, number or value to append") @Nullable Object text) {
        Path file = writable(path);
        byte[] content = bytes(text);
        try {
            Files.createDirectories(file.getParent());
            try (FileChannel channel = FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND,
                    LinkOption.NOFOLLOW_LINKS)) {
                if (channel.size() + content.length > MAX_APPENDED_FILE_BYTES) {
                    throw new ToolFailure(
                            "FILE_TOO_LARGE",
                            "'%s' would grow beyond %d MiB; start a new file"
                                    .formatted(path, MAX_APPENDED_FILE_BYTES >> 20));
                }
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                channel.force(true);
                return new Written(workspace.relative(file), channel.size());
            }
        } catch (IOException e) {
            throw Workspace.failure("append to", path.toString(), e, false);
        }
    }

    @Tool(
            name = "file.list",
            description = "List the files and folders in a folder.",
            effect = Effect.READ,
            reach = {})
    public List<String> list(
            @Param(value = "The folder to list; the workspace itself unless given", optional = true) @Nullable
                    Path path) {
        Path shown = path == null ? Path.of("") : path;
        Path folder = workspace.resolve(shown);
        if (Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new ToolFailure(
                    "FILE_NOT_FOUND", "there is no folder '%s' in the workspace; check the path".formatted(shown));
        }
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new ToolFailure("NOT_A_FOLDER", "'%s' is not a folder; give the path of one".formatted(shown));
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (names.size() == MAX_NAMES) {
                    throw new ToolFailure(
                            "FOLDER_TOO_LARGE",
                            "'%s' holds more than %d names; list a smaller folder".formatted(shown, MAX_NAMES));
                }
                names.add(Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) ? name + "/" : name);
            }
        } catch (IOException e) {
            throw Workspace.failure("list", shown.toString(), e, true);
        }
        Collections.sort(names);
        return names;
    }

    @Tool(
            name = "file.copy",
            description = "Copy a file to another path, replacing what was there.",
            effect = Effect.IDEMPOTENT,
            reach = {})
    public Written copy(@Param("The file to copy") Path from, @Param("The file to copy it to") Path to) {
        Path source = workspace.existingFile(from);
        Path target = writable(to);
        if (source.equals(target)) {
            throw new ToolFailure(
                    "SAME_FILE", "'%s' and '%s' are the same file; give another target".formatted(from, to));
        }
        try (InputStream in = Files.newInputStream(source, LinkOption.NOFOLLOW_LINKS)) {
            return new Written(workspace.relative(target), AtomicFile.copy(in, target, MAX_COPY_BYTES));
        } catch (AtomicFile.TooLarge e) {
            throw new ToolFailure(
                    "FILE_TOO_LARGE",
                    "'%s' is larger than the %d MiB that can be copied; copy it by hand"
                            .formatted(from, MAX_COPY_BYTES >> 20),
                    false,
                    e);
        } catch (IOException e) {
            throw Workspace.failure("copy", from.toString(), e, true);
        }
    }

    @Tool(
            name = "file.delete",
            description = "Delete a file for good.",
            effect = Effect.DESTRUCTIVE,
            reach = {})
    public String delete(@Param("The file to delete") Path path) {
        Path file = workspace.existingFile(path);
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw Workspace.failure("delete", path.toString(), e, false);
        }
        return workspace.relative(file);
    }

    @Tool(
            name = "file.exists",
            description = "Check whether a file or folder exists.",
            effect = Effect.READ,
            reach = {})
    public boolean exists(@Param("The file or folder to check") Path path) {
        return Files.exists(workspace.resolve(path), LinkOption.NOFOLLOW_LINKS);
    }

    private Path writable(Path path) {
        Path file = workspace.resolve(path);
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new ToolFailure(
                    "NOT_A_FILE", "'%s' is a folder or a device; give the path of a file".formatted(path));
        }
        return file;
    }

    private static byte[] bytes(@Nullable Object value) {
        byte[] content = JsonText.plain(value).getBytes(StandardCharsets.UTF_8);
        if (content.length > MAX_WRITE_BYTES) {
            throw new ToolFailure(
                    "TEXT_TOO_LARGE",
                    "the text has %d bytes, and at most %d can be written at once; write less"
                            .formatted(content.length, MAX_WRITE_BYTES));
        }
        return content;
    }
}
