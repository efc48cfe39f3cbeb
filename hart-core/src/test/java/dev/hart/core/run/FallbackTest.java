package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.error.IllegalTransitionException;
import dev.hart.guard.Rail;
import dev.hart.guard.Verdict;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an action does when its own steps have failed for good. */
@Timeout(20)
class FallbackTest {
    private final PreparedTools tools = new PreparedTools();
    private Hart hart = PreparedTools.open();

    @AfterEach
    void close() {
        hart.close();
    }

    private void broken(String name, Effect effect) {
        tools.register(hart, name, effect, (text, context) -> {
            throw new ToolFailure("BROKEN", name + " is broken");
        });
    }

    private void working(String name, Effect effect) {
        tools.register(hart, name, effect, (text, context) -> name + " " + text);
    }

    private Run run(Recipe recipe) {
        return hart.run(recipe, Inputs.none());
    }

    private static Recipe withFallbacks(String... tools) {
        return Recipe.named("fallbacks")
                .action("page", a -> {
                    a.tool("first").with("text", "x");
                    for (String tool : tools) {
                        a.fallback("use " + tool, f -> f.tool(tool).with("text", "x"));
                    }
                })
                .action("shown", a -> a.transform("<{{page}}>"))
                .output("page", Object.class)
                .output("shown", String.class)
                .build();
    }

    private List<RunEvent> events(Run run) {
        try (Stream<RunEvent> events = hart.runs().events(run.id(), 0)) {
            return events.toList();
        }
    }

    @Test
    void theFirstFallbackThatWorksGivesTheResult() {
        broken("first", Effect.READ);
        broken("second", Effect.READ);
        working("third", Effect.READ);
        working("fourth", Effect.READ);

        Run run = run(withFallbacks("second", "third", "fourth"));

        assertThat(run.outputs()).isEqualTo(Map.of("page", "third x", "shown", "<third x>"));
        assertThat(tools.calls()).hasSize(3);
        assertThat(run.report().steps())
                .extracting(step -> step.action(), step -> step.tool(), step -> step.fallback())
                .containsExactly(tuple("page", "third", 2), tuple("shown", null, 0));
        assertThat(run.report().notes())
                .containsExactly("page: fallback 1 is used: use second", "page: fallback 2 is used: use third");
        assertThat(hart.runs().get(run.id()).report().notes())
                .isEqualTo(run.report().notes());
    }

    @Test
    void anActionThatWorksNeedsNoFallbackAndNoMoreCommitsOrEvents() {
        working("first", Effect.READ);
        working("second", Effect.READ);
        Run run = run(withFallbacks("second"));
        assertThat(run.outputs()).containsEntry("page", "first x");
        assertThat(tools.calls()).hasSize(1);
        assertThat(run.report().commits()).isEqualTo(2);
        assertThat(run.report().notes()).isEmpty();
        assertThat(events(run)).allMatch(event -> !event.data().containsKey("fallback"));
    }

    @Test
    void theActionStaysInProgressWhileItsFallbackRuns() {
        broken("first", Effect.READ);
        working("second", Effect.READ);
        Run run = run(withFallbacks("second"));
        assertThat(events(run).stream()
                        .filter(event ->
                                event.action().equals("action_1") && event.type() == RunEvent.Type.ACTION_STATE_CHANGED)
                        .map(event -> event.data().get("to")))
                .containsExactly("in_progress", "status_verification_requested", "completed", "terminated");
    }

    @Test
    void whenEveryFallbackFailsTheLastFailureFailsTheRunAndHintsAreTold() {
        broken("first", Effect.READ);
        broken("second", Effect.READ);
        Run run = run(Recipe.named("r")
                .action(
                        "page",
                        a -> a.tool("first")
                                .fallback("call the library")
                                .fallback("use second", f -> f.tool("second"))
                                .fallback("ask Anna"))
                .build());
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("BROKEN");
        assertThat(run.failure().orElseThrow())
                .hasMessageEndingWith("page: second is broken (hint: call the library; ask Anna)");
        assertThat(tools.calls()).hasSize(2);
    }

    @Test
    void aFallbackComesAfterTheAttemptsOfTheStep() {
        tools.register(hart, "first", Effect.READ, (text, context) -> {
            throw new ToolFailure("BUSY", "busy", true, null);
        });
        working("second", Effect.READ);
        Run run = run(Recipe.named("r")
                .action(
                        "page",
                        a -> a.tool("first")
                                .retry(2, Duration.ZERO)
                                .fallback("use second", f -> f.tool("second").with("text", "x")))
                .output("page", String.class)
                .build());
        assertThat(run.output()).isEqualTo("second x");
        assertThat(tools.calls()).extracting(call -> call.attempt()).containsExactly(1, 2, 1);
    }

