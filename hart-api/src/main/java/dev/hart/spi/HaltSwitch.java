package dev.hart.spi;

import dev.hart.error.HaltedException;
import java.util.List;

/**
 * Says whether the node stands still. While it does, the runtime begins no run and calls no tool and no model; runs that
 * are going on pause before their next step, and reading stays possible. Implementations are thread-safe.
 */
public interface HaltSwitch {

    /** Whether there is a cause; asked before every call, so it must cost no more than one volatile read. */
    boolean isHalted();

    /** Why the node stands still; empty when it does not. */
    List<HaltCause> causes();

    /**
     * Calls {@code listener} after each change, on the thread that changed something. Listeners return soon and throw
     * nothing.
     */
    Subscription onChange(Runnable listener);

    /** Ends what was asked for; a second close changes nothing. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Returns unless the node stands still.
     *
     * @throws HaltedException when it does
     */
    default void requireRunning() {
        if (isHalted()) {
            throw new HaltedException(causes());
        }
    }

    /** A switch that nobody can throw. */
    static HaltSwitch none() {
        return new HaltSwitch() {
            @Override
            public boolean isHalted() {
                return false;
            }

            @Override
            public List<HaltCause> causes() {
                return List.of();
            }

            @Override
            public Subscription onChange(Runnable listener) {
                return () -> {};
            }
        };
    }
}
