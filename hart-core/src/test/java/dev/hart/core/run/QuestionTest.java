package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.Question;
import dev.hart.core.model.MovedClock;
import dev.hart.error.IllegalTransitionException;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RunNotFoundException;
import dev.hart.error.RunPausedException;
import dev.hart.ledger.BlockedReason;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Steps that ask a person. */
@Timeout(20)
class QuestionTest {
    private static final Recipe CITY = Recipe.named("city")
            .input("country", String.class)
            .action("city", a -> a.ask("Which city of {{inputs.country}}?").choices("Oslo", "Bergen"))
            .action("shown", a -> a.transform("<{{city}}>"))
            .output("shown", String.class)
            .build();

    private final PreparedTools tools = new PreparedTools();
    private final MovedClock clock = new MovedClock();
    private Hart hart = open();

    @TempDir
    Path folder;

    private Hart open() {
        return PreparedTools.open(Hart.configure().inMemory().withoutModel().clock(clock));
    }

    private void openOnDisk() {
        hart.close();
        hart = PreparedTools.open(
                Hart.configure().dataDirectory(folder).withoutModel().clock(clock));
    }

    @AfterEach
    void close() {
        hart.close();
    }

    private Run ask() {
        Run run = hart.run(CITY, Inputs.of("country", "Norway"));
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        return run;
    }

    private static Recipe yesOrNo(Duration deadline) {
        return Recipe.named("sure")
                .action(
                        "sure",
                        a -> a.ask("Are you sure?").expect(Boolean.class).deadline(deadline))
                .output("sure", Boolean.class)
                .build();
    }

    private List<RunEvent> events(String runId) {
        try (Stream<RunEvent> events = hart.runs().events(runId, 0)) {
            return events.toList();
        }
    }

    @Test
    void aRunThatAsksIsPausedAndSaysWhatItAsks() {
        Run run = ask();
        assertThat(hart.runs().find(run.id()).orElseThrow().waitingFor()).containsExactly("action_1: INPUT_REQUIRED");
        assertThatThrownBy(run::output)
                .isInstanceOfSatisfying(
                        RunPausedException.class,
                        paused -> assertThat(paused.waitingFor()).containsExactly("action_1: INPUT_REQUIRED"));
        assertThat(hart.runs().questions(run.id()))
                .containsExactly(new Question(
                        run.id(),
                        "action_1.1",
                        "action_1",
                        "Which city of Norway?",
                        Map.of("type", "string", "enum", List.of("Oslo", "Bergen")),
                        null));
        assertThat(hart.resume(run.id()).state()).as("nobody has answered").isEqualTo(RunState.PAUSED);
    }

    @Test
    void theAnswerIsTheResultOfTheStep() {
        Run run = ask();
        clock.advance(Duration.ofMinutes(3));
        hart.runs().answer(run.id(), "action_1.1", "Oslo");
        assertThat(hart.runs().questions(run.id())).isEmpty();

        Run done = hart.resume(run.id());

        assertThat(done.output()).isEqualTo("<Oslo>");
        assertThat(done.report().steps().get(0).millis()).isEqualTo(180_000);
        assertThat(events(run.id()))
                .extracting(RunEvent::type)
                .containsSubsequence(
                        RunEvent.Type.STEP_STARTED,
                        RunEvent.Type.ASKED,
                        RunEvent.Type.RUN_PAUSED,
                        RunEvent.Type.ANSWERED,
                        RunEvent.Type.RUN_RESUMED,
                        RunEvent.Type.STEP_FINISHED,
                        RunEvent.Type.RUN_FINISHED);
    }

    @Test
    void whileItWaitsTheLedgerSaysThatInputIsRequired() {
        Run run = ask();
        var task = hart.unwrap(Ledgers.class)
                .ledger(LedgerId.run(run.id()))
                .task("action_1")
                .orElseThrow();
        assertThat(task.blockedReason()).isEqualTo(BlockedReason.INPUT_REQUIRED);
    }

