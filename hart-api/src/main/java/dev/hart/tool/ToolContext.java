package dev.hart.tool;

import java.time.Instant;

/**
 * What a tool may know about the call.
 *
 * @param idempotencyKey the same for every attempt of one step, also after a crash: give it to services that take one
 * @param deadline when the call will be given up
 * @param attempt from 1
 */
public record ToolContext(String runId, String action, String idempotencyKey, Instant deadline, int attempt) {}
