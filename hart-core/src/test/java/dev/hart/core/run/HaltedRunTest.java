package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.error.HaltedException;
import dev.hart.error.RunPausedException;
import dev.hart.recipe.Recipe;
import dev.hart.security.trust.CircuitBreaker;
import dev.hart.spi.StepScheduler;
import dev.hart.tool.Effect;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A halted node begins nothing and pauses what goes on; with the real circuit breaker of hart-security. */
@Timeout(30)
class HaltedRunTest {
    @TempDir
    Path folder;

    private final PreparedTools tools = new PreparedTools();
    private CircuitBreaker breaker;
    private Hart hart;

    @BeforeEach
    void open() {
        breaker = CircuitBreaker.in(folder).operator("let me"::equals).open();
        hart = open(Hart.configure().withoutModel());
    }

    private Hart open(HartBuilder builder) {
        return PreparedTools.open(builder.dataDirectory(folder).haltSwitch(breaker));
    }

    @AfterEach
    void close() {
        hart.close();
        breaker.close();
    }

    private static Recipe twoSteps() {
        return Recipe.named("two-steps")
                .action("first", a -> a.tool("first").with("text", "{{inputs.text}}"))
                .action("second", a -> a.tool("second").with("text", "{{first}}"))
                .input("text", String.class)
                .output("second", Object.class)
                .build();
    }

    private List<RunEvent.Type> types(String runId) {
        try (Stream<RunEvent> events = hart.runs().events(runId, 0)) {
            return events.map(RunEvent::type).toList();
        }
    }

    @Test
    void nothingBeginsOnAHaltedNodeAndReadingStaysPossible() {
        tools.register(hart, "first", Effect.READ, (text, context) -> text);
        tools.register(hart, "second", Effect.READ, (text, context) -> text + "!");
        Run before = hart.run(twoSteps(), Inputs.of("text", "hi"));
        breaker.localHalt("smoke in the rack");

        Inputs inputs = Inputs.of("text", "ho");
        assertThatThrownBy(() -> hart.run(twoSteps(), inputs))
                .isInstanceOf(HaltedException.class)
                .hasMessageContaining("estop: smoke in the rack");
        assertThatThrownBy(() -> hart.start(twoSteps(), inputs)).isInstanceOf(HaltedException.class);
        assertThatThrownBy(() -> hart.run("say hi")).isInstanceOf(HaltedException.class);
        assertThatThrownBy(() -> hart.start("say hi")).isInstanceOf(HaltedException.class);
        assertThatThrownBy(() -> hart.rerun(before.id()).run()).isInstanceOf(HaltedException.class);
        assertThatThrownBy(() -> hart.resume()).isInstanceOf(HaltedException.class);
        assertThat(tools.calls()).hasSize(2);

        assertThat(hart.runs().get(before.id()).output()).isEqualTo("hi!");
        assertThat(hart.runs().list(10)).hasSize(1);
        assertThat(hart.recipes().list()).hasSize(1);

        breaker.clearLocal("let me");
        assertThat(hart.run(twoSteps(), inputs).output()).isEqualTo("ho!");
    }

    @Test
    void aRunThatGoesOnPausesBeforeItsNextStepAndGoesOnAfterwards() {
        tools.register(hart, "first", Effect.WRITE, (text, context) -> {
            breaker.localHalt("in the middle");
            return text;
        });
        tools.register(hart, "second", Effect.WRITE, (text, context) -> text + "!");
        Run run = hart.run(twoSteps(), Inputs.of("text", "hi"));

        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        assertThat(run.failure().orElseThrow())
                .isInstanceOf(RunPausedException.class)
                .hasMessage("run " + run.id() + " was paused because the node was halted; once it is not, resume(\""
                        + run.id() + "\") goes on");
        assertThat(hart.runs().find(run.id()).orElseThrow().waitingFor()).containsExactly("HALTED");
        assertThat(tools.calls()).hasSize(1);
        assertThatThrownBy(() -> hart.resume(run.id())).isInstanceOf(HaltedException.class);

        breaker.clearLocal("let me");
        Run after = hart.resume(run.id());
        assertThat(after.output()).isEqualTo("hi!");
        assertThat(tools.calls()).as("the first step was not repeated").hasSize(2);
        assertThat(types(run.id()))
                .containsSubsequence(RunEvent.Type.RUN_PAUSED, RunEvent.Type.RUN_RESUMED, RunEvent.Type.RUN_FINISHED);
    }

