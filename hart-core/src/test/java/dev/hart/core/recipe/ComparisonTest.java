package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.core.recipe.Comparison.Result;
import dev.hart.core.recipe.Comparison.Side;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two runs compared: what differed is an input, what did not is a constant. */
class ComparisonTest {
    private static Side side(RecipeBuilder recipe, Map<String, @Nullable Object> inputs) {
        return new Side(recipe.build(), inputs);
    }

    private static RecipeBuilder mail(String intent, String to, String text) {
        return Recipe.named("mail")
                .intent(intent)
                .action("send", a -> a.tool("mail.send").with("to", to).with("text", text));
    }

    private static Result compared(Side earlier, Side later) {
        return Comparison.of(earlier, later).orElseThrow();
    }

    private static Object argument(Result result, String name) {
        return result.recipe()
                .actions()
                .findFirst()
                .orElseThrow()
                .steps()
                .get(0)
                .args()
                .get(name);
    }

    @Test
    void whatDifferedIsAnInputAndWhatDidNotIsAConstant() {
        Result result = compared(
                side(mail("mail the report to Anna", "Anna", "the report"), Map.of()),
                side(mail("send Bo the report", "Bo", "the report"), Map.of()));

        assertThat(argument(result, "to")).isEqualTo("{{inputs.to}}");
        assertThat(argument(result, "text")).isEqualTo("the report");
        assertThat(result.recipe().intents())
                .containsExactly("mail the report to {{inputs.to}}", "send {{inputs.to}} the report");
        assertThat(result.recipe().inputNames()).containsExactly("to");
        assertThat(result.earlier()).isEqualTo(Map.of("to", "Anna"));
        assertThat(result.later()).isEqualTo(Map.of("to", "Bo"));
        assertThat(result.news()).containsExactly("to");
    }

    @Test
    void onlyTheWordsThatDifferWithinATextAreTheInput() {
        Result result = compared(
                side(mail("greet Anna", "all", "Dear Anna, good day"), Map.of()),
                side(mail("greet Annabel", "all", "Dear Annabel, good day"), Map.of()));
        assertThat(argument(result, "text")).isEqualTo("Dear {{inputs.text}}, good day");
        assertThat(result.recipe().intents()).containsExactly("greet {{inputs.text}}");
    }

    @Test
    void inputsThatBothTookStayInputsEvenWithEqualValuesAndOtherNames() {
        Result result = compared(
                side(
                        mail("mail {{inputs.text}} to {{inputs.to}}", "{{inputs.to}}", "{{inputs.text}}")
                                .input("to", String.class, "Who gets it")
                                .input("text", String.class),
                        Map.of("to", "Anna", "text", "hello")),
                side(
                        mail("say {{inputs.words}} to {{inputs.whom}}", "{{inputs.whom}}", "{{inputs.words}}")
                                .input("whom", String.class)
                                .input("words", String.class),
                        Map.of("whom", "Bo", "words", "hello")));
        assertThat(result.recipe().intents())
                .containsExactly("mail {{inputs.text}} to {{inputs.to}}", "say {{inputs.text}} to {{inputs.to}}");
        assertThat(result.news()).isEmpty();
        assertThat(((Map<?, ?>) result.recipe().inputs().get("properties"))
                        .get("to")
                        .toString())
                .contains("Who gets it");
    }

    @Test
    void anInputThatTheOtherRunDidNotTakeAndThatWasTheSameBecomesAConstant() {
        Result result = compared(
                side(
                        mail("mail the {{inputs.text}} to Anna", "Anna", "{{inputs.text}}")
                                .input("text", String.class),
                        Map.of("text", "report")),
                side(mail("let Bo know", "Bo", "report"), Map.of()));
        assertThat(argument(result, "text")).isEqualTo("report");
        assertThat(result.recipe().intents())
                .containsExactly("mail the report to {{inputs.to}}", "let {{inputs.to}} know");
        assertThat(result.recipe().inputNames()).containsExactly("to");
    }

