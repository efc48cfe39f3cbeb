package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.Task;
import dev.hart.recipe.Step;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verdicts that change what a CREATE run does: UPDATED and NEEDS_BREAKDOWN. */
@Timeout(20)
class ReplanningTest {
    private static final Judgement COMPLETED = new Judgement.Completed();
    private final PreparedTools tools = new PreparedTools();
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private @Nullable Hart open;

    @AfterEach
    void close() {
        if (open != null) {
            open.close();
        }
    }

    /** @param plans what the planner answers, one after the other */
    private Hart hart(List<String> plans, Judgement... judgements) {
        Iterator<Judgement> verdicts = List.of(judgements).iterator();
        Hart hart = PreparedTools.open(Hart.configure()
                .inMemory()
                .model(new ScriptedReplies(plans.toArray(String[]::new)))
                .verifier(outcome -> verdicts.next())
                .onEvent(events::add));
        open = hart;
        return hart;
    }

    /** An action that calls the tool {@code act}. */
    private static String act(String name, String text) {
        return act(name, "act", text);
    }

    private static String act(String name, String tool, String text) {
        return """
                {"name": "%s", "description": "Do %s", "kind": "TOOL", "tool": "%s", "args": {"text": "%s"}}""".formatted(name, name, tool, text);
    }

    private static String plan(List<String> actions, String... answers) {
        return """
                {"name": "do it", "actions": [%s], "answers": ["%s"], "cannot": []}""".formatted(String.join(",", actions), String.join("\", \"", answers));
    }

    private List<String> states(String task) {
        return events.stream()
                .filter(event -> event.type() == RunEvent.Type.ACTION_STATE_CHANGED)
                .filter(event -> event.action().equals(task))
                .map(event -> String.valueOf(event.data().get("to")))
                .toList();
    }

    private static Map<String, String> ledger(Hart hart, Run run) {
        Map<String, String> statuses = new LinkedHashMap<>();
        for (Task task :
                hart.unwrap(Ledgers.class).ledger(LedgerId.run(run.id())).tasks()) {
            statuses.put(task.taskId(), task.status().name());
        }
        return statuses;
    }

    @Test
    void anUpdatedActionIsAssignedAgainInTheNextEpochAndDoneAsItWasPlannedAnew() throws IOException {
        Hart hart = hart(
                List.of(
                        plan(List.of(act("one", "old"), act("two", "{{one}}!")), "two"),
                        plan(List.of(act("first", "new"), act("second", "{{first}}!")), "second")),
                new Judgement.Updated("Say new"),
                COMPLETED,
                COMPLETED);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);

