package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.Runs.InDoubt;
import dev.hart.Spark;
import dev.hart.guard.Rail;
import dev.hart.guard.Verdict;
import dev.hart.model.ModelPrice;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Assertions that read the journal of a real run. */
@HartTest
class RunJournalAssertTest {
    private static final Recipe SHOP = Recipe.named("shop")
            .action("price", a -> a.tool("shop.price"))
            .action("noted", a -> a.tool("shop.note").with("price", "{{price}}"))
            .action("paid", a -> a.tool("shop.pay").with("price", "{{noted}}"))
            .output("paid", Object.class)
            .build();

    private final ScriptedTool price = ScriptedTool.named("shop.price", Effect.READ);
    private final ScriptedTool note = ScriptedTool.named("shop.note", Effect.IDEMPOTENT);
    private final ScriptedTool pay = ScriptedTool.named("shop.pay", Effect.WRITE);

    @BeforeEach
    void register(Hart hart) {
        List.of(price, note, pay).forEach(hart.tools()::register);
    }

    private Run shop(Hart hart) {
        price.otherwise(arguments -> 3);
        note.otherwise(arguments -> 4);
        pay.otherwise(arguments -> "paid");
        return hart.run(SHOP, Inputs.none());
    }

    @Test
    void effectsAreCallsThatChangeSomethingInOrder(Hart hart) {
        Run run = shop(hart);

        assertThat(run).hadEffects("shop.note", "shop.pay").usedOneKeyForEachStep();
        assertFirstLine(
                () -> assertThat(run).hadEffects("shop.pay", "shop.note"),
                "to have had the effects [shop.pay, shop.note], but it had [shop.note, shop.pay]");
        assertFirstLine(
                () -> assertThat(run).hadNoEffects(), "to have had the effects [], but it had [shop.note, shop.pay]");
    }

    @Test
    void anAttemptThatFailedHadNoEffectAndOneThatThrewMayHaveHadOne(Hart hart, Faults faults) {
        faults.tool("shop.note").fails("DOWN", 2);
        faults.tool("shop.pay").losesTheAnswer();
        Run run = shop(hart);

        assertThat(run)
                .failedWith("TOOL_THREW")
                .hadEffects("shop.note", "shop.pay")
                .attempted("shop.note", 3)
                .attempted("shop.pay", 1)
                .attempted("shop.refund", 0)
                .usedOneKeyForEachStep();
        assertFirstLine(
                () -> assertThat(run).attempted("shop.note", 1),
                "to have called shop.note once, but it called it 3 times");
    }

    @Test
    void whatAPersonSaidHadNoEffectHadNone(Hart hart, Faults faults) {
        faults.tool("shop.pay").timesOut();
        Run paused = shop(hart);
        assertFirstLine(
                () -> assertThat(paused).hadEffects("shop.note"),
                "to have ended, but it is paused with RUN_PAUSED: "
                        + paused.failure().orElseThrow().getMessage());

        hart.runs().resolve(paused.id(), "action_3", new InDoubt.RunAgain());
        assertThat(hart.resume(paused.id()))
                .hadEffects("shop.note", "shop.pay")
                .attempted("shop.pay", 2)
                .usedOneKeyForEachStep();
    }

    @Test
    void aRunThatOnlyReadsHasNoEffects(Hart hart) {
        price.answer(3);
        Recipe look =
                Recipe.named("look").action("price", a -> a.tool("shop.price")).build();

        assertThat(hart.run(look, Inputs.none())).succeeded().hadNoEffects();
    }

    @Test
    void eventsAreFoundInOrderWhateverStandsBetweenThem(Hart hart, Faults faults) {
        faults.tool("shop.note").fails("DOWN");
        Run run = shop(hart);

        assertThat(run)
                .hadEventsInOrder(
                        "run run.started",
                        "action_2 step.started",
                        "action_2 step.failed",
                        "action_2 step.started",
                        "action_2 step.finished",
                        "run run.finished");
        assertFirstLine(
                () -> assertThat(run).hadEventsInOrder("action_2 step.finished", "action_2 step.failed"),
                "to have had the events [action_2 step.finished, action_2 step.failed] in this order, but there is no action_2"
                        + " step.failed after action_2 step.finished; its events were [run run.started, ");
        assertFirstLine(
                () -> assertThat(run).hadEventsInOrder("action_9 step.started"),
                "to have had the events [action_9 step.started] in this order, but there is no action_9 step.started; its");
    }

    @Test
    void aRefusalNamesItsRule(HartBuilder builder) {
        builder.guardrail(
                (rail, subject) -> rail == Rail.ACTION && subject.arguments().containsKey("price")
                        ? new Verdict.Refused("no spending", "this test spends nothing")
                        : Verdict.ALLOWED);
        try (Hart hart = builder.create()) {
            register(hart);
            Run run = shop(hart);

            assertThat(run).wasRefusedBy("no spending").hadNoEffects();
            assertFirstLine(
                    () -> assertThat(run).wasRefusedBy("I1"),
                    "to have been refused by rule I1, but it failed with GUARDRAIL_REFUSED: ");
        }
    }

    @Test
    void whatIsNotRefusedIsNot(Hart hart) {
        Run run = shop(hart);

        assertFirstLine(() -> assertThat(run).wasRefusedBy("I1"), "to have been refused by rule I1, but it succeeded");
    }

    @Test
    void costsAreExactAndTokensBounded(Hart hart, ScriptedModel model) {
        model.price(new ModelPrice(new BigDecimal("0.01"), new BigDecimal("0.02")))
                .reply("a lamp!!");
        Recipe ask = Recipe.named("ask")
                .action("answer", a -> a.model("What is it?!"))
                .output("answer", String.class)
                .build();
        Run run = hart.run(ask, Inputs.none());

        // 3 tokens in and 2 out: 0.00003 + 0.00004 USD, at 100 Spark a USD
        assertThat(run).hasCost(new Spark(7_000)).usedAtMostTokens(5);
        assertFirstLine(
                () -> assertThat(run).hasCost(new Spark(7_001)), "to have cost 0.007001 Spark, but it cost 0.007");
        assertFirstLine(() -> assertThat(run).usedAtMostTokens(4), "to have used at most 4 tokens, but it used 5");
    }

    @Test
    void aKeyThatChangesOrIsSharedIsFound() {
        RunRecord.Call first = new RunRecord.Call("action_1 step 1", "shop.pay", Effect.WRITE, "k1", "DOWN");
        RunRecord.Call changed = new RunRecord.Call("action_1 step 1", "shop.pay", Effect.WRITE, "k2", "OK");
        RunRecord.Call shared = new RunRecord.Call("action_2 step 1", "shop.pay", Effect.WRITE, "k1", "OK");

        assertThat(new RunRecord(Map.of(), List.of(), List.of(first, changed)).keyProblem())
                .isEqualTo("action_1 step 1 used k1 and k2");
        assertThat(new RunRecord(Map.of(), List.of(), List.of(first, shared)).keyProblem())
                .isEqualTo("action_1 step 1 and action_2 step 1 both used k1");
        assertThat(new RunRecord(Map.of(), List.of(), List.of(first, first)).keyProblem())
                .isNull();
    }

    private static void assertFirstLine(ThrowingCallable assertion, String expectation) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(assertion)
                .satisfies(e -> assertThat(e.getMessage().lines().findFirst().orElseThrow())
                        .startsWith("Expected the run " + expectation));
    }
}
