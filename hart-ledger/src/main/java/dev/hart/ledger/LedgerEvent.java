package dev.hart.ledger;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a ledger's history.
 *
 * @param seq from 1, without gaps
 * @param at UTC, to the millisecond
 * @param hash SHA-256, hex, over the previous entry's hash and this entry
 */
public record LedgerEvent(
        long seq,
        String taskId,
        String type,
        Instant at,
        String actor,
        Map<String, @Nullable Object> payload,
        String hash) {}
