package dev.hart.core.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Inputs;
import dev.hart.error.InputInvalidException;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.DriftRule;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.ResultCheck;
import dev.hart.recipe.RolloutPlan;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two results are the same when a check says so. */
class ResultComparisonTest {
    private static List<String> differences(ResultCheck check, String expected, String found) {
        return ResultComparison.differences(check, CanonicalJson.read(expected), CanonicalJson.read(found));
    }

    @Test
    void everyPlaceThatDiffersIsNamed() {
        assertThat(differences(
                        ResultCheck.none(),
                        "{\"a\":1,\"b\":[1,{\"c\":true}],\"d/e\":null,\"gone\":1}",
                        "{\"a\":2,\"b\":[1,{\"c\":false},3],\"d/e\":\"x\",\"new\":1}"))
                .containsExactlyInAnyOrder(
                        "/a is 2, not 1",
                        "/b/1/c is false, not true",
                        "/b has 3 items, not 2",
                        "/d~1e is \"x\", not null",
                        "/gone is missing",
                        "/new is not expected");
    }

    @Test
    void theSameValuesDoNotDiffer() {
        String value = "{\"a\":[1.5,\"x\",null,{\"b\":[]}]}";
        assertThat(differences(ResultCheck.none(), value, value)).isEmpty();
        assertThat(differences(ResultCheck.none(), "[1,2]", "[2,1]")).hasSize(2);
        assertThat(differences(ResultCheck.none(), "1", "\"1\"")).hasSize(1);
    }

    @Test
    void numbersMayBeAsFarApartAsTheToleranceSaysAndNoFurther() {
        ResultCheck check = ResultCheck.none().within(new BigDecimal("0.01"));
        assertThat(differences(check, "1.00", "1.01")).isEmpty();
        assertThat(differences(check, "1.00", "0.99")).isEmpty();
        assertThat(differences(check, "1.00", "1.0101")).hasSize(1);
        ResultCheck share = ResultCheck.none().withinShare(new BigDecimal("0.1"));
        assertThat(differences(share, "-200", "-220")).isEmpty();
        assertThat(differences(share, "-200", "-220.1")).hasSize(1);
        assertThat(differences(share, "0", "0.1")).hasSize(1);
    }

    @Test
    void ignoredPlacesAreNotComparedAndAStarStandsForOneName() {
        ResultCheck check = ResultCheck.none().ignoring("/at", "/rows/*/id", "/a~1b");
        assertThat(differences(
                        check,
                        "{\"at\":1,\"rows\":[{\"id\":1,\"n\":1},{\"id\":2}],\"a/b\":1}",
                        "{\"rows\":[{\"id\":9,\"n\":1},{}],\"a/b\":2}"))
                .isEmpty();
        assertThat(differences(check, "{\"rows\":[{\"x\":{\"id\":1}}]}", "{\"rows\":[{\"x\":{\"id\":2}}]}"))
                .containsExactly("/rows/0/x/id is 2, not 1");
    }

    @Test
    void atMostTwentyPlacesAreNamed() {
        assertThat(differences(
                        ResultCheck.none(),
                        CanonicalJson.write(java.util.Collections.nCopies(50, 1L)),
                        CanonicalJson.write(java.util.Collections.nCopies(50, 2L))))
                .hasSize(20);
    }

    @Test
    void aGuardIsReadAsItWasWritten() {
        RecipeGuard guard = RecipeGuard.check(ResultCheck.none()
                        .outputs(Map.of("type", "object"))
                        .expect(Inputs.of("a", 1), Map.of("b", 2))
                        .expect(Map.of("c", "x"))
                        .within(new BigDecimal("0.5"))
                        .ignoring("/d")
                        .judgedBy("sane"))
                .drift(DriftRule.of(2, 5).fallingBack())
                .newVersions(RolloutPlan.share(20)
                        .minimumRuns(3)
                        .longest(Duration.ofHours(2))
                        .successRate(0.9)
                        .slowdown(1.5));
        assertThat(RecipeGuard.of(CanonicalJson.readObject(CanonicalJson.write(guard.toJson()))))
                .isEqualTo(guard);
        assertThat(RecipeGuard.of(Map.of())).isEqualTo(RecipeGuard.check(ResultCheck.none()));
    }

    @Test
    void whatAGuardDoesNotKnowOrCannotBeIsRefusedByName() {
        refused(Map.of("chek", Map.of()), "guard", "'chek'");
        refused(Map.of("check", Map.of("tolerance", "a lot")), "check.tolerance", "a lot");
        refused(Map.of("check", Map.of("ignored", List.of("at"))), "ignored", "'at'");
        refused(Map.of("check", Map.of("tolerance", -1)), "tolerance", "-1");
        refused(Map.of("drift", Map.of("failures", 3, "outOf", 2)), "drift", "3 of 2");
        refused(Map.of("newVersions", Map.of("mode", "SOMETIMES")), "rollout.mode", "SOMETIMES");
        refused(Map.of("newVersions", Map.of("share", 101)), "share", "101");
        refused(Map.of("newVersions", Map.of("mode", "SHADOW", "share", 5)), "share", "5");
        refused(Map.of("newVersions", Map.of("minimumRuns", 0)), "minimumRuns", "0");
        refused(Map.of("newVersions", Map.of("successRate", 1.1)), "successRate", "1.1");
        refused(Map.of("newVersions", Map.of("longest", "P366D")), "longest", "PT8784H");
        refused(Map.of("newVersions", Map.of("share", 100, "slowdown", 2)), "share", "nothing to compare");
    }

    private static void refused(Map<String, Object> guard, String field, String why) {
        assertThatThrownBy(() -> RecipeGuard.of(guard))
                .isInstanceOfSatisfying(
                        InputInvalidException.class, e -> assertThat(e.field()).isEqualTo(field))
                .hasMessageContaining(why);
    }
}
