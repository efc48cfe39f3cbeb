package dev.hart.core.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.core.match.RecipeRanker.Ranked;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ranking by the words alone. */
class RecipeRankerTest {
    private final RecipeRanker<String> ranker = new RecipeRanker<>(null);

    @BeforeEach
    void threeRecipes() {
        ranker.put("timer", List.of("set a timer for ten minutes", "start a timer", "timer for an hour please"));
        ranker.put("alarm", List.of("wake me at six", "set an alarm for seven", "alarm at noon please"));
        ranker.put("taxi", List.of("call me a taxi", "i need a taxi to the station", "order a cab for six"));
    }

    @Test
    void theRecipeWhoseExamplesAreLikeTheRequestComesFirst() {
        assertThat(best("start the timer for two minutes").key()).isEqualTo("timer");
        assertThat(best("set the alarm for five").key()).isEqualTo("alarm");
        Ranked<String> taxi = best("order a taxi to the airport");
        assertThat(taxi.key()).isEqualTo("taxi");
        assertThat(taxi.nearest()).contains("taxi");
        assertThat(taxi.share()).isBetween(0.5, 1.0);
    }

    @Test
    void anExampleItselfIsAcceptedAndSomethingElseIsNot() {
        Ranked<String> same = best("set a timer for ten minutes");
        assertThat(same.likeness()).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-4));
        assertThat(Acceptance.DEFAULT.accepts(same, false)).isTrue();
        assertThat(ranker.rank("who painted the ceiling please"))
                .allSatisfy(other ->
                        assertThat(Acceptance.DEFAULT.accepts(other, false)).isFalse());
        assertThat(ranker.rank("quux")).isEmpty();
    }

    @Test
    void twoExamplesAreTooFewToBeAcceptedAndThreeAreEnough() {
        Ranked<String> same = best("call me a taxi");
        assertThat(Acceptance.DEFAULT.accepts(same, false)).isTrue();
        Ranked<String> fewer = new Ranked<>(same.key(), same.score(), same.share(), same.likeness(), same.nearest(), 2);
        assertThat(Acceptance.DEFAULT.accepts(fewer, false)).isFalse();
    }

    @Test
    void carefulNeedsMoreThanDefault() {
        Ranked<String> vague = new Ranked<>("a", -1, 0.6, 0.5, "a", 3);
        assertThat(Acceptance.CAREFUL.threshold(true)).isGreaterThan(Acceptance.DEFAULT.threshold(true));
        assertThat(Acceptance.CAREFUL.accepts(vague, true)).isFalse();
        assertThat(Acceptance.DEFAULT.accepts(vague, true)).isTrue();
    }

    @Test
    void aRecipeThatComesLaterChangesWhatItsNeighboursScore() {
        double before = best("set a timer for ten minutes").score();
        ranker.put("egg", List.of("set a timer for the eggs", "boil the eggs for ten minutes", "egg timer please"));
        assertThat(best("egg timer for the eggs").key()).isEqualTo("egg");
        assertThat(best("set a timer for ten minutes").score()).isNotEqualTo(before);
        assertThat(ranker.size()).isEqualTo(4);
    }

    @Test
    void aReplacedOrRemovedRecipeIsNoLongerFoundByItsOldWords() {
        ranker.put("taxi", List.of("book a flight", "fly me home", "a plane ticket"));
        assertThat(best("book a plane ticket").key()).isEqualTo("taxi");
        assertThat(ranker.rank("taxi to the station"))
                .noneMatch(ranked -> ranked.nearest().contains("taxi"));
        ranker.remove("taxi");
        assertThat(ranker.rank("book a plane ticket"))
                .noneMatch(ranked -> ranked.key().equals("taxi"));
        ranker.put("train", List.of("a train ticket", "the next train", "trains to the coast"));
        assertThat(best("when is the next train").key()).isEqualTo("train");
        assertThat(ranker.size()).isEqualTo(3);
    }

    @Test
    void twoRecipesWithTheSameExamplesTie() {
        ranker.put("cab", List.of("call me a taxi", "i need a taxi to the station", "order a cab for six"));
        assertThat(Acceptance.isTie(ranker.rank("call me a taxi"))).isTrue();
        assertThat(Acceptance.isTie(ranker.rank("start a timer"))).isFalse();
    }

    private Ranked<String> best(String request) {
        return ranker.rank(request).get(0);
    }
}
