package dev.hart.security.trust;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A node's place in the chain of certificates, from the top down. Each is signed by the one above it, and by no other. */
public enum CertificateTier {
    ROOT(2, Duration.ofDays(3_653)),
    CENTRAL(1, Duration.ofDays(366)),
    REGIONAL(0, Duration.ofDays(30)),
    LOCAL(-1, Duration.ofDays(7));

    private final int pathLength;
    private final Duration longestLife;

    CertificateTier(int pathLength, Duration longestLife) {
        this.pathLength = pathLength;
        this.longestLife = longestLife;
    }

    /** How many issuers may stand below; -1 for a leaf, which signs no certificates. */
    public int pathLength() {
        return pathLength;
    }

    /** The longest that a certificate may be valid. */
    public Duration longestLife() {
        return longestLife;
    }

    /** Whether it signs certificates. */
    public boolean isIssuer() {
        return pathLength >= 0;
    }

    /** Whether it belongs to a region. */
    public boolean hasRegion() {
        return this == REGIONAL || this == LOCAL;
    }

    /** The tier that signs this one; null for the root. */
    public @Nullable CertificateTier issuer() {
        return this == ROOT ? null : values()[ordinal() - 1];
    }

    /** As in certificates: {@code local}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static CertificateTier of(String word) throws MalformedException {
        for (CertificateTier tier : values()) {
            if (tier.word().equals(word)) {
                return tier;
            }
        }
        throw new MalformedException("there is no such tier");
    }
}
