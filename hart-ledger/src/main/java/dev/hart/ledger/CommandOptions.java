package dev.hart.ledger;

import org.jspecify.annotations.Nullable;

/**
 * Under which conditions a command is accepted.
 *
 * @param expectedVersion the version that the task must have; null for any
 * @param idempotencyKey 1 to 255 of letters, digits, {@code . _ : ~ -}; a command that comes again with the same key changes
 *     nothing and is answered as the first time; null for none
 * @param leaseToken the lease under which the caller works; an older one than the task's is refused. Null for a caller that
 *     is no worker
 */
public record CommandOptions(
        @Nullable Long expectedVersion,
        @Nullable String idempotencyKey,
        @Nullable Long leaseToken) {
    private static final CommandOptions NONE = new CommandOptions(null, null, null);

    public CommandOptions {
        if (idempotencyKey != null) {
            Limits.requireId("idempotency key", idempotencyKey);
        }
    }

    public static CommandOptions none() {
        return NONE;
    }

    public static CommandOptions idempotent(String key) {
        return new CommandOptions(null, key, null);
    }

    public CommandOptions expecting(long version) {
        return new CommandOptions(version, idempotencyKey, leaseToken);
    }

    public CommandOptions under(long leaseToken) {
        return new CommandOptions(expectedVersion, idempotencyKey, leaseToken);
    }
}
