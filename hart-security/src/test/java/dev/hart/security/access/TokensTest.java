package dev.hart.security.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.security.NodeKey;
import dev.hart.security.access.Tokens.Check;
import dev.hart.security.access.Tokens.Pair;
import dev.hart.security.access.Tokens.Renewal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokensTest {
    private static final String HERE = "https://node.example";
    private final NodeKey key = NodeKey.inMemory();
    private final RefreshTokenStore store = new MemoryRefreshTokens();
    private Instant now = Instant.parse("2026-01-01T00:00:00.700Z");
    private final Tokens tokens = new Tokens(key, Map.of(), store, () -> now);

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    private String signed(String header, String claims) {
        String input = encode(header) + "." + encode(claims);
        byte[] signature = key.sign(input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    }

    private String reason(String token) {
        return ((Check.Invalid) tokens.check(token, HERE)).reason();
    }

    private static Pair pair(Renewal renewal) {
        return ((Renewal.Renewed) renewal).pair();
    }

    @Test
    void anAccessTokenSaysWhoseItIsAndWhatItAllowsForAnHour() {
        Pair pair = tokens.issue("ann", "user", HERE);

        Check.Valid valid = (Check.Valid) tokens.check(pair.accessToken(), HERE);

        assertThat(valid.subject() + " " + valid.scope()).isEqualTo("ann user");
        assertThat(valid.expiresAt()).isEqualTo("2026-01-01T01:00:00Z");
        String[] parts = pair.accessToken().split("\\.");
        assertThat(decode(parts[0]))
                .contains("\"alg\":\"EdDSA\"", "\"kid\":\"" + key.keyId() + "\"", "\"typ\":\"at+jwt\"");
        assertThat(decode(parts[1])).contains("\"aud\":", "\"nbf\":", "\"exp\":", "\"iat\":", "\"jti\":", "\"iss\":");
        assertThat(pair.toString()).doesNotContain(parts[2]);
        now = Instant.parse("2026-01-01T00:59:59.999Z");
        assertThat(tokens.check(pair.accessToken(), HERE)).isInstanceOf(Check.Valid.class);
        now = Instant.parse("2026-01-01T01:00:00Z");
        assertThat(reason(pair.accessToken())).isEqualTo("it is too old");
        now = Instant.parse("2025-12-31T23:59:59Z");
        assertThat(reason(pair.accessToken())).isEqualTo("it is not good yet");
    }

    @Test
    void aTokenForSomebodyElseOrOfAnotherNodeIsNotGood() {
        assertThat(reason(tokens.issue("ann", "user", "https://other.example").accessToken()))
                .isEqualTo("it is for somebody else");
        Tokens other = new Tokens(NodeKey.inMemory(), Map.of(), store, () -> now);
        assertThat(reason(other.issue("ann", "user", HERE).accessToken())).isEqualTo("its key is not known");
    }

    @Test
    void aTokenOfAnEarlierKeyCountsWhenThatKeyIsNamed() {
        NodeKey earlier = NodeKey.inMemory();
        String old = new Tokens(earlier, Map.of(), store, () -> now)
                .issue("ann", "user", HERE)
                .accessToken();

        Tokens rotated = new Tokens(key, Map.of(earlier.keyId(), earlier.publicKey()), store, () -> now);

        assertThat(rotated.check(old, HERE)).isInstanceOf(Check.Valid.class);
    }

    @Test
    void aForgedTokenIsNotGood() {
        String[] parts = tokens.issue("ann", "user", HERE).accessToken().split("\\.");
        String admin = encode(decode(parts[1]).replace("\"ann\"", "\"bob\""));

        assertThat(reason(parts[0] + "." + admin + "." + parts[2])).isEqualTo("its signature does not fit");
        assertThat(reason(encode("{\"alg\":\"none\"}") + "." + parts[1] + ".")).isEqualTo("it is no signed token");
        assertThat(reason(encode("{\"alg\":\"HS256\",\"kid\":\"" + key.keyId() + "\"}") + "." + parts[1] + "."
                        + parts[2]))
                .isEqualTo("it is not one of this node's kind");
        assertThat(reason(signed(
                        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"crit\":[\"x\"],\"x\":1,\"kid\":\"" + key.keyId()
                                + "\"}",
                        decode(parts[1]))))
                .isIn("it is not one of this node's kind", "it is no signed token");
        assertThat(reason(signed(
                        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"" + key.keyId() + "\"}", "{\"sub\":\"ann\"}")))
                .isEqualTo("it says too little");
        assertThat(reason(signed(
                        "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"" + key.keyId() + "\"}", decode(parts[1]))))
                .isEqualTo("it is not one of this node's kind");
        for (String junk : new String[] {"", ".", "..", "a.b.c", "x".repeat(5_000), "eyJ", "\u0000"}) {
            assertThat(tokens.check(junk, HERE)).isInstanceOf(Check.Invalid.class);
        }
    }

    @Test
    void aRefreshTokenGivesTheNextPairOnce() {
        Pair first = tokens.issue("ann", "user", HERE);

        Pair second = pair(tokens.renew(first.refreshToken()));
        Pair third = pair(tokens.renew(second.refreshToken()));

        assertThat(tokens.check(third.accessToken(), HERE)).isInstanceOf(Check.Valid.class);
        assertThat(tokens.check(first.accessToken(), HERE))
                .as("good until its hour is over")
                .isInstanceOf(Check.Valid.class);
    }

    @Test
    void aRefreshTokenUsedTwiceRevokesItsWholeFamilyAndNoOther() {
        Pair other = tokens.issue("ann", "user", HERE);
        Pair first = tokens.issue("ann", "user", HERE);
        Pair second = pair(tokens.renew(first.refreshToken()));

        assertThat(tokens.renew(first.refreshToken())).isEqualTo(new Renewal.Reused("ann"));

        assertThat(tokens.renew(second.refreshToken())).isEqualTo(new Renewal.Refused());
        assertThat(reason(second.accessToken())).isEqualTo("it was revoked");
        assertThat(tokens.check(other.accessToken(), HERE)).isInstanceOf(Check.Valid.class);
    }

    @Test
    void aRefreshTokenIsGoodForSevenDaysAndNotLonger() {
        Pair first = tokens.issue("ann", "user", HERE);
        Pair second = tokens.issue("ann", "user", HERE);

        now = now.plus(Duration.ofDays(7)).minusMillis(1);
        assertThat(tokens.renew(first.refreshToken())).isInstanceOf(Renewal.Renewed.class);
        now = now.plusMillis(1);
        assertThat(tokens.renew(second.refreshToken())).isEqualTo(new Renewal.Refused());
    }

    @Test
    void whatIsNoRefreshTokenIsRefused() {
        Pair pair = tokens.issue("ann", "user", HERE);

        for (String junk : new String[] {"", pair.accessToken(), "hart_rt_", pair.refreshToken() + "x"}) {
            assertThat(tokens.renew(junk)).isEqualTo(new Renewal.Refused());
        }
        assertThat(tokens.renew(pair.refreshToken())).isInstanceOf(Renewal.Renewed.class);
    }

    @Test
    void aSignInOrAllOfASubjectCanBeRevoked() {
        Pair one = tokens.issue("ann", "user", HERE);
        Pair two = tokens.issue("ann", "user", HERE);
        Pair bob = tokens.issue("bob", "user", HERE);
        tokens.revoke(((Check.Valid) tokens.check(one.accessToken(), HERE)).familyId());
        assertThat(reason(one.accessToken())).isEqualTo("it was revoked");
        assertThat(tokens.check(two.accessToken(), HERE)).isInstanceOf(Check.Valid.class);

        tokens.revokeAll("ann");

        assertThat(reason(two.accessToken())).isEqualTo("it was revoked");
        assertThat(tokens.check(bob.accessToken(), HERE)).isInstanceOf(Check.Valid.class);
    }

    @Test
    void namesThatCouldConfuseAreRefused() {
        assertThatThrownBy(() -> tokens.issue("", "user", HERE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tokens.issue("a b", "user", HERE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tokens.issue("ann", "a\"b", HERE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tokens.issue("ann", "user", " ")).isInstanceOf(IllegalArgumentException.class);
    }
}
