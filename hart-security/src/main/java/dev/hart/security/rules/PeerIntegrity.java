package dev.hart.security.rules;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a peer's conduct has earned it. Immutable: each event gives the next value, and the caller keeps it.
 *
 * <p>Alerts add points, time takes 2 away for each 300 seconds, whatever was audited in between. From 40 on a peer is
 * suspicious, from 80 on banned: 1 hour, 24 hours, 7 days, then 30 days. Alerts during a ban belong to the same incident
 * and add no offence. When a ban ends the score is at most 50; below 40 a peer gets back the status it had before, never
 * a better one. The caller has verified the evidence of each alert.
 *
 * @param fraudScore 0 to 100
 * @param banCount offences so far
 * @param banUntil end of the ban; null unless banned
 * @param scoredAt up to when time has been taken off the score
 * @param statusBefore UNVERIFIED or VERIFIED: what it is when it is not suspicious
 */
public record PeerIntegrity(
        Status status,
        int fraudScore,
        int banCount,
        @Nullable Instant banUntil,
        Instant scoredAt,
        Status statusBefore) {
    static final int SUSPICIOUS_SCORE = 40;
    static final int BAN_SCORE = 80;

    private static final int MAX_SCORE = 100;
    private static final int SCORE_AFTER_BAN = 50;
    private static final int DECAY = 2;
    private static final Duration ROUND = Duration.ofSeconds(300);
    private static final List<Duration> BANS =
            List.of(Duration.ofHours(1), Duration.ofHours(24), Duration.ofDays(7), Duration.ofDays(30));

    /** Where a peer stands. */
    public enum Status {
        UNVERIFIED,
        VERIFIED,
        SUSPICIOUS,
        BANNED
    }

    public PeerIntegrity {
        if (fraudScore < 0 || fraudScore > MAX_SCORE) {
            throw new IllegalArgumentException("a fraud score is 0 to 100, was " + fraudScore);
        }
        if (banCount < 0) {
            throw new IllegalArgumentException("a peer has 0 offences or more, was " + banCount);
        }
        if ((status == Status.BANNED) != (banUntil != null)) {
            throw new IllegalArgumentException("a banned peer, and no other, has an end of its ban");
        }
        if (statusBefore != Status.UNVERIFIED && statusBefore != Status.VERIFIED) {
            throw new IllegalArgumentException(
                    "a peer is unverified or verified before suspicion, was " + statusBefore);
        }
    }

    /** A peer of which nothing is known. */
    public static PeerIntegrity unverified(Instant now) {
        return new PeerIntegrity(Status.UNVERIFIED, 0, 0, null, now, Status.UNVERIFIED);
    }

    /** The same peer with its identity proven. One that is suspicious or banned stays as it is, and proves it afterwards. */
    public PeerIntegrity verified(Instant now) {
        PeerIntegrity today = at(now);
        return today.status == Status.UNVERIFIED
                ? new PeerIntegrity(
                        Status.VERIFIED, today.fraudScore, today.banCount, null, today.scoredAt, Status.VERIFIED)
                : today;
    }

    /** The same peer after time alone: the score fell, a ban may have ended. A time before {@link #scoredAt} changes nothing. */
    public PeerIntegrity at(Instant now) {
        if (banUntil == null) {
            return decayed(now).settled();
        }
        if (now.isBefore(banUntil)) {
            return decayed(now);
        }
        PeerIntegrity atEnd = decayed(banUntil);
        PeerIntegrity free = new PeerIntegrity(
                Status.SUSPICIOUS,
                Math.min(atEnd.fraudScore, SCORE_AFTER_BAN),
                banCount,
                null,
                atEnd.scoredAt,
                statusBefore);
        return free.decayed(now).settled();
    }

    /** The same peer after an alert. */
    public PeerIntegrity after(FraudAlert alert, Instant now) {
        return at(now).changed(alert.points(), now);
    }

    /** The same peer after a challenge that it passed: 2 points less. */
    public PeerIntegrity passedChallenge(Instant now) {
        return at(now).changed(-2, now);
    }

    /** The same peer after an audit of its guardrails that it passed: 1 point less. */
    public PeerIntegrity passedGuardrailAudit(Instant now) {
        return at(now).changed(-1, now);
    }

    /** The same peer isolated: the highest score and a ban. The caller quarantines it, freezes rewards and asks a person. */
    public PeerIntegrity isolated(Instant now) {
        return at(now).changed(MAX_SCORE, now);
    }

    /**
     * Whether signals together call for {@link #isolated}: two of the three on rewards (velocity, self-dealing, gaming),
     * two on impressions, or one of either with a broken seal.
     */
    public static boolean callsForIsolation(int rewardSignals, int impressionSignals, boolean sealBroken) {
        return rewardSignals >= 2 || impressionSignals >= 2 || sealBroken && rewardSignals + impressionSignals >= 1;
    }

    /** How long the ban of an offence lasts; the first is 1. */
    public static Duration banOf(int offence) {
        if (offence < 1) {
            throw new IllegalArgumentException("offences are counted from 1, was " + offence);
        }
        return BANS.get(Math.min(offence, BANS.size()) - 1);
    }

    private PeerIntegrity changed(int points, Instant now) {
        int score = Math.max(0, Math.min(MAX_SCORE, fraudScore + points));
        Instant from = fraudScore == 0 && now.isAfter(scoredAt) ? now : scoredAt;
        PeerIntegrity next = new PeerIntegrity(status, score, banCount, banUntil, from, statusBefore);
        if (banUntil != null) {
            return next;
        }
        if (score >= BAN_SCORE) {
            int offence = banCount + 1;
            return new PeerIntegrity(Status.BANNED, score, offence, now.plus(banOf(offence)), from, statusBefore);
        }
        return next.settled();
    }

    private PeerIntegrity decayed(Instant now) {
        if (!now.isAfter(scoredAt)) {
            return this;
        }
        long rounds = Duration.between(scoredAt, now).dividedBy(ROUND);
        int score = (int) Math.max(0, fraudScore - DECAY * Math.min(rounds, MAX_SCORE));
        return new PeerIntegrity(
                status, score, banCount, banUntil, scoredAt.plus(ROUND.multipliedBy(rounds)), statusBefore);
    }

    /** Suspicious from 40 on, else as before; a ban is left as it is. */
    private PeerIntegrity settled() {
        Status next = fraudScore >= SUSPICIOUS_SCORE ? Status.SUSPICIOUS : statusBefore;
        return banUntil != null || next == status
                ? this
                : new PeerIntegrity(next, fraudScore, banCount, null, scoredAt, statusBefore);
    }
}
