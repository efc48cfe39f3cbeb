package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.TaskStatus;
import dev.hart.recipe.ActionExperience.FallbackCount;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fallbacks that a verifier suggests in a CREATE run, and the order in which replays try fallbacks. */
@Timeout(20)
class SuggestedFallbackTest {
    private final PreparedTools tools = new PreparedTools();
    private final List<String> states = new CopyOnWriteArrayList<>();
    private @Nullable Hart open;

    @AfterEach
    void close() {
        if (open != null) {
            open.close();
        }
    }

    private Hart hart(List<String> plans, Judgement... judgements) {
        Iterator<Judgement> verdicts = List.of(judgements).iterator();
        Hart hart = PreparedTools.open(Hart.configure()
                .inMemory()
                .model(new ScriptedReplies(plans.toArray(String[]::new)))
                .verifier(outcome -> verdicts.next())
                .onEvent(event -> {
                    if (event.type() == RunEvent.Type.ACTION_STATE_CHANGED) {
                        states.add(String.valueOf(event.data().get("to")));
                    }
                }));
        open = hart;
        return hart;
    }

    private static String other(String tool) {
        return """
                {"name": "other", "actions": [
                  {"name": "other", "description": "Other", "kind": "TOOL", "tool": "%s", "args": {"text": "now"}}],
                 "answers": ["other"], "cannot": []}""".formatted(tool);
    }

    private static Fallback fallback(Run run) {
        return run.recipe()
                .orElseThrow()
                .recipe()
                .actions()
                .findFirst()
                .orElseThrow()
                .fallbacks()
                .get(0);
    }

    @Test
    void aSuggestionIsPlannedKeptAndTakenByAReplay() {
        AtomicBoolean broken = new AtomicBoolean();
        Hart hart =
                hart(List.of(PreparedTools.planOfOneAction(), other("other")), new Judgement.Completed("do other now"));
        tools.register(hart, "act", Effect.READ, (text, context) -> {
            if (broken.get()) {
                throw new ToolFailure("GONE", "never", false, null);
            }
            return text;
        });
        tools.register(hart, "other", Effect.READ, (text, context) -> "other " + text);

        Run run = hart.run("act now");

        assertThat(states)
                .containsExactly(
                        "in_progress",
                        "status_verification_requested",
                        "completed",
                        "fallback_requested",
                        "fallback_received",
                        "recipe_requested",
                        "recipe_received",
                        "terminated");
        assertThat(hart.unwrap(Ledgers.class)
                        .ledger(LedgerId.run(run.id()))
                        .task("action_1")
                        .orElseThrow()
                        .status())
                .isEqualTo(TaskStatus.COMPLETED);
        assertThat(fallback(run).text()).isEqualTo("do other {{inputs.text}}");
        assertThat(fallback(run).steps().get(0).args()).containsEntry("text", "{{inputs.text}}");
        broken.set(true);
        Run again = hart.run("Act later");
        assertThat(again.mode()).isEqualTo(Mode.REUSE);
        assertThat(again.output()).isEqualTo("other later");
    }

    @Test
    void whatCannotBePlannedOrWouldDoMoreThanTheActionIsAHint() {
        for (String plan : List.of(
                "{\"name\": \"x\", \"actions\": [], \"answers\": [], \"cannot\": [\"ask Anna\"]}", other("wipe"))) {
            Hart hart = hart(List.of(PreparedTools.planOfOneAction(), plan), new Judgement.Completed("ask Anna"));
            tools.register(hart, "act", Effect.READ, (text, context) -> text);
            tools.register(hart, "wipe", Effect.DESTRUCTIVE, (text, context) -> text);
            Run run = hart.run("act now");
            assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(fallback(run)).isEqualTo(new Fallback("ask Anna", List.of()));
            hart.close();
        }
    }

