package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.core.plan.Draft.Taken;
import dev.hart.core.recipe.Generaliser.Learned;
import dev.hart.core.recipe.Generaliser.Trace;
import dev.hart.recipe.Recipe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Learning: what came from the request becomes an input, what an earlier step found becomes a reference. */
class GeneraliserTest {
    private final List<Taken> taken = new ArrayList<>();
    private final Map<String, Map<Integer, @Nullable Object>> results = new LinkedHashMap<>();

    private GeneraliserTest take(String input, Object value, String request, String words) {
        int start = request.indexOf(words);
        taken.add(new Taken(input, value, start, start + words.length(), Map.of()));
        return this;
    }

    private Learned learn(String request, Object... values) {
        var recipe = Recipe.named("learned");
        for (int i = 1; i <= values.length; i++) {
            Object value = values[i - 1];
            recipe.action("a" + i, a -> a.transform(value));
        }
        return Generaliser.learn(recipe.build(), request, taken, new Trace(results));
    }

    private @Nullable Object learnedValue(Learned learned, int action) {
        return learned.recipe()
                .flows()
                .get(0)
                .actions()
                .get(action - 1)
                .steps()
                .get(0)
                .args()
                .get("value");
    }

    @Test
    void theValuesOfInputsBecomePlaceholdersUnlessTheyAreShort() {
        String request = "weather in Paris in fr";
        take("city", "Paris", request, "Paris").take("lang", "fr", request, "fr");
        Learned learned = learn(request, "Paris weather fr, PARIS, Paris");
        assertThat(learnedValue(learned, 1)).isEqualTo("{{inputs.city}} weather fr, PARIS, {{inputs.city}}");
        assertThat(learned.recipe().inputNames()).containsExactly("city");
        assertThat(learned.recipe().intents()).containsExactly("weather in {{inputs.city}} in fr");
        assertThat(learned.warnings()).isEmpty();
    }

    @Test
    void twoInputsOfTheSameValueLeaveItAsItIs() {
        String request = "from Paris to Paris";
        take("a", "Paris", request, "Paris").take("b", "Paris", request, "Paris");
        Learned learned = learn(request, "Paris", "to Paris");
        assertThat(learnedValue(learned, 1)).isEqualTo("Paris");
        assertThat(learnedValue(learned, 2)).isEqualTo("to Paris");
        assertThat(learned.warnings()).hasSize(1).first().asString().startsWith("AMBIGUOUS_BINDING");
        assertThat(learned.recipe().inputNames()).isEmpty();
    }

    @Test
    void theLongestValueIsReplacedFirstAndNeverInsideAPlaceholder() {
        String request = "put inputs and puts";
        take("long", "inputs", request, "inputs").take("short", "put", request, "put");
        assertThat(learnedValue(learn(request, "inputs, put"), 1)).isEqualTo("{{inputs.long}}, {{inputs.short}}");
    }

    @Test
    void numbersAndListsAreReplacedAsAWholeAndBooleansStay() {
        String request = "top 5 of a and b: true";
        take("n", 5L, request, "5")
                .take("all", List.of("a", "b"), request, "a and b")
                .take("yes", true, request, "true");
        Learned learned = learn(request, Map.of("n", 5L, "all", List.of("a", "b"), "yes", true, "text", "5 of it"));
        assertThat(learnedValue(learned, 1))
                .isEqualTo(Map.of("n", "{{inputs.n}}", "all", "{{inputs.all}}", "yes", true, "text", "5 of it"));
        assertThat(learned.recipe().inputNames()).containsExactly("n", "all");
    }

    @Test
    void whatAnEarlierStepFoundBecomesAReferenceWhenItIsLongEnough() {
        results.put("a1", Map.of(1, Map.of("id", "order-4711", "no", "4711")));
        results.put("a2", Map.of(1, "a long result"));
        Learned learned =
                learn("x", "first", "second", List.of("order-4711", "4711"), "a long result", "a long result!");
        assertThat(learnedValue(learned, 3)).isEqualTo(List.of("{{steps.1.1.id}}", "4711"));
        assertThat(learnedValue(learned, 4)).isEqualTo("{{steps.2.1}}");
        assertThat(learnedValue(learned, 5)).isEqualTo("a long result!");
        assertThat(learned.recipe().flows().get(0).actions().get(2).dependsOn()).containsExactly(1);
    }

    @Test
    void aFieldThatNoPlaceholderCanNameStaysLiteral() {
        results.put("a1", Map.of(1, Map.of("order.id", "order-4711", "order id", "order-4712")));
        Learned learned = learn("x", "first", "order-4711", "order-4712");
        assertThat(learnedValue(learned, 2)).isEqualTo("order-4711");
        assertThat(learnedValue(learned, 3)).isEqualTo("order-4712");
    }

    @Test
    void bracesInTheRequestAreNoSlots() {
        assertThat(learn("say {{x}}", "y").recipe().intents()).containsExactly("say \\{{x}}");
    }
}
