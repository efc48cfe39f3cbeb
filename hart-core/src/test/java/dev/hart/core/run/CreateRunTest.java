package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.RecordedSleeps;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.core.recipe.RecipeDocument;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CREATE: a plan runs, is judged, and teaches a recipe. */
@Timeout(20)
class CreateRunTest {
    private static final Judgement COMPLETED = new Judgement.Completed();
    private final PreparedTools tools = new PreparedTools();
    private final List<String> states = new CopyOnWriteArrayList<>();
    private @Nullable Hart open;

    @AfterEach
    void close() {
        if (open != null) {
            open.close();
        }
    }

    private Hart hart(Judgement... judgements) {
        return hart(PreparedTools.planning(PreparedTools.planOfOneAction()), judgements);
    }

    private Hart hart(HartBuilder builder, Judgement... judgements) {
        Iterator<Judgement> verdicts = List.of(judgements).iterator();
        Hart hart = PreparedTools.open(builder.clock(new RecordedSleeps())
                .verifier(outcome -> verdicts.next())
                .onEvent(event -> {
                    if (event.type() == RunEvent.Type.ACTION_STATE_CHANGED) {
                        states.add(String.valueOf(event.data().get("to")));
                    }
                }));
        open = hart;
        return hart;
    }

    @Test
    void whatWasJudgedGoodIsLearnedAndReplayedFromThenOn() {
        Hart hart = hart(COMPLETED);
        tools.register(hart, "act", Effect.WRITE, (text, context) -> text);
        Run first = hart.run("act now");
        assertThat(first.mode()).isEqualTo(Mode.CREATE);
        assertThat(first.output()).isEqualTo("now");
        assertThat(states)
                .containsExactly(
                        "in_progress",
                        "status_verification_requested",
                        "completed",
                        "recipe_requested",
                        "recipe_received",
                        "terminated");
        Run again = hart.run("Act  now!");
        assertThat(again.mode()).isEqualTo(Mode.REUSE);
        assertThat(again.report().modelCalls()).isZero();
        assertThat(again.savings().orElseThrow().modelCalls()).isEqualTo(1);
        assertThat(again.recipe().orElseThrow().learnedBy()).isEqualTo(first.id());
    }

    @Test
    void theRecipeSaysHowLongEachActionTookAndItsHashDoesNot() {
        Hart hart = hart(COMPLETED);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        RecipeVersion learned = hart.run("act now").recipe().orElseThrow();
        Recipe recipe =
                hart.recipes().get(learned.recipeId(), learned.version()).recipe();
        Duration took = recipe.actions().findFirst().orElseThrow().trainedDuration();
        assertThat(took)
                .isNotNull()
                .isEqualTo(hart.recipes().experience(learned).actions().get(0).time());
        assertThat(hart.recipes().toJson(learned)).contains("\"trainedDurationMs\"");

        Recipe other = Repair.with(
                recipe,
                new ActionRef(0, 1),
                recipe.actions().findFirst().orElseThrow().trainedIn(took.plusMillis(7)));
        assertThat(RecipeDocument.contentHash(other)).isEqualTo(learned.contentHash());
        assertThat(RecipeDocument.read(RecipeDocument.content(other))).isEqualTo(other);
    }

