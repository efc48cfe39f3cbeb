package dev.hart.spi;

import java.time.Duration;
import java.util.concurrent.CancellationException;

/**
 * Keeps going what a runtime does again and again, such as looking for due schedules: each task on a thread of its own.
 * hart-security's watchdog is one that starts a task anew which has frozen. Thread-safe.
 */
public interface TaskKeeper {

    /**
     * Makes the first round soon, and the next one after each, until the task is closed.
     *
     * @param name such as {@code schedules}; another one than all that are kept
     * @param longest the longest time between two rounds, or two heartbeats of one; longer than zero
     */
    Kept keep(String name, Duration longest, Round round);

    /** What a task does each time. */
    @FunctionalInterface
    interface Round {
        /**
         * Makes one round. It handles what it can go on after; what it throws ends the thread.
         *
         * @param heartbeat says that a long round goes on; throws {@link CancellationException} when the task was started
         *     anew meanwhile, and the round must end
         * @return how long to wait for the next one; one longer than the task said is cut to that
         */
        Duration make(Runnable heartbeat) throws InterruptedException;
    }

    /** A task that is kept. Closing interrupts its thread, waits for nothing, and is idempotent. */
    @FunctionalInterface
    interface Kept extends AutoCloseable {
        @Override
        void close();
    }

    /** One thread for each task, and nobody who watches it. */
    static TaskKeeper threads() {
        return (name, longest, round) -> {
            Thread thread = new Thread(
                    () -> {
                        try {
                            while (!Thread.currentThread().isInterrupted()) {
                                Duration wait = round.make(() -> {});
                                pause(wait.compareTo(longest) < 0 ? wait : longest);
                            }
                        } catch (InterruptedException | CancellationException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "hart-" + name);
            thread.setDaemon(true);
            thread.start();
            return thread::interrupt;
        };
    }

    private static void pause(Duration wait) throws InterruptedException {
        Thread.sleep(Math.max(0, wait.toMillis()), wait.isNegative() ? 0 : wait.toNanosPart() % 1_000_000);
    }
}
