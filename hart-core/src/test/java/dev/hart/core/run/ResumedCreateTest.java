package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.error.RunCancelledException;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where a CREATE run goes on that stood still: nothing is lost, and nothing is done twice. */
@Timeout(20)
class ResumedCreateTest {
    private final PreparedTools tools = new PreparedTools();
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final List<Object> called = new CopyOnWriteArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch neighboursDone = new CountDownLatch(2);

    @TempDir
    Path folder;

    private @Nullable Hart open;

    @AfterEach
    void close() {
        release.countDown();
        if (open != null) {
            open.close();
        }
    }

    private Hart hart(String... plans) {
        Hart hart = PreparedTools.open(Hart.configure()
                .dataDirectory(folder)
                .parallelism(3)
                .model(new ScriptedReplies(plans))
                .verifier(outcome -> new Judgement.Completed())
                .onEvent(this::happened));
        open = hart;
        tools.register(hart, "act", Effect.READ, (text, context) -> {
            called.add(String.valueOf(text));
            return text;
        });
        tools.register(hart, "wipe", Effect.DESTRUCTIVE, (text, context) -> {
            called.add(String.valueOf(text));
            return text;
        });
        return hart;
    }

    private void happened(RunEvent event) {
        events.add(event);
        if (event.type() == RunEvent.Type.ACTION_STATE_CHANGED
                && "terminated".equals(event.data().get("to"))) {
            neighboursDone.countDown();
        }
    }

    private static String act(String name, String tool, String text) {
        return """
                {"name": "%s", "description": "Do %s", "kind": "TOOL", "tool": "%s", "args": {"text": "%s"}}""".formatted(name, name, tool, text);
    }

    private static String flow(String name, String actions) {
        return """
                {"name": "%s", "persona": "%s", "dependsOn": [], "actions": [%s]}""".formatted(name, name, actions);
    }

    private static String plan(List<String> actions, String answer, String... flows) {
        return """
                {"name": "do it", "actions": [%s], "answers": ["%s"], "cannot": [], "flows": [%s]}""".formatted(String.join(",", actions), answer, String.join(",", flows));
    }

    private List<String> changes(RunEvent.Type type, String of) {
        return events.stream()
                .filter(event -> event.type() == type)
                .filter(event -> type == RunEvent.Type.FLOW_STATE_CHANGED
                        ? String.valueOf(event.data().get("flow")).equals(of)
                        : event.action().equals(of))
                .map(event -> String.valueOf(event.data().get("to")))
                .toList();
    }