    @Test
    void anAnswerThatDoesNotFitIsRefusedAndTheQuestionStaysOpen() {
        Run run = ask();
        assertThatThrownBy(() -> hart.runs().answer(run.id(), "action_1.1", "Rome"))
                .isInstanceOf(InputInvalidException.class)
                .hasMessageStartingWith("input 'action_1.1' is of the wrong type: ");
        assertThat(hart.runs().questions(run.id())).hasSize(1);
        hart.runs().answer(run.id(), "action_1.1", "Bergen");
        assertThat(hart.resume(run.id()).output()).isEqualTo("<Bergen>");
    }

    @Test
    void aQuestionIsAnsweredOnceAndOnlyWhenItWasAsked() {
        Run run = ask();
        assertThatThrownBy(() -> hart.runs().answer(run.id(), "action_2.1", "Oslo"))
                .isInstanceOf(IllegalTransitionException.class);
        hart.runs().answer(run.id(), "action_1.1", "Oslo");
        assertThatThrownBy(() -> hart.runs().answer(run.id(), "action_1.1", "Bergen"))
                .isInstanceOf(IllegalTransitionException.class)
                .hasMessageContaining("question");
        hart.resume(run.id());
        assertThatThrownBy(() -> hart.runs().answer(run.id(), "action_1.1", "Bergen"))
                .isInstanceOf(IllegalTransitionException.class);
        assertThatThrownBy(() -> hart.runs().answer("nothing", "action_1.1", "Bergen"))
                .isInstanceOf(RunNotFoundException.class);
        assertThatThrownBy(() -> hart.runs().approve(run.id(), "action_1"))
                .isInstanceOf(IllegalTransitionException.class);
    }

    @Test
    void withoutATypeAnyJsonValueIsAnAnswerAlsoNull() {
        Recipe recipe = Recipe.named("any")
                .action("any", a -> a.ask("What?"))
                .output("any", Object.class)
                .build();
        Run first = hart.run(recipe, Inputs.none());
        hart.runs().answer(first.id(), "action_1.1", Map.of("a", List.of(1, 2)));
        assertThat(hart.resume(first.id()).output()).isEqualTo(Map.of("a", List.of(1L, 2L)));
        Run second = hart.run(recipe, Inputs.none());
        hart.runs().answer(second.id(), "action_1.1", null);
        assertThat(hart.resume(second.id()).output()).isNull();
    }

    @Test
    void aRunWaitsForSeveralAnswersAndTakesThemUpOneByOne() {
        Recipe recipe = Recipe.named("both")
                .action("a", a -> a.ask("A?"))
                .action("b", a -> a.ask("B?").output("b1").ask("And {{b1}}?"))
                .action("all", a -> a.transform("{{a}}{{b1}}{{b}}"))
                .output("all", String.class)
                .build();
        Run run = hart.run(recipe, Inputs.none());
        assertThat(hart.runs().questions(run.id())).extracting(Question::text).containsExactly("A?", "B?");
        hart.runs().answer(run.id(), "action_2.1", "b");
        assertThat(hart.resume(run.id()).state()).isEqualTo(RunState.PAUSED);
        assertThat(hart.runs().questions(run.id()))
                .extracting(Question::id, Question::text)
                .containsExactlyInAnyOrder(tuple("action_1.1", "A?"), tuple("action_2.2", "And b?"));
        hart.runs().answer(run.id(), "action_1.1", "a");
        hart.runs().answer(run.id(), "action_2.2", "c");
        assertThat(hart.resume(run.id()).output()).isEqualTo("abc");
    }

    @Test
    void whatCanGoOnGoesOnWhileAQuestionIsOpenAndTheRunTakesTheAnswerUpAtOnce() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        tools.register(hart, "slow", Effect.READ, (text, context) -> {
            begun.countDown();
            release.await();
            return text;
        });
        Recipe recipe = Recipe.named("beside")
                .action("asked", a -> a.ask("A?"))
                .action("slow", a -> a.tool("slow").with("text", "s"))
                .action("all", a -> a.transform("{{asked}}{{slow}}"))
                .output("all", String.class)
                .build();
        RunHandle handle = hart.start(recipe, Inputs.none());
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(handle.state()).isEqualTo(RunState.RUNNING);
        assertThatThrownBy(() -> handle.answer("action_2.1", "x")).isInstanceOf(IllegalTransitionException.class);

