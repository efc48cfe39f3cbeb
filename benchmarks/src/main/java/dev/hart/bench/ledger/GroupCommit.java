package dev.hart.bench.ledger;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Many threads' commands through one connection: whoever finds nobody writing writes for all who wait, at most 256 commands
 * a commit, and whatever came meanwhile forms the next commit.
 */
final class GroupCommit {
    private static final int MOST = 256;

    @FunctionalInterface
    interface Command {
        void write(LedgerRows rows) throws SQLException;
    }

    private static final class Waiter {
        private final Command command;
        private final Thread thread = Thread.currentThread();
        private @Nullable SQLException failure;
        private volatile boolean leads;
        private volatile boolean done;

        Waiter(Command command) {
            this.command = command;
        }
    }

    private final LedgerRows rows;
    private final Queue<Waiter> waiting = new ArrayDeque<>(); // guarded by this
    private boolean led; // guarded by this

    GroupCommit(LedgerRows rows) {
        this.rows = rows;
    }

    /** Returns when the command is durable. */
    void execute(Command command) throws SQLException {
        Waiter waiter = new Waiter(command);
        synchronized (this) {
            waiting.add(waiter);
            if (!led) {
                led = true;
                waiter.leads = true;
            }
        }
        while (!waiter.leads && !waiter.done) {
            LockSupport.park(this);
        }
        if (!waiter.done) {
            lead();
        }
        if (waiter.failure != null) {
            throw new SQLException(waiter.failure);
        }
    }

    private void lead() {
        List<Waiter> batch = new ArrayList<>();
        synchronized (this) {
            while (!waiting.isEmpty() && batch.size() < MOST) {
                batch.add(waiting.remove());
            }
        }
        try {
            for (Waiter waiter : batch) {
                waiter.command.write(rows);
            }
            rows.commit();
        } catch (SQLException e) {
            batch.forEach(waiter -> waiter.failure = e);
        }
        passOn();
        for (Waiter waiter : batch) {
            waiter.done = true;
            LockSupport.unpark(waiter.thread);
        }
    }

    private synchronized void passOn() {
        Waiter next = waiting.peek();
        if (next == null) {
            led = false;
        } else {
            next.leads = true;
            LockSupport.unpark(next.thread);
        }
    }
}
