package dev.hart.gpu.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a model is used, and who wants it kept. Guarded by the model's lock. */
final class Usage {
    private static final double BOOST_ABOVE = 0.6;
    /** The rate that nodes tell each other is one of so many intervals. */
    private static final double INTERVALS = 6;

    private long last;
    private long calls;
    private long callsInWindow;
    private @Nullable ModelPriority pin;
    private long pinnedUntil;
    private double popularity;

    void began(long now) {
        last = now;
        calls++;
        callsInWindow++;
    }

    void ended(long now) {
        last = now;
    }

    /** When it was used last; 0 for never. */
    long last() {
        return last;
    }

    long calls() {
        return calls;
    }

    long callsInWindow() {
        return callsInWindow;
    }

    /** Calls for each second since this was asked last. */
    double takeRate(Duration interval) {
        double rate = callsInWindow / Math.max(1.0, INTERVALS * interval.toSeconds());
        callsInWindow = 0;
        return rate;
    }

    void pin(ModelPriority priority, long until) {
        pin = priority;
        pinnedUntil = until;
    }

    void unpin() {
        pin = null;
    }

    /** Until when the pin by hand holds; 0 when there is none. */
    long pinnedUntil(long now) {
        return pin != null && now < pinnedUntil ? pinnedUntil : 0;
    }

    /** Whether it is pinned so that it gives way to nobody. */
    boolean isKept(long now) {
        return pin == ModelPriority.WARM && now < pinnedUntil;
    }

    /** Spec gpu 4.4: the part of the peers that have it, times one and their mean rate, 1 at most. */
    void hint(int peers, List<Double> rates) {
        double mean = rates.stream().mapToDouble(rate -> rate).average().orElse(0);
        popularity = peers == 0 ? 0 : Math.min(1, rates.size() * (1 + mean) / peers);
    }

    double popularity() {
        return popularity;
    }

    boolean isBoosted() {
        return popularity > BOOST_ABOVE;
    }

    ModelPriority priority(long now, int uses, Duration idleTimeout) {
        ModelPriority byHand = pin;
        if (uses == 0 && byHand != null && now < pinnedUntil) {
            return byHand;
        }
        return ModelPriority.of(uses, last != 0, Duration.ofMillis(now - last), idleTimeout, isBoosted());
    }
}
