package dev.hart.tools;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.UUID;

/**
 * Replaces a file as a whole: readers, and whoever looks after a crash, see the old content or the new, never a part. The
 * new content is on disk when the call returns. Missing folders are created.
 */
final class AtomicFile {
    private AtomicFile() {}

    static void write(Path file, byte[] content) throws IOException {
        replace(file, channel -> {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        });
    }

    /** Streams at most {@code limit} bytes; returns how many. @throws TooLarge when there are more, changing nothing */
    static long copy(InputStream from, Path file, long limit) throws IOException {
        long[] copied = {0};
        replace(file, channel -> {
            byte[] chunk = new byte[64 << 10];
            for (int read = from.read(chunk); read >= 0; read = from.read(chunk)) {
                copied[0] += read;
                if (copied[0] > limit) {
                    throw new TooLarge();
                }
                ByteBuffer left = ByteBuffer.wrap(chunk, 0, read);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
            }
        });
        return copied[0];
    }

    /** There was more to copy than the limit. */
    static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1;
    }

    private interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    private static void replace(Path file, Content content) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " is not a file in a folder");
        }
        Files.createDirectories(folder);
        if (!folder.toRealPath().equals(folder)) {
            throw new IOException(folder + " became a link meanwhile");
        }
        Path draft = folder.resolve(".hart-" + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                keepPermissions(file, draft);
                channel.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
        forceFolder(folder);
    }

    private static void keepPermissions(Path from, Path to) throws IOException {
        PosixFileAttributeView there =
                Files.getFileAttributeView(from, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (there != null && Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
            Files.setPosixFilePermissions(to, there.readAttributes().permissions());
        }
    }

    /** Makes the rename durable. Windows cannot open a folder, and does not need it. */
    private static void forceFolder(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
