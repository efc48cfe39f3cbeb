package dev.hart.server;

import dev.hart.error.InvalidConfigurationException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The key that callers must hold; compared in constant time and never shown. */
final class Credential {
    private static final int MIN_LENGTH = 16;
    private static final String BEARER = "bearer ";

    private final byte[] key;

    Credential(String key) {
        if (key.length() < MIN_LENGTH || !key.equals(key.strip())) {
            throw new InvalidConfigurationException("the API key must have at least " + MIN_LENGTH
                    + " characters and no space around it; make one with: openssl rand -hex 24");
        }
        this.key = key.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether either header carries the key. */
    boolean isHeldBy(@Nullable String authorization, @Nullable String apiKey) {
        String presented = presented(authorization, apiKey);
        return presented != null && MessageDigest.isEqual(key, presented.getBytes(StandardCharsets.UTF_8));
    }

    /** What the caller shows, right or wrong; null when it shows nothing. */
    static @Nullable String presented(@Nullable String authorization, @Nullable String apiKey) {
        if (apiKey != null) {
            return apiKey;
        }
        if (authorization == null) {
            return null;
        }
        return authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)
                ? authorization.substring(BEARER.length()).strip()
                : authorization;
    }

    @Override
    public String toString() {
        return "Credential[***]";
    }
}
