package dev.hart.security.trust;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.canonical.CanonicalText;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Challenges that a node answers to show that it holds the key that it wants a certificate for under a domain name. What is
 * signed binds purpose, both ids, name, nonce and time, so an answer is worth nothing elsewhere. A challenge is good for 60
 * seconds and for one answer, right or wrong. Thread-safe.
 */
public final class DomainChallenges {
    /** How long a challenge may be answered. */
    public static final Duration TIME_TO_ANSWER = Duration.ofSeconds(60);

    private static final String PURPOSE = "domain-control";
    private static final Duration WINDOW = Duration.ofHours(1);
    private static final int PER_NAME = 5;
    private static final int PER_KEY = 10;
    private static final int TOGETHER = 1_000;
    private static final int NONCE = 32;

    private final String issuerId;
    private final TrustedDomains domains;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final Map<String, Pending> pending = new LinkedHashMap<>();
    private final Map<String, Deque<Instant>> issued = new LinkedHashMap<>();

    private record Pending(String fqdn, PublicKey key, byte[] payload, Instant expires) {}

    /**
     * @param issuerId the id of the key of the node that asks
     * @param random a {@link java.security.SecureRandom} unless in tests
     */
    public DomainChallenges(String issuerId, TrustedDomains domains, RandomGenerator random, InstantSource clock) {
        this.issuerId = issuerId;
        this.domains = domains;
        this.random = random;
        this.clock = clock;
    }

    /** What became of a wish for a challenge. */
    public sealed interface Issue {
        /** The bytes that the node puts into a challenge envelope and signs. */
        record Challenge(byte[] payload) implements Issue {
            public Challenge {
                payload = payload.clone();
            }

            @Override
            public byte[] payload() {
                return payload.clone();
            }

            @Override
            public boolean equals(Object other) {
                return other instanceof Challenge that && Arrays.equals(payload, that.payload);
            }

            @Override
            public int hashCode() {
                return Arrays.hashCode(payload);
            }
        }

        /** The name is not below a trusted domain, or the key is not sound. */
        record NotAllowed() implements Issue {}

        /** Too many were asked for; ask again after that time. */
        record TooMany(Duration retryAfter) implements Issue {}
    }

    /** Why an answer was not taken: for the log. Callers hear the same text for each. */
    public enum Rejection {
        UNKNOWN_NONCE,
        EXPIRED,
        OTHER_NAME,
        OTHER_KEY,
        BAD_SIGNATURE
    }

    /** What an answer proves. */
    public sealed interface Answer {
        record Verified(String fqdn, PublicKey key) implements Answer {}

        record Rejected(Rejection reason) implements Answer {
            /** What a caller hears, whatever the reason. */
            public String publicText() {
                return "the challenge was not answered";
            }
        }
    }

    /** Makes a challenge for a name and a key. */
    public synchronized Issue issue(String fqdn, PublicKey key) {
        String name = TrustedDomains.normalised(fqdn).orElse("");
        if (!domains.contains(name) || !Ed25519.isSound(key)) {
            return new Issue.NotAllowed();
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        String nodeId = Ed25519.keyId(key);
        Duration wait = longest(
                wait("name " + name, PER_NAME, now), wait("key " + nodeId, PER_KEY, now), wait("all", TOGETHER, now));
        if (!wait.isZero()) {
            return new Issue.TooMany(wait);
        }
        for (String counter : new String[] {"name " + name, "key " + nodeId, "all"}) {
            issued.computeIfAbsent(counter, c -> new ArrayDeque<>()).add(now);
        }
        pending.values().removeIf(old -> now.isAfter(old.expires));
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        String hex = HexFormat.of().formatHex(nonce);
        byte[] payload = CanonicalText.bytes(Map.of(
                "fqdn", name,
                "issuer_id", issuerId,
                "node_id", nodeId,
                "nonce", hex,
                "purpose", PURPOSE,
                "time", now.toString()));
        pending.put(hex, new Pending(name, key, payload, now.plus(TIME_TO_ANSWER)));
        return new Issue.Challenge(payload);
    }

    private Duration wait(String counter, int limit, Instant now) {
        Deque<Instant> times = issued.getOrDefault(counter, new ArrayDeque<>());
        while (!times.isEmpty() && !times.peek().plus(WINDOW).isAfter(now)) {
            times.remove();
        }
        if (times.isEmpty()) {
            issued.remove(counter);
        }
        return times.size() < limit
                ? Duration.ZERO
                : Duration.between(now, times.element().plus(WINDOW));
    }

    private static Duration longest(Duration... durations) {
        return Arrays.stream(durations).max(Duration::compareTo).orElse(Duration.ZERO);
    }

    /**
     * Takes the answer to a challenge, which is used up by it.
     *
     * @param fqdn the name that the answer is given for
     * @param key the key that the answer is given with
     * @param envelope a challenge envelope around the challenge's bytes, signed with the key
     */
    public synchronized Answer answer(String fqdn, PublicKey key, byte[] envelope) {
        Envelope answer;
        Pending asked;
        try {
            answer = Envelope.parse(envelope);
            asked = pending.remove(StrictJson.object(answer.payload()).text("nonce"));
        } catch (MalformedException e) {
            return new Answer.Rejected(Rejection.UNKNOWN_NONCE);
        }
        if (asked == null) {
            return new Answer.Rejected(Rejection.UNKNOWN_NONCE);
        }
        if (clock.instant().isAfter(asked.expires)) {
            return new Answer.Rejected(Rejection.EXPIRED);
        }
        if (!TrustedDomains.normalised(fqdn).orElse("").equals(asked.fqdn)) {
            return new Answer.Rejected(Rejection.OTHER_NAME);
        }
        if (!key.equals(asked.key)) {
            return new Answer.Rejected(Rejection.OTHER_KEY);
        }
        String id = Ed25519.keyId(asked.key);
        boolean signed = answer.type() == PayloadType.CHALLENGE
                && Arrays.equals(answer.payload(), asked.payload)
                && answer.signers(Map.of(id, asked.key)).contains(id);
        return signed ? new Answer.Verified(asked.fqdn, asked.key) : new Answer.Rejected(Rejection.BAD_SIGNATURE);
    }

    /**
     * The answer of a node that was asked: it signs nothing but a challenge for itself and its own name.
     *
     * @throws MalformedException when the bytes are no such challenge
     * @throws InvalidConfigurationException when the signer's key is not sound
     */
    public static Envelope respond(byte[] payload, String fqdn, String issuerId, dev.hart.spi.Signer signer)
            throws MalformedException {
        StrictJson.Fields fields = StrictJson.object(payload)
                .only(java.util.Set.of("fqdn", "issuer_id", "node_id", "nonce", "purpose", "time"));
        if (!fields.text("purpose").equals(PURPOSE)
                || !fields.text("node_id").equals(Ed25519.keyId(signer.publicKey()))
                || !fields.text("issuer_id").equals(issuerId)
                || !TrustedDomains.normalised(fqdn).orElse("").equals(fields.text("fqdn"))) {
            throw new MalformedException("the challenge is for another node, name or issuer");
        }
        return Envelope.of(PayloadType.CHALLENGE, payload).signedBy(signer);
    }
}
