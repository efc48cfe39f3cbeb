package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.core.model.MovedClock;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long a run is worked on at most. */
@Timeout(20)
class RunTimeoutTest {
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

    private final PreparedTools tools = new PreparedTools();
    private final MovedClock clock = new MovedClock();
    private Hart hart = open(Duration.ofMinutes(30));

    private Hart open(Duration timeout) {
        Hart opened = PreparedTools.open(
                Hart.configure().inMemory().withoutModel().clock(clock).runTimeout(timeout));
        tools.register(opened, "work", Effect.WRITE, (text, context) -> {
            clock.advance(TEN_MINUTES);
            return text;
        });
        return opened;
    }

    @AfterEach
    void close() {
        hart.close();
    }

    private static Recipe working(int steps) {
        RecipeBuilder recipe = Recipe.named("work");
        for (int i = 1; i <= steps; i++) {
            int step = i;
            recipe.action("a" + i, a -> a.tool("work").with("text", step).dependsOn(Math.max(1, step - 1)));
        }
        return recipe.output("a" + steps, Object.class).build();
    }

    private Run run(Recipe recipe) {
        return hart.run(recipe, Inputs.none());
    }

    @Test
    void aRunThatIsWorkedOnForThirtyMinutesStartsNothingMoreAndKeepsItsResults() {
        Run run = run(working(4));
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("TIMEOUT");
        assertThat(run.failure().orElseThrow())
                .hasMessageContaining("the run was worked on for 1800 s, at most 1800 s are allowed");
        assertThat(tools.calls()).hasSize(3);

        Run again = hart.rerun(run.id()).run();

        assertThat(again.output()).isEqualTo(4L);
        assertThat(again.report().keptSteps()).isEqualTo(3);
        assertThat(tools.calls()).hasSize(4);
    }

    @Test
    void aMillisecondMoreIsEnough() {
        hart.close();
        hart = open(Duration.ofMinutes(30).plusMillis(1));
        assertThat(run(working(4)).output()).isEqualTo(4L);
    }

    @Test
    void whenTheLastStepEndsThereIsNothingToStop() {
        assertThat(run(working(3)).output()).isEqualTo(3L);
    }

    @Test
    void waitsDoNotCount() throws Exception {
        RunHandle handle = hart.start(
                Recipe.named("waits")
                        .action("wait", a -> a.waitFor(Duration.ofHours(5)))
                        .action("work", a -> a.tool("work").with("text", "{{wait}}"))
                        .output("work", String.class)
                        .build(),
                Inputs.none());
        clock.awaitSleeper();
        clock.advance(Duration.ofHours(5));
        assertThat(handle.await().state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void pausesDoNotCountButTheWorkBeforeThemDoes() {
        Recipe recipe = Recipe.named("asks")
                .action("first", a -> a.tool("work").with("text", "1"))
                .action("sure", a -> a.ask("Go on after {{first}}?"))
                .action("second", a -> a.tool("work").with("text", "{{sure}}"))
                .action("third", a -> a.tool("work").with("text", "{{second}}"))
                .action("fourth", a -> a.tool("work").with("text", "{{third}}"))
                .output("fourth", Object.class)
                .build();
        Run run = run(recipe);
        clock.advance(Duration.ofDays(3));
        hart.runs().answer(run.id(), "action_2.1", "yes");
        clock.advance(Duration.ofDays(3));
        Run failed = hart.resume(run.id());
        assertThat(failed.failure().orElseThrow().code()).isEqualTo("TIMEOUT");
        assertThat(tools.calls())
                .as("10 minutes before the pause, 20 behind it")
                .hasSize(3);
    }

    @Test
    void aRunThatFailsDoesNotWaitForItsWaits() {
        hart.tools().register(tools.tool("broken", Effect.READ, (text, context) -> {
            clock.awaitSleeper();
            throw new ToolFailure("BROKEN", "broken");
        }));
        Run run = run(Recipe.named("beside")
                .action("wait", a -> a.waitFor(Duration.ofHours(5)))
                .action("broken", a -> a.tool("broken"))
                .build());
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("BROKEN");
    }
}
