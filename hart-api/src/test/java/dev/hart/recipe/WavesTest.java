package dev.hart.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Worked cases 13 to 16 of the recipe sheet. */
class WavesTest {
    private static Graph graph(Object... idsAndNeeds) {
        Map<Integer, List<Integer>> needs = new LinkedHashMap<>();
        for (int i = 0; i < idsAndNeeds.length; i += 2) {
            needs.put((Integer) idsAndNeeds[i], ints(idsAndNeeds[i + 1]));
        }
        return new Graph(needs);
    }

    private static List<Integer> ints(Object list) {
        return ((List<?>) list).stream().map(Integer.class::cast).toList();
    }

    @Test
    void whatIsNeededComesFirst() {
        assertThat(graph(3, List.of(1, 2), 1, List.of(), 2, List.of(1)).order()).containsExactly(1, 2, 3);
    }

    @Test
    void theOrderIsFirstInFirstOutAndWavesKeepTheInputOrder() {
        Graph graph = graph(1, List.of(3), 2, List.of(), 3, List.of(2), 4, List.of());
        assertThat(graph.order()).containsExactly(2, 4, 3, 1);
        assertThat(graph.waves()).containsExactly(List.of(2, 4), List.of(3), List.of(1));
    }

    @Test
    void independentChainsShareTheirWaves() {
        Graph graph = graph(1, List.of(), 2, List.of(), 3, List.of(1), 4, List.of(2), 5, List.of(3, 4), 6, List.of());
        assertThat(graph.order()).containsExactly(1, 2, 6, 3, 4, 5);
        assertThat(graph.waves()).containsExactly(List.of(1, 2, 6), List.of(3, 4), List.of(5));
    }

    @Test
    void aCycleStopsWhatWaitsForItAndItsShortestFormIsNamed() {
        Graph graph = graph(1, List.of(2), 2, List.of(1), 3, List.of(2));
        assertThat(graph.stuck()).containsExactly(1, 2, 3);
        assertThat(graph.shortestCycle()).containsExactly(1, 2, 1);
    }

    @Test
    void waitingForItselfOrTwiceIsHarmless() {
        assertThat(graph(1, List.of(1)).order()).containsExactly(1);
        assertThat(graph(1, List.of(), 2, List.of(1, 1)).waves()).containsExactly(List.of(1), List.of(2));
        assertThat(graph(1, List.of()).shortestCycle()).isEmpty();
    }
}
