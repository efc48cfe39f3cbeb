package dev.hart.llamacpp;

import de.kherud.llama.LlamaModel;
import dev.hart.gpu.runtime.LoadOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Models that were closed, to be handed out again. The binding never frees what a model takes (in 4.2.0 closing one only ends its
 * thread), so a model that was loaded, closed and loaded again would take its memory twice. This way it is taken once for each file
 * and way of loading, as often as these were in use at the same time.
 */
final class ParkedModels {
    private static final Map<Key, Deque<LlamaModel>> PARKED = new HashMap<>();

    private ParkedModels() {}

    /** The same weights, loaded in the same way. */
    record Key(String weights, long bytes, long changedAt, LoadOptions options) {}

    static @Nullable LlamaModel take(Key key) {
        synchronized (PARKED) {
            Deque<LlamaModel> models = PARKED.get(key);
            return models == null ? null : models.poll();
        }
    }

    static void park(Key key, LlamaModel model) {
        synchronized (PARKED) {
            PARKED.computeIfAbsent(key, unused -> new ArrayDeque<>()).push(model);
        }
    }
}
