package dev.hart.security.access;

import java.time.Instant;

/**
 * Where refresh tokens are kept, by their hashes. The tokens that came one out of the other since a sign-in are a family, of which one
 * is good. Thread-safe. Methods throw a {@link dev.hart.error.HartException} when they cannot keep or read.
 */
public interface RefreshTokenStore {

    /**
     * The tokens of one sign-in.
     *
     * @param id names it
     * @param subject who signed in
     * @param scope what its access tokens allow
     * @param audience for whom its access tokens are
     */
    record Family(String id, String subject, String scope, String audience) {}

    /** What became of a token that somebody showed. */
    sealed interface Rotation {
        /** It was good, and is used up; the next one takes its place. */
        record Rotated(Family family) implements Rotation {}

        /** It was used up before, so somebody has a copy: its family is revoked. */
        record Reused(Family family) implements Rotation {}

        /** It is not known, too old, or its family was revoked. */
        record Refused(String reason) implements Rotation {}
    }

    /**
     * Keeps a new family with its first token.
     *
     * @param hash of the token
     */
    void begin(Family family, String hash, Instant expiresAt);

    /**
     * Puts a token in the place of another one, in one step that only one of several callers gets.
     *
     * @param hash of the token that was shown
     * @param next hash of the one that takes its place
     */
    Rotation rotate(String hash, String next, Instant now, Instant expiresAt);

    /** Revokes a family; does nothing for one that is not there. */
    void revoke(String familyId);

    /** Revokes every family of a subject. */
    void revokeAll(String subject);

    /** Whether a family is known and not revoked. */
    boolean isLive(String familyId);
}
