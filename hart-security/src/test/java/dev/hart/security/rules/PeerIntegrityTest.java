package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hart.security.rules.FraudAlert.Severity;
import dev.hart.security.rules.PeerIntegrity.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerIntegrityTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
    private static final PeerIntegrity VERIFIED = PeerIntegrity.unverified(T).verified(T);

    @Test
    void three_alerts_ban_a_verified_peer_and_time_brings_it_back() {
        PeerIntegrity peer = VERIFIED.after(FraudAlert.HASH_MISMATCH, T).after(FraudAlert.COLLUSION_SUSPECTED, T);
        assertState(peer, Status.SUSPICIOUS, 55, 0);
        peer = peer.after(FraudAlert.WITNESS_RING, T);
        assertState(peer, Status.BANNED, 85, 1);
        assertThat(peer.banUntil()).isEqualTo(T.plus(Duration.ofHours(1)));
        assertState(peer.at(minutes(60).minusMillis(1)), Status.BANNED, 63, 1);
        peer = peer.at(minutes(60));
        assertState(peer, Status.SUSPICIOUS, 50, 1);
        assertState(peer.at(minutes(85)), Status.SUSPICIOUS, 40, 1);
        assertState(peer.at(minutes(90)), Status.VERIFIED, 38, 1);
    }

    @Test
    void an_alert_during_a_ban_is_the_same_offence() {
        PeerIntegrity banned = banned(VERIFIED, T);
        PeerIntegrity later = banned.after(FraudAlert.SEAL_TAMPER, minutes(1));
        assertState(later, Status.BANNED, 100, 1);
        assertThat(later.banUntil()).isEqualTo(banned.banUntil());
    }

    @Test
    void it_makes_no_difference_how_often_somebody_looks() {
        PeerIntegrity seldom = banned(VERIFIED, T).at(minutes(600));
        PeerIntegrity often = banned(VERIFIED, T);
        for (int minute = 1; minute <= 600; minute++) {
            often = often.at(minutes(minute));
        }
        assertThat(often).isEqualTo(seldom);
    }

    @Test
    void bans_last_an_hour_a_day_a_week_and_then_thirty_days() {
        PeerIntegrity peer = VERIFIED;
        Instant now = T;
        for (Duration ban : new Duration[] {
            Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(7), Duration.ofDays(30), Duration.ofDays(30)
        }) {
            peer = banned(peer, now);
            assertThat(peer.banUntil()).isEqualTo(now.plus(ban));
            now = now.plus(ban);
            peer = peer.at(now);
            assertThat(peer.status()).isNotEqualTo(Status.BANNED);
        }
        assertThat(peer.banCount()).isEqualTo(5);
    }

    @Test
    void a_peer_gets_back_what_it_was_and_nothing_better() {
        PeerIntegrity stranger =
                PeerIntegrity.unverified(T).after(FraudAlert.HASH_MISMATCH, T).after(FraudAlert.CHALLENGE_FAIL, T);
        assertState(stranger, Status.SUSPICIOUS, 45, 0);
        assertState(stranger.verified(T), Status.SUSPICIOUS, 45, 0);
        assertState(stranger.verified(T).at(minutes(15)), Status.UNVERIFIED, 39, 0);
        assertState(stranger.at(minutes(15)).verified(minutes(15)), Status.VERIFIED, 39, 0);
    }

    @Test
    void suspicion_begins_at_40_and_a_ban_at_80() {
        PeerIntegrity at35 = VERIFIED.after(FraudAlert.SEAL_TAMPER, T);
        assertState(at35, Status.VERIFIED, 35, 0);
        PeerIntegrity at40 = at35.after(FraudAlert.CHALLENGE_TIMEOUT, T);
        assertState(at40, Status.SUSPICIOUS, 40, 0);
        PeerIntegrity at75 = at40.after(FraudAlert.SEAL_TAMPER, T);
        assertState(at75, Status.SUSPICIOUS, 75, 0);
        assertState(at75.after(FraudAlert.WITNESS_REFUSAL, T), Status.BANNED, 80, 1);
    }

    @Test
    void good_conduct_takes_points_away_down_to_none() {
        PeerIntegrity peer = VERIFIED.after(FraudAlert.HASH_MISMATCH, T).after(FraudAlert.AUDIT_DOMINANCE, T);
        assertState(peer.passedChallenge(T), Status.VERIFIED, 38, 0);
        assertState(peer.passedGuardrailAudit(T), Status.VERIFIED, 39, 0);
        assertState(VERIFIED.passedChallenge(T), Status.VERIFIED, 0, 0);
    }

    @Test
    void two_points_go_for_each_full_300_seconds_since_the_first_alert() {
        PeerIntegrity peer = VERIFIED.after(FraudAlert.HASH_MISMATCH, minutes(4));
        assertThat(peer.at(minutes(9).minusMillis(1)).fraudScore()).isEqualTo(30);
        assertThat(peer.at(minutes(9)).fraudScore()).isEqualTo(28);
        assertThat(peer.at(minutes(7))
                        .after(FraudAlert.CHALLENGE_TIMEOUT, minutes(7))
                        .at(minutes(9))
                        .fraudScore())
                .isEqualTo(33);
    }

    @Test
    void a_clock_that_goes_back_changes_nothing() {
        PeerIntegrity peer = VERIFIED.after(FraudAlert.HASH_MISMATCH, minutes(10));
        assertThat(peer.at(minutes(3))).isEqualTo(peer);
        assertThat(peer.at(Instant.MAX).fraudScore()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "2, 0, false, true",
        "0, 2, false, true",
        "1, 0, true, true",
        "0, 1, true, true",
        "1, 1, false, false",
        "0, 0, true, false",
        "1, 0, false, false"
    })
    void some_signals_together_call_for_isolation(int reward, int impression, boolean seal, boolean expected) {
        assertThat(PeerIntegrity.callsForIsolation(reward, impression, seal)).isEqualTo(expected);
    }

    @Test
    void an_isolated_peer_has_the_highest_score_and_a_ban() {
        assertState(VERIFIED.isolated(T), Status.BANNED, 100, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "HASH_MISMATCH, 79, HIGH",
        "HASH_MISMATCH, 80, CRITICAL",
        "SPARK_GAMING, 20, HIGH",
        "CHALLENGE_FAIL, 15, MEDIUM",
        "SCORE_JUMP, 10, MEDIUM",
        "CHALLENGE_TIMEOUT, 5, LOW",
        "CHALLENGE_TIMEOUT, 80, CRITICAL"
    })
    void an_alert_is_as_severe_as_its_points_or_critical_by_the_score(FraudAlert alert, int score, Severity severity) {
        assertThat(alert.severity(score)).isEqualTo(severity);
    }

    @Test
    void the_points_are_those_of_the_table() {
        assertThat(FraudAlert.table())
                .hasSize(20)
                .containsEntry("hash_mismatch", "30")
                .containsEntry("reward_self_dealing", "35")
                .containsEntry("equivocation", "30")
                .containsEntry("guardrail_drift", "50");
    }

    @Test
    void a_state_that_cannot_be_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PeerIntegrity(Status.VERIFIED, 101, 0, null, T, Status.VERIFIED));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PeerIntegrity(Status.VERIFIED, -1, 0, null, T, Status.VERIFIED));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PeerIntegrity(Status.BANNED, 90, 1, null, T, Status.VERIFIED));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PeerIntegrity(Status.VERIFIED, 0, 1, T, T, Status.VERIFIED));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PeerIntegrity(Status.SUSPICIOUS, 50, 1, null, T, Status.BANNED));
        assertThatIllegalArgumentException().isThrownBy(() -> PeerIntegrity.banOf(0));
    }

    @RepeatedTest(100)
    void whatever_happens_the_score_is_0_to_100_and_the_status_fits_it(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        PeerIntegrity peer = random.nextBoolean() ? VERIFIED : PeerIntegrity.unverified(T);
        Status origin = peer.status();
        Instant now = T;
        for (int i = 0; i < 200; i++) {
            now = now.plusSeconds(random.nextInt(3_000));
            int offences = peer.banCount();
            boolean wasBanned = peer.at(now).status() == Status.BANNED;
            peer = switch (random.nextInt(4)) {
                case 0 -> peer.passedChallenge(now);
                case 1 -> peer.passedGuardrailAudit(now);
                case 2 -> peer.at(now);
                default -> peer.after(FraudAlert.values()[random.nextInt(FraudAlert.values().length)], now);
            };
            assertThat(peer.fraudScore()).isBetween(0, 100);
            assertThat(peer.banCount() - offences).isBetween(0, wasBanned ? 0 : 1);
            assertThat(peer.statusBefore()).isEqualTo(origin);
            if (peer.status() != Status.BANNED) {
                assertThat(peer.fraudScore()).isLessThan(80);
                assertThat(peer.status()).isEqualTo(peer.fraudScore() >= 40 ? Status.SUSPICIOUS : origin);
            }
        }
    }

    private static PeerIntegrity banned(PeerIntegrity peer, Instant now) {
        return peer.isolated(now);
    }

    private static Instant minutes(int minutes) {
        return T.plus(Duration.ofMinutes(minutes));
    }

    private static void assertState(PeerIntegrity peer, Status status, int score, int offences) {
        assertThat(peer.status()).isEqualTo(status);
        assertThat(peer.fraudScore()).isEqualTo(score);
        assertThat(peer.banCount()).isEqualTo(offences);
    }
}
