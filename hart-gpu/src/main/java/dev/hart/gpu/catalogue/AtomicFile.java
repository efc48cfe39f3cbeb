package dev.hart.gpu.catalogue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Files that are replaced whole, and set aside when they cannot be read. */
final class AtomicFile {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private AtomicFile() {}

    /** A reader sees the old content or the new one, also after a crash. */
    static void replace(Path file, byte[] content) throws IOException {
        Path folder = parent(file);
        Files.createDirectories(folder);
        Path next = Files.createTempFile(folder, file.getFileName() + ".", ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    /** Renames it, or copies it, so that nothing of it is lost. */
    static Path setAside(Path file, Instant now, boolean copy) throws IOException {
        String name = file.getFileName() + ".corrupt-" + TIME.format(now);
        Path aside = parent(file).resolve(name);
        for (int i = 2; Files.exists(aside); i++) {
            aside = parent(file).resolve(name + "-" + i);
        }
        return copy ? Files.copy(file, aside) : Files.move(file, aside);
    }

    private static Path parent(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IllegalArgumentException("file must not be the root folder");
        }
        return folder;
    }
}
