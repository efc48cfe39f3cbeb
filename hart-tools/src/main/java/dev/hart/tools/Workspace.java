package dev.hart.tools;

import dev.hart.tool.ToolFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The one folder that tools may touch. A path from outside is checked twice: once as text after normalisation, and once
 * after the links in the part of it that exists have been followed. What {@link #resolve} answers has no link in it, and is
 * opened without following any. Thread-safe.
 */
final class Workspace {
    /** Where a {@code Hart} keeps what is durable unless told otherwise. */
    static final String DATA_DIRECTORY = "hart-data";

    private static final int MAX_PATH_LENGTH = 4096;
    private static final Pattern WINDOWS_FORM = Pattern.compile("^(?:[A-Za-z]:|\\\\\\\\).*", Pattern.DOTALL);

    private final Path root;
    private final Path dataDirectory;

    Workspace(Path root, Path dataDirectory) {
        this.root = root;
        this.dataDirectory = dataDirectory;
    }

    /**
     * The place in the workspace that a path names; nothing need be there.
     *
     * @throws ToolFailure {@code PATH_OUTSIDE_WORKSPACE} when that is elsewhere, or {@code PATH_INVALID}
     */
    Path resolve(Path path) {
        return resolve(path.toString());
    }

    /** The same for a path as text. */
    Path resolve(String text) {
        Path path = parse(text);
        try {
            Path realRoot = realRoot();
            Path place = realRoot.resolve(withinRoot(path, text, realRoot)).normalize();
            if (!place.startsWith(realRoot)) {
                throw outside(text);
            }
            Path real = followLinks(place, text);
            if (!real.startsWith(realRoot)) {
                throw outside(text);
            }
            refuseDataDirectory(real, realRoot, text);
            return real;
        } catch (IOException e) {
            throw failure("look up", text, e, true);
        }
    }

    /**
     * A regular file that exists.
     *
     * @throws ToolFailure {@code FILE_NOT_FOUND} or {@code NOT_A_FILE}, or what {@link #resolve} throws
     */
    Path existingFile(Path path) {
        Path file = resolve(path);
        if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw failure("read", path.toString(), new NoSuchFileException(path.toString()), false);
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new ToolFailure("NOT_A_FILE", "'%s' is not a regular file; give the path of one".formatted(path));
        }
        return file;
    }

    /**
     * The whole of a UTF-8 file.
     *
     * @throws ToolFailure {@code FILE_TOO_LARGE} above {@code limit} bytes, {@code NOT_TEXT} when it is no UTF-8 or holds a
     *     zero byte, or what {@link #existingFile} throws
     */
    String readText(Path path, int limit) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(existingFile(path), LinkOption.NOFOLLOW_LINKS)) {
            bytes = in.readNBytes(limit + 1);
        } catch (IOException e) {
            throw failure("read", path.toString(), e, true);
        }
        if (bytes.length > limit) {
            throw new ToolFailure(
                    "FILE_TOO_LARGE",
                    "'%s' is larger than the %d KiB that can be read at once; give a smaller file"
                            .formatted(path, limit >> 10));
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (text.indexOf('\0') < 0) {
                return text.startsWith("\uFEFF") ? text.substring(1) : text;
            }
        } catch (CharacterCodingException e) {
            throw notText(path.toString(), e);
        }
        throw notText(path.toString(), null);
    }

    /** How a place that {@link #resolve} answered is written in results: relative, with {@code /}. */
    String relative(Path place) {
        try {
            return realRoot().relativize(place).toString().replace('\\', '/');
        } catch (IOException e) {
            throw failure("look up", place.toString(), e, true);
        }
    }

    static ToolFailure notText(String path, @Nullable Exception cause) {
        return new ToolFailure(
                "NOT_TEXT",
                "'%s' is not UTF-8 text; save it as UTF-8, or give a text file".formatted(path),
                false,
                cause);
    }

    /**
     * The failure that an input or output error stands for.
     *
     * @param doing what was tried, as a verb
     * @param retryable whether trying again is safe and may help
     */
    static ToolFailure failure(String doing, String path, IOException cause, boolean retryable) {
        if (cause instanceof NoSuchFileException) {
            return new ToolFailure(
                    "FILE_NOT_FOUND",
                    "there is no file '%s' in the workspace; check the path".formatted(path),
                    false,
                    cause);
        }
        if (cause instanceof AccessDeniedException) {
            return new ToolFailure(
                    "ACCESS_DENIED",
                    "not allowed to %s '%s'; check the permissions of the file and its folder".formatted(doing, path),
                    false,
                    cause);
        }
        if (cause instanceof FileAlreadyExistsException) {
            return new ToolFailure(
                    "NOT_A_FOLDER",
                    "'%s' has a file where a folder is needed; choose another path".formatted(path),
                    false,
                    cause);
        }
        return new ToolFailure(
                "FILE_ERROR", "could not %s '%s': %s".formatted(doing, path, cause.getMessage()), retryable, cause);
    }

    private static Path parse(String text) {
        if (text.length() > MAX_PATH_LENGTH) {
            throw new ToolFailure("PATH_INVALID", "a path has at most %d characters".formatted(MAX_PATH_LENGTH));
        }
        if (text.indexOf('\0') >= 0) {
            throw new ToolFailure("PATH_INVALID", "a path cannot hold a zero character; remove it");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new ToolFailure(
                    "PATH_INVALID", "'%s' is no path: %s; correct it".formatted(text, e.getReason()), false, e);
        }
    }

    /** The path relative to the root, still with its {@code ..}; an absolute one may name the root by its own links. */
    private Path withinRoot(Path path, String text, Path realRoot) {
        if (!path.isAbsolute()) {
            if (WINDOWS_FORM.matcher(text).matches() || path.getRoot() != null) {
                throw outside(text);
            }
            return path;
        }
        Path normal = path.normalize();
        Path asGiven = root.toAbsolutePath().normalize();
        if (normal.startsWith(realRoot)) {
            return realRoot.relativize(normal);
        }
        if (normal.startsWith(asGiven)) {
            return asGiven.relativize(normal);
        }
        throw outside(text);
    }

    private Path followLinks(Path place, String text) throws IOException {
        Path existing = place;
        while (!Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
            Path parent = existing.getParent();
            if (parent == null) {
                throw outside(text);
            }
            existing = parent;
        }
        try {
            return existing.toRealPath().resolve(existing.relativize(place)).normalize();
        } catch (NoSuchFileException e) {
            throw new ToolFailure(
                    "PATH_INVALID",
                    "'%s' goes through a link whose target is missing; remove the link or restore its target"
                            .formatted(text),
                    false,
                    e);
        }
    }

    private void refuseDataDirectory(Path real, Path realRoot, String text) throws IOException {
        for (Path name : realRoot.relativize(real)) {
            if (name.toString().equalsIgnoreCase(DATA_DIRECTORY)) {
                throw closed(text);
            }
        }
        Path data = followLinks(dataDirectory.toAbsolutePath().normalize(), text);
        if (real.startsWith(data)) {
            throw closed(text);
        }
    }

    private Path realRoot() throws IOException {
        try {
            return root.toRealPath();
        } catch (NoSuchFileException e) {
            throw new ToolFailure(
                    "WORKSPACE_MISSING",
                    "the workspace %s does not exist; create it, or set another with HartBuilder.workspace"
                            .formatted(root.toAbsolutePath()),
                    false,
                    e);
        }
    }

    private ToolFailure outside(String text) {
        return new ToolFailure(
                "PATH_OUTSIDE_WORKSPACE",
                "'%s' is outside the workspace %s; move the file there, or choose another folder with HartBuilder.workspace"
                        .formatted(text, root.toAbsolutePath().normalize()));
    }

    private static ToolFailure closed(String text) {
        return new ToolFailure(
                "PATH_OUTSIDE_WORKSPACE",
                "'%s' belongs to HART's own data, which tools may not touch; choose another path".formatted(text));
    }
}