    @Test
    void aVerifierWithoutASuggestionLeadsStraightToTheRecipe() {
        Hart hart = hart(List.of(PreparedTools.planOfOneAction()), new Judgement.Completed(" "));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        assertThat(hart.run("act now").state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(states).doesNotContain("fallback_requested");
    }

    @Test
    void theModelThatJudgesIsAskedForASuggestionInTheSameAnswer() {
        Hart hart = PreparedTools.open(Hart.configure()
                .inMemory()
                .model(new ScriptedReplies(
                        PreparedTools.planOfOneAction(),
                        "{\"status\":\"completed\",\"message\":\"fine\",\"fallback\":\"do other now\"}",
                        other("other"))));
        open = hart;
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        tools.register(hart, "other", Effect.READ, (text, context) -> text);
        Run run = hart.run("act now");
        assertThat(run.report().modelCalls()).isEqualTo(3);
        assertThat(fallback(run).steps()).hasSize(2);
    }

    @Test
    void whatIsSuggestedAfterAnErrorIsDoneInsteadAndLearned() {
        Hart hart = hart(
                List.of(PreparedTools.planOfOneAction(), other("other")),
                new Judgement.Wrong("not that", " do other now "),
                new Judgement.Completed());
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        tools.register(hart, "other", Effect.READ, (text, context) -> "other " + text);

        Run run = hart.run("act now");

        assertThat(run.output()).isEqualTo("other now");
        assertThat(states)
                .containsExactly(
                        "in_progress",
                        "status_verification_requested",
                        "error",
                        "fallback_requested",
                        "fallback_received",
                        "in_progress",
                        "status_verification_requested",
                        "completed",
                        "recipe_requested",
                        "recipe_received",
                        "terminated");
        assertThat(hart.unwrap(Ledgers.class)
                        .ledger(LedgerId.run(run.id()))
                        .task("action_1")
                        .orElseThrow()
                        .status())
                .isEqualTo(TaskStatus.COMPLETED);
        assertThat(tools.calls().get(1).idempotencyKey())
                .as("another tool with the same arguments is another call")
                .isNotEqualTo(tools.calls().get(0).idempotencyKey());
        tools.clear();
        Run again = hart.run("Act later");
        assertThat(again.mode()).isEqualTo(Mode.REUSE);
        assertThat(again.output()).isEqualTo("other later");
        assertThat(tools.calls())
                .as("what was refused is not part of the recipe")
                .hasSize(1);
    }

    @Test
    void aFallbackThatIsJudgedWrongMayBeFollowedByAnotherAndTheThirdExecutionIsTheLast() {
        Hart hart = hart(
                List.of(PreparedTools.planOfOneAction(), other("other"), other("third")),
                new Judgement.Wrong("not that", "do other now"),
                new Judgement.Wrong("nor that", "do third now"),
                new Judgement.Wrong("nothing will do", "do act now"));
        List<String> called = new CopyOnWriteArrayList<>();
        for (String name : List.of("act", "other", "third")) {
            tools.register(hart, name, Effect.READ, (text, context) -> {
                called.add(name);
                return text;
            });
        }
        Run run = hart.run("act now");
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("VERDICT_ERROR");
        assertThat(called).containsExactly("act", "other", "third");
        assertThat(states).filteredOn("fallback_requested"::equals).hasSize(2);
    }

    @Test
    void whatCannotBePlannedAfterAnErrorLeavesTheActionItsOwnSteps() {
        for (String plan : List.of(
                "{\"name\": \"x\", \"actions\": [], \"answers\": [], \"cannot\": [\"ask Anna\"]}", other("wipe"))) {
            states.clear();
            tools.clear();
            Hart hart = hart(
                    List.of(PreparedTools.planOfOneAction(), plan),
                    new Judgement.Wrong("not that", "ask Anna"),
                    new Judgement.Completed());
            tools.register(hart, "act", Effect.READ, (text, context) -> text);
            tools.register(hart, "wipe", Effect.DESTRUCTIVE, (text, context) -> text);
            assertThat(hart.run("act now").output()).isEqualTo("now");
            assertThat(tools.calls()).hasSize(2);
            assertThat(states)
                    .containsSubsequence("error", "fallback_requested", "error", "in_progress", "terminated")
                    .doesNotContain("fallback_received");
            hart.close();
        }
    }

    @Test
    void whatWasReplacedIsReadByNameAndKeptByARerun() {
        Hart hart = hart(
                List.of("""
                        {"name": "do it", "actions": [
                          {"name": "act", "description": "Act", "kind": "TOOL", "tool": "act", "args": {"text": "now"}},
                          {"name": "end", "description": "End", "kind": "TOOL", "tool": "act", "args": {"text": "{{act}}!"}}],
                         "answers": ["end"], "cannot": []}""", other("other")),
                new Judgement.Wrong("not that", "do other now"),
                new Judgement.Completed(),
                new Judgement.Completed());
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        tools.register(hart, "other", Effect.READ, (text, context) -> "other " + text);
        Run run = hart.run("act now");
        assertThat(run.output()).isEqualTo("other now!");
        tools.clear();

        assertThat(hart.rerun(run.id()).start().await().output()).isEqualTo("other now!");
        assertThat(tools.calls()).as("nothing depends on a change").isEmpty();
    }

    @Test
    void anUpdateOfAnotherActionMayComeBehindAReplacement() {
        String both = """
                {"name": "do it", "actions": [
                  {"name": "act", "description": "Act", "kind": "TOOL", "tool": "act", "args": {"text": "now"}},
                  {"name": "end", "description": "End", "kind": "TOOL", "tool": "act", "args": {"text": "{{act}}%s"}}],
                 "answers": ["end"], "cannot": []}""";
        Hart hart = hart(
                List.of(both.formatted("!"), other("other"), both.formatted("?")),
                new Judgement.Wrong("not that", "do other now"),
                new Judgement.Completed(),
                new Judgement.Updated("End with a question mark"),
                new Judgement.Completed(),
                new Judgement.Completed());
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        tools.register(hart, "other", Effect.READ, (text, context) -> "other " + text);
        Run run = hart.run("act now");
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.output()).as("all of the new plan is taken").isEqualTo("now?");
    }

