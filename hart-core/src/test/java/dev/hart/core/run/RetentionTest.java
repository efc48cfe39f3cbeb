package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Rerun;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs.Summary;
import dev.hart.core.model.MovedClock;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.error.RunNotFoundException;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is forgotten on request, and what never is. The clock stands still until it is moved. */
@Timeout(60)
class RetentionTest {
    private final MovedClock clock = new MovedClock();
    private final Hart hart =
            Hart.configure().inMemory().clock(clock).withoutModel().create();

    @AfterEach
    void close() {
        hart.close();
    }

    private RecipeVersion save(String text) {
        return hart.recipes()
                .save(Recipe.named("greet")
                        .action("say", a -> a.transform(text))
                        .output("say", String.class)
                        .build());
    }

    private int prune() {
        return hart.retention().deleteRunsEndedBefore(clock.instant());
    }

    private List<String> runs() {
        return hart.runs().list(100).stream().map(Summary::id).toList();
    }

    private void later() {
        clock.advance(Duration.ofMillis(1));
    }

    @Test
    void runsThatEndedBeforeAreForgottenAndTheMomentItselfIsNotBefore() {
        RecipeVersion version = save("hello");
        Run old = hart.run(version, Inputs.none());
        later();
        Run young = hart.run(version, Inputs.none());

        assertThat(prune()).isEqualTo(1);

        assertThat(runs()).containsExactly(young.id());
        assertThatThrownBy(() -> hart.runs().get(old.id())).isInstanceOf(RunNotFoundException.class);
        assertThat(hart.runs().get(young.id()).output()).isEqualTo("hello");
        assertThat(hart.run(version, Inputs.none()).output())
                .as("its recipe goes on")
                .isEqualTo("hello");
    }

    @Test
    void aRunThatTaughtARecipeStaysAsItsSavingsAreMeasuredByIt() {
        Run taught = hart.run("compute 6 * 7");
        RecipeVersion learned = taught.recipe().orElseThrow();
        Run replayed = hart.run(learned, Inputs.of("expression", "2 + 3"));
        later();

        assertThat(prune()).isEqualTo(1);

        assertThat(runs()).containsExactly(taught.id()).doesNotContain(replayed.id());
        assertThat(hart.run(learned, Inputs.of("expression", "3 + 4")).savings())
                .isPresent();
    }

    @Test
    void aRunThatWaitsStaysAndSoDoTheRunInsideItAndTheOneItIsARerunOf() {
        hart.recipes()
                .save(Recipe.named("inner")
                        .action("say", a -> a.transform("inside"))
                        .output("say", String.class)
                        .build());
        RecipeVersion outer = hart.recipes()
                .save(Recipe.named("outer")
                        .action("sub", a -> a.recipe("inner"))
                        .action("ask", a -> a.ask("Go on after {{sub}}?").expect(String.class))
                        .output("ask", String.class)
                        .build());
        Run waiting = hart.run(outer, Inputs.none());
        assertThat(waiting.state()).isEqualTo(RunState.PAUSED);
        later();

        assertThat(prune()).as("a run inside one that waits").isZero();
        assertThat(runs()).hasSize(2);

        hart.runs()
                .answer(waiting.id(), hart.runs().questions(waiting.id()).get(0).id(), "yes");
        assertThat(hart.resume(waiting.id()).output()).isEqualTo("yes");
        later();
        assertThat(prune()).isEqualTo(2);
        assertThat(runs()).isEmpty();
    }

    @Test
    void whatAnUnfinishedRerunReadsStays() {
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("two")
                        .input("name", String.class)
                        .action("first", a -> a.transform("kept"))
                        .action(
                                "ask",
                                a -> a.ask("{{inputs.name}}, go on after {{first}}?")
                                        .expect(String.class))
                        .output("ask", String.class)
                        .build());
        Run original = hart.run(version, Inputs.of("name", "Ann"));
        hart.runs()
                .answer(
                        original.id(),
                        hart.runs().questions(original.id()).get(0).id(),
                        "yes");
        hart.resume(original.id());
        Rerun order = hart.rerun(original.id()).withInput("name", "Bob");
        Run again = order.run();
        assertThat(again.state()).isEqualTo(RunState.PAUSED);
        later();

        assertThat(prune()).isZero();

        hart.runs().answer(again.id(), hart.runs().questions(again.id()).get(0).id(), "no");
        assertThat(hart.resume(again.id()).output()).isEqualTo("no");
        later();
        assertThat(prune()).isEqualTo(2);
    }

    @Test
    void versionsBehindTheNewestAreForgottenUnlessARunUsedThem() {
        save("one");
        RecipeVersion second = save("two");
        save("three");
        save("four");
        RecipeVersion fifth = save("five");
        hart.run(second, Inputs.none());

        assertThat(hart.retention().deleteVersionsBehind("greet", 2))
                .extracting(RecipeVersion::version)
                .containsExactly(3, 1);

        assertThat(hart.recipes().versions("greet"))
                .extracting(RecipeVersion::version)
                .containsExactly(5, 4, 2);
        assertThatThrownBy(() -> hart.recipes().get("greet", 3)).isInstanceOf(RecipeNotFoundException.class);
        assertThat(save("one").version()).as("numbers are not given again").isEqualTo(6);
        later();
        prune();
        assertThat(hart.retention().deleteVersionsBehind(fifth.recipeId(), 1)).hasSize(3);
        assertThat(hart.run("greet", Inputs.none()).output()).isEqualTo("one");
    }

    @Test
    void aVersionThatAnotherRecipeRunsStays() {
        save("one");
        hart.recipes()
                .save(Recipe.named("outer")
                        .action("sub", a -> a.recipe("greet"))
                        .output("sub", String.class)
                        .build());
        save("two");
        save("three");
        assertThat(hart.retention().deleteVersionsBehind("greet", 1))
                .extracting(RecipeVersion::version)
                .containsExactly(2);
        assertThat(hart.run("outer", Inputs.none()).output()).isEqualTo("one");
    }

    @Test
    void atLeastOneVersionStays() {
        save("one");
        assertThatThrownBy(() -> hart.retention().deleteVersionsBehind("greet", 0))
                .isInstanceOf(InputInvalidException.class)
                .hasMessageContaining("at least 1");
        assertThat(hart.retention().deleteVersionsBehind("greet", 1)).isEmpty();
        assertThatThrownBy(() -> hart.retention().deleteVersionsBehind("nobody", 1))
                .isInstanceOf(RecipeNotFoundException.class);
    }
}
