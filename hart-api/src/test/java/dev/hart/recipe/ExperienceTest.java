package dev.hart.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Spark;
import dev.hart.recipe.ActionExperience.FallbackUse;
import dev.hart.recipe.ActionExperience.ToolUse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What experience says: the worked cases 22 to 26 of the recipe sheet. */
class ExperienceTest {
    private static ActionExperience outcome(double seconds, boolean success) {
        return of(1, 1, success ? 1 : 0, Math.round(seconds * 1_000), List.of(), List.of());
    }

    private static ActionExperience of(
            int actionId,
            long attempts,
            long successes,
            long millis,
            List<String> deadEnds,
            List<FallbackUse> fallbacks) {
        return new ActionExperience(
                0,
                actionId,
                "a" + actionId,
                attempts,
                successes,
                Duration.ofMillis(millis),
                0,
                Spark.ZERO,
                deadEnds,
                fallbacks,
                Map.of());
    }

    private static Experience experience(ActionExperience... actions) {
        Recipe recipe = Recipe.named("r").action("a1", a -> a.transform(1)).build();
        return new Experience(
                new RecipeVersion("id", 1, null, "sha256:0", Instant.EPOCH, RecipeVersion.Status.TRAINED, null, recipe),
                List.of(actions));
    }

    @Test
    void timesAndOutcomesAreAveragedOverAllAttempts() {
        ActionExperience sum = ActionExperience.none(0, 1, "a1");
        List<String> seen = new ArrayList<>();
        for (ActionExperience run : List.of(outcome(3, true), outcome(5, true), outcome(10, false), outcome(2, true))) {
            sum = sum.plus(run);
            seen.add(sum.averageTime().orElseThrow().toMillis() + " "
                    + sum.successRate().orElseThrow());
        }
        assertThat(seen).containsExactly("3000 1.0000", "4000 1.0000", "6000 0.6667", "5000 0.7500");
    }

    @Test
    void ratesComeFromWholeCountsAndDoNotDrift() {
        ActionExperience sum = ActionExperience.none(0, 1, "a1");
        List<String> rates = new ArrayList<>();
        for (boolean success : new boolean[] {false, false, true, true, true}) {
            sum = sum.plus(outcome(1, success));
            rates.add(sum.successRate().orElseThrow().toString());
        }
        assertThat(rates).containsExactly("0.0000", "0.0000", "0.3333", "0.5000", "0.6000");
    }

    @Test
    void twoOutcomesOfOneRunAreTwoAttempts() {
        ActionExperience before = of(1, 3, 2, 30_000, List.of(), List.of());
        ActionExperience after = before.plus(of(1, 2, 1, 12_000, List.of(), List.of()));
        assertThat(after.averageTime()).contains(Duration.ofMillis(8_400));
        assertThat(after.successRate())
                .hasValueSatisfying(rate -> assertThat(rate).isEqualByComparingTo("0.6"));
    }

    @Test
    void theBottleneckIsTheFirstOfTheSlowest() {
        Experience experience = experience(
                of(1, 1, 1, 2_500, List.of(), List.of()),
                of(2, 1, 1, 7_250, List.of(), List.of()),
                of(3, 2, 2, 14_500, List.of(), List.of()));
        assertThat(experience.bottleneck()).map(ActionExperience::actionId).contains(2);
        assertThat(experience.action("a3")).map(ActionExperience::attempts).contains(2L);
        assertThat(experience(ActionExperience.none(0, 1, "a1")).bottleneck()).isEmpty();
    }

    @Test
    void hintsSayWhatToAvoidWhatHelpedHowLongItTakesAndThatItOftenFails() {
        List<FallbackUse> fallbacks = List.of(
                new FallbackUse("f", true),
                new FallbackUse("no", false),
                new FallbackUse("g", true),
                new FallbackUse("h", true));
        assertThat(of(1, 20, 13, 84_000, List.of("a", "b", "c", "d"), fallbacks).hints())
                .isEqualTo("avoid a; b; c, try f; g, ~4.2 s, low success 65 %");
        assertThat(of(1, 10, 7, 10_000, List.of(), List.of()).hints()).isEqualTo("~1.0 s");
        assertThat(of(1, 1_000, 699, 10_000, List.of(), List.of()).hints()).isEqualTo("low success 70 %");
        assertThat(ActionExperience.none(0, 1, "a1").hints()).isEqualTo("No prior experience recorded.");
    }

    @Test
    void withoutAttemptsThereIsNoRateAndNoAverage() {
        ActionExperience none = ActionExperience.none(0, 1, "a1");
        assertThat(none.successRate()).isEmpty();
        assertThat(none.averageTime()).isEmpty();
        assertThat(none.averageCost()).isEmpty();
    }

    @Test
    void theNewestDeadEndsAndFallbacksAreKept() {
        List<String> old = IntStream.range(0, 20).mapToObj(i -> "old " + i).toList();
        List<FallbackUse> tried = IntStream.range(0, 10)
                .mapToObj(i -> new FallbackUse("f" + i, true))
                .toList();
        ActionExperience sum = of(1, 1, 0, 1, old, tried)
                .plus(of(1, 1, 0, 1, List.of("old 19", "new"), List.of(new FallbackUse("f0", false))));
        assertThat(sum.deadEnds())
                .hasSize(20)
                .startsWith("old 19", "new", "old 0")
                .endsWith("old 17")
                .doesNotHaveDuplicates();
        assertThat(sum.fallbacks())
                .hasSize(10)
                .startsWith(new FallbackUse("f0", false), new FallbackUse("f0", true))
                .endsWith(new FallbackUse("f8", true));
    }

    @Test
    void callsOfToolsAreCountedByTool() {
        ActionExperience one = new ActionExperience(
                0,
                1,
                "a1",
                1,
                1,
                Duration.ofMillis(4),
                2,
                new Spark(5),
                List.of(),
                List.of(),
                Map.of("x", new ToolUse(2, 1, Duration.ofMillis(3)), "y", new ToolUse(1, 1, Duration.ofMillis(1))));
        ActionExperience two = one.plus(one);
        assertThat(two.tools())
                .containsOnly(
                        Map.entry("x", new ToolUse(4, 2, Duration.ofMillis(6))),
                        Map.entry("y", new ToolUse(2, 2, Duration.ofMillis(2))));
        assertThat(two.modelCalls()).isEqualTo(4);
        assertThat(two.cost()).isEqualTo(new Spark(10));
        assertThat(two.plus(ActionExperience.none(0, 1, "a1").plus(outcome(0, false)))
                        .averageCost())
                .as("10 micro-Spark over 3 attempts, rounded up")
                .contains(new Spark(4));
    }
}