    @Test
    void whatHadAnEffectIsNotReplacedByASuggestion() {
        Hart hart = hart(List.of(PreparedTools.planOfOneAction()), new Judgement.Wrong("not that", "do other now"));
        tools.register(hart, "act", Effect.WRITE, (text, context) -> text);
        Run run = hart.run("act now");
        assertThat(run.failure().orElseThrow().code()).isEqualTo("VERDICT_ERROR");
        assertThat(states).doesNotContain("fallback_requested");
        assertThat(tools.calls()).hasSize(1);
    }

    @Test
    void aReplayTriesFirstWhatHasWorkedBestThenWhatIsUntriedThenWhatNeverWorked() {
        Hart hart = PreparedTools.open();
        open = hart;
        List<String> called = new CopyOnWriteArrayList<>();
        AtomicBoolean second = new AtomicBoolean(true);
        for (String name : List.of("own", "first", "second", "third")) {
            tools.register(hart, name, Effect.READ, (text, context) -> {
                called.add(name);
                if (name.equals("third") || (name.equals("second") && second.get())) {
                    return name;
                }
                throw new ToolFailure("GONE", "never", false, null);
            });
        }
        RecipeVersion recipe = hart.recipes()
                .save(Recipe.named("many")
                        .action(
                                "act",
                                a -> a.tool("own")
                                        .fallback("the first", f -> f.tool("first"))
                                        .fallback("a hint")
                                        .fallback("the second", f -> f.tool("second"))
                                        .fallback("the third", f -> f.tool("third")))
                        .output("act", Object.class)
                        .build());

        assertThat(hart.run(recipe, Inputs.none()).output()).isEqualTo("second");
        assertThat(called).containsExactly("own", "first", "second");
        called.clear();
        assertThat(hart.run(recipe, Inputs.none()).output()).isEqualTo("second");
        assertThat(called).as("it has worked").containsExactly("own", "second");
        called.clear();
        second.set(false);
        assertThat(hart.run(recipe, Inputs.none()).output()).isEqualTo("third");
        assertThat(called)
                .as("what nobody has tried comes before what never worked")
                .containsExactly("own", "second", "third");
        assertThat(hart.recipes().experience(recipe).actions().get(0).fallbackCounts())
                .containsEntry("the first", new FallbackCount(1, 0))
                .containsEntry("the second", new FallbackCount(3, 2))
                .containsEntry("the third", new FallbackCount(1, 1));
        called.clear();
        hart.run(recipe, Inputs.none());
        assertThat(called).as("1 of 1 is more than 2 of 3").containsExactly("own", "third");
    }
}