        handle.answer("action_1.1", "a");
        release.countDown();

        assertThat(handle.await().output()).isEqualTo("as");
        assertThat(events(handle.id())).extracting(RunEvent::type).doesNotContain(RunEvent.Type.RUN_PAUSED);
    }

    @Test
    void aQuestionSurvivesTheProcess() {
        openOnDisk();
        Run run = ask();
        openOnDisk();
        assertThat(hart.resume()).as("it waits for a person").isEmpty();
        hart.runs().answer(run.id(), "action_1.1", "Oslo");
        openOnDisk();
        assertThat(hart.resume())
                .singleElement()
                .satisfies(handle -> assertThat(handle.await().output()).isEqualTo("<Oslo>"));
    }

    @Test
    void aQuestionIsGivenUpAtItsDeadlineAndNotBefore() {
        Run run = hart.run(yesOrNo(Duration.ofHours(1)), Inputs.none());
        assertThat(hart.runs().questions(run.id()).get(0).deadline())
                .isEqualTo(clock.instant().plus(Duration.ofHours(1)));
        clock.advance(Duration.ofHours(1).minusMillis(1));
        assertThat(hart.resume(run.id()).state()).isEqualTo(RunState.PAUSED);
        clock.advance(Duration.ofMillis(1));
        assertThatThrownBy(() -> hart.runs().answer(run.id(), "action_1.1", true))
                .isInstanceOf(IllegalTransitionException.class);

        Run failed = hart.resume(run.id());

        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        assertThat(failed.failure().orElseThrow().code()).isEqualTo("INPUT_TIMEOUT");
        assertThat(failed.failure().orElseThrow()).hasMessageContaining("nobody answered 'Are you sure?' until ");
    }

    @Test
    void anAnswerThatCameInTimeCountsHoweverLateTheRunIsTakenUp() {
        Run run = hart.run(yesOrNo(Duration.ofHours(1)), Inputs.none());
        clock.advance(Duration.ofHours(1).minusMillis(1));
        hart.runs().answer(run.id(), "action_1.1", true);
        clock.advance(Duration.ofDays(1));
        assertThat(hart.resume(run.id()).output()).isEqualTo(true);
    }

    @Test
    void whenNobodyAnswersTheFallbackIsUsed() {
        Run run = hart.run(
                Recipe.named("sure")
                        .action(
                                "sure",
                                a -> a.ask("Are you sure?")
                                        .deadline(Duration.ofSeconds(5))
                                        .fallback("take it as no", f -> f.transform(false)))
                        .action("shown", a -> a.transform("{{sure}}!"))
                        .output("shown", String.class)
                        .build(),
                Inputs.none());
        clock.advance(Duration.ofSeconds(5));
        assertThat(hart.resume(run.id()).output()).isEqualTo("false!");
    }

    @Test
    void aDeadlineThatPassesWhileNobodyDrivesTheRunFailsItByItself() throws Exception {
        hart.close();
        hart = PreparedTools.open(Hart.configure().inMemory().withoutModel());
        Run run = hart.run(yesOrNo(Duration.ofMillis(50)), Inputs.none());
        while (!hart.runs().find(run.id()).orElseThrow().state().hasEnded()) {
            Thread.onSpinWait();
        }
        assertThat(hart.runs().get(run.id()).failure().orElseThrow().code()).isEqualTo("INPUT_TIMEOUT");
    }

    @Test
    void aRunThatAsksCanBeCancelled() {
        Run run = ask();
        hart.runs().cancel(run.id());
        assertThat(hart.runs().get(run.id()).state()).isEqualTo(RunState.CANCELLED);
        assertThat(hart.runs().questions(run.id())).isEmpty();
    }

    @Test
    void aRerunKeepsTheAnswerUnlessTheQuestionIsAnother() {
        Run run = ask();
        hart.runs().answer(run.id(), "action_1.1", "Oslo");
        hart.resume(run.id());
        assertThat(hart.rerun(run.id()).run().output()).isEqualTo("<Oslo>");
        assertThat(hart.rerun(run.id()).withInput("country", "Sweden").run().state())
                .isEqualTo(RunState.PAUSED);
    }
}
