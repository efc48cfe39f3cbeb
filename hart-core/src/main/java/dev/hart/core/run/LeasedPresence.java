package dev.hart.core.run;

import dev.hart.error.StoreUnavailableException;
import dev.hart.spi.TaskKeeper;
import dev.hart.store.Store;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Presence on several machines that share a PostgreSQL database. Each process has a row that says until when it lives, by
 * the clock of the database, and renews it on a thread of its own. One that is not heard of until then counts as dead, and
 * its runs may be taken up.
 *
 * <p>A process that was only slow may come back. It finds, in the transaction of its next write to a run that was taken up,
 * that the run is another's (see {@link RunJournal}).
 *
 * <p>Where both have the same data directory, a lock that was let go of tells at once that a process is dead.
 */
final class LeasedPresence implements ProcessPresence {
    private static final Logger LOG = LoggerFactory.getLogger(LeasedPresence.class);
    static final Duration LEASE = Duration.ofSeconds(90);
    private static final Duration BEAT = Duration.ofSeconds(30);
    /** Rows of processes that are gone are kept this long, for people who ask what was there. */
    private static final Duration KEPT = Duration.ofDays(1);

    private static final String NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

    private final LockedPresence files;
    private final Store store;
    /** Held while the row is renewed, so that none is written behind the end. */
    private final ReentrantLock beating = new ReentrantLock();

    private boolean ended;
    private TaskKeeper.@Nullable Kept heart;

    private LeasedPresence(LockedPresence files, Store store) {
        this.files = files;
        this.store = store;
    }

    static LeasedPresence announce(LockedPresence files, Store store, TaskKeeper keeper) {
        store.migrate("process", LeasedPresence.class);
        LeasedPresence presence = new LeasedPresence(files, store);
        presence.beat();
        store.write(tx -> {
            PreparedStatement delete = tx.prepare("DELETE FROM process WHERE lease_until < " + NOW + " - ?");
            delete.setLong(1, KEPT.toMillis());
            return delete.executeUpdate();
        });
        presence.heart = keeper.keep("presence", BEAT, heartbeat -> {
            presence.beatSafely();
            return BEAT;
        });
        return presence;
    }

    /** Lives for another {@link #LEASE}. */
    void beat() {
        store.write(tx -> {
            PreparedStatement upsert = tx.prepare("INSERT INTO process (id, host, started_at, lease_until)"
                    + " VALUES (?, ?, " + NOW + ", " + NOW + " + ?)"
                    + " ON CONFLICT (id) DO UPDATE SET lease_until = EXCLUDED.lease_until");
            upsert.setString(1, id());
            upsert.setString(2, host());
            upsert.setLong(3, LEASE.toMillis());
            return upsert.executeUpdate();
        });
    }

    private void beatSafely() throws InterruptedException {
        beating.lockInterruptibly();
        try {
            if (!ended) {
                beat();
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "this process cannot tell the database that it lives; after {} s others may take up its runs",
                    LEASE.toSeconds(),
                    e);
        } finally {
            beating.unlock();
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown"; // a name for people; nothing goes by it
        }
    }

    @Override
    public String id() {
        return files.id();
    }

    @Override
    public boolean isAlive(String other) {
        LockedPresence.Sign sign = files.sign(other);
        if (sign == LockedPresence.Sign.DEAD) {
            remove(other);
        }
        return sign == LockedPresence.Sign.NONE ? isLeaseOpen(other) : sign == LockedPresence.Sign.ALIVE;
    }

    private boolean isLeaseOpen(String other) {
        return store.read(tx -> {
            PreparedStatement select = tx.prepare("SELECT lease_until > " + NOW + " FROM process WHERE id = ?");
            select.setString(1, other);
            try (ResultSet row = select.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        });
    }

    private void remove(String process) {
        store.write(tx -> {
            PreparedStatement delete = tx.prepare("DELETE FROM process WHERE id = ?");
            delete.setString(1, process);
            return delete.executeUpdate();
        });
    }

    @Override
    public boolean isLeased() {
        return true;
    }

    /** To be called before the store is closed. */
    @Override
    public void close() {
        if (heart != null) {
            heart.close();
        }
        try {
            if (beating.tryLock(1, TimeUnit.SECONDS)) {
                try {
                    ended = true;
                    if (store.isOpen()) {
                        remove(id());
                    }
                } finally {
                    beating.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            LOG.warn("the database was not told that this process ends; its runs wait {} s", LEASE.toSeconds(), e);
        } finally {
            files.close();
        }
    }
}
