package dev.hart.security.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.hart.security.access.RefreshTokenStore.Family;
import dev.hart.security.access.RefreshTokenStore.Rotation;
import dev.hart.security.canonical.SignedBytes;
import dev.hart.spi.Signer;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens of this node. An access token is a JWT (RFC 7519) that the node's key has signed with EdDSA (RFC 8037); it is good for an
 * hour. A refresh token is 32 random bytes of which only the hash is kept; it is good for seven days and for one use, which gives the
 * next pair. One that is used twice has been copied: then every token that came from the same sign-in is refused, access tokens
 * included. Thread-safe.
 */
public final class Tokens {
    /** How long an access token is good. */
    public static final Duration ACCESS = Duration.ofHours(1);
    /** How long a refresh token is good. */
    public static final Duration REFRESH = Duration.ofDays(7);

    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
    private static final int MAX_LENGTH = 4_096;
    private static final int SECRET_BYTES = 32;
    private static final int ID_BYTES = 16;
    private static final String PREFIX = "hart_rt_";
    private static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");

    private final Signer signer;
    private final Map<String, PublicKey> keys;
    private final RefreshTokenStore store;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final JWSSigner jws;

    /**
     * @param signer the node's key
     * @param earlier further keys whose tokens count, by their ids: those that the node had before
     */
    public Tokens(Signer signer, Map<String, PublicKey> earlier, RefreshTokenStore store, InstantSource clock) {
        this.signer = signer;
        this.keys = new LinkedHashMap<>(earlier);
        this.keys.put(signer.keyId(), signer.publicKey());
        this.store = store;
        this.clock = clock;
        this.jws = new NodeJwsSigner(signer);
    }

    /**
     * What a sign-in or a refresh gives.
     *
     * @param accessToken a JWT
     * @param refreshToken for one use
     * @param expiresIn how long the access token is good
     */
    public record Pair(String accessToken, String refreshToken, Duration expiresIn) {
        /** Without the tokens. */
        @Override
        public String toString() {
            return "Pair[" + expiresIn + "]";
        }
    }

    /** What an access token says. */
    public sealed interface Check {
        /**
         * It is good.
         *
         * @param subject who shows it
         * @param scope what it allows
         * @param familyId of the sign-in that it comes from
         */
        record Valid(String subject, String scope, String familyId, Instant expiresAt) implements Check {}

        /**
         * It is not.
         *
         * @param reason for the log; callers are told no more than that it is not good
         */
        record Invalid(String reason) implements Check {}
    }

    /** What showing a refresh token gives. */
    public sealed interface Renewal {
        record Renewed(Pair pair) implements Renewal {}

        /** It is not known, too old, or was revoked. */
        record Refused() implements Renewal {}

        /**
         * It was used before, so its whole family is revoked now.
         *
         * @param subject whose it was
         */
        record Reused(String subject) implements Renewal {}
    }

    /**
     * A new sign-in.
     *
     * @param subject who: 1 to 200 of letters, digits, {@code . _ : ~ -}
     * @param scope what the token allows: the same characters
     * @param audience for whom it is, such as a server's address
     */
    public Pair issue(String subject, String scope, String audience) {
        require("subject", subject);
        require("scope", scope);
        if (audience.isBlank() || audience.length() > 200) {
            throw new IllegalArgumentException("the audience of a token has 1 to 200 characters");
        }
        Family family = new Family(randomText(ID_BYTES), subject, scope, audience);
        String refresh = PREFIX + randomText(SECRET_BYTES);
        store.begin(family, SignedBytes.sha256(refresh), clock.instant().plus(REFRESH));
        return new Pair(accessToken(family), refresh, ACCESS);
    }

    private static void require(String name, String value) {
        if (!value.matches("[A-Za-z0-9._:~-]{1,200}")) {
            throw new IllegalArgumentException(
                    "the " + name + " of a token has letters, digits and . _ : ~ -, 1 to 200, was '" + value + "'");
        }
    }

