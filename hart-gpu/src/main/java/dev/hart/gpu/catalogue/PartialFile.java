package dev.hart.gpu.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hart.error.ModelFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of which the first bytes are here, with a note of what they are the beginning of. One process at a time has it open. The
 * note says how many bytes are surely on disk; more of them count only when a digest will prove them. One thread's.
 */
final class PartialFile implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PartialFile.class);
    private static final int CHUNK = 1 << 16;

    private final FileRequest request;
    private final Path file;
    private final Path note;
    private final FileChannel channel;
    private long length;
    private long noted;
    private Optional<String> etag = Optional.empty();
    private long total = -1;

    private PartialFile(FileRequest request, Path file, Path note, FileChannel channel) {
        this.request = request;
        this.file = file;
        this.note = note;
        this.channel = channel;
    }

    /**
     * Opens it as far as it can be gone on with.
     *
     * @throws ModelFileException MODEL_BUSY when another process has it open
     */
    static PartialFile open(FileRequest request, Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw busy(request, null);
            }
            PartialFile partial = new PartialFile(request, file, noteOf(file), channel);
            partial.readNote();
            return partial;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw busy(request, e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static ModelFileException busy(FileRequest request, @Nullable Throwable cause) {
        return new ModelFileException(
                "MODEL_BUSY", request.name() + " is being fetched by another process: wait for it, or stop it", cause);
    }

    static Path noteOf(Path file) {
        return file.resolveSibling(file.getFileName() + ".json");
    }

    private void readNote() throws IOException {
        long size = channel.size();
        long usable = 0;
        if (Files.exists(note)) {
            try {
                JsonNode json = ModelEntryJson.MAPPER.readTree(Files.readAllBytes(note));
                if (json.path("url").asText().equals(request.uri().toString())) {
                    etag = Optional.ofNullable(json.path("etag").textValue());
                    total = json.path("total").asLong(-1);
                    noted = json.path("durable_bytes").asLong(0);
                    usable = request.sha256().isPresent() ? size : etag.isPresent() || noted == total ? noted : 0;
                }
            } catch (IOException e) {
                log.info("the note {} cannot be read; its file is fetched anew", note, e);
            }
        }
        length = Math.max(0, Math.min(usable, size));
        if (total >= 0 && length > total) {
            length = 0;
        }
        channel.truncate(length);
        channel.position(length);
    }

    long length() {
        return length;
    }

    /** The ETag of what the bytes are the beginning of, as long as it names them to the last byte. */
    Optional<String> etag() {
        return etag;
    }

    /** How long the whole is, or -1. */
    long total() {
        return total;
    }

    boolean isComplete() {
        return total >= 0 && length == total;
    }

    /** Whether the bytes that are here may be gone on with. */
    boolean isResumable() {
        return length > 0 && (etag.isPresent() || request.sha256().isPresent());
    }

    /** From now on it is the beginning of this. */
    void describe(Optional<String> newEtag, long newTotal) throws IOException {
        etag = newEtag.filter(tag -> !tag.startsWith("W/") && tag.length() <= 512);
        total = newTotal;
        writeNote();
    }

    void restart() throws IOException {
        length = 0;
        noted = 0;
        channel.truncate(0);
        channel.position(0);
        etag = Optional.empty();
        total = -1;
        Files.deleteIfExists(note);
    }

    void write(byte[] bytes, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        length += count;
    }

    /** All that is here was the whole. */
    void complete() throws IOException {
        total = length;
        sync();
    }

    /** What is here is surely on disk, and noted. */
    void sync() throws IOException {
        channel.force(false);
        noted = length;
        writeNote();
    }

    private void writeNote() throws IOException {
        ObjectNode json = ModelEntryJson.MAPPER.createObjectNode();
        json.put("url", request.uri().toString());
        json.put("etag", etag.orElse(null));
        json.put("total", total);
        json.put("durable_bytes", noted);
        AtomicFile.replace(note, ModelEntryJson.MAPPER.writeValueAsBytes(json));
    }

    /** SHA-256 of all that is here, in lower case hexadecimal. */
    String digest(MessageDigest sha256) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        long position = 0;
        while (position < length) {
            buffer.clear();
            int read = channel.read(buffer, position);
            if (read <= 0) {
                throw new IOException(file + " became shorter");
            }
            position += read;
            sha256.update(buffer.array(), 0, read);
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** The first bytes, as many as there are. */
    byte[] head(int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, length));
        while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) > 0) {
            // reads on
        }
        return buffer.array();
    }

    /** Gives it up: nothing of it stays. */
    void remove() throws IOException {
        restart();
        Files.deleteIfExists(file);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
