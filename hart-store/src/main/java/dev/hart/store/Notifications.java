package dev.hart.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals between the stores of a PostgreSQL database, by NOTIFY. A transaction that notifies holds a lock of the whole
 * database while it commits; so a thread sends, in small transactions that do nothing else, and no write waits for that
 * lock. Another thread receives, on a connection of its own. The first signal starts the one, the first listener the other.
 * Thread-safe.
 */
final class Notifications implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Notifications.class);
    private static final String CHANNEL = "hart_signal";
    private static final long RETRY_MILLIS = 1_000;
    private static final int QUIET_MILLIS = 10_000;
    private static final int ANSWER_SECONDS = 5;
    private static final long CLOSE_MILLIS = 2_000;

    private final String database;
    private final DataSource sending;
    private final DataSource listening;
    /** Goes with each signal, so that its sender does not hear it twice. */
    private final String self = UUID.randomUUID().toString();

    private final SignalQueue outgoing = new SignalQueue(System::nanoTime);
    private final Signals local = new Signals(new Loss());
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean lost = true;
    private volatile @Nullable Connection receiving;
    private @Nullable Thread sender; // guarded by this
    private @Nullable Thread receiver; // guarded by this

    /** While nothing can be received, anything may have changed. */
    private final class Loss implements Signals.Poll {
        @Override
        public boolean mayHaveChanged() {
            return lost;
        }

        @Override
        public void close() {}
    }

    Notifications(String database, DataSource sending, DataSource listening) {
        this.database = database;
        this.sending = sending;
        this.listening = listening;
    }

    void tell(String channel) {
        if (isClosing()) {
            return;
        }
        local.tell(channel);
        outgoing.add(channel);
        synchronized (this) {
            if (sender == null) {
                sender = start("hart-store-notify", this::send);
            }
        }
    }

    Subscription listen(String channel, Runnable action) {
        Subscription subscription = local.listen(channel, action);
        synchronized (this) {
            if (receiver == null && !isClosing()) {
                receiver = start("hart-store-listen", this::receive);
            }
        }
        return subscription;
    }

    private static Thread start(String name, Runnable action) {
        Thread thread = new Thread(action, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void send() {
        boolean failed = false;
        try {
            while (true) {
                Set<String> due = outgoing.take(Long.MAX_VALUE);
                if (due.isEmpty() && isClosing()) {
                    return;
                }
                try {
                    send(due);
                    failed = false;
                } catch (SQLException e) {
                    if (!failed) {
                        log.warn("{}: other processes cannot be told of changes; this is tried again", database, e);
                    }
                    failed = true;
                    outgoing.add(SignalQueue.ALL);
                    if (closing.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            log.warn("The thread that tells other processes of changes was interrupted; they are told nothing more");
        }
    }

    private void send(Set<String> channels) throws SQLException {
        List<String> payloads = new ArrayList<>();
        channels.forEach(channel -> payloads.add(self + " " + channel));
        try (Connection connection = sending.getConnection()) {
            connection.setAutoCommit(true);
            try (PreparedStatement notify = connection.prepareStatement(
                    "SELECT count(pg_notify('" + CHANNEL + "', payload)) FROM unnest(?::text[]) AS payload")) {
                notify.setArray(1, connection.createArrayOf("text", payloads.toArray()));
                notify.executeQuery().close();
            }
        }
    }

    private void receive() {
        try {
            do {
                try (Connection connection = listening.getConnection()) {
                    receiving = connection;
                    receive(connection);
                } catch (SQLException e) {
                    if (!isClosing() && !lost) {
                        log.warn("{}: the connection that hears of changes is lost; it is opened again", database, e);
                    }
                    lost = true;
                    local.tell(SignalQueue.ALL);
                }
            } while (!closing.await(RETRY_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            log.warn("The thread that hears of changes was interrupted; listeners are called once a second");
            lost = true;
        }
    }

    private void receive(Connection connection) throws SQLException {
        connection.setAutoCommit(true);
        try (var statement = connection.createStatement()) {
            statement.execute("LISTEN " + CHANNEL);
        }
        PGConnection notified = connection.unwrap(PGConnection.class);
        lost = false;
        local.tell(SignalQueue.ALL); // of what happened before
        while (!isClosing()) {
            PGNotification[] notifications = notified.getNotifications(QUIET_MILLIS);
            if ((notifications == null || notifications.length == 0) && !connection.isValid(ANSWER_SECONDS)) {
                throw new SQLException("the server does not answer");
            }
            if (notifications != null) {
                for (PGNotification notification : notifications) {
                    hear(notification.getParameter());
                }
            }
        }
    }

    private void hear(String payload) {
        int space = payload.indexOf(' ');
        if (space > 0 && !payload.substring(0, space).equals(self)) {
            local.tell(payload.substring(space + 1));
        }
    }

    /** Sends what waits, if that can be done soon. */
    @Override
    public void close() {
        outgoing.close();
        closing.countDown();
        local.close();
        Thread sends;
        Thread receives;
        synchronized (this) {
            sends = sender;
            receives = receiver;
        }
        try {
            if (sends != null) {
                sends.join(CLOSE_MILLIS);
            }
            abort(receiving);
            if (receives != null) {
                receives.join(CLOSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A receiving thread waits in the socket, so that is closed under it. */
    private static void abort(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException e) {
            log.debug("A connection could not be aborted", e);
        }
    }
}