    @Test
    void ofFourActionsWithTheFirstAndThirdDoneTheSecondComesNextAndIsNotLost() throws Exception {
        Hart hart = hart(plan(
                List.of(
                        act("one", "act", "1"),
                        act("two", "slow", "2"),
                        act("three", "act", "3"),
                        act("four", "act", "{{two}}4")),
                "four"));
        tools.register(hart, "slow", Effect.READ, (text, context) -> {
            release.await();
            throw new ToolFailure("GONE", "the process is going", true, null);
        });
        RunHandle handle = hart.start("do it all");
        assertThat(neighboursDone.await(10, TimeUnit.SECONDS)).isTrue();
        Thread closing = new Thread(hart::close);
        closing.start();
        // The step ends only once close() waits for it.
        while (closing.getState() == Thread.State.NEW || closing.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        release.countDown();
        closing.join();
        assertThatThrownBy(handle::await).isInstanceOf(RunCancelledException.class);
        assertThat(called).containsExactlyInAnyOrder("1", "3");
        called.clear();
        events.clear();

        Hart again = hart();
        tools.register(again, "slow", Effect.READ, (text, context) -> {
            called.add(String.valueOf(text));
            return text;
        });
        Run run = again.resume(handle.id());

        assertThat(run.output()).isEqualTo("24");
        assertThat(called).containsExactly("2", "24");
        assertThat(changes(RunEvent.Type.ACTION_STATE_CHANGED, "action_2")).endsWith("terminated");
        assertThat(changes(RunEvent.Type.ACTION_STATE_CHANGED, "action_1")).isEmpty();
        assertThat(changes(RunEvent.Type.ACTION_STATE_CHANGED, "action_3")).isEmpty();
        assertThat(run.recipe().orElseThrow().recipe().actions()).hasSize(4);
    }

    @Test
    void ofThreeFlowsWithTheFirstDoneTheRunGoesOnInTheSecondAndNoReplayIsMadeOfTheRest() {
        String plan = plan(
                List.of(
                        act("found", "act", "paper"),
                        act("wiped", "wipe", "{{found}}"),
                        act("said", "act", "{{wiped}}?")),
                "said",
                flow("research", "\"found\""),
                flow("cleaning", "\"wiped\""),
                flow("talking", "\"said\""));
        Hart hart = hart(plan);
        Run waiting = hart.run("do it together");
        assertThat(waiting.state()).isEqualTo(RunState.PAUSED);
        assertThat(changes(RunEvent.Type.FLOW_STATE_CHANGED, "0")).endsWith("flow_completed");
        assertThat(changes(RunEvent.Type.FLOW_STATE_CHANGED, "1")).isEmpty();
        assertThat(hart.recipes().list()).as("a part of a run teaches nothing").isEmpty();
        hart.close();
        called.clear();
        events.clear();

        Hart again = hart();
        again.runs().approve(waiting.id(), "f1_action_1");
        Run run = again.resume(waiting.id());

        assertThat(run.mode()).isEqualTo(Mode.CREATE);
        assertThat(run.output()).isEqualTo("paper?");
        assertThat(called).as("flow 0 is not done again").containsExactly("paper", "paper?");
        assertThat(changes(RunEvent.Type.FLOW_STATE_CHANGED, "0")).isEmpty();
        for (String flow : List.of("1", "2")) {
            assertThat(changes(RunEvent.Type.FLOW_STATE_CHANGED, flow))
                    .containsExactlyElementsOf(Stream.of(FlowState.values())
                            .map(FlowState::wireName)
                            .toList());
        }
    }

    @Test
    void aFlowWithAllActionsDoneGoesOnFromItsFlowState() throws SQLException {
        Hart hart = hart(plan(
                List.of(act("found", "act", "paper"), act("wiped", "wipe", "{{found}}")),
                "wiped",
                flow("research", "\"found\""),
                flow("cleaning", "\"wiped\"")));
        Run waiting = hart.run("do it together");
        assertThat(changes(RunEvent.Type.FLOW_STATE_CHANGED, "0")).endsWith("flow_completed");
        hart.close();
        leaveOutFlowStatesBehind("topological_sort");
        called.clear();
        events.clear();

        Hart again = hart();
        again.runs().approve(waiting.id(), "f1_action_1");
        Run run = again.resume(waiting.id());

        assertThat(run.output()).isEqualTo("paper");
        assertThat(called).as("the action of flow 0 is not done again").containsExactly("paper");
        assertThat(changes(RunEvent.Type.FLOW_STATE_CHANGED, "0"))
                .containsExactly("scheduled_jobs_creation", "flow_recipe_creation", "flow_completed");
        assertThat(run.recipe().orElseThrow().recipe().flows()).hasSize(2);
    }

    /** Makes the journal one that ended while a flow was on its way. */
    private void leaveOutFlowStatesBehind(String last) throws SQLException {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("hart.db"));
                Statement change = database.createStatement()) {
            assertThat(change.executeUpdate("""
                            DELETE FROM task_event WHERE type = 'FLOW_STATE_CHANGED' AND seq > (
                                SELECT seq FROM task_event WHERE type = 'FLOW_STATE_CHANGED' AND payload LIKE '%"to":"LAST"%')
                            """.replace("LAST", last))).isEqualTo(3);
        }
    }
}