    @Test
    void aRunPausedByAHaltIsTakenUpWithTheOthersByTheNextProcess() {
        tools.register(hart, "first", Effect.READ, (text, context) -> {
            breaker.localHalt("in the middle");
            return text;
        });
        tools.register(hart, "second", Effect.READ, (text, context) -> text + "?");
        Run run = hart.run(twoSteps(), Inputs.of("text", "hi"));
        hart.close();
        breaker.clearLocal("let me");
        hart = open(Hart.configure().withoutModel());
        tools.register(hart, "second", Effect.READ, (text, context) -> text + "!");
        assertThat(hart.resume())
                .singleElement()
                .satisfies(handle -> assertThat(handle.await().output()).isEqualTo("hi!"));
        assertThat(hart.runs().get(run.id()).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void aRunInsideAnotherPausesAndBothGoOn() {
        AtomicInteger calls = new AtomicInteger();
        tools.register(hart, "first", Effect.READ, (text, context) -> {
            if (calls.incrementAndGet() == 1) {
                breaker.localHalt("in the middle");
            }
            return text;
        });
        tools.register(hart, "second", Effect.READ, (text, context) -> text + "!");
        hart.recipes().save(twoSteps());
        Run run = hart.run(
                Recipe.named("outer")
                        .action("sub", a -> a.recipe("two-steps").with("text", "hi"))
                        .action("shown", a -> a.transform("<{{sub}}>"))
                        .output("shown", String.class)
                        .build(),
                Inputs.none());
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        breaker.clearLocal("let me");
        assertThat(hart.resume(run.id()).output()).isEqualTo("<hi!>");
        assertThat(calls).hasValue(1);
    }

    @Test
    void aStepThatWasStartedAndNotYetCalledIsCalledOnceAfterwards() {
        // The scheduler runs just before a worker performs a step, and after the commit that says that it is started.
        AtomicInteger performs = new AtomicInteger();
        hart.close();
        hart = open(Hart.configure().withoutModel().scheduler(new StepScheduler() {
            @Override
            public void perform(String runId, String action, BooleanSupplier work, Executor workers) {
                workers.execute(() -> {
                    if (performs.incrementAndGet() == 2) {
                        breaker.localHalt("between start and call");
                    }
                    assertThat(work.getAsBoolean()).isTrue();
                });
            }

            @Override
            public void waits(String runId) {}

            @Override
            public void ended(String runId) {}
        }));
        tools.register(hart, "first", Effect.WRITE, (text, context) -> text);
        tools.register(hart, "second", Effect.WRITE, (text, context) -> text + "!");
        Run run = hart.run(twoSteps(), Inputs.of("text", "hi"));
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        assertThat(tools.calls()).hasSize(1);
        breaker.clearLocal("let me");
        assertThat(hart.resume(run.id()).output())
                .as("nobody needs to say what became of it")
                .isEqualTo("hi!");
        assertThat(tools.calls()).hasSize(2);
    }

    @Test
    void noModelIsAskedOnAHaltedNodeAndAModelStepIsAskedAgainAfterwards() {
        hart.close();
        ScriptedReplies model = new ScriptedReplies("an answer");
        hart = open(Hart.configure().model(model));
        tools.register(hart, "first", Effect.READ, (text, context) -> {
            breaker.localHalt("before the model");
            return text;
        });
        Run run = hart.run(
                Recipe.named("asks")
                        .action("first", a -> a.tool("first").with("text", "hi"))
                        .action("ask", a -> a.model("say {{first}}"))
                        .output("ask", String.class)
                        .build(),
                Inputs.none());
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        assertThat(model.asked()).isEmpty();
        breaker.clearLocal("let me");
        assertThat(hart.resume(run.id()).output()).isEqualTo("an answer");
    }
}
