package dev.hart.gpu.media;

import dev.hart.error.MediaException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where files are kept that tools made: each as {@code <id>.<extension>}, whole or not at all. What is being received ends with
 * {@code .part}. Thread-safe.
 *
 * @param mostBytes of one file
 * @param keepFree of the disk
 */
record MediaFolder(Path folder, long mostBytes, long keepFree) {
    private static final Logger log = LoggerFactory.getLogger(MediaFolder.class);
    /** Longer than any job may take. */
    private static final Duration LEFT_AFTER = Duration.ofDays(1);

    private static final String ID = "[A-Za-z0-9._~-]{1,255}_[0-9a-f-]{36}";

    /** A file that is there. */
    record Kept(Path file, MediaFormat format, long bytes, Optional<Duration> duration) {}

    /** Another folder with the same limits. */
    MediaFolder at(Path other) {
        return new MediaFolder(other.toAbsolutePath(), mostBytes, keepFree);
    }

    /**
     * Makes the folder, and removes what a process that was killed has left in it.
     *
     * @throws MediaException DISK_FULL when the largest file would leave too little of the disk free
     */
    void requireRoom(Instant now) {
        try {
            Files.createDirectories(folder);
            removeLeftovers(now.minus(LEFT_AFTER));
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free - mostBytes < keepFree) {
                throw new MediaException(
                        "DISK_FULL",
                        "a file may take %d MiB in %s, where %d MiB are free and %d MiB are kept free: make room, or set mostBytes or keepFree"
                                .formatted(mostBytes >> 20, folder, free >> 20, keepFree >> 20));
            }
        } catch (IOException e) {
            throw notStored(folder, e);
        }
    }

    private void removeLeftovers(Instant before) throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*_*.part")) {
            for (Path part : parts) {
                if (Files.getLastModifiedTime(part, LinkOption.NOFOLLOW_LINKS)
                        .toInstant()
                        .isBefore(before)) {
                    Files.deleteIfExists(part);
                }
            }
        } catch (NoSuchFileException e) {
            log.debug("somebody else was faster", e);
        }
    }

    /** Fetches what a tool keeps at that path, looks whether it is what it should be, and keeps it. */
    Kept keep(String id, MediaKind kind, ToolCalls calls, String path, MediaJob job) throws InterruptedException {
        Path part = folder.resolve(id + ".part");
        try {
            MediaFormat told = calls.fetch(
                    path,
                    kind,
                    part,
                    mostBytes,
                    bytes -> job.tell(new MediaProgress(MediaProgress.Stage.FETCHING, bytes, 0)));
            requireFormat(told, part, calls, path);
            Path file = folder.resolve(id + "." + told.extension());
            long bytes = Files.size(part);
            Optional<Duration> duration = told.duration(part);
            job.requireWanted();
            try (FileChannel written = FileChannel.open(part, StandardOpenOption.WRITE)) {
                written.force(true);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            return new Kept(file, told, bytes, duration);
        } catch (ClosedByInterruptException e) {
            throw new InterruptedException();
        } catch (IOException e) {
            throw notStored(part, e);
        } finally {
            remove(part);
        }
    }

    private static void requireFormat(MediaFormat told, Path part, ToolCalls calls, String path) throws IOException {
        Optional<MediaFormat> is = MediaFormat.of(part);
        if (is.isEmpty() || is.get() != told) {
            throw calls.failed(
                    "%s says that %s is %s, but it begins like %s"
                            .formatted(
                                    calls.name(),
                                    path,
                                    told.mediaType(),
                                    is.map(MediaFormat::mediaType).orElse("nothing of that kind")),
                    null);
        }
    }

    private static void remove(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw notStored(part, e);
        }
    }

    private static MediaException notStored(Path file, IOException cause) {
        return new MediaException("NOT_STORED", "%s cannot be written: %s".formatted(file, cause), cause);
    }

    Optional<Path> find(String id) {
        if (!id.matches(ID)) {
            return Optional.empty();
        }
        return Arrays.stream(MediaFormat.values())
                .map(format -> folder.resolve(id + "." + format.extension()))
                .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                .findFirst();
    }
}
