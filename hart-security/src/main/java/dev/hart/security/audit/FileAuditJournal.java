package dev.hart.security.audit;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.spi.AuditEntry;
import dev.hart.spi.AuditHead;
import dev.hart.spi.AuditJournal;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries in a file {@code audit.log}, heads in {@code audit-heads.log} beside it, each readable by its owner alone. A record is a
 * line of netstrings with its length in front, and is on disk when {@link #append} returns. A record that a crash has cut off
 * was never confirmed and is removed when the file is opened. One process has the file open at a time. Thread-safe.
 */
public final class FileAuditJournal implements AuditJournal, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileAuditJournal.class);
    private static final int ENTRY_FIELDS = 9;
    private static final int HEAD_FIELDS = 2;
    private static final int MAX_RECORD = 1 << 20;

    private final Path entriesFile;
    private final Path headsFile;
    /** A file of its own, as POSIX gives up a lock when any descriptor of the file is closed. */
    private final FileChannel lock;

    private final FileChannel entries;
    private final FileChannel heads;
    private @Nullable AuditEntry last;

    private FileAuditJournal(
            Path entriesFile, Path headsFile, FileChannel lock, FileChannel entries, FileChannel heads) {
        this.lock = lock;
        this.entriesFile = entriesFile;
        this.headsFile = headsFile;
        this.entries = entries;
        this.heads = heads;
    }

    /**
     * The journal of a folder, made when there is none.
     *
     * @throws InvalidConfigurationException when another process has it open
     * @throws StoreUnavailableException when it cannot be read or made, or holds something else than records
     */
    public static FileAuditJournal in(Path folder) {
        Path entriesFile = folder.resolve("audit.log");
        Path headsFile = folder.resolve("audit-heads.log");
        FileChannel lock = null;
        FileChannel entries = null;
        FileChannel heads = null;
        boolean opened = false;
        try {
            Files.createDirectories(folder);
            lock = open(folder.resolve("audit.lock"));
            if (!lock(lock)) {
                throw new InvalidConfigurationException(
                        "the audit log " + entriesFile + " is open already: one process writes it at a time");
            }
            entries = open(entriesFile);
            heads = open(headsFile);
            FileAuditJournal journal = new FileAuditJournal(entriesFile, headsFile, lock, entries, heads);
            journal.begin();
            opened = true;
            return journal;
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot open the audit log " + entriesFile + ": " + e.getMessage(), e);
        } finally {
            if (!opened) {
                closeQuietly(entries);
                closeQuietly(heads);
                closeQuietly(lock);
            }
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("a file of the audit log did not close", e);
            }
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static FileChannel open(Path file) throws IOException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] owner = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        return FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE), owner);
    }

    private void begin() throws IOException {
        cut(entries, entriesFile, walk(entriesFile, ENTRY_FIELDS, fields -> {
            last = entry(fields);
            return true;
        }));
        cut(heads, headsFile, walk(headsFile, HEAD_FIELDS, fields -> true));
    }

    /** Removes the record that was cut off, and goes to the end. */
    private static void cut(FileChannel channel, Path file, long whole) throws IOException {
        if (channel.size() > whole) {
            LOG.warn("{} ends in the middle of a record, which was never confirmed; it is removed", file);
            channel.truncate(whole);
            channel.force(true);
        }
        channel.position(whole);
    }

    @Override
    public synchronized boolean append(AuditEntry entry) {
        AuditEntry newest = last;
        if (entry.sequence() != (newest == null ? 1 : newest.sequence() + 1)) {
            return false;
        }
        write(
                entries,
                entriesFile,
                new Netstrings()
                        .add(Long.toString(entry.sequence()))
                        .add(AuditChain.time(entry.at()))
                        .add(entry.event())
                        .add(entry.actor())
                        .add(entry.target())
                        .add(entry.action())
                        .add(entry.detail())
                        .add(entry.previousHash())
                        .add(entry.hash()));
        last = entry;
        return true;
    }

    /** A record that did not get onto the disk as a whole is taken back, so that the next one has its place. */
    private static void write(FileChannel channel, Path file, Netstrings fields) {
        byte[] record = new Netstrings().add(fields.bytes()).bytes();
        record[record.length - 1] = '\n';
        long start = -1;
        try {
            start = channel.position();
            ByteBuffer left = ByteBuffer.wrap(record);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(false);
        } catch (IOException e) {
            StoreUnavailableException failure =
                    new StoreUnavailableException("cannot write to " + file + ": " + e.getMessage(), e);
            if (start >= 0) {
                try {
                    channel.truncate(start);
                    channel.position(start);
                } catch (IOException again) {
                    failure.addSuppressed(again);
                }
            }
            throw failure;
        }
    }

    @Override
    public synchronized Optional<AuditEntry> last() {
        return Optional.ofNullable(last);
    }

    @Override
    public void read(long from, Predicate<AuditEntry> each) {
        walkNow(entriesFile, ENTRY_FIELDS, fields -> {
            AuditEntry entry = entry(fields);
            return entry.sequence() < from || each.test(entry);
        });
    }

    @Override
    public synchronized void keep(AuditHead head) {
        write(
                heads,
                headsFile,
                new Netstrings().add(Long.toString(head.sequence())).add(head.envelope()));
    }

    @Override
    public void heads(Predicate<AuditHead> each) {
        List<AuditHead> all = new ArrayList<>();
        walkNow(headsFile, HEAD_FIELDS, fields -> all.add(new AuditHead(number(fields.get(0)), fields.get(1))));
        for (int i = all.size() - 1; i >= 0 && each.test(all.get(i)); i--) {}
    }

    private static AuditEntry entry(List<String> fields) {
        try {
            return new AuditEntry(
                    number(fields.get(0)),
                    Instant.parse(fields.get(1)),
                    fields.get(2),
                    fields.get(3),
                    fields.get(4),
                    fields.get(5),
                    fields.get(6),
                    fields.get(7),
                    fields.get(8));
        } catch (DateTimeParseException e) {
            throw new NumberFormatException("'" + fields.get(1) + "' is no time");
        }
    }

    private static long number(String text) {
        return Long.parseLong(text);
    }

    private static void walkNow(Path file, int fields, Predicate<List<String>> each) {
        try {
            walk(file, fields, each);
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Gives the place behind the last whole record that was read. */
    private static long walk(Path file, int fields, Predicate<List<String>> each) throws IOException {
        long whole = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            while (true) {
                byte[] record = netstring(in, '\n');
                if (record == null) {
                    return whole;
                }
                List<String> values = fields(record);
                if (values.size() != fields) {
                    throw new IOException(
                            "the record at byte " + whole + " has " + values.size() + " fields, not " + fields);
                }
                whole += Integer.toString(record.length).length() + 1 + record.length + 1;
                if (!each.test(values)) {
                    return whole;
                }
            }
        } catch (EOFException e) {
            return whole;
        } catch (NumberFormatException e) {
            throw new IOException("the record at byte " + whole + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<String> fields(byte[] record) throws IOException {
        List<String> values = new ArrayList<>();
        InputStream in = new ByteArrayInputStream(record);
        try {
            for (byte[] field = netstring(in, ','); field != null; field = netstring(in, ',')) {
                values.add(new String(field, StandardCharsets.UTF_8));
            }
        } catch (EOFException e) {
            throw new IOException("a record ends in the middle of a field", e);
        }
        return values;
    }

    /** Null at the end; EOFException in the middle. */
    private static byte @Nullable [] netstring(InputStream in, char end) throws IOException {
        int length = 0;
        int digits = 0;
        int c = in.read();
        if (c < 0) {
            return null;
        }
        for (; c >= '0' && c <= '9' && digits < 8; c = in.read(), digits++) {
            length = 10 * length + (c - '0');
        }
        if (c < 0) {
            throw new EOFException();
        }
        if (c != ':' || digits == 0 || length > MAX_RECORD) {
            throw new IOException("what should be a record is none");
        }
        byte[] bytes = in.readNBytes(length);
        int terminator = in.read();
        if (bytes.length < length || terminator < 0) {
            throw new EOFException();
        }
        if (terminator != end) {
            throw new IOException("a record does not end where it says");
        }
        return bytes;
    }

    @Override
    public synchronized void close() {
        closeQuietly(entries);
        closeQuietly(heads);
        closeQuietly(lock);
    }
}
