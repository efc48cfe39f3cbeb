package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

@Timeout(60)
class ShuffledStepsTest {
    /** Four that may run side by side, and one behind them. */
    private static final Recipe FOUR = Recipe.named("four")
            .action("a", a -> a.tool("note").with("name", "a"))
            .action("b", a -> a.tool("note").with("name", "b"))
            .action("c", a -> a.tool("note").with("name", "c"))
            .action("d", a -> a.tool("note").with("name", "d"))
            .action("all", a -> a.transform("{{a}}{{b}}{{c}}{{d}}"))
            .output("all", String.class)
            .build();

    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    /** Notes who called. */
    public final class Notes {
        @Tool(name = "note", description = "Note a name.", effect = Effect.READ)
        public String note(String name) {
            calls.add(name);
            return name;
        }
    }

    private Run run(SeededOrder order, Faults... faults) {
        HartBuilder builder = Hart.configure()
                .inMemory()
                .withoutModel()
                .clock(FakeClock.create())
                .parallelism(8)
                .scheduler(order);
        for (Faults fault : faults) {
            builder.intercept(fault);
        }
        try (Hart hart = builder.create()) {
            hart.tools().register(new Notes());
            return hart.run(FOUR, Inputs.none());
        }
    }

    @Test
    void theSameSeedGivesTheSameOrderAndOthersGiveOthers() {
        Set<List<String>> orders = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            calls.clear();
            SeededOrder order = SeededOrder.of(seed);
            assertThat(run(order)).hasOutput("abcd");
            List<String> first = List.copyOf(calls);
            assertThat(first).containsExactlyInAnyOrder("a", "b", "c", "d");
            orders.add(first);

            calls.clear();
            SeededOrder again = SeededOrder.of(seed);
            run(again);
            assertThat(calls).isEqualTo(first);
            assertThat(again.performed()).hasSize(4).isEqualTo(order.performed());
        }
        assertThat(orders).as("of the 24 orders, by 20 seeds").hasSizeGreaterThan(8);
    }

    @Test
    void attemptsAndWaitsAreInTheOrderToo() {
        for (long seed = 0; seed < 5; seed++) {
            SeededOrder order = SeededOrder.of(seed);
            assertThat(run(order, unsteady(seed))).hasOutput("abcd");
            SeededOrder again = SeededOrder.of(seed);
            run(again, unsteady(seed));

            assertThat(again.performed()).hasSizeGreaterThan(4).isEqualTo(order.performed());
        }
    }

    private static Faults unsteady(long seed) {
        Faults faults = Faults.on(FakeClock.create(), seed);
        faults.tool("note").fails("DOWN", 2);
        return faults;
    }

    @Test
    void severalRunsHaveAnOrderEach() throws Exception {
        SeededOrder order = SeededOrder.of(3);
        try (Hart hart = Hart.configure()
                .inMemory()
                .withoutModel()
                .scheduler(order)
                .parallelism(8)
                .create()) {
            hart.tools().register(new Notes());
            var first = hart.start(FOUR, Inputs.none());
            var second = hart.start(FOUR, Inputs.none());
            assertThat(first.await()).hasOutput("abcd");
            assertThat(second.await()).hasOutput("abcd");
        }
        assertThat(order.performed()).hasSize(8);
    }

    @Test
    void aStepThatWaitsForAnotherOneEndsWithItsTime() {
        CountDownLatch both = new CountDownLatch(2);
        Recipe meeting = Recipe.named("meeting")
                .action(
                        "a",
                        a -> a.tool("meet")
                                .with("name", "a")
                                .timeout(Duration.ofMillis(200))
                                .retry(1, Duration.ZERO))
                .action(
                        "b",
                        a -> a.tool("meet")
                                .with("name", "b")
                                .timeout(Duration.ofMillis(200))
                                .retry(1, Duration.ZERO))
                .build();
        try (Hart hart = Hart.configure()
                .inMemory()
                .withoutModel()
                .scheduler(SeededOrder.of(1))
                .parallelism(8)
                .create()) {
            hart.tools().register(new Meeting(both));
            assertThat(hart.run(meeting, Inputs.none())).failedWith("TIMEOUT");
            hart.tools().register(new Notes());
            assertThat(hart.run(FOUR, Inputs.none())).as("the next run").succeeded();
        }
    }

    /** Waits for the other one. */
    public static final class Meeting {
        private final CountDownLatch both;

        Meeting(CountDownLatch both) {
            this.both = both;
        }

        @Tool(name = "meet", description = "Meet somebody.", effect = Effect.READ)
        public String meet(String name) throws InterruptedException {
            both.countDown();
            both.await();
            return name;
        }
    }

    @ShuffledSteps(times = 3)
    void aTestIsRunWithSeveralOrders(Hart hart) {
        hart.tools().register(new Notes());

        assertThat(hart.run(FOUR, Inputs.none())).hasOutput("abcd");
        assertThat(calls).hasSize(4);
    }

    private final PrintStream original = System.err;

    @AfterEach
    void letGo() {
        System.setErr(original);
    }

    private static String printedBy(Runnable tests) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        tests.run();
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void anOrderThatFailsIsPrintedWithItsSeedWhichRepeatsIt() {
        List<TestExecutionSummary> summaries = new ArrayList<>();
        Map<String, String> seed = Map.of("hart.seed", "7");
        String first = printedBy(() -> summaries.add(Launch.of(Cases.DependsOnTheOrder.class, seed)));
        String second = printedBy(() -> summaries.add(Launch.of(Cases.DependsOnTheOrder.class, seed)));

        assertThat(summaries)
                .allSatisfy(summary -> assertThat(summary.getTestsFoundCount())
                        .as("only that seed")
                        .isEqualTo(1));
        assertThat(summaries.get(0).getFailures().get(0).getTestIdentifier().getDisplayName())
                .isEqualTo("seed 7");
        assertThat(lineOf(first))
                .startsWith("Steps in the order of seed 7, which -Dhart.seed=7 repeats: action_")
                .isEqualTo(lineOf(second));
    }

    private static String lineOf(String printed) {
        return printed.lines()
                .filter(line -> line.startsWith("Steps in"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void someOrderFindsWhatDependsOnTheOrder() {
        printedBy(() -> assertThat(
                        Launch.of(Cases.HopesForTheFirst.class, Map.of()).getTestsFailedCount())
                .isBetween(1L, 39L));
    }

    @Test
    void noTimesAtAllAreRefused() {
        assertThat(Launch.of(Cases.RunsNever.class, Map.of()).getFailures())
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure.getException()).hasMessageContaining("must be 1 to 10000, was 0"));
    }

    /** Tests that fail on purpose. */
    static final class Cases {
        private Cases() {}

        static class DependsOnTheOrder {
            @ShuffledSteps(times = 3)
            void fails(Hart hart) {
                hart.tools().register(new ShuffledStepsTest().new Notes());
                assertThat(hart.run(FOUR, Inputs.none())).hasOutput("dcba");
            }
        }

        static class HopesForTheFirst {
            @ShuffledSteps(times = 40)
            void hopes(Hart hart) {
                ShuffledStepsTest test = new ShuffledStepsTest();
                hart.tools().register(test.new Notes());
                hart.run(FOUR, Inputs.none());
                assertThat(test.calls.get(0)).isEqualTo("a");
            }
        }

        static class RunsNever {
            @ShuffledSteps(times = 0)
            void runs(Hart hart) {}
        }
    }
}
