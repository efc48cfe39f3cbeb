package dev.hart.gpu.model;

import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.VramLease;

/**
 * Brings a model into the memory that was leased for it. Called on a thread of HART's, one call at a time for each model.
 *
 * @param <T> the model, ready to be used; its {@code close} unloads it. A {@link ModelProcess} tells when it ends by itself
 */
@FunctionalInterface
public interface ModelLoader<T extends AutoCloseable> {

    /**
     * The loaded model, never null. Whatever this throws, the lease is given back and the model stays unloaded.
     *
     * @param mode where it runs: on the GPU, in part on it, or on the processor
     * @param lease of the memory. HART activates it, renews it and closes it after the model
     * @throws InterruptedException when the life cycle is being closed
     */
    T load(LeaseMode mode, VramLease lease) throws Exception;
}
