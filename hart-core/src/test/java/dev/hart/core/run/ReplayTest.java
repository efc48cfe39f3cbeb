package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.core.model.RecordedSleeps;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.error.GuardrailRefusedException;
import dev.hart.error.InputInvalidException;
import dev.hart.error.OutputMismatchException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.guard.Rail;
import dev.hart.guard.Verdict;
import dev.hart.model.Message;
import dev.hart.model.ModelException;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.security.UntrustedText;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** REUSE: a recipe runs as it is written, without a model. */
@Timeout(20)
class ReplayTest {
    private final PreparedTools tools = new PreparedTools();
    private Hart hart = PreparedTools.open();

    @AfterEach
    void close() {
        hart.close();
    }

    private void reopen(Hart other) {
        hart.close();
        hart = other;
    }

    private Run run(Recipe recipe) {
        return hart.run(recipe, Inputs.none());
    }

    private Run runOne(String text) {
        return hart.run(PreparedTools.oneAction().build(), Inputs.of("text", text));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void stepsInARowCostOneCommitMoreThanThereAreSteps(int steps) {
        tools.register(hart, "act", Effect.WRITE, (text, context) -> text);
        RecipeBuilder recipe = Recipe.named("row");
        for (int i = 1; i <= steps; i++) {
            String before = i == 1 ? "start" : "{{a" + (i - 1) + "}}";
            recipe.action("a" + i, a -> a.tool("act").with("text", before));
        }

        Run run = run(recipe.build());

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.report().commits()).isEqualTo(steps + 1);
        assertThat(tools.calls()).hasSize(steps);
    }

    @Test
    void theIdempotencyKeyIsTheHashOfRunFlowActionStepAndArguments() {
        assertThat(StepCall.key("r1", new ActionRef(0, 2), 0, 1, Map.of("q", "cats")))
                .isEqualTo("6690d549c21de47da8d5e3fcaff14c654e4c244fe2534fbb7d1023a8a082a384");
    }

