package dev.hart.spi;

import java.time.Instant;

/**
 * One entry of a node's audit log. What it says is bound to everything before it by {@code hash}.
 *
 * @param sequence from 1, without gaps
 * @param at in milliseconds, UTC
 * @param event what kind of thing happened, such as {@code guardrail}
 * @param actor who did it
 * @param target what it was done to; empty for nothing in particular
 * @param action what was done
 * @param detail more about it, as canonical JSON (RFC 8785) without secrets; empty for no more
 * @param previousHash the hash of the entry before, 64 zeros for the first
 * @param hash SHA-256 in lower-case hex over all of the above
 */
public record AuditEntry(
        long sequence,
        Instant at,
        String event,
        String actor,
        String target,
        String action,
        String detail,
        String previousHash,
        String hash) {}