    private String accessToken(Family family) {
        Instant now = clock.instant();
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(signer.keyId())
                .subject(family.subject())
                .audience(family.audience())
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plus(ACCESS)))
                .jwtID(randomText(ID_BYTES))
                .claim("scope", family.scope())
                .claim("family", family.id())
                .build();
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.EdDSA)
                        .type(TYPE)
                        .keyID(signer.keyId())
                        .build(),
                claims);
        try {
            token.sign(jws);
        } catch (JOSEException e) {
            throw new IllegalStateException("the node's key cannot sign a token", e);
        }
        return token.serialize();
    }

    /**
     * Whether an access token is good here and now. Never throws because of its text.
     *
     * @param audience who asks: a token for somebody else is not good
     */
    public Check check(String token, String audience) {
        if (token.length() > MAX_LENGTH) {
            return new Check.Invalid("it has more than " + MAX_LENGTH + " characters");
        }
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            String problem = problem(jwt, audience);
            if (problem != null) {
                return new Check.Invalid(problem);
            }
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            return new Check.Valid(
                    claims.getSubject(),
                    claims.getStringClaim("scope"),
                    claims.getStringClaim("family"),
                    claims.getExpirationTime().toInstant());
        } catch (ParseException | IllegalArgumentException e) {
            return new Check.Invalid("it is no signed token");
        }
    }

    /** Null when there is none. */
    private @Nullable String problem(SignedJWT jwt, String audience) throws ParseException {
        JWSHeader header = jwt.getHeader();
        if (!JWSAlgorithm.EdDSA.equals(header.getAlgorithm())
                || !TYPE.equals(header.getType())
                || header.getCriticalParams() != null) {
            return "it is not one of this node's kind";
        }
        PublicKey key = header.getKeyID() == null ? null : keys.get(header.getKeyID());
        if (key == null) {
            return "its key is not known";
        }
        if (!isSignedBy(key, jwt)) {
            return "its signature does not fit";
        }
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        Instant now = clock.instant();
        if (claims.getSubject() == null
                || claims.getStringClaim("scope") == null
                || claims.getStringClaim("family") == null
                || claims.getExpirationTime() == null
                || claims.getNotBeforeTime() == null
                || !header.getKeyID().equals(claims.getIssuer())) {
            return "it says too little";
        }
        if (!claims.getAudience().contains(audience)) {
            return "it is for somebody else";
        }
        if (now.isBefore(claims.getNotBeforeTime().toInstant())) {
            return "it is not good yet";
        }
        if (!now.isBefore(claims.getExpirationTime().toInstant())) {
            return "it is too old";
        }
        return store.isLive(claims.getStringClaim("family")) ? null : "it was revoked";
    }

    private static boolean isSignedBy(PublicKey key, SignedJWT jwt) {
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(jwt.getSigningInput());
            return check.verify(jwt.getSignature().decode());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The next pair for a refresh token, which is used up by that. */
    public Renewal renew(String refreshToken) {
        if (!refreshToken.startsWith(PREFIX) || refreshToken.length() > MAX_LENGTH) {
            return new Renewal.Refused();
        }
        String next = PREFIX + randomText(SECRET_BYTES);
        Instant now = clock.instant();
        Rotation rotation =
                store.rotate(SignedBytes.sha256(refreshToken), SignedBytes.sha256(next), now, now.plus(REFRESH));
        if (rotation instanceof Rotation.Rotated rotated) {
            return new Renewal.Renewed(new Pair(accessToken(rotated.family()), next, ACCESS));
        }
        if (rotation instanceof Rotation.Reused reused) {
            LOG.warn(
                    "a refresh token of {} was used a second time; its tokens are revoked",
                    reused.family().subject());
            return new Renewal.Reused(reused.family().subject());
        }
        return new Renewal.Refused();
    }

    /** Ends a sign-in: its access and refresh tokens are refused from now on. */
    public void revoke(String familyId) {
        store.revoke(familyId);
    }

    /** Ends every sign-in of a subject. */
    public void revokeAll(String subject) {
        store.revokeAll(subject);
    }

    private String randomText(int bytes) {
        byte[] text = new byte[bytes];
        random.nextBytes(text);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
    }

    /** Nimbus signs with Ed25519 only where Tink is there; the node's key signs itself. */
    private record NodeJwsSigner(Signer signer, JCAContext context) implements JWSSigner {
        NodeJwsSigner(Signer signer) {
            this(signer, new JCAContext());
        }

        @Override
        public Base64URL sign(JWSHeader header, byte[] input) {
            return Base64URL.encode(signer.sign(input));
        }

        @Override
        public Set<JWSAlgorithm> supportedJWSAlgorithms() {
            return Set.of(JWSAlgorithm.EdDSA);
        }

        @Override
        public JCAContext getJCAContext() {
            return context;
        }
    }
}