    @Test
    void theFourthNotYetIsAnError() {
        Judgement notYet = new Judgement.Pending("m");
        Hart hart = hart(notYet, notYet, notYet, notYet);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        Run run = hart.run("act now");
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow())
                .hasMessageContaining("Action failed after 3 retry attempts. Original message: m");
        assertThat(states).filteredOn("pending"::equals).hasSize(3);
        assertThat(states).last().isEqualTo("error");
        assertThat(tools.calls()).hasSize(4);
    }

    @Test
    void whatWasWrongIsTriedThreeTimesInAll() {
        Judgement wrong = new Judgement.Wrong("no good");
        Hart hart = hart(wrong, wrong, wrong);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        Run run = hart.run("act now");
        assertThat(run.failure().orElseThrow().code()).isEqualTo("VERDICT_ERROR");
        assertThat(tools.calls()).hasSize(3);
        assertThat(hart.recipes().list()).isEmpty();
    }

    @Test
    void wrongThenRightIsLearned() {
        Hart hart = hart(new Judgement.Wrong("no good"), COMPLETED);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        assertThat(hart.run("act now").state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(hart.recipes().list()).hasSize(1);
    }

    @Test
    void aWriteIsNeverRepeatedBecauseOfAVerdict() {
        for (Judgement judgement : List.of(new Judgement.Wrong("no"), new Judgement.Pending("not yet"))) {
            tools.clear();
            Hart hart = hart(judgement);
            tools.register(hart, "act", Effect.WRITE, (text, context) -> text);
            assertThat(hart.run("act now").failure().orElseThrow().code()).isEqualTo("VERDICT_ERROR");
            assertThat(tools.calls()).hasSize(1);
            hart.close();
        }
    }

    @Test
    void aVerifierThatThrowsOrAnswersNothingIsWrong() {
        List<String> messages = new ArrayList<>();
        for (Throwable thrown : List.of(new IllegalStateException("out of order"), new AssertionError("broken"))) {
            Hart hart = PreparedTools.open(
                    PreparedTools.planning(PreparedTools.planOfOneAction()).verifier(outcome -> {
                        if (thrown instanceof Error error) {
                            throw error;
                        }
                        throw (RuntimeException) thrown;
                    }));
            tools.register(hart, "act", Effect.WRITE, (text, context) -> text);
            messages.add(hart.run("act now").failure().orElseThrow().getMessage());
            hart.close();
        }
        assertThat(messages.get(0)).contains("the verifier failed: out of order");
        assertThat(messages.get(1)).contains("the verifier failed: broken");
    }

    @Test
    void aFailureThatMayPassGetsThreeExecutions() {
        Hart hart = hart();
        tools.register(hart, "act", Effect.READ, (text, context) -> {
            throw new ToolFailure("BUSY", "later", true, null);
        });
        Run run = hart.run("act now");
        assertThat(run.failure().orElseThrow().code()).isEqualTo("BUSY");
        assertThat(tools.calls()).as("three executions of three attempts").hasSize(9);
        assertThat(tools.calls())
                .extracting(c -> c.idempotencyKey())
                .containsOnly(tools.calls().get(0).idempotencyKey());
    }

    @Test
    void aFailureThatStaysGetsOne() {
        Hart hart = hart();
        tools.register(hart, "act", Effect.READ, (text, context) -> {
            throw new ToolFailure("GONE", "never", false, null);
        });
        assertThat(hart.run("act now").failure().orElseThrow().code()).isEqualTo("GONE");
        assertThat(tools.calls()).hasSize(1);
    }

    @Test
    void withoutAVerifierTheModelJudges() {
        Hart hart = PreparedTools.open(Hart.configure()
                .inMemory()
                .model(new ScriptedReplies(
                        PreparedTools.planOfOneAction(), "{\"status\":\"completed\",\"message\":\"fine\"}")));
        open = hart;
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        Run run = hart.run("act now");
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.report().modelCalls()).isEqualTo(2);
        assertThat(run.report().tokens().total()).isEqualTo(3_000);
    }

    private static String greeting(String name, String who) {
        return """
                {"name": "greet", "actions": [
                  {"name": "%s", "description": "Greet", "kind": "TOOL", "tool": "act", "args": {"text": "Dear %s, hello"}}],
                 "answers": ["%s"], "cannot": []}""".formatted(name, who, name);
    }

    @Test
    void aSecondRequestOfTheSameKindMakesTheDifferenceAnInput() {
        Hart hart = hart(
                Hart.configure()
                        .inMemory()
                        .model(new ScriptedReplies(greeting("act", "Anna"), greeting("greeting", "Bo"))),
                COMPLETED,
                COMPLETED);
        tools.register(hart, "act", Effect.WRITE, (text, context) -> text);
        Run first = hart.run("write to Anna");
        assertThat(first.recipe().orElseThrow().recipe().inputNames()).isEmpty();

        Run second = hart.run("a line for Bo please");

        assertThat(second.mode()).isEqualTo(Mode.CREATE);
        RecipeVersion better = second.recipe().orElseThrow();
        assertThat(better.label()).isEqualTo("greet@2");
        assertThat(better.recipeId()).isEqualTo(first.recipe().orElseThrow().recipeId());
        assertThat(better.learnedBy()).isEqualTo(second.id());
        assertThat(better.recipe().intents())
                .containsExactly("write to {{inputs.text}}", "a line for {{inputs.text}} please");
        assertThat(second.report().notes())
                .singleElement()
                .asString()
                .contains("run " + first.id(), "greet now serves both", "new inputs text");

        Run third = hart.run("Write to Cy");
        assertThat(third.mode()).isEqualTo(Mode.REUSE);
        assertThat(third.output()).isEqualTo("Dear Cy, hello");
        assertThat(hart.recipes().list()).containsExactly(better);
    }

    @Test
    void aThirdRequestIsComparedWithTheBetterRecipe() {
        Hart hart = hart(
                Hart.configure()
                        .inMemory()
                        .model(new ScriptedReplies(
                                greeting("act", "Anna"), greeting("greeting", "Bo"), greeting("third", "Cy"))),
                COMPLETED,
                COMPLETED,
                COMPLETED);
        tools.register(hart, "act", Effect.WRITE, (text, context) -> text);
        hart.run("write to Anna");
        hart.run("a line for Bo please");
        Run third = hart.run("Cy wants to be greeted");
        assertThat(third.recipe().orElseThrow().label()).isEqualTo("greet@3");
        assertThat(third.recipe().orElseThrow().recipe().intents()).hasSize(3);
        assertThat(hart.run("Dee wants to be greeted").output()).isEqualTo("Dear Dee, hello");
    }
}
