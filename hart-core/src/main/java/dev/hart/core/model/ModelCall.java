package dev.hart.core.model;

import dev.hart.Spark;
import dev.hart.model.TokenCount;

/**
 * One answered call of a model, as the journal keeps it.
 *
 * @param purpose {@code plan}, {@code verify} or {@code step}
 * @param millis from the request to the whole answer
 */
public record ModelCall(String purpose, String model, TokenCount tokens, long millis, Spark cost) {}
