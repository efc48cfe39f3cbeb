package dev.hart.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.HartClock;
import dev.hart.Spark;
import dev.hart.error.RunCancelledException;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelCallerTest {
    private static final ModelRequest REQUEST = ModelRequest.of(new UserMessage("hello"));

    private final RecordedSleeps clock = new RecordedSleeps();
    private final List<ModelCall> calls = new ArrayList<>();

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    private ModelReply call(ScriptedReplies model) {
        return new ModelCaller(model, clock, reply -> {}).call("step", REQUEST, calls::add);
    }

    private static ModelException failure(Kind kind) {
        return new ModelException(kind, kind + " on purpose");
    }

    private static ModelException rateLimited(Duration retryAfter) {
        return new ModelException(Kind.RATE_LIMITED, "slow down", retryAfter, null);
    }

    @Test
    void anAnswerIsCountedAndPriced() {
        ModelReply reply = call(new ScriptedReplies("hi"));
        assertThat(reply.text()).isEqualTo("hi");
        assertThat(calls)
                .containsExactly(
                        new ModelCall("step", "test/scripted", new TokenCount(1_200, 300), 40, new Spark(600_000)));
        assertThat(clock.sleeps()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"RATE_LIMITED", "UNAVAILABLE", "TIMEOUT", "INCOMPLETE", "UNREADABLE"})
    void aFailureThatMayPassIsTriedThreeTimesAfterOneAndTwoSeconds(Kind kind) {
        assertThat(call(new ScriptedReplies(failure(kind), failure(kind), "hi")).text())
                .isEqualTo("hi");
        assertThat(clock.sleeps()).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
        assertThat(calls).hasSize(1);
    }

    @Test
    void theThirdFailureIsThrownWithTheEarlierOnes() {
        ModelException first = failure(Kind.TIMEOUT);
        ModelException second = failure(Kind.UNAVAILABLE);
        ModelException third = failure(Kind.RATE_LIMITED);
        ScriptedReplies model = new ScriptedReplies(first, second, third, "never asked");
        assertThatThrownBy(() -> call(model))
                .isSameAs(third)
                .hasSuppressedException(first)
                .hasSuppressedException(second);
        assertThat(model.asked()).hasSize(3);
        assertThat(calls).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"UNAUTHORIZED", "REFUSED"})
    void aFailureThatStaysIsNotTriedAgain(Kind kind) {
        ScriptedReplies model = new ScriptedReplies(failure(kind), "never asked");
        assertThat(catchThrowableOfType(ModelException.class, () -> call(model)).kind())
                .isEqualTo(kind);
        assertThat(model.asked()).hasSize(1);
        assertThat(clock.sleeps()).isEmpty();
    }

    @Test
    void theProviderSaysHowLongToWaitUpToThirtySeconds() {
        call(new ScriptedReplies(rateLimited(Duration.ofSeconds(30)), rateLimited(Duration.ofSeconds(31)), "hi"));
        assertThat(clock.sleeps()).containsExactly(Duration.ofSeconds(30), Duration.ofSeconds(30));
    }

    @Test
    void anInterruptWhileWaitingCancels() {
        Thread.currentThread().interrupt();
        ModelException failure = failure(Kind.TIMEOUT);
        ScriptedReplies model = new ScriptedReplies(failure, "never asked");
        assertThatThrownBy(() -> call(model)).isSameAs(failure);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();

        Thread.interrupted();
        ModelCaller caller =
                new ModelCaller(new ScriptedReplies(failure(Kind.TIMEOUT)), new InterruptingClock(), reply -> {});
        assertThatThrownBy(() -> caller.call("step", REQUEST, calls::add))
                .isInstanceOf(RunCancelledException.class)
                .hasMessage("interrupted while waiting to ask model test/scripted again");
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void aReplyThatTheGateRefusesIsCountedAndNotTriedAgain() {
        IllegalStateException refusal = new IllegalStateException("refused");
        ScriptedReplies model = new ScriptedReplies("bad", "never asked");
        ModelCaller caller = new ModelCaller(model, clock, reply -> {
            throw refusal;
        });
        assertThatThrownBy(() -> caller.call("plan", REQUEST, calls::add)).isSameAs(refusal);
        assertThat(calls).hasSize(1);
        assertThat(model.asked()).hasSize(1);
    }

    private static final class InterruptingClock implements HartClock {
        @Override
        public Instant instant() {
            return Instant.EPOCH;
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            throw new InterruptedException();
        }
    }
}
