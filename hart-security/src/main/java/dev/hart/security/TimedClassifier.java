package dev.hart.security;

import dev.hart.guard.ContentClassifier;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict.Finding;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A classifier that is waited for no longer than it may take. Each call has a thread of its own, which is interrupted when the time
 * is over; as long as too many of them do not end, no more are begun. Thread-safe.
 */
final class TimedClassifier {
    /** Calls at the same time, those that were given up included. */
    private static final int MOST_CALLS = 16;

    final ContentClassifier classifier;
    private final Semaphore calls = new Semaphore(MOST_CALLS);

    TimedClassifier(ContentClassifier classifier) {
        this.classifier = classifier;
    }

    /** It gave no answer that can be used. */
    static final class Incomplete extends Exception {
        private static final long serialVersionUID = 1;

        Incomplete(String message, Throwable cause) {
            super(message, cause);
        }
    }

    List<Finding> classify(Rail rail, Subject subject) throws Incomplete {
        if (!calls.tryAcquire()) {
            throw new Incomplete(MOST_CALLS + " calls of it have not ended", new IllegalStateException("busy"));
        }
        FutureTask<List<Finding>> call = new FutureTask<>(() -> {
            try {
                return checked(classifier.classify(rail, subject));
            } finally {
                calls.release();
            }
        });
        Thread thread = new Thread(call, "hart-classifier");
        thread.setDaemon(true);
        thread.start();
        try {
            return call.get(ContentClassifier.LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new Incomplete("it took longer than " + ContentClassifier.LIMIT_MILLIS + " ms", e);
        } catch (ExecutionException e) {
            throw new Incomplete("it threw " + e.getCause(), e);
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new Incomplete("it was interrupted", e);
        }
    }

    private static List<Finding> checked(List<Finding> findings) {
        for (Finding finding : findings) {
            if (finding.rule().isBlank() || finding.weight() < 0 || finding.weight() > 100) {
                throw new IllegalArgumentException("a finding needs a rule and a weight of 0 to 100, was '%s' with %d"
                        .formatted(finding.rule(), finding.weight()));
            }
        }
        return List.copyOf(findings);
    }
}
