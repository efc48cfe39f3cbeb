package dev.hart.store;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The works of one commit: what they share, and what they want done before and after it. It runs them one after the other
 * and leaves BEGIN, savepoints and COMMIT to its caller. Used by one thread.
 */
final class Commit {
    private static final Logger log = LoggerFactory.getLogger(Commit.class);

    private final Statements statements;
    private final StoreFailures failures;
    private final Map<Class<?>, Object> shared = new HashMap<>();
    private final Deque<Work<?>> beforeCommit = new ArrayDeque<>();
    private final List<Runnable> afterCommit = new ArrayList<>(2);
    private @Nullable Throwable failedUndo;

    Commit(Statements statements, StoreFailures failures) {
        this.statements = statements;
        this.failures = failures;
    }

    /** Runs {@code work}; if it throws, what it shared is as before, and the caller undoes what it wrote. */
    <T extends @Nullable Object> T run(Work<T> work) throws SQLException {
        Transaction tx = Transaction.writing(statements, failures, shared);
        boolean done = false;
        try {
            T result = work.in(tx);
            done = true;
            return result;
        } finally {
            tx.end();
            if (done) {
                beforeCommit.addAll(tx.beforeCommit());
                afterCommit.addAll(tx.afterCommit());
            } else {
                undo(tx);
            }
        }
    }

    private void undo(Transaction tx) {
        List<Runnable> actions = tx.onUndo();
        for (int i = actions.size() - 1; i >= 0; i--) {
            try {
                actions.get(i).run();
            } catch (RuntimeException | Error e) {
                failedUndo = e;
            }
        }
        shared.keySet().removeAll(tx.made());
    }

    /** What remains to be done in the transaction once all works are through. If it throws, nothing may be committed. */
    void complete() throws SQLException {
        for (Work<?> last = beforeCommit.poll(); last != null; last = beforeCommit.poll()) {
            run(last);
        }
        if (failedUndo != null) {
            throw new IllegalStateException(
                    "a failed work could not be undone, so nothing of its commit was kept", failedUndo);
        }
    }

    /** To be called once the commit is durable. */
    void runAfterCommit() {
        for (Runnable action : afterCommit) {
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                log.error("An action after a commit failed; the commit stands", e);
            }
        }
    }
}
