package dev.hart.security.access;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Refresh tokens that end with the process. Thread-safe. */
public final class MemoryRefreshTokens implements RefreshTokenStore {
    private final Map<String, Family> families = new HashMap<>();
    private final Map<String, Token> tokens = new HashMap<>();

    private record Token(Family family, Instant expiresAt, boolean used) {}

    @Override
    public synchronized void begin(Family family, String hash, Instant expiresAt) {
        families.put(family.id(), family);
        tokens.put(hash, new Token(family, expiresAt, false));
    }

    @Override
    public synchronized Rotation rotate(String hash, String next, Instant now, Instant expiresAt) {
        tokens.values().removeIf(token -> !token.expiresAt().isAfter(now));
        Token token = tokens.get(hash);
        if (token == null) {
            return new Rotation.Refused("it is not known, or too old");
        }
        Family family = token.family();
        if (!families.containsKey(family.id())) {
            return new Rotation.Refused("its family was revoked");
        }
        if (token.used()) {
            revoke(family.id());
            return new Rotation.Reused(family);
        }
        tokens.put(hash, new Token(family, token.expiresAt(), true));
        tokens.put(next, new Token(family, expiresAt, false));
        return new Rotation.Rotated(family);
    }

    @Override
    public synchronized void revoke(String familyId) {
        families.remove(familyId);
    }

    @Override
    public synchronized void revokeAll(String subject) {
        families.values().removeIf(family -> family.subject().equals(subject));
    }

    @Override
    public synchronized boolean isLive(String familyId) {
        return families.containsKey(familyId);
    }
}
