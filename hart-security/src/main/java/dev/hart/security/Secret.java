package dev.hart.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A credential that no log, message or debugger view shows: only {@link #reveal} gives it. Immutable. */
public final class Secret {
    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    /** @throws IllegalArgumentException when blank */
    public static Secret of(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a secret must not be blank");
        }
        return new Secret(value);
    }

    /** The credential itself, for the one call that needs it. */
    public String reveal() {
        return value;
    }

    /** In a time that does not depend on where two secrets differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret
                && MessageDigest.isEqual(
                        value.getBytes(StandardCharsets.UTF_8), secret.value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "[SECRET]";
    }
}