    @Test
    void aFallbackOfSeveralStepsReadsItsOwnResultsAndThoseFromBeforeTheFailure() {
        working("first", Effect.READ);
        broken("broken", Effect.READ);
        working("second", Effect.READ);
        Run run = run(Recipe.named("r")
                .action(
                        "page",
                        a -> a.tool("first")
                                .with("text", "1")
                                .output("found")
                                .tool("broken")
                                .fallback(
                                        "put it together",
                                        f -> f.tool("second")
                                                .with("text", "{{found}}")
                                                .output("better")
                                                .transform("{{better}} {{steps.1.1}}")))
                .action("shown", a -> a.transform("{{page}} {{steps.1.2}}"))
                .output("shown", String.class)
                .build());
        assertThat(run.output()).isEqualTo("second first 1 first 1 second first 1 first 1");
    }

    @Test
    void aStepOfAFallbackHasAKeyOfItsOwn() {
        tools.register(hart, "first", Effect.WRITE, (text, context) -> {
            if (tools.calls().size() == 1) {
                throw new ToolFailure("BROKEN", "once");
            }
            return text;
        });
        Run run = run(withFallbacks("first"));
        assertThat(run.outputs()).containsEntry("page", "x");
        assertThat(tools.calls().stream().map(call -> call.idempotencyKey()).distinct())
                .hasSize(2);
    }

    @Test
    void whatAGuardrailRefusesIsNotTriedAnotherWay() {
        hart.close();
        hart = PreparedTools.open(Hart.configure()
                .inMemory()
                .withoutModel()
                .guardrail((rail, subject) ->
                        rail == Rail.ACTION && subject.tool().name().equals("first")
                                ? new Verdict.Refused("no-first", "not the first one")
                                : new Verdict.Allowed()));
        working("first", Effect.READ);
        working("second", Effect.READ);
        Run run = run(withFallbacks("second"));
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("GUARDRAIL_REFUSED");
        assertThat(tools.calls()).isEmpty();
    }

    // ---- approvals in mid-run

    private Run needsApproval() {
        broken("first", Effect.READ);
        working("wipe", Effect.DESTRUCTIVE);
        Run run = run(withFallbacks("wipe"));
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        assertThat(hart.runs().find(run.id()).orElseThrow().waitingFor())
                .containsExactly("action_1: APPROVAL_REQUIRED");
        assertThat(tools.calls()).as("only the first tool was called").hasSize(1);
        return run;
    }

    @Test
    void aDestructiveFallbackRunsOnceItIsApproved() {
        Run run = needsApproval();
        assertThat(hart.resume(run.id()).state()).as("nobody has decided").isEqualTo(RunState.PAUSED);
        hart.runs().approve(run.id(), "action_1");
        Run done = hart.resume(run.id());
        assertThat(done.outputs()).containsEntry("page", "wipe x");
        assertThat(tools.calls()).hasSize(2);
        assertThatThrownBy(() -> hart.runs().approve(run.id(), "action_1"))
                .isInstanceOf(IllegalTransitionException.class);
    }

    @Test
    void aDestructiveFallbackThatIsRejectedNeverRuns() {
        Run run = needsApproval();
        hart.runs().reject(run.id(), "action_1");
        Run rejected = hart.resume(run.id());
        assertThat(rejected.state()).isEqualTo(RunState.FAILED);
        assertThat(rejected.failure().orElseThrow().code()).isEqualTo("PREVIEW_REJECTED");
        assertThat(tools.calls()).hasSize(1);
    }

    // ---- run again

    @Test
    void aRerunKeepsTheResultOfTheFallbackAndDoesNotTryTheOwnStepsAgain() {
        broken("first", Effect.READ);
        working("second", Effect.WRITE);
        Run run = run(withFallbacks("second"));
        tools.clear();

        Run again = hart.rerun(run.id()).run();

        assertThat(again.outputs()).isEqualTo(run.outputs());
        assertThat(tools.calls()).isEmpty();
        assertThat(again.report().keptSteps()).isEqualTo(2);
    }

    @Test
    void aRerunWithAnotherInputTriesTheOwnStepsFirst() {
        tools.register(hart, "first", Effect.READ, (text, context) -> {
            if ("bad".equals(text)) {
                throw new ToolFailure("BROKEN", "bad");
            }
            return "first " + text;
        });
        working("second", Effect.WRITE);
        Recipe recipe = Recipe.named("r")
                .input("text", String.class)
                .action(
                        "page",
                        a -> a.tool("first")
                                .with("text", "{{inputs.text}}")
                                .fallback("use second", f -> f.tool("second").with("text", "{{inputs.text}}")))
                .output("page", String.class)
                .build();
        Run run = hart.run(recipe, Inputs.of("text", "bad"));
        assertThat(run.output()).isEqualTo("second bad");

        assertThat(hart.rerun(run.id()).withInput("text", "good").run().output())
                .isEqualTo("first good");
    }
}
