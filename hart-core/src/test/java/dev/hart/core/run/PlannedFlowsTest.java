package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.hart.Hart;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.error.CannotPlanException;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.recipe.Flow;
import dev.hart.tool.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Plans with several flows, each of one persona, and how they become part of the recipe. */
@Timeout(20)
class PlannedFlowsTest {
    private final PreparedTools tools = new PreparedTools();
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private @Nullable Hart open;

    @AfterEach
    void close() {
        if (open != null) {
            open.close();
        }
    }

    private Hart hart(String... plans) {
        Hart hart = PreparedTools.open(Hart.configure()
                .inMemory()
                .model(new ScriptedReplies(plans))
                .verifier(outcome -> new Judgement.Completed())
                .onEvent(events::add));
        open = hart;
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        return hart;
    }

    private static String act(String name, String text) {
        return """
                {"name": "%s", "description": "Do %s", "kind": "TOOL", "tool": "act", "args": {"text": "%s"}}""".formatted(name, name, text);
    }

    private static String flow(String name, String persona, String dependsOn, String actions) {
        return """
                {"name": "%s", "persona": "%s", "dependsOn": [%s], "actions": [%s]}""".formatted(name, persona, dependsOn, actions);
    }

    private static String plan(List<String> actions, String answer, String... flows) {
        return """
                {"name": "do it", "actions": [%s], "answers": ["%s"], "cannot": [], "flows": [%s]}""".formatted(String.join(",", actions), answer, String.join(",", flows));
    }

    private static final String GOOD = plan(
            List.of(act("found", "paper"), act("text", "{{found}}!"), act("said", "{{text}}?")),
            "said",
            flow("research", "Researcher", "", "\"found\""),
            flow("writing", "Writer", "", "\"text\", \"said\""));

    /** Each reads what the other has made. */
    private static final String CYCLE = plan(
            List.of(act("found", "paper"), act("text", "{{found}}!"), act("said", "{{text}}?")),
            "said",
            flow("research", "Researcher", "", "\"found\", \"said\""),
            flow("writing", "Writer", "", "\"text\""));

    private List<String> flowStates(int flow) {
        return events.stream()
                .filter(event -> event.type() == RunEvent.Type.FLOW_STATE_CHANGED)
                .filter(event -> event.data().get("flow").equals((long) flow))
                .map(event -> String.valueOf(event.data().get("to")))
                .toList();
    }

    @Test
    void eachPersonaHasAFlowAndEveryFlowComesToItsEndStateAfterState() {
        Hart hart = hart(GOOD);

        Run run = hart.run("do it together");

        assertThat(run.output()).isEqualTo("paper!?");
        List<Flow> flows = run.recipe().orElseThrow().recipe().flows();
        assertThat(flows)
                .extracting(Flow::name, Flow::persona, Flow::dependsOn)
                .containsExactly(tuple("research", "Researcher", List.of()), tuple("writing", "Writer", List.of(0)));
        for (int flow : List.of(0, 1)) {
            assertThat(flowStates(flow))
                    .containsExactly(
                            "dependency_analysis",
                            "topological_sort",
                            "scheduled_jobs_creation",
                            "flow_recipe_creation",
                            "flow_completed");
        }
        List<RunEvent> before = new ArrayList<>(events.subList(
                0,
                events.indexOf(events.stream()
                        .filter(e -> e.type() == RunEvent.Type.FLOW_STATE_CHANGED)
                        .findFirst()
                        .orElseThrow())));
        assertThat(before)
                .anyMatch(event -> event.action().equals("action_1")
                        && "terminated".equals(event.data().get("to")));
        assertThat(hart.unwrap(Ledgers.class).ledger(LedgerId.run(run.id())).tasks())
                .extracting(task -> task.taskId())
                .contains("action_1", "f1_action_1", "f1_action_2");
        assertThat(hart.run("Do it together!").mode()).isEqualTo(Mode.REUSE);
        assertThat(flowStates(0)).hasSize(5);
    }

    @Test
    void flowsThatWaitForEachOtherAreAnalysedOnceMoreThenRefusedWithTheShortestCycle() {
        assertThat(hart(CYCLE, GOOD).run("do it together").output()).isEqualTo("paper!?");
        close();
        assertThatThrownBy(() -> hart(CYCLE, CYCLE, GOOD).run("do it together"))
                .isInstanceOf(CannotPlanException.class)
                .hasMessageContaining("although it was asked again")
                .hasMessageContaining("research → writing → research");
    }

    @Test
    void twoPersonasNeverShareAFlowAndEveryActionIsInOne() {
        String twice = plan(
                List.of(act("a", "x"), act("b", "y")),
                "b",
                flow("one", "A", "", "\"a\""),
                flow("two", "B", "\"three\"", "\"a\", \"c\""));
        assertThatThrownBy(() -> hart(twice, twice, twice).run("do it together"))
                .hasMessageContaining("action 'a' is in the flows 'one' and 'two'")
                .hasMessageContaining("action 'b' is in no flow")
                .hasMessageContaining("there is no action 'c'")
                .hasMessageContaining("there is no flow 'three'");
    }

    @Test
    void anUpdateKeepsTheFlows() {
        List<Judgement> verdicts =
                new ArrayList<>(List.of(new Judgement.Completed(), new Judgement.Updated("Shout it")));
        Hart hart = PreparedTools.open(Hart.configure()
                .inMemory()
                .model(new ScriptedReplies(
                        GOOD,
                        plan(
                                List.of(act("found", "paper"), act("text", "{{found}}!!"), act("said", "{{text}}?")),
                                "said")))
                .verifier(outcome -> verdicts.isEmpty() ? new Judgement.Completed() : verdicts.remove(0)));
        open = hart;
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        Run run = hart.run("do it together");
        assertThat(run.output()).isEqualTo("paper!!?");
        assertThat(run.recipe().orElseThrow().recipe().flows())
                .extracting(Flow::persona)
                .containsExactly("Researcher", "Writer");
        assertThat(hart.unwrap(Ledgers.class).ledger(LedgerId.run(run.id())).tasks())
                .extracting(task -> task.taskId())
                .contains("f1_action_1~1")
                .doesNotContain("action_1~1");
    }
}
