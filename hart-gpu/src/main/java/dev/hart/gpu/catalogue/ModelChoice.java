package dev.hart.gpu.catalogue;

import dev.hart.gpu.LeaseMode;

/**
 * A model that can run, and how.
 *
 * @param score higher is better; comparable within one wish only
 */
public record ModelChoice(ModelEntry entry, LeaseMode fit, double score) {}
