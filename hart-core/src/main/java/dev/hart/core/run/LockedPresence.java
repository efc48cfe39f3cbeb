package dev.hart.core.run;

import dev.hart.error.StoreUnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Presence on one machine. Each process holds the lock on a file of its own in the data directory; the operating system lets
 * go of it when the process ends, however it ends, so no time-out has to be guessed.
 */
final class LockedPresence implements ProcessPresence {
    private static final Pattern ID = Pattern.compile("[0-9a-f-]{36}");
    /**
     * The presences of this JVM. POSIX drops all locks that a process has on a file when it closes any descriptor of that
     * file, so a lock of our own must never be probed.
     */
    private static final Set<String> HERE = ConcurrentHashMap.newKeySet();

    private final String id;
    private final @Nullable Path folder;
    private final @Nullable FileChannel channel;

    private LockedPresence(String id, @Nullable Path folder, @Nullable FileChannel channel) {
        this.id = id;
        this.folder = folder;
        this.channel = channel;
        HERE.add(id);
    }

    /**
     * Announces a process.
     *
     * @param id unique, a UUID
     * @param dataDirectory null when nothing outlives the process
     */
    static LockedPresence announce(String id, @Nullable Path dataDirectory) {
        if (dataDirectory == null) {
            return new LockedPresence(id, null, null);
        }
        Path folder = dataDirectory.resolve("processes");
        try {
            Files.createDirectories(folder);
            FileChannel channel =
                    FileChannel.open(folder.resolve(id + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                throw new StoreUnavailableException("the lock of process " + id + " in " + folder + " is taken");
            }
            return new LockedPresence(id, folder, channel);
        } catch (IOException e) {
            throw new StoreUnavailableException(
                    "cannot write to " + folder + ": check that the data directory is on a local disk and writable", e);
        }
    }

    /** What a file tells of a process. */
    enum Sign {
        ALIVE,
        DEAD,
        /** It has no file here: it ended well, never was, or has another data directory. */
        NONE
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean isAlive(String other) {
        return sign(other) == Sign.ALIVE;
    }

    @Override
    public boolean isLeased() {
        return false;
    }

    Sign sign(String other) {
        if (HERE.contains(other)) {
            return Sign.ALIVE;
        }
        if (folder == null || !ID.matcher(other).matches()) {
            return Sign.NONE;
        }
        Path file = folder.resolve(other + ".lock");
        try (FileChannel probe = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = probe.tryLock()) {
            if (lock == null) {
                return Sign.ALIVE;
            }
            Files.deleteIfExists(file);
            return Sign.DEAD;
        } catch (OverlappingFileLockException e) {
            return Sign.ALIVE;
        } catch (IOException e) {
            return Sign.NONE;
        }
    }

    @Override
    public void close() {
        HERE.remove(id);
        if (channel == null || folder == null) {
            return;
        }
        try {
            Files.deleteIfExists(folder.resolve(id + ".lock"));
            channel.close();
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot give up the lock of process " + id + " in " + folder, e);
        }
    }
}
