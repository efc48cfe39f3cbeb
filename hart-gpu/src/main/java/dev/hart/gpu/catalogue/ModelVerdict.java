package dev.hart.gpu.catalogue;

import java.util.Optional;

/**
 * What a choice made of one entry.
 *
 * @param choice how it would run, and its score; empty when it cannot be chosen
 * @param chosen true of the best one only
 * @param reason why it was chosen, lost, or cannot be chosen
 */
public record ModelVerdict(ModelEntry entry, Optional<ModelChoice> choice, boolean chosen, String reason) {}
