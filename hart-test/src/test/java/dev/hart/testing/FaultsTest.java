package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.error.HartException;
import dev.hart.model.ModelException;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@HartTest
class FaultsTest {
    private static final Recipe LOOK = Recipe.named("look")
            .input("city", String.class)
            .action("seen", a -> a.tool("weather.look").with("city", "{{inputs.city}}"))
            .output("seen", String.class)
            .build();

    private static final Recipe PAY = Recipe.named("pay")
            .action("paid", a -> a.tool("bank.pay").with("amount", 4))
            .output("paid", String.class)
            .build();

    private static final Recipe ASK = Recipe.named("ask")
            .action("answer", a -> a.model("What is it?").expect(Thing.class))
            .output("answer", Object.class)
            .build();

    private final List<String> calls = new ArrayList<>();

    record Thing(String thing) {}

    /** Notes its calls. */
    public final class Tools {
        private final FakeClock clock;

        Tools(FakeClock clock) {
            this.clock = clock;
        }

        @Tool(name = "weather.look", description = "Tell the weather.", effect = Effect.READ)
        public String look(String city) {
            calls.add("look " + clock.instant());
            return "rain in " + city;
        }

        @Tool(name = "bank.pay", description = "Pay.", effect = Effect.WRITE)
        public String pay(int amount) {
            calls.add("pay " + amount);
            return "paid";
        }
    }

    private Run look(Hart hart, FakeClock clock) {
        if (hart.tools().find("bank.pay").isEmpty()) {
            hart.tools().register(new Tools(clock));
        }
        return hart.run(LOOK, Inputs.of("city", "Oslo"));
    }

    private Run pay(Hart hart, FakeClock clock) {
        hart.tools().register(new Tools(clock));
        return hart.run(PAY, Inputs.none());
    }

    @Test
    void aToolFailsAsOftenAsScriptedAndIsNotCalledThen(Hart hart, Faults faults, FakeClock clock) {
        faults.tool("weather.look").fails("DOWN", 2);

        assertThat(look(hart, clock)).hasOutput("rain in Oslo");
        assertThat(calls).hasSize(1);
        assertThat(clock.naps()).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
        assertThat(faults.injected())
                .containsExactly(
                        "weather.look {\"city\":\"Oslo\"}: fails with DOWN",
                        "weather.look {\"city\":\"Oslo\"}: fails with DOWN");
    }

    @Test
    void aFailureForGoodIsNotTriedAgain(Hart hart, Faults faults, FakeClock clock) {
        faults.tool("weather.*").failsForGood("CLOSED");

        assertThat(look(hart, clock)).failedWith("CLOSED");
        assertThat(calls).isEmpty();
    }

    @Test
    void faultsComeInOrderOneForEachCall(Hart hart, Faults faults, FakeClock clock) {
        faults.tool("weather.look").passes(1).failsForGood("CLOSED").answers("sun");

        assertThat(look(hart, clock)).hasOutput("rain in Oslo");
        assertThat(look(hart, clock)).failedWith("CLOSED");
        assertThat(look(hart, clock)).hasOutput("sun");
        assertThat(look(hart, clock)).hasOutput("rain in Oslo");
    }

    @Test
    void aReadThatTimesOutIsTriedAgain(Hart hart, Faults faults, FakeClock clock) {
        faults.tool("weather.look").timesOut();

        assertThat(look(hart, clock)).hasOutput("rain in Oslo");
        assertThat(calls).hasSize(1);
    }

    @Test
    void aWriteThatTimesOutIsInDoubt(Hart hart, Faults faults, FakeClock clock) {
        faults.tool("bank.pay").timesOut();

        assertThat(pay(hart, clock)).isPausedFor("action_1: IN_DOUBT");
        assertThat(calls).isEmpty();
    }

    @Test
    void aWriteWhoseAnswerIsLostIsNotCalledAgain(Hart hart, Faults faults, FakeClock clock) {
        faults.tool("bank.pay").losesTheAnswer();

        assertThat(pay(hart, clock)).failedWith("TOOL_THREW");
        assertThat(calls).containsExactly("pay 4");
    }

    @Test
    void aReadThatBreaksIsTriedAgain(Hart hart, Faults faults, FakeClock clock) {
        faults.tool("weather.look").breaks(new IllegalStateException("no network"));

        assertThat(look(hart, clock)).hasOutput("rain in Oslo");
        assertThat(calls).hasSize(1);
    }

    @Test
    void garbageThatDoesNotFitTheRecipeFails(Hart hart, Faults faults, FakeClock clock) {
        faults.tool("weather.look").answers(Map.of("rain", true));

        assertThat(look(hart, clock)).failedWith("EXPECTATION_FAILED");
    }

    @Test
    void theClockIsDelayedAndJumpsBetweenSteps(Hart hart, Faults faults, FakeClock clock) {
        faults.tool("weather.look")
                .delays(Duration.ofMinutes(5))
                .clockJumps(Duration.ofHours(-2))
                .clockJumps(Duration.ofDays(1));
        Instant start = FakeClock.START;

        assertThat(look(hart, clock)).succeeded();
        assertThat(look(hart, clock)).succeeded();
        assertThat(look(hart, clock)).succeeded();
        assertThat(calls)
                .containsExactly(
                        "look " + start.plusSeconds(300),
                        "look " + start.plusSeconds(300 - 7200),
                        "look " + start.plusSeconds(300 - 7200 + 86400));
    }

