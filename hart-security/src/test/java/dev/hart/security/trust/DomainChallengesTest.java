package dev.hart.security.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.trust.DomainChallenges.Answer;
import dev.hart.security.trust.DomainChallenges.Issue;
import dev.hart.security.trust.DomainChallenges.Rejection;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DomainChallengesTest {
    private static final String NAME = "us.example.org";
    private final MovedClock clock = new MovedClock("2026-01-01T00:00:00Z");
    private final TestKey issuer = TestKey.rfc8032();
    private final TestKey node = TestKey.fresh();
    private final DomainChallenges challenges = new DomainChallenges(
            issuer.keyId(), new TrustedDomains(List.of("example.org")), new SplittableRandom(1), clock);

    @ParameterizedTest
    @CsvSource({
        "example.org, true",
        "us.example.org, true",
        "badexample.org, false",
        "example.org.evil.com, false",
        "EXAMPLE.ORG, true",
        ".example.org, false",
        "'', false",
        "a..example.org, false",
        "us.example.org., false",
        "xn--bcher-kva.example.org, true",
        "bücher.example.org, true",
        "us_east.example.org, false"
    })
    void aNameIsTrustedLabelByLabel(String name, boolean trusted) {
        assertThat(new TrustedDomains(List.of("example.org")).contains(name)).isEqualTo(trusted);
    }

    @Test
    void aTrustedDomainHasTwoLabelsOrMore() {
        assertThatThrownBy(() -> new TrustedDomains(List.of("org"))).isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> new TrustedDomains(List.of("https://example.org")))
                .isInstanceOf(InvalidConfigurationException.class);
    }

    private byte[] issue(String name, TestKey key) {
        return ((Issue.Challenge) challenges.issue(name, key.publicKey())).payload();
    }

    private byte[] answer(byte[] payload, TestKey key) throws MalformedException {
        return DomainChallenges.respond(payload, NAME, issuer.keyId(), key).toBytes();
    }

    private static Rejection reason(Answer answer) {
        assertThat(((Answer.Rejected) answer).publicText()).isEqualTo("the challenge was not answered");
        return ((Answer.Rejected) answer).reason();
    }

    @Test
    void theRightAnswerProvesNameAndKeyOnce() throws Exception {
        byte[] envelope = answer(issue("US.example.org", node), node);
        assertThat(challenges.answer(NAME, node.publicKey(), envelope))
                .isEqualTo(new Answer.Verified(NAME, node.publicKey()));
        assertThat(reason(challenges.answer(NAME, node.publicKey(), envelope))).isEqualTo(Rejection.UNKNOWN_NONCE);
    }

    @Test
    void sevenWishesForOneNameInAnHourGiveFiveChallengesAndAnotherNameStillGetsOne() {
        for (int i = 0; i < 5; i++) {
            assertThat(challenges.issue(NAME, TestKey.fresh().publicKey())).isInstanceOf(Issue.Challenge.class);
            clock.advance(Duration.ofMinutes(1));
        }
        assertThat(challenges.issue(NAME, node.publicKey())).isEqualTo(new Issue.TooMany(Duration.ofMinutes(55)));
        assertThat(challenges.issue(NAME, node.publicKey())).isInstanceOf(Issue.TooMany.class);
        assertThat(challenges.issue("eu.example.org", node.publicKey())).isInstanceOf(Issue.Challenge.class);
        clock.advance(Duration.ofMinutes(55).minusMillis(1));
        assertThat(challenges.issue(NAME, node.publicKey())).isInstanceOf(Issue.TooMany.class);
        clock.advance(Duration.ofMillis(1));
        assertThat(challenges.issue(NAME, node.publicKey())).isInstanceOf(Issue.Challenge.class);
    }

    @Test
    void oneKeyGetsTenChallengesAnHourWhateverTheName() {
        for (int i = 0; i < 10; i++) {
            assertThat(challenges.issue("n" + i + ".example.org", node.publicKey()))
                    .isInstanceOf(Issue.Challenge.class);
        }
        assertThat(challenges.issue("n10.example.org", node.publicKey())).isInstanceOf(Issue.TooMany.class);
    }

    @Test
    void aWrongSignatureUsesTheChallengeUp() throws Exception {
        byte[] payload = issue(NAME, node);
        byte[] wrong = Envelope.of(PayloadType.CHALLENGE, payload)
                .signedBy(TestKey.fresh())
                .toBytes();
        assertThat(reason(challenges.answer(NAME, node.publicKey(), wrong))).isEqualTo(Rejection.BAD_SIGNATURE);
        assertThat(reason(challenges.answer(NAME, node.publicKey(), answer(payload, node))))
                .isEqualTo(Rejection.UNKNOWN_NONCE);
    }

    @Test
    void aChallengeIsGoodForSixtySeconds() throws Exception {
        byte[] first = answer(issue(NAME, node), node);
        byte[] second = answer(issue(NAME, node), node);
        clock.advance(Duration.ofSeconds(60));
        assertThat(challenges.answer(NAME, node.publicKey(), first)).isInstanceOf(Answer.Verified.class);
        clock.advance(Duration.ofSeconds(1));
        assertThat(reason(challenges.answer(NAME, node.publicKey(), second))).isEqualTo(Rejection.EXPIRED);
    }

    @Test
    void theChecksComeInTheirOrder() throws Exception {
        byte[] one = answer(issue(NAME, node), node);
        byte[] two = answer(issue(NAME, node), node);
        TestKey other = TestKey.fresh();
        assertThat(reason(challenges.answer("eu.example.org", other.publicKey(), one)))
                .isEqualTo(Rejection.OTHER_NAME);
        assertThat(reason(challenges.answer(NAME, other.publicKey(), two))).isEqualTo(Rejection.OTHER_KEY);
        assertThat(reason(challenges.answer(NAME, node.publicKey(), new byte[] {1})))
                .isEqualTo(Rejection.UNKNOWN_NONCE);
    }

    @Test
    void aNodeSignsChallengesForItselfOnly() {
        byte[] payload = issue(NAME, node);
        assertThatThrownBy(() -> DomainChallenges.respond(payload, NAME, issuer.keyId(), TestKey.fresh()))
                .hasMessage("the challenge is for another node, name or issuer");
        assertThatThrownBy(() -> DomainChallenges.respond(payload, "eu.example.org", issuer.keyId(), node))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> DomainChallenges.respond(payload, NAME, node.keyId(), node))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> DomainChallenges.respond(new byte[32], NAME, issuer.keyId(), node))
                .as("never bare bytes")
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void onlyTrustedNamesAndSoundKeysGetAChallenge() {
        assertThat(challenges.issue("example.net", node.publicKey())).isInstanceOf(Issue.NotAllowed.class);
    }
}
