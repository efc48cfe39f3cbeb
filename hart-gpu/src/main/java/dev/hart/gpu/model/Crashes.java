package dev.hart.gpu.model;

import dev.hart.gpu.LeaseMode;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How often a model has crashed in a row, and how it is started again. Guarded by the model's lock. */
final class Crashes {
    private int count;
    private long last;
    private @Nullable ProcessExit exit;
    private long restartAt;
    private LeaseMode restartMode = LeaseMode.GPU;
    private boolean downgraded;

    /** As if there had been none; how the last one ended is still told. */
    void forget() {
        count = 0;
        downgraded = false;
        restartMode = LeaseMode.GPU;
    }

    /** It has run for long enough, or a call has worked. */
    void proven() {
        count = 0;
    }

    void ended(ProcessExit how) {
        exit = how;
    }

    /**
     * Counts one.
     *
     * @param next the mode for the restart, lower than that of the crash when that ran out of memory
     * @return how long the restart waits; empty when there is none any more
     */
    Optional<Duration> note(ProcessExit how, LeaseMode next, boolean isLower, RestartPolicy policy, long now) {
        count++;
        last = now;
        exit = how;
        restartMode = next;
        downgraded |= isLower;
        if (!policy.restartsAfter(count)) {
            return Optional.empty();
        }
        Duration backOff = policy.backOff(count);
        restartAt = now + backOff.toMillis();
        return Optional.of(backOff);
    }

    /** It was loaded in that mode. */
    void loadedIn(LeaseMode mode) {
        downgraded &= mode != LeaseMode.GPU;
    }

    /** It was unloaded, so nothing is left of the lower mode that it had. */
    void unloaded() {
        downgraded = false;
    }

    int count() {
        return count;
    }

    /** 0 for never. */
    long last() {
        return last;
    }

    Optional<ProcessExit> exit() {
        return Optional.ofNullable(exit);
    }

    long restartAt() {
        return restartAt;
    }

    LeaseMode restartMode() {
        return restartMode;
    }

    boolean isDowngraded() {
        return downgraded;
    }
}