        Run run = hart.run("say new or old");

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.output()).isEqualTo("new!");
        WholeEvidence.require(run);
        assertThat(states("action_1")).containsExactly("in_progress", "status_verification_requested");
        assertThat(states("action_1~1")).startsWith("assigned", "in_progress").endsWith("terminated");
        assertThat(ledger(hart, run))
                .containsEntry("action_1", "TERMINATED")
                .containsEntry("action_1~1", "COMPLETED")
                .containsEntry("action_2", "COMPLETED")
                .containsEntry("run", "COMPLETED")
                .doesNotContainKey("action_2~1");
        assertThat(tools.calls()).hasSize(3);
        assertThat(tools.calls().get(1).idempotencyKey())
                .isNotEqualTo(tools.calls().get(0).idempotencyKey());
        assertThat(run.recipe().orElseThrow().recipe().actions())
                .extracting(action -> action.description())
                .containsExactly("Say new", "Do two");
        assertThat(hart.run("Say new or old!").mode()).isEqualTo(Mode.REUSE);
    }

    @Test
    void anActionThatIsDoneAndReadWhatWasChangedIsDoneAgain() {
        Hart hart = hart(
                List.of(
                        plan(List.of(act("one", "old"), act("two", "{{one}}!")), "two"),
                        plan(List.of(act("one", "new"), act("two", "{{one}}!"), act("three", "end")), "two", "three")),
                COMPLETED,
                new Judgement.UpdatedAll(List.of("Say new", "Shout it", "End")),
                COMPLETED,
                COMPLETED,
                COMPLETED);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);

        Run run = hart.run("say it");

        assertThat(run.outputs()).containsEntry("two", "new!").containsEntry("three", "end");
        assertThat(states("action_1~1")).first().isEqualTo("assigned");
        assertThat(states("action_2~1")).first().isEqualTo("assigned");
        assertThat(states("action_3")).first().isEqualTo("in_progress");
        assertThat(ledger(hart, run))
                .containsEntry("action_1", "COMPLETED")
                .containsEntry("action_1~1", "COMPLETED")
                .containsEntry("action_2~1", "COMPLETED")
                .containsEntry("action_3", "COMPLETED");
    }

    @Test
    void whatIsTheSameInTheNewDefinitionStaysDone() {
        Hart hart = hart(
                List.of(
                        plan(List.of(act("one", "a"), act("two", "{{one}}b")), "two"),
                        plan(List.of(act("one", "a"), act("two", "{{one}}c")), "two")),
                COMPLETED,
                new Judgement.UpdatedAll(List.of("Say a", "Say c")),
                COMPLETED);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);

        Run run = hart.run("say it");

        assertThat(run.output()).isEqualTo("ac");
        assertThat(tools.calls()).hasSize(3);
        assertThat(ledger(hart, run))
                .containsEntry("action_1", "COMPLETED")
                .containsEntry("action_2~1", "COMPLETED")
                .doesNotContainKey("action_1~1");
    }

    @Test
    void whatHadAnEffectIsNotDoneAgainForAVerdict() {
        Hart hart = hart(
                List.of(
                        plan(List.of(act("one", "a"), act("two", "b")), "two"),
                        plan(List.of(act("one", "a"), act("two", "c")), "two")),
                COMPLETED,
                new Judgement.UpdatedAll(List.of("Say a", "Say c")));
        tools.register(hart, "act", Effect.WRITE, (text, context) -> text);

        Run run = hart.run("say it");

        assertThat(run.failure().orElseThrow()).hasMessageContaining("two cannot be changed: two has had an effect");
        assertThat(tools.calls()).hasSize(2);
    }

    @Test
    void actionsThatTheNewDefinitionHasNoMoreAreCancelled() {
        Hart hart = hart(
                List.of(
                        plan(List.of(act("one", "a"), act("two", "{{one}}"), act("three", "{{two}}")), "three"),
                        plan(List.of(act("one", "z")), "one")),
                new Judgement.UpdatedAll(List.of("Say z")),
                COMPLETED);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);

        Run run = hart.run("say it");

        assertThat(run.output()).isEqualTo("z");
        assertThat(ledger(hart, run)).containsEntry("action_2", "CANCELLED").containsEntry("action_3", "CANCELLED");
    }

    @Test
    void aDefinitionIsChangedThreeTimesAtMost() {
        for (int changes : List.of(Replanning.MAX_UPDATES, Replanning.MAX_UPDATES + 1)) {
            List<Judgement> judgements = new ArrayList<>();
            List<String> plans = new ArrayList<>(List.of(plan(List.of(act("one", "0")), "one")));
            for (int i = 1; i <= changes; i++) {
                judgements.add(new Judgement.Updated("Say " + i));
                plans.add(plan(List.of(act("one", Integer.toString(i))), "one"));
            }
            judgements.add(COMPLETED);
            Hart hart = hart(plans, judgements.toArray(Judgement[]::new));
            tools.register(hart, "act", Effect.READ, (text, context) -> text);
            Run run = hart.run("say it");
            if (changes == Replanning.MAX_UPDATES) {
                assertThat(run.output()).isEqualTo("3");
                assertThat(ledger(hart, run)).containsEntry("action_1~3", "COMPLETED");
            } else {
                assertThat(run.failure().orElseThrow()).hasMessageContaining("a run is changed at most 3 times");
            }
            hart.close();
        }
    }

    @Test
    void anUpdateThatCannotBePlannedIsAnError() {
        Hart hart = hart(List.of(plan(List.of(act("one", "a")), "one"), """
                        {"name": "x", "actions": [], "answers": [], "cannot": ["Fly"]}"""), new Judgement.Updated("Fly"));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        assertThat(hart.run("say it").failure().orElseThrow()).hasMessageContaining("one cannot be changed");
    }

    @Test
    void subtasksAreActionsOfTheirOwnAndTheActionIsJudgedAgainWhenAllAreDone() throws IOException {
        Hart hart = hart(
                List.of(
                        plan(List.of(act("one", "all"), act("two", "{{one}}!")), "two"),
                        plan(List.of(act("part", "a"), act("rest", "{{part}}b")), "rest")),
                new Judgement.NeedsBreakdown(List.of("Say a", "Say b")),
                COMPLETED,
                COMPLETED,
                COMPLETED,
                COMPLETED);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);

        Run run = hart.run("say it");

        assertThat(run.output()).isEqualTo("ab!");
        WholeEvidence.require(run);
        assertThat(states("action_1"))
                .containsExactly(
                        "in_progress",
                        "status_verification_requested",
                        "pending",
                        "status_verification_requested",
                        "completed",
                        "recipe_requested",
                        "recipe_received",
                        "terminated");
        assertThat(states("1.1")).startsWith("in_progress").endsWith("terminated");
        assertThat(states("1.2")).startsWith("in_progress").endsWith("terminated");
        assertThat(ledger(hart, run))
                .containsEntry("1.1", "COMPLETED")
                .containsEntry("1.2", "COMPLETED")
                .containsEntry("action_1", "COMPLETED");
        assertThat(hart.unwrap(Ledgers.class)
                        .ledger(LedgerId.run(run.id()))
                        .task("1.2")
                        .orElseThrow()
                        .parentTaskId())
                .isEqualTo("action_1");
        assertThat(tools.calls().get(1).idempotencyKey())
                .isEqualTo(StepCall.key(run.id(), new ActionRef(0, 1, List.of(1), 0), 0, 1, Map.of("text", "a")));

        List<Step> steps = run.recipe()
                .orElseThrow()
                .recipe()
                .actions()
                .findFirst()
                .orElseThrow()
                .steps();
        assertThat(steps).extracting(Step::output).containsExactly(null, "part", "one");
        assertThat(hart.recipes()
                        .experience(run.recipe().orElseThrow())
                        .actions()
                        .get(0)
                        .tools()
                        .get("act")
                        .calls())
                .isEqualTo(3);
        tools.clear();
        Run again = hart.run("Say it!");
        assertThat(again.mode()).isEqualTo(Mode.REUSE);
        assertThat(again.output()).isEqualTo("ab!");
        assertThat(tools.calls()).hasSize(4);
    }

    @Test
    void anActionIsInErrorWhenASubtaskIs() {
        Hart hart = hart(
                List.of(plan(List.of(act("one", "all")), "one"), plan(List.of(act("part", "gone", "a")), "part")),
                new Judgement.NeedsBreakdown(List.of("Say a")));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        tools.register(hart, "gone", Effect.READ, (text, context) -> {
            throw new ToolFailure("GONE", "never", false, null);
        });

        Run run = hart.run("say it");

        assertThat(run.failure().orElseThrow().code()).isEqualTo("GONE");
        assertThat(states("1.1")).endsWith("error");
        assertThat(states("action_1")).endsWith("pending", "error");
        assertThat(ledger(hart, run)).containsEntry("1.1", "FAILED").containsEntry("action_1", "FAILED");
    }

    @Test
    void aSubtaskMayBeBrokenDownItself() {
        Hart hart = hart(
                List.of(
                        plan(List.of(act("one", "all")), "one"),
                        plan(List.of(act("part", "a"), act("rest", "{{part}}b")), "rest"),
                        plan(List.of(act("inner", "i"), act("inmost", "{{inner}}j")), "inmost")),
                new Judgement.NeedsBreakdown(List.of("Say a", "Say b")),
                new Judgement.NeedsBreakdown(List.of("Say i", "Say j")),
                COMPLETED,
                COMPLETED,
                COMPLETED,
                COMPLETED,
                COMPLETED);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);

        Run run = hart.run("say it");

        assertThat(run.output()).isEqualTo("ijb");
        assertThat(ledger(hart, run)).containsKeys("1.1", "1.1.1", "1.1.2", "1.2");
        tools.clear();
        assertThat(hart.run("Say it!").output()).isEqualTo("ijb");
        assertThat(tools.calls()).hasSize(5);
    }

    @Test
    void anActionIsBrokenDownOnceAndIntoTwentyAtMost() {
        Hart hart = hart(
                List.of(plan(List.of(act("one", "all")), "one"), plan(List.of(act("part", "a")), "part")),
                new Judgement.NeedsBreakdown(List.of("Say a")),
                COMPLETED,
                new Judgement.NeedsBreakdown(List.of("Say a")));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        assertThat(hart.run("say it").failure().orElseThrow()).hasMessageContaining("was broken down already");
        hart.close();

        for (int parts : List.of(Replanning.MAX_SUBTASKS, Replanning.MAX_SUBTASKS + 1)) {
            List<String> texts = new ArrayList<>();
            List<String> actions = new ArrayList<>();
            List<Judgement> judgements = new ArrayList<>();
            for (int i = 1; i <= parts; i++) {
                texts.add("Say " + i);
                actions.add(act("p" + i, "" + i));
                judgements.add(COMPLETED);
            }
            judgements.add(0, new Judgement.NeedsBreakdown(texts));
            judgements.add(COMPLETED);
            Hart many = hart(
                    List.of(plan(List.of(act("one", "all")), "one"), plan(actions, "p" + parts)),
                    judgements.toArray(Judgement[]::new));
            tools.register(many, "act", Effect.READ, (text, context) -> text);
            Run run = many.run("say it");
            assertThat(run.state()).isEqualTo(parts == Replanning.MAX_SUBTASKS ? RunState.SUCCEEDED : RunState.FAILED);
            many.close();
        }
    }

    @Test
    void aSubtaskWithADestructiveStepWaitsForAPerson() {
        Hart hart = hart(
                List.of(plan(List.of(act("one", "all")), "one"), plan(List.of(act("part", "wipe", "a")), "part")),
                new Judgement.NeedsBreakdown(List.of("Wipe a")),
                COMPLETED,
                COMPLETED);
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        tools.register(hart, "wipe", Effect.DESTRUCTIVE, (text, context) -> text);

        Run run = hart.run("say it");
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        assertThat(hart.runs().find(run.id()).orElseThrow().waitingFor()).containsExactly("1.1: APPROVAL_REQUIRED");
        hart.runs().approve(run.id(), "1.1");
        assertThat(hart.resume(run.id()).output()).isEqualTo("a");
    }

    @Test
    void aRerunKeepsWhatSubtasksDid() {
        Hart hart = hart(
                List.of(
                        plan(List.of(act("one", "all"), act("two", "{{one}}!")), "two"),
                        plan(List.of(act("part", "a"), act("rest", "{{part}}b")), "rest")),
                new Judgement.NeedsBreakdown(List.of("Say a", "Say b")),
                COMPLETED,
                COMPLETED,
                COMPLETED,
                COMPLETED);
        tools.register(hart, "act", Effect.WRITE, (text, context) -> text);
        Run run = hart.run("say it");
        tools.clear();

        Run again = hart.rerun(run.id()).run();

        assertThat(again.output()).isEqualTo("ab!");
        assertThat(tools.calls()).isEmpty();
        assertThat(again.report().keptSteps()).isEqualTo(4);
    }

    /** A runtime whose model plans and judges. */
    private Hart judgedByItsModel(String... answers) {
        Hart hart = PreparedTools.open(
                Hart.configure().inMemory().model(new ScriptedReplies(answers)).onEvent(events::add));
        open = hart;
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        return hart;
    }

    @Test
    void theModelThatJudgesMayChangeAnAction() {
        Hart hart = judgedByItsModel(
                plan(List.of(act("one", "old")), "one"),
                """
                {"status": "updated", "message": "It should be new", "action_id": "two", "updated_action": "Say new"}""",
                plan(List.of(act("one", "new")), "one"),
                "{\"status\": \"completed\", \"message\": \"\", \"fallback\": \"\"}");
        Run run = hart.run("say new or old");
        assertThat(run.output()).isEqualTo("new");
        assertThat(states("action_1~1")).startsWith("assigned").endsWith("terminated");
        assertThat(events)
                .filteredOn(event -> event.type() == RunEvent.Type.VERDICT_ID_MISMATCH)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.action()).isEqualTo("action_1");
                    assertThat(event.data()).containsExactly(Map.entry("named", "two"));
                });
        assertThat(run.report().modelCalls()).isEqualTo(4);
    }

    @Test
    void theModelThatJudgesCannotGiveARunAHigherEffectThanWasPlannedForTheRequest() {
        for (Effect effect : Effect.values()) {
            for (String verdict : List.of(
                    "\"updated\", \"updated_action\": \"Send it\"",
                    "\"updated\", \"entire_actions\": [\"Send it\"]",
                    "\"requires_breakdown\", \"subtasks\": [\"Send it\"]")) {
                Hart hart = judgedByItsModel(
                        plan(List.of(act("one", "old")), "one"),
                        "{\"status\": " + verdict + "}",
                        plan(List.of(act("one", "send", "new")), "one"),
                        "{\"status\": \"completed\"}",
                        "{\"status\": \"completed\"}");
                tools.clear();
                tools.register(hart, "send", effect, (text, context) -> text);
                Run run = hart.run("say it");
                if (effect == Effect.READ) {
                    assertThat(run.output()).isEqualTo("new");
                } else {
                    assertThat(run.failure().orElseThrow())
                            .hasMessageContaining("its plan has the effect " + effect)
                            .hasMessageContaining("has at most READ");
                    assertThat(tools.calls()).hasSize(1);
                }
                hart.close();
            }
        }
    }

    @Test
    void theModelThatJudgesMayBreakAnActionDown() {
        String completed = "{\"status\": \"completed\", \"message\": \"\", \"fallback\": \"\"}";
        Hart hart = judgedByItsModel(
                plan(List.of(act("one", "both")), "one"),
                """
                {"status": "requires_breakdown", "message": "two", "fallback": "", "subtasks": ["Say a", "Say b"]}""",
                plan(List.of(act("a", "a"), act("b", "b")), "b"),
                completed,
                completed,
                completed);
        Run run = hart.run("say both");
        assertThat(run.output()).isEqualTo("b");
        assertThat(ledger(hart, run)).containsEntry("1.1", "COMPLETED").containsEntry("1.2", "COMPLETED");
    }
}
