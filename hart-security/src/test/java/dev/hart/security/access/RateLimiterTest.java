package dev.hart.security.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.security.access.RateLimiter.Decision;
import dev.hart.security.access.RateLimiter.Limit;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimiterTest {
    private long nanos = -5_000_000_000L;
    private final RateLimiter limiter = RateLimiter.standard(() -> nanos);

    private void after(double seconds) {
        nanos += Math.round(seconds * 1e9);
    }

    private int allowed(String action, String caller, int calls) {
        int allowed = 0;
        for (int i = 0; i < calls; i++) {
            allowed += limiter.take(action, caller) instanceof Decision.Allowed ? 1 : 0;
        }
        return allowed;
    }

    @Test
    void authIsAllowedFiveTimesThenOnceAMinute() {
        assertThat(allowed("auth", "ann", 6)).isEqualTo(5);

        after(59.9);
        assertThat(limiter.take("auth", "ann")).isEqualTo(new Decision.Refused("auth", Duration.ofMillis(100)));
        after(0.2);
        assertThat(limiter.take("auth", "ann")).isEqualTo(new Decision.Allowed(0));
        after(360_000);
        assertThat(allowed("auth", "ann", 10)).as("after a long idle").isEqualTo(5);
    }

    @Test
    void aPostIsAllowedOnceInHalfAnHour() {
        assertThat(allowed("post", "ann", 2)).isEqualTo(1);

        after(1_799.999);
        assertThat(allowed("post", "ann", 1)).isZero();
        after(0.001);
        assertThat(allowed("post", "ann", 2)).isEqualTo(1);
    }

    @Test
    void retryAfterIsInSecondsRoundedUp() {
        allowed("post", "ann", 1);

        after(0.5);
        Decision.Refused refused = (Decision.Refused) limiter.take("post", "ann");

        assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(1_799_500));
        assertThat(refused.retryAfterSeconds()).isEqualTo(1_800);
        after(1_798.5);
        assertThat(((Decision.Refused) limiter.take("post", "ann")).retryAfterSeconds())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "auth,5",
        "register,3",
        "post,1",
        "comment,50",
        "vote,60",
        "search,30",
        "bot_register,5",
        "discover,10",
        "chat,30",
        "goal_create,10",
        "remote_desktop,30",
        "remote_desktop_auth,5",
        "shell_ops,30",
        "shell_file_ops,20",
        "shell_terminal,10",
        "shell_power,3",
        "app_install,5",
        "mcp,30",
        "tts,10",
        "tts_clone,5",
        "video_gen,5",
        "autoresearch,5",
        "auto_update,3",
        "skill_export,10",
        "global,100",
        "something_else,100"
    })
    void everyActionHasItsLimitAndAnUnknownOneTheGlobalOne(String action, int most) {
        assertThat(allowed(action, "ann", most + 1)).isEqualTo(most);
        assertThat(allowed(action, "bob", most))
                .as("callers do not use up each other's")
                .isEqualTo(most);
    }

    @Test
    void theGlobalLimitHoldsAcrossActionsAndIsTriedFirst() {
        assertThat(allowed("vote", "ann", 60) + allowed("search", "ann", 30) + allowed("tts", "ann", 10))
                .isEqualTo(100);

        assertThat(limiter.take("comment", "ann")).isEqualTo(new Decision.Refused("global", Duration.ofMillis(600)));
        after(0.6);
        assertThat(limiter.take("comment", "ann")).isEqualTo(new Decision.Allowed(49));
    }

    @Test
    void goalsAreCountedInATrueSlidingHour() {
        for (int i = 0; i < 10; i++) {
            assertThat(allowed("goal_create", "ann", 1)).isEqualTo(1);
            after(60);
        }
        assertThat(limiter.take("goal_create", "ann"))
                .as("no token comes back before the first hour is over")
                .isEqualTo(new Decision.Refused("goal_create", Duration.ofSeconds(3_000)));

        after(2_999.999);
        assertThat(allowed("goal_create", "ann", 1)).isZero();
        after(0.001);
        assertThat(allowed("goal_create", "ann", 2)).isEqualTo(1);
    }

    @Test
    void theTableIsBoundedAndForgetsWhoWasSeenLongestAgo() {
        RateLimiter small = RateLimiter.of(Map.of("global", Limit.bucket(1, Duration.ofHours(1))), () -> nanos, 3);
        for (String caller : new String[] {"a", "b", "c", "a", "d"}) {
            small.take("x", caller);
        }

        assertThat(small.keys()).isEqualTo(3);
        assertThat(small.take("x", "a")).as("seen of late").isInstanceOf(Decision.Refused.class);
        assertThat(small.take("x", "b")).as("forgotten").isInstanceOf(Decision.Allowed.class);
        for (int i = 0; i < 60_000; i++) {
            limiter.take("global", "caller-" + i);
        }
        assertThat(limiter.keys()).isEqualTo(50_000);
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> Limit.bucket(0, Duration.ofHours(1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Limit.sliding(1, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RateLimiter.of(Map.of(), () -> nanos, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RateLimiter.of(Map.of("global", Limit.bucket(1, Duration.ofHours(1))), () -> nanos, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