    @Test
    void everyAttemptOfAStepHasTheSameKeyAndWaitsLonger() {
        RecordedSleeps clock = new RecordedSleeps();
        List<Long> calledAt = new CopyOnWriteArrayList<>();
        long start = clock.instant().toEpochMilli();
        reopen(PreparedTools.open(Hart.configure().inMemory().withoutModel().clock(clock)));
        tools.register(hart, "act", Effect.READ, (text, context) -> {
            calledAt.add(clock.instant().toEpochMilli() - start);
            throw new IllegalStateException("no luck");
        });

        Run run = run(Recipe.named("retry")
                .action("act", a -> a.tool("act").retry(3, Duration.ofSeconds(1)))
                .build());

        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow()).hasMessageContaining("no luck");
        assertThat(calledAt).containsExactly(0L, 1_000L, 3_000L);
        assertThat(tools.calls()).extracting(c -> c.attempt()).containsExactly(1, 2, 3);
        assertThat(tools.calls())
                .extracting(c -> c.idempotencyKey())
                .containsOnly(tools.calls().get(0).idempotencyKey());
    }

    @Test
    void aWriteThatThrowsIsNotRepeatedUnlessItSaysSo() {
        hart.tools().register(tools.tool("act", Effect.WRITE, (text, context) -> {
            throw new java.util.concurrent.TimeoutException("nobody knows");
        }));
        assertThat(runOne("x").state()).isEqualTo(RunState.FAILED);
        assertThat(tools.calls()).hasSize(1);
    }

    @Test
    void aWriteIsRepeatedWhenItsToolSaysItHadNoEffect() {
        reopen(PreparedTools.open(Hart.configure().inMemory().withoutModel().clock(new RecordedSleeps())));
        tools.register(hart, "act", Effect.WRITE, (text, context) -> {
            if (context.attempt() < 3) {
                throw new ToolFailure("BUSY", "try again", true, null);
            }
            return "done";
        });
        Run run = runOne("x");
        assertThat(run.output()).isEqualTo("done");
        assertThat(run.report().steps().get(0).attempts()).isEqualTo(3);
    }

    @Test
    void aRecipeWithoutModelStepsNeedsNoModel() {
        reopen(PreparedTools.open(Hart.configure()
                .inMemory()
                .model(new ScriptedReplies(
                        new ModelException(ModelException.Kind.REFUSED, "never"),
                        new ModelException(ModelException.Kind.REFUSED, "never")))));
        tools.register(hart, "act", Effect.READ, (text, context) -> text + "!");
        Run run = hart.run(
                Recipe.named("both")
                        .input("text", String.class)
                        .action("act", a -> a.tool("act").with("text", "{{inputs.text}}"))
                        .action("shown", a -> a.transform("<{{act}}>"))
                        .output("shown", String.class)
                        .build(),
                Inputs.of("text", "hi"));
        assertThat(run.mode()).isEqualTo(Mode.REUSE);
        assertThat(run.output(String.class)).isEqualTo("<hi!>");
        assertThat(run.report().modelCalls()).isZero();
    }

    @Test
    void aRecipeOfTransformsAloneNeedsOneCommit() {
        Run run = run(Recipe.named("pure")
                .action("two", a -> a.transform(2))
                .action("text", a -> a.transform(Map.of("n", "{{two}}", "all", List.of("{{two}} of it"))))
                .output("text", Object.class)
                .build());
        assertThat(run.output()).isEqualTo(Map.of("n", 2L, "all", List.of("2 of it")));
        assertThat(run.report().commits()).isEqualTo(1);
    }

    @Test
    void flowsRunOneBehindTheOther() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text + ".");
        Run run = run(Recipe.named("flows")
                .flow("first", f -> f.action("a", a -> a.tool("act").with("text", "a")))
                .flow(
                        "second",
                        f -> f.persona("Writer")
                                .action("b", a -> a.tool("act").with("text", "{{a}}b"))
                                .action("c", a -> a.tool("act").with("text", "{{steps.1.1}}c")))
                .output("c", String.class)
                .build());
        assertThat(run.output()).isEqualTo("a.b.c.");
        assertThat(tools.calls()).extracting(c -> c.action()).containsExactly("action_1", "f1_action_1", "f1_action_2");
    }

    @Test
    void aModelStepAnswersWithTextOrWithWhatItsSchemaSays() {
        ScriptedReplies model = new ScriptedReplies("a short text", "Here it is: {\"n\": 3}");
        reopen(PreparedTools.open(Hart.configure().inMemory().model(model)));
        record Count(int n) {}
        Run run = run(Recipe.named("ask")
                .action("text", a -> a.model("Say something"))
                .action("count", a -> a.model("Count {{text}}").expect(Count.class))
                .output("text", String.class)
                .output("count", Count.class)
                .build());
        assertThat(run.outputs()).isEqualTo(Map.of("text", "a short text", "count", Map.of("n", 3L)));
        assertThat(run.report().modelCalls()).isEqualTo(2);
        assertThat(run.report().cost().micro()).isEqualTo(1_200_000);
        assertThat(model.asked().get(1).messages())
                .extracting(Message::text)
                .containsExactly(UntrustedText.NOTE, "Count " + UntrustedText.fence("a short text"));
    }

    @Test
    void aModelStepWithoutAModelSaysWhatToSet() {
        Run run = run(Recipe.named("ask").action("text", a -> a.model("Say")).build());
        assertThat(run.failure().orElseThrow()).hasMessageContaining("HART_MODEL");
        assertThat(run.failure().orElseThrow().code()).isEqualTo("MODEL_MISSING");
    }

    @Test
    void actionsThatOnlyReadRunAtTheSameTime() {
        CountDownLatch both = new CountDownLatch(2);
        reopen(PreparedTools.open(Hart.configure().inMemory().withoutModel().parallelism(2)));
        tools.register(hart, "meet", Effect.READ, (text, context) -> {
            both.countDown();
            return both.await(10, TimeUnit.SECONDS);
        });
        Run run = run(Recipe.named("meet")
                .action("a", a -> a.tool("meet"))
                .action("b", a -> a.tool("meet"))
                .output("a", Boolean.class)
                .output("b", Boolean.class)
                .build());
        assertThat(run.outputs()).isEqualTo(Map.of("a", true, "b", true));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void writesRunAloneAndInOrderWhateverTheParallelism(int parallelism) {
        reopen(PreparedTools.open(Hart.configure().inMemory().withoutModel().parallelism(parallelism)));
        AtomicInteger running = new AtomicInteger();
        List<Object> order = new CopyOnWriteArrayList<>();
        PreparedTools.Body body = (text, context) -> {
            boolean alone = running.incrementAndGet() == 1;
            order.add(text + (alone ? "" : " with others"));
            running.decrementAndGet();
            return text;
        };
        tools.register(hart, "write", Effect.WRITE, body);
        tools.register(hart, "read", Effect.READ, (text, context) -> text);
        Run run = run(Recipe.named("mixed")
                .action("w1", a -> a.tool("write").with("text", "1"))
                .action("r1", a -> a.tool("read").with("text", "r"))
                .action("r2", a -> a.tool("read").with("text", "r"))
                .action("w2", a -> a.tool("write").with("text", "2"))
                .action("w3", a -> a.tool("write").with("text", "3"))
                .build());
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(order).containsExactly("1", "2", "3");
    }

    @Test
    void aReadThatIgnoresInterruptsDoesNotHoldTheRun() {
        CountDownLatch release = new CountDownLatch(1);
        tools.register(hart, "act", Effect.READ, (text, context) -> {
            while (true) {
                try {
                    return release.await(1, TimeUnit.MINUTES);
                } catch (InterruptedException e) {
                    // does not listen
                }
            }
        });
        Run run = run(Recipe.named("slow")
                .action("act", a -> a.tool("act").timeout(Duration.ofMillis(50)).retry(1, Duration.ZERO))
                .build());
        release.countDown();
        assertThat(run.failure().orElseThrow().code()).isEqualTo("TIMEOUT");
    }

    @Test
    void anErrorOrAStrayInterruptOfAToolFailsItsStepAtOnce() {
        tools.register(hart, "breaks", Effect.WRITE, (text, context) -> {
            throw new AssertionError("broken");
        });
        tools.register(hart, "stops", Effect.WRITE, (text, context) -> {
            throw new InterruptedException("by nobody");
        });
        for (String tool : List.of("breaks", "stops")) {
            Run run = run(Recipe.named(tool).action("act", a -> a.tool(tool)).build());
            assertThat(run.failure().orElseThrow().code()).isEqualTo("TOOL_THREW");
        }
    }

    @Test
    void inputsAreCheckedBeforeAnythingRuns() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        Recipe recipe = PreparedTools.oneAction().build();
        assertThat(catchThrowableOfType(InputInvalidException.class, () -> hart.run(recipe, Inputs.none())))
                .extracting(InputInvalidException::field)
                .isEqualTo("text");
        assertThatThrownBy(() -> hart.run(recipe, Inputs.of("text", "x").and("more", 1)))
                .hasMessageContaining("'more' is not an input of recipe one; it takes text");
        assertThatThrownBy(() -> hart.run(recipe, Inputs.of("text", 5))).hasMessageContaining("wrong type");
        assertThat(tools.calls()).isEmpty();
        assertThat(hart.runs().list(10)).isEmpty();
    }

    @Test
    void anOptionalInputThatIsNotGivenLeavesTheArgumentOut() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text == null ? "nothing" : text);
        Recipe recipe = Recipe.named("optional")
                .optionalInput("text", String.class)
                .action("act", a -> a.tool("act").with("text", "{{inputs.text}}"))
                .output("act", String.class)
                .build();
        assertThat(run(recipe).output()).isEqualTo("nothing");
        assertThat(hart.run(recipe, Inputs.of("text", "x")).output()).isEqualTo("x");
    }

    @Test
    void anOutputConvertsToTheTypeThatIsAskedFor() {
        tools.register(
                hart,
                "act",
                Effect.READ,
                (text, context) -> Map.of("total", new BigDecimal("3.75"), "day", "2026-01-02"));
        record Totals(BigDecimal total, java.time.LocalDate day) {}
        record Wrong(int total, String day) {}
        Run run = runOne("x");
        assertThat(run.output(Totals.class))
                .isEqualTo(new Totals(new BigDecimal("3.75"), java.time.LocalDate.of(2026, 1, 2)));
        assertThat(run.output(Map.class)).containsEntry("day", "2026-01-02");
        assertThatThrownBy(() -> run.output(Wrong.class)).isInstanceOf(OutputMismatchException.class);
        assertThatThrownBy(() -> run.output(List.class)).isInstanceOf(OutputMismatchException.class);
    }

    @Test
    void anOutputThatIsNotWhatTheRecipeDeclaresFailsTheRun() {
        tools.register(hart, "act", Effect.READ, (text, context) -> "many");
        Run run = run(Recipe.named("typed")
                .action("act", a -> a.tool("act"))
                .output("act", Integer.class)
                .build());
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.failure().orElseThrow().code()).isEqualTo("EXPECTATION_FAILED");
        assertThat(run.failure().orElseThrow()).hasMessageContaining("/act");
        assertThatThrownBy(run::output).isSameAs(run.failure().orElseThrow());
    }

    @Test
    void aResultThatIsNotExpectedFailsAndTheStepsBehindDoNotRun() {
        tools.register(hart, "act", Effect.WRITE, (text, context) -> "text");
        Run run = run(Recipe.named("expect")
                .action("first", a -> a.tool("act").expect(Integer.class))
                .action("second", a -> a.tool("act").with("text", "{{first}}"))
                .build());
        assertThat(run.failure().orElseThrow().code()).isEqualTo("EXPECTATION_FAILED");
        assertThat(tools.calls()).hasSize(1);
    }

    @Test
    void aRecipeOfAThousandActionsRuns() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        RecipeBuilder recipe = Recipe.named("long");
        for (int i = 1; i <= 1_000; i++) {
            recipe.action("a" + i, i % 2 == 0 ? a -> a.transform(1) : a -> a.tool("act"));
        }
        Run run = run(recipe.build());
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.report().steps()).hasSize(1_000);
    }

    @ParameterizedTest
    @EnumSource(
            value = Rail.class,
            names = {"ACTION", "TOOL_RESULT"})
    void aGuardrailThatRefusesACallOrItsResultFailsTheRun(Rail refusing) {
        reopen(PreparedTools.open(Hart.configure()
                .inMemory()
                .withoutModel()
                .guardrail((rail, subject) ->
                        rail == refusing ? new Verdict.Refused("MINE", "not today") : Verdict.ALLOWED)));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        Run run = runOne("x");
        assertThat(run.failure().orElseThrow().code()).isEqualTo("GUARDRAIL_REFUSED");
        assertThat(run.failure().orElseThrow()).hasMessageContaining("not today");
        assertThat(tools.calls()).hasSize(refusing == Rail.ACTION ? 0 : 1);
    }

    @Test
    void aGuardrailThatRefusesTheRequestLeavesNoRun() {
        reopen(PreparedTools.open(Hart.configure()
                .inMemory()
                .withoutModel()
                .guardrail((rail, subject) ->
                        rail == Rail.PROMPT ? new Verdict.Refused("MINE", "not today") : Verdict.ALLOWED)));
        assertThatThrownBy(() -> hart.run("act now")).isInstanceOf(GuardrailRefusedException.class);
        assertThat(hart.runs().list(10)).isEmpty();
    }

    @Test
    void aListenerThatThrowsHarmsNothing() {
        List<RunEvent.Type> heard = new CopyOnWriteArrayList<>();
        reopen(PreparedTools.open(Hart.configure()
                .inMemory()
                .withoutModel()
                .onEvent(event -> {
                    throw new IllegalStateException("listener");
                })
                .onEvent(event -> heard.add(event.type()))));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        assertThat(runOne("x").state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(heard).startsWith(RunEvent.Type.RUN_STARTED).endsWith(RunEvent.Type.RUN_FINISHED);
    }

    @Test
    void theJournalHoldsEveryEventOnceAndItsStreamEnds() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        Run run = runOne("x");
        try (Stream<RunEvent> events = hart.runs().events(run.id(), 0)) {
            List<RunEvent> all = events.toList();
            assertThat(all).extracting(RunEvent::seq).isSorted().doesNotHaveDuplicates();
            assertThat(all)
                    .extracting(RunEvent::type)
                    .contains(RunEvent.Type.STEP_STARTED, RunEvent.Type.STEP_FINISHED);
            assertThat(all.get(all.size() - 1).type()).isEqualTo(RunEvent.Type.RUN_FINISHED);
        }
    }

    @Test
    void aStoredRecipeWhoseToolIsGoneIsRefusedBeforeItRuns(@org.junit.jupiter.api.io.TempDir Path folder) {
        reopen(PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel()));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        runOne("x");
        reopen(PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel()));
        assertThatThrownBy(() -> hart.run(hart.recipes().get("one"), Inputs.of("text", "x")))
                .isInstanceOf(RecipeInvalidException.class)
                .hasMessageContaining("UNKNOWN_TOOL");
        assertThat(hart.runs().list(10)).hasSize(1);
    }

    @Test
    void argumentsThatDoNotConvertAreInvalidArguments() {
        record Place(Path path, java.net.URI uri) {}
        hart.tools()
                .register(dev.hart.tool.TypedTool.of(
                        "place", "Takes a place.", Place.class, String.class, Effect.READ, place -> "ok"));
        hart.tools().register(new Places());
        for (String tool : List.of("place", "annotated")) {
            for (Map<String, String> bad :
                    List.of(Map.of("path", "a\0b", "uri", "http://h/"), Map.of("path", "a", "uri", "http://h/ x^"))) {
                Run run = run(Recipe.named("place")
                        .action(
                                "act",
                                a -> a.tool(tool).with("path", bad.get("path")).with("uri", bad.get("uri")))
                        .build());
                if (run.state() == RunState.PAUSED) {
                    // A NUL among the arguments is suspicious.
                    hart.runs().approve(run.id(), "action_1");
                    run = hart.resume(run.id());
                }
                assertThat(run.failure().orElseThrow().code()).as(tool + bad).isEqualTo("ARGUMENTS_INVALID");
            }
        }
    }

    /** The same as an annotated method. */
    public static final class Places {
        @dev.hart.tool.Tool(name = "annotated", description = "Take a place.", effect = Effect.READ)
        public String take(Path path, java.net.URI uri) {
            return "ok";
        }
    }

    @Test
    void aRequestIsOneToTenThousandCharacters() {
        assertThatThrownBy(() -> hart.run("  ")).isInstanceOf(InputInvalidException.class);
        assertThatThrownBy(() -> hart.run("x".repeat(10_001)))
                .isInstanceOf(InputInvalidException.class)
                .hasMessageContaining("10000");
    }

    @Test
    void resultsThatTheJournalCannotKeepEndTheRun() {
        tools.register(hart, "act", Effect.READ, (text, context) -> {
            Object deep = "x";
            for (int i = 0; i < 98; i++) {
                deep = List.of(deep);
            }
            return deep;
        });
        Run run = runOne("x");
        assertThat(run.state().hasEnded()).isTrue();
        assertThat(hart.runs().get(run.id()).state()).isEqualTo(run.state());
    }
}
