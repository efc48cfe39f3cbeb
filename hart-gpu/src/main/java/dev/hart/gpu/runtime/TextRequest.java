package dev.hart.gpu.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a text model is to continue.
 *
 * @param prompt not empty
 * @param maxTokens of the answer; an answer also ends where the context does
 * @param temperature 0 for the likeliest token each time, up to 2
 * @param seed the same seed, prompt and temperature give the same answer on the same machine
 * @param stop texts that end the answer and are no part of it; none empty
 * @param jsonSchema JSON Schema that every answer follows unless it is cut off; null for free text
 * @param timeout for the whole answer, waiting for a turn included; checked between tokens
 */
public record TextRequest(
        String prompt,
        int maxTokens,
        double temperature,
        int seed,
        List<String> stop,
        @Nullable String jsonSchema,
        Duration timeout) {
    public TextRequest {
        Objects.requireNonNull(timeout, "timeout");
        if (prompt.isEmpty()) {
            throw new IllegalArgumentException("the prompt is empty; give the text to continue");
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens must be at least 1, was " + maxTokens);
        }
        if (!(temperature >= 0 && temperature <= 2)) {
            throw new IllegalArgumentException("temperature must be from 0 to 2, was " + temperature);
        }
        stop = List.copyOf(stop);
        if (stop.contains("")) {
            throw new IllegalArgumentException("an empty stop text would end every answer at once");
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must be longer than zero, was " + timeout);
        }
    }

    /** 256 tokens, temperature 0, seed 0, no stop texts, free text, 60 seconds. */
    public static TextRequest of(String prompt) {
        return new TextRequest(prompt, 256, 0, 0, List.of(), null, Duration.ofSeconds(60));
    }

    public TextRequest maxTokens(int tokens) {
        return new TextRequest(prompt, tokens, temperature, seed, stop, jsonSchema, timeout);
    }

    public TextRequest temperature(double newTemperature, int newSeed) {
        return new TextRequest(prompt, maxTokens, newTemperature, newSeed, stop, jsonSchema, timeout);
    }

    public TextRequest stop(String... texts) {
        return new TextRequest(prompt, maxTokens, temperature, seed, List.of(texts), jsonSchema, timeout);
    }

    public TextRequest jsonSchema(String schema) {
        return new TextRequest(prompt, maxTokens, temperature, seed, stop, schema, timeout);
    }

    public TextRequest timeout(Duration limit) {
        return new TextRequest(prompt, maxTokens, temperature, seed, stop, jsonSchema, limit);
    }
}
