package dev.hart.core.run;

import dev.hart.spi.TaskKeeper;
import dev.hart.store.Dialect;
import dev.hart.store.Store;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * That this process lives, and whether others do: a run belongs to the process that works on it, and may be taken up by
 * another one when that is gone. Thread-safe.
 */
public sealed interface ProcessPresence extends AutoCloseable permits LockedPresence, LeasedPresence {

    /**
     * Announces a process: with a file on the local disk, or where the database may be shared by machines, with a row that
     * it has to renew.
     *
     * @param id unique, a UUID
     * @param dataDirectory null when nothing outlives the process
     * @param keeper renews the row
     */
    static ProcessPresence announce(String id, @Nullable Path dataDirectory, Store store, TaskKeeper keeper) {
        LockedPresence files = LockedPresence.announce(id, dataDirectory);
        if (store.dialect() != Dialect.POSTGRESQL) {
            return files;
        }
        try {
            return LeasedPresence.announce(files, store, keeper);
        } catch (RuntimeException e) {
            files.close();
            throw e;
        }
    }

    String id();

    /** Whether that process lives; false for one that never was. */
    boolean isAlive(String other);

    /**
     * Whether a process may be taken for dead that only was not heard of for some time. It must then write nothing to runs
     * that others have taken up.
     */
    boolean isLeased();

    @Override
    void close();
}