    @Test
    void aModelFailsAndIsAskedAgain(Hart hart, Faults faults, ScriptedModel model) {
        faults.model().fails(ModelException.Kind.RATE_LIMITED, 2);
        model.reply("{\"thing\":\"lamp\"}");

        assertThat(hart.run(ASK, Inputs.none())).hasOutput(Map.of("thing", "lamp"));
        assertThat(model.requests()).hasSize(1);
    }

    @Test
    void aModelThatTimesOutTakesItsTime(Hart hart, Faults faults, ScriptedModel model, FakeClock clock) {
        faults.model().timesOut();
        model.reply("{\"thing\":\"lamp\"}");

        assertThat(hart.run(ASK, Inputs.none())).hasOutput(Map.of("thing", "lamp"));
        assertThat(clock.naps()).contains(Duration.ofSeconds(60));
    }

    @Test
    void aModelThatAnswersGarbageIsAskedAgain(Hart hart, Faults faults, ScriptedModel model) {
        faults.model().answers("I would rather not.").cutsOff();
        model.otherwise(request -> "{\"thing\":\"lamp\"}");

        assertThat(hart.run(ASK, Inputs.none())).hasOutput(Map.of("thing", "lamp"));
        assertThat(model.requests()).hasSize(3);
    }

    @Test
    void theClockJumpsBeforeTheModelIsAsked(Hart hart, Faults faults, ScriptedModel model, FakeClock clock) {
        faults.model().clockJumps(Duration.ofDays(-1)).delays(Duration.ofSeconds(3));
        model.otherwise(request -> "{\"thing\":\"lamp\"}");

        assertThat(hart.run(ASK, Inputs.none())).succeeded();
        assertThat(hart.run(ASK, Inputs.none())).succeeded();
        assertThat(clock.instant())
                .isEqualTo(FakeClock.START.minus(Duration.ofDays(1)).plusSeconds(3));
    }

    @Test
    void oneSeedGivesTheSameFaultsAndAnotherOneOthers(HartBuilder builder) {
        List<String> first = atRandom(1);

        assertThat(first).isNotEmpty().hasSizeLessThan(40);
        assertThat(atRandom(1)).isEqualTo(first);
        assertThat(atRandom(2)).isNotEqualTo(first);
    }

    private List<String> atRandom(long seed) {
        FakeClock clock = FakeClock.create();
        Faults faults = Faults.on(clock, seed);
        faults.tool("weather.*").failsAtRandom(0.3);
        try (Hart hart = Hart.configure()
                .inMemory()
                .withoutModel()
                .clock(clock)
                .intercept(faults)
                .create()) {
            hart.tools().register(new Tools(clock));
            for (int i = 0; i < 30; i++) {
                hart.run(LOOK, Inputs.of("city", "city " + i));
            }
        }
        return faults.injected();
    }

    @Test
    void certaintyAndImpossibilityAreProbabilitiesToo(Hart hart, Faults faults, FakeClock clock) {
        Faults.ToolFaults weather = faults.tool("weather.look").failsAtRandom(0);
        assertThat(look(hart, clock)).succeeded();

        weather.failsAtRandom(1);
        assertThat(look(hart, clock)).failedWith("INJECTED");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weather.failsAtRandom(1.01))
                .withMessage("a probability is 0 to 1, was 1.01");
        assertThatIllegalArgumentException().isThrownBy(() -> weather.failsAtRandom(Double.NaN));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weather.fails("DOWN", 0))
                .withMessage("a fault comes at least once, not 0 times");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> faults.tool("wea*er"))
                .withMessage("a tool is named as in bank.pay, several as in bank.* or *, but was 'wea*er'");
    }

    @Test
    void faultsThatDidNotComeAreTold() {
        Faults faults = Faults.on(FakeClock.create());
        faults.tool("bank.pai").timesOut();
        faults.model().cutsOff();

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(faults::assertUsedUp)
                .withMessage("""
                these faults did not come, as there was no call for them:
                  - bank.pai: times out
                  - model: breaks off""");
    }

    @Test
    void aTestThatPassesFailsWhenAFaultDidNotCome() {
        assertThat(Launch.failures(Cases.Misspells.class, Map.of()))
                .singleElement()
                .satisfies(failure -> assertThat(failure).hasMessageContaining("file.raed: times out"));
    }

    @Test
    void aTestThatFailsPrintsItsSeedAndItsFaults() {
        PrintStream original = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Launch.of(Cases.HasBadLuck.class, Map.of("hart.seed", "42"));
        } finally {
            System.setErr(original);
        }

        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains(
                        "Faults of seed 42, which -Dhart.seed=42 repeats:\n  file.read {\"path\":\"a.txt\"}: fails at random\n");
    }

    /** Tests that fail on purpose. */
    static final class Cases {
        private static final Recipe READ = Recipe.named("read")
                .action("text", a -> a.tool("file.read").with("path", "a.txt"))
                .build();

        private Cases() {}

        @HartTest
        static class Misspells {
            @Test
            void reads(Hart hart, Faults faults) {
                faults.tool("file.raed").timesOut();
            }
        }

        @HartTest
        static class HasBadLuck {
            @Test
            void reads(Hart hart, Faults faults) {
                faults.tool("file.*").failsAtRandom(1);
                assertThat(hart.run(READ, Inputs.none()).failure().map(HartException::code))
                        .isEmpty();
            }
        }
    }
}
