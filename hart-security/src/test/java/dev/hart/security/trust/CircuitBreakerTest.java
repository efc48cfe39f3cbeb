package dev.hart.security.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.HaltedException;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.security.trust.HaltAnswer.Reason;
import dev.hart.security.trust.HaltCommand.Action;
import dev.hart.spi.HaltCause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CircuitBreakerTest {
    private static final String NODE = "06e3fd8fda29bb60ab59557de61edb0a";

    @TempDir
    Path folder;

    private final TestKey one = TestKey.rfc8032();
    private final TestKey two = TestKey.fresh();
    private final TestKey three = TestKey.fresh();
    private final MovedClock clock = new MovedClock("2026-01-01T00:05:00Z");
    private final List<String> refused = new ArrayList<>();
    private CircuitBreaker breaker;

    @BeforeEach
    void open() {
        breaker = builder().open();
    }

    @AfterEach
    void close() {
        breaker.close();
    }

    private CircuitBreakerBuilder builder() {
        return CircuitBreaker.in(folder)
                .anchors(TrustAnchors.of(2, List.of(one.publicKey(), two.publicKey(), three.publicKey())))
                .node(NODE)
                .region("us-east-1")
                .operator("let me"::equals)
                .onRefused((source, r) -> refused.add(source + " " + r.reason()))
                .clock(clock);
    }

    private void reopen() {
        breaker.close();
        open();
    }

    private HaltCommand command(Action action, String scope, long sequence) {
        Instant issued = Instant.parse("2026-01-01T00:00:00Z");
        return new HaltCommand(
                action,
                UUID.fromString("11111111-1111-4111-8111-111111111111"),
                issued,
                issued.plus(Duration.ofMinutes(10)),
                "drill",
                HaltScope.parse(scope),
                sequence);
    }

    private byte[] signed(HaltCommand command, TestKey... keys) {
        Envelope envelope = command.toEnvelope();
        for (TestKey key : keys) {
            envelope = envelope.signedBy(key);
        }
        return envelope.toBytes();
    }

    private HaltAnswer halt(String scope, long sequence) {
        return breaker.accept(signed(command(Action.HALT, scope, sequence), one), "test");
    }

    private HaltAnswer resume(String scope, long sequence) {
        return breaker.accept(signed(command(Action.RESUME, scope, sequence), one, two), "test");
    }

    private static Reason reason(HaltAnswer answer) {
        return ((HaltAnswer.Refused) answer).reason();
    }

    @Test
    void theWorkedOrderIsTakenOnceAndInItsTimeOnly() {
        byte[] order = signed(command(Action.HALT, "network", 1), one);
        assertThat(breaker.accept(order, "a")).isInstanceOf(HaltAnswer.Accepted.class);
        assertThat(breaker.isHalted()).isTrue();
        assertThat(breaker.causes())
                .containsExactly(new HaltCause(
                        HaltCause.Kind.NETWORK, "network", "drill", Instant.parse("2026-01-01T00:05:00Z"), 1));
        assertThatThrownBy(breaker::requireRunning)
                .isInstanceOf(HaltedException.class)
                .hasMessage("this node is halted (network: drill); nothing begins until every cause is taken back,"
                        + " reading works");

        HaltAnswer again = breaker.accept(order, "a");
        assertThat(reason(again)).isEqualTo(Reason.OLD_SEQUENCE);
        assertThat(reason(again).status()).isEqualTo(409);

        clock.set("2026-01-01T00:10:01Z");
        HaltAnswer late = breaker.accept(order, "a");
        assertThat(reason(late)).isEqualTo(Reason.WRONG_TIME);
        assertThat(reason(late).status()).isEqualTo(422);
    }

    @Test
    void anOrderIsTakenFromFiveMinutesBeforeItWasIssuedToItsLastMoment() {
        byte[] order = signed(command(Action.HALT, "network", 1), one);
        clock.set("2025-12-31T23:54:59.999Z");
        assertThat(reason(breaker.accept(order, "a"))).isEqualTo(Reason.WRONG_TIME);
        clock.set("2025-12-31T23:55:00Z");
        assertThat(breaker.accept(order, "a")).isInstanceOf(HaltAnswer.Accepted.class);

        byte[] last = signed(command(Action.HALT, "network", 2), one);
        clock.set("2026-01-01T00:10:00.001Z");
        assertThat(reason(breaker.accept(last, "a"))).isEqualTo(Reason.WRONG_TIME);
        clock.set("2026-01-01T00:10:00Z");
        assertThat(breaker.accept(last, "a")).isInstanceOf(HaltAnswer.Accepted.class);
    }

    @Test
    void anOrderIsValidForAtMostADayAndNotBackwards() {
        HaltCommand c = command(Action.HALT, "network", 1);
        HaltCommand day = new HaltCommand(
                c.action(), c.commandId(), c.issuedAt(), c.issuedAt().plus(HaltCommand.LONGEST), "r", c.scope(), 1);
        HaltCommand more = new HaltCommand(
                c.action(), c.commandId(), c.issuedAt(), day.notAfter().plusMillis(1), "r", c.scope(), 1);
        assertThat(reason(breaker.accept(signed(more, one), "a"))).isEqualTo(Reason.WRONG_TIME);
        assertThat(breaker.accept(signed(day, one), "a")).isInstanceOf(HaltAnswer.Accepted.class);

        clock.set("2025-12-31T23:58:00Z");
        HaltCommand backwards = new HaltCommand(
                c.action(), c.commandId(), c.issuedAt(), Instant.parse("2025-12-31T23:59:00Z"), "r", c.scope(), 2);
        assertThat(reason(breaker.accept(signed(backwards, one), "a"))).isEqualTo(Reason.WRONG_TIME);
    }

    @Test
    void theChecksComeInTheirOrder() {
        HaltCommand wrongAll = command(Action.HALT, "region:eu-west-1", 1);
        clock.set("2026-01-02T00:00:00Z");
        assertThat(reason(breaker.accept(new byte[CircuitBreaker.MAX_ORDER + 1], "a")))
                .isEqualTo(Reason.TOO_LARGE);
        assertThat(reason(breaker.accept(new byte[CircuitBreaker.MAX_ORDER], "a")))
                .isEqualTo(Reason.UNREADABLE);
        assertThat(reason(breaker.accept(signed(wrongAll), "a"))).isEqualTo(Reason.NOT_SIGNED);
        assertThat(reason(breaker.accept(signed(wrongAll, one), "a"))).isEqualTo(Reason.WRONG_TIME);
        clock.set("2026-01-01T00:05:00Z");
        assertThat(reason(breaker.accept(signed(wrongAll, one), "a"))).isEqualTo(Reason.WRONG_SCOPE);
        halt("network", 4);
        assertThat(reason(breaker.accept(signed(wrongAll, one), "a"))).isEqualTo(Reason.WRONG_SCOPE);
        assertThat(reason(halt("network", 4))).isEqualTo(Reason.OLD_SEQUENCE);
    }

    @Test
    void anEnvelopeOfAnotherTypeIsNoOrder() {
        byte[] task = Envelope.of(
                        PayloadType.TASK, command(Action.HALT, "network", 1).toBytes())
                .signedBy(one)
                .toBytes();
        assertThat(reason(breaker.accept(task, "a"))).isEqualTo(Reason.UNREADABLE);
    }

    @Test
    void oneAnchorHaltsAndTheThresholdResumes() {
        halt("network", 1);
        assertThat(reason(breaker.accept(signed(command(Action.RESUME, "network", 2), one), "a")))
                .isEqualTo(Reason.NOT_SIGNED);
        assertThat(breaker.isHalted()).isTrue();
        assertThat(resume("network", 2)).isInstanceOf(HaltAnswer.Accepted.class);
        assertThat(breaker.isHalted()).isFalse();
    }

    @Test
    void aReplayedHaltOrResumeChangesNothing() {
        byte[] halt = signed(command(Action.HALT, "network", 1), one);
        byte[] resume = signed(command(Action.RESUME, "network", 2), one, two);
        breaker.accept(halt, "a");
        breaker.accept(resume, "a");
        assertThat(reason(breaker.accept(halt, "a"))).isEqualTo(Reason.OLD_SEQUENCE);
        assertThat(breaker.isHalted()).isFalse();
        halt("network", 3);
        assertThat(reason(breaker.accept(resume, "a"))).isEqualTo(Reason.OLD_SEQUENCE);
        assertThat(breaker.isHalted()).isTrue();
    }

    @Test
    void anOlderOrderThatArrivesLaterIsRefusedWhateverItsScope() {
        assertThat(resume("network", 7)).isInstanceOf(HaltAnswer.Accepted.class);
        assertThat(reason(halt("node:" + NODE, 6))).isEqualTo(Reason.OLD_SEQUENCE);
    }

    @Test
    void aResumeTakesBackItsOwnScopeOnly() {
        halt("network", 1);
        halt("region:us-east-1", 2);
        halt("node:" + NODE, 3);
        resume("region:us-east-1", 4);
        assertThat(breaker.causes()).extracting(HaltCause::scope).containsExactly("network", "node:" + NODE);
        resume("network", 5);
        resume("node:" + NODE, 6);
        assertThat(breaker.isHalted()).isFalse();
    }

    @Test
    void aStopByTheOperatorOutlivesEveryOrderAndEndsByTheOperatorAlone() {
        breaker.localHalt("smoke in the rack");
        assertThat(resume("network", 1)).isInstanceOf(HaltAnswer.Accepted.class);
        assertThat(breaker.causes()).extracting(HaltCause::kind).containsExactly(HaltCause.Kind.ESTOP);
        reopen();
        assertThat(breaker.causes()).extracting(HaltCause::toString).containsExactly("estop: smoke in the rack");
        assertThat(breaker.clearLocal("let us")).isFalse();
        assertThat(breaker.isHalted()).isTrue();
        assertThat(breaker.clearLocal("let me")).isTrue();
        assertThat(breaker.isHalted()).isFalse();
        reopen();
        assertThat(breaker.isHalted()).isFalse();
    }

    @Test
    void tamperEndsByARestartWithAVerifiedBootOnly() {
        breaker.tampered("a class was replaced");
        breaker.verifiedBoot();
        assertThat(breaker.clearLocal("let me")).isTrue();
        assertThat(breaker.isHalted()).isTrue();
        reopen();
        assertThat(breaker.causes()).extracting(HaltCause::kind).containsExactly(HaltCause.Kind.TAMPER);
        breaker.verifiedBoot();
        assertThat(breaker.isHalted()).isFalse();
        reopen();
        assertThat(breaker.isHalted()).isFalse();
    }

    @Test
    void aRestartKeepsSequenceAndCauses() {
        halt("network", 5);
        List<HaltCause> before = breaker.causes();
        reopen();
        assertThat(breaker.causes()).isEqualTo(before);
        assertThat(breaker.sequence()).isEqualTo(5);
        assertThat(reason(halt("network", 5))).isEqualTo(Reason.OLD_SEQUENCE);
        assertThat(resume("network", 6)).isInstanceOf(HaltAnswer.Accepted.class);
    }

    @Test
    void aStateThatCannotBeReadStandsStillUntilAnOperatorHasLooked() throws Exception {
        halt("network", 5);
        breaker.close();
        Path state = folder.resolve("halt-state");
        byte[] whole = Files.readAllBytes(state);
        for (int bit = 0; bit < whole.length * 8; bit += 7) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(state, flipped);
            try (CircuitBreaker opened = builder().open()) {
                assertThat(opened.causes())
                        .as("bit " + bit)
                        .extracting(HaltCause::scope)
                        .containsExactly("unreadable");
            }
        }
        Files.write(state, new byte[0]);
        open();
        assertThat(breaker.isHalted()).isTrue();
        assertThat(reason(halt("network", 6))).isEqualTo(Reason.STATE_UNREADABLE);
        assertThat(Reason.STATE_UNREADABLE.status()).isEqualTo(503);
        breaker.localHalt("look at the disk");
        assertThat(state).isEmptyFile();
        assertThat(breaker.startAfresh("let us", 5)).isFalse();
        assertThat(breaker.startAfresh("let me", 5)).isTrue();
        assertThat(breaker.causes()).extracting(HaltCause::scope).containsExactly("estop");
        assertThat(reason(halt("network", 5))).isEqualTo(Reason.OLD_SEQUENCE);
        assertThatThrownBy(() -> breaker.startAfresh("let me", 0)).isInstanceOf(IllegalStateException.class);
        reopen();
        assertThat(breaker.causes()).extracting(HaltCause::scope).containsExactly("estop");
    }

    @Test
    void aHaltThatCannotBeMadeDurableStandsAndAResumeDoesNot() throws Exception {
        halt("network", 1);
        // A folder in the draft's place: the write fails for root too.
        Files.createDirectory(folder.resolve("halt-state.tmp"));
        assertThatThrownBy(() -> resume("network", 2)).isInstanceOf(StoreUnavailableException.class);
        assertThat(breaker.isHalted()).isTrue();
        assertThat(breaker.sequence()).isEqualTo(1);
        assertThatThrownBy(() -> halt("node:" + NODE, 3)).isInstanceOf(StoreUnavailableException.class);
        assertThat(breaker.causes()).extracting(HaltCause::scope).containsExactly("network", "node:" + NODE);
        Files.delete(folder.resolve("halt-state.tmp"));
        assertThat(halt("node:" + NODE, 3)).isInstanceOf(HaltAnswer.Accepted.class);
    }

    @Test
    void listenersHearOfEachChangeAndOneThatFailsHurtsNobody() {
        AtomicInteger heard = new AtomicInteger();
        breaker.onChange(() -> {
            throw new IllegalStateException("broken");
        });
        var subscription = breaker.onChange(heard::incrementAndGet);
        halt("network", 1);
        halt("network", 1);
        resume("network", 2);
        breaker.localHalt("stop");
        assertThat(heard).hasValue(3);
        subscription.close();
        breaker.clearLocal("let me");
        assertThat(heard).hasValue(3);
    }

    @Test
    void refusalsAreToldOncePerSourceAndMinute() {
        breaker.accept(new byte[1], "a");
        breaker.accept(new byte[1], "a");
        breaker.accept(new byte[1], "b");
        clock.advance(Duration.ofMillis(59_999));
        breaker.accept(new byte[1], "a");
        assertThat(refused).containsExactly("a UNREADABLE", "b UNREADABLE");
        clock.advance(Duration.ofMillis(1));
        breaker.accept(new byte[1], "a");
        assertThat(refused).hasSize(3);
    }

    @Test
    void withoutAnchorsNobodysOrdersAreTaken(@TempDir Path other) {
        try (CircuitBreaker alone = CircuitBreaker.in(other).clock(clock).open()) {
            assertThat(reason(alone.accept(signed(command(Action.HALT, "network", 1), one), "a")))
                    .isEqualTo(Reason.NOT_SIGNED);
            alone.localHalt("stop");
            assertThat(alone.isHalted()).isTrue();
            assertThat(alone.clearLocal("let me")).isFalse();
        }
    }

    @Test
    void oneBreakerPerFolderAndAThresholdThatCanBeReached(@TempDir Path other) {
        assertThatThrownBy(() -> builder().open())
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("is in use by another circuit breaker");
        assertThatThrownBy(() -> CircuitBreaker.in(other).haltThreshold(2).open())
                .hasMessage("haltThreshold is 1 to the number of anchors (1), was 2");
        assertThatThrownBy(() -> CircuitBreaker.in(other.resolve("none")).open())
                .hasMessageContaining("is missing");
        assertThatThrownBy(() -> breaker.localHalt(" ")).isInstanceOf(IllegalArgumentException.class);
    }

    /** Against a model that is a map and a number. Seeded: seed and step are in the message of a failure. */
    @Test
    void anySequenceOfOrdersAndRestartsLeavesTheStateOfTheModel() {
        SplittableRandom random = new SplittableRandom(2026);
        List<String> scopes = List.of("network", "region:us-east-1", "node:" + NODE, "region:eu-west-1");
        Map<String, Long> model = new TreeMap<>();
        long highest = 0;
        for (int step = 0; step < 300; step++) {
            String scope = scopes.get(random.nextInt(scopes.size()));
            long sequence = Math.max(1, highest + random.nextInt(-2, 3));
            boolean halting = random.nextBoolean();
            boolean taken = sequence > highest && !scope.equals("region:eu-west-1");
            HaltAnswer answer = halting ? halt(scope, sequence) : resume(scope, sequence);
            assertThat(answer instanceof HaltAnswer.Accepted)
                    .as("seed 2026, step " + step)
                    .isEqualTo(taken);
            if (taken) {
                highest = sequence;
                if (halting) {
                    model.put(scope, sequence);
                } else {
                    model.remove(scope);
                }
            }
            if (random.nextInt(10) == 0) {
                reopen();
            }
            Map<String, Long> now = new TreeMap<>();
            breaker.causes().forEach(cause -> now.put(cause.scope(), cause.sequence()));
            assertThat(now).as("seed 2026, step " + step).isEqualTo(model);
            assertThat(breaker.sequence()).isEqualTo(highest);
        }
    }
}