    @Test
    void anInputThatOnlyTheLaterRunTookIsOneOfBoth() {
        Result result = compared(
                side(mail("tell Anna", "Anna", "hello"), Map.of()),
                side(
                        mail("tell {{inputs.who}}", "{{inputs.who}}", "hello").input("who", String.class, "Who"),
                        Map.of("who", "Bo")));
        assertThat(argument(result, "to")).isEqualTo("{{inputs.who}}");
        assertThat(result.recipe().intents()).containsExactly("tell {{inputs.who}}");
    }

    @Test
    void anInputWithinATextIsFoundInTheWordsOfTheOtherRun() {
        Side with = side(
                mail("write {{inputs.who}}", "all", "Dear {{inputs.who}}!").input("who", String.class),
                Map.of("who", "Anna"));
        Side without = side(mail("note for Bo", "all", "Dear Bo!"), Map.of());
        for (Result result : List.of(compared(with, without), compared(without, with))) {
            assertThat(argument(result, "text")).isEqualTo("Dear {{inputs.who}}!");
            assertThat(result.recipe().intents())
                    .containsExactlyInAnyOrder("write {{inputs.who}}", "note for {{inputs.who}}");
        }
        assertThat(Comparison.of(with, side(mail("note for Bo", "all", "Hello Bo!"), Map.of())))
                .isEmpty();
    }

    @Test
    void outputsOfOtherNamesAreTheSameAndNumbersAreInputsWithTheirType() {
        RecipeBuilder one = Recipe.named("a")
                .intent("top 5 of x")
                .action("find", a -> a.tool("find").with("n", 5))
                .action("tell", a -> a.tool("tell").with("what", "{{find.rows}}"))
                .output("tell", Object.class);
        RecipeBuilder other = Recipe.named("b")
                .intent("best 7 of x")
                .action("search", a -> a.tool("find").with("n", 7))
                .action("say", a -> a.tool("tell").with("what", "{{search.rows}}"))
                .output("say", Object.class);
        Result result = compared(side(one, Map.of()), side(other, Map.of()));
        assertThat(argument(result, "n")).isEqualTo("{{inputs.n}}");
        assertThat(result.recipe().inputs().get("properties")).isEqualTo(Map.of("n", Map.of("type", "integer")));
        assertThat(result.recipe().intents()).containsExactly("top {{inputs.n}} of x", "best {{inputs.n}} of x");
        assertThat(result.recipe().outputNames()).containsExactly("tell");
    }

    @Test
    void whatIsNotInTheWordsOfTheRequestsIsNoInput() {
        Optional<Result> result = Comparison.of(
                side(mail("mail the first", "Anna", "x"), Map.of()),
                side(mail("mail the second", "Bo", "x"), Map.of()));
        assertThat(result).isEmpty();
    }

    @Test
    void differentWorkIsNotOfOneKind() {
        Side one = side(mail("tell Anna", "Anna", "hello"), Map.of());
        List<RecipeBuilder> others = List.of(
                Recipe.named("x")
                        .intent("tell Bo")
                        .action("a", a -> a.tool("chat.send").with("to", "Bo")),
                Recipe.named("x")
                        .intent("tell Bo")
                        .action("a", a -> a.tool("mail.send").with("to", "Bo")),
                mail("tell Bo", "Bo", "hello").action("more", a -> a.transform(1)),
                mail("tell Bo", "Bo", "hello").output("send", Object.class));
        for (RecipeBuilder other : others) {
            assertThat(Comparison.of(one, side(other, Map.of()))).isEmpty();
        }
    }

    @Test
    void oneInputCannotStandForTwoValues() {
        Side one = side(
                Recipe.named("r")
                        .intent("copy {{inputs.x}}")
                        .input("x", String.class)
                        .action(
                                "a",
                                a -> a.tool("copy").with("from", "{{inputs.x}}").with("to", "{{inputs.x}}")),
                Map.of("x", "one"));
        Side other = side(
                Recipe.named("r")
                        .intent("copy {{inputs.f}} to {{inputs.t}}")
                        .input("f", String.class)
                        .input("t", String.class)
                        .action(
                                "a",
                                a -> a.tool("copy").with("from", "{{inputs.f}}").with("to", "{{inputs.t}}")),
                Map.of("f", "two", "t", "three"));
        assertThat(Comparison.of(one, other)).isEmpty();
    }
}
