package dev.hart.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A work that waits for its place in a commit, and its outcome. */
final class Write<T extends @Nullable Object> extends WriteQueue.Job {
    private final Work<T> work;
    private @Nullable T result;
    private @Nullable Throwable failure;

    Write(Work<T> work) {
        this.work = work;
    }

    Work<T> work() {
        return work;
    }

    /** Runs the work as a part of {@code commit}; once more if it was run before. */
    void run(Commit commit) throws SQLException {
        failure = null;
        result = commit.run(work);
    }

    void succeed(T value) {
        failure = null;
        result = value;
    }

    void fail(Throwable reason) {
        failure = reason;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    boolean succeeds() {
        return failure == null;
    }

    /** What the work gave, or what it threw, thrown again. */
    @SuppressWarnings("NullAway") // null only where T allows it
    T outcome() {
        if (failure instanceof RuntimeException e) {
            throw e;
        } else if (failure instanceof Error e) {
            throw e;
        } else if (failure != null) {
            throw new IllegalStateException("the work threw a checked exception that it does not declare", failure);
        }
        return result;
    }
}
