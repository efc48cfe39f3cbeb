package dev.hart.ledger;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a ledger's history.
 *
 * @param stripe which chain it is in; 0 where there is one
 * @param seq from 1, without gaps in its stripe
 * @param taskId the task it is about; a row of that name need not exist
 * @param at in milliseconds, UTC
 * @param payload {@code dev.hart.json} values, keys in canonical order
 * @param hash SHA-256 in hex, over the previous entry's hash and this entry
 */
public record LedgerEvent(
        LedgerId ledger,
        int stripe,
        long seq,
        String taskId,
        String type,
        Instant at,
        String actor,
        Map<String, @Nullable Object> payload,
        String hash) {}
