package dev.hart.gpu.model;

import dev.hart.gpu.LeaseMode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Models that made place for others and are loaded again when there is room; the oldest is forgotten for a ninth. Thread-safe. */
final class SwapQueue {
    private static final int CAPACITY = 8;

    /** @param mode where it ran */
    record Entry(Model<?> model, LeaseMode mode, String evictedFor, long at) {}

    private final Deque<Entry> entries = new ArrayDeque<>();

    synchronized void add(Entry entry) {
        forget(entry.model().id());
        if (entries.size() == CAPACITY) {
            entries.removeFirst();
        }
        entries.addLast(entry);
    }

    /** Somebody has decided otherwise about that model. */
    synchronized void forget(String model) {
        entries.removeIf(entry -> entry.model().id().equals(model));
    }

    synchronized Optional<Entry> oldest() {
        return Optional.ofNullable(entries.peekFirst());
    }

    synchronized List<String> models() {
        return entries.stream().map(entry -> entry.model().id()).toList();
    }
}
