package dev.hart.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.RunState;
import dev.hart.testing.CrashLog.Call;
import dev.hart.testing.CrashLog.Content;
import dev.hart.testing.CrashLog.End;
import dev.hart.tool.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules on logs that no runtime wrote: among them those of a runtime that does what it must not. */
class CrashComparisonTest {
    private static final Call LOOK = call("r1", "look", Effect.READ, "k1", "OK");
    private static final Call PUT = call("r1", "put", Effect.IDEMPOTENT, "k2", "OK");
    private static final Call PAY = call("r1", "pay", Effect.WRITE, "k3", "OK");
    private static final End DONE = new End("r1", RunState.SUCCEEDED, null, "{\"paid\":4}", List.of());
    private static final End DOUBT = new End("r1", RunState.PAUSED, "RUN_PAUSED", null, List.of("pay: IN_DOUBT"));

    private static final Content UNDISTURBED = content(DONE, LOOK, PUT, PAY);

    private static Call call(String run, String tool, Effect effect, String key, @Nullable String code) {
        return new Call(1, 1, run, tool, tool, effect, key, "{}", code);
    }

    private static Content content(End end, Call... calls) {
        return new Content(List.of("r1"), List.of(), List.of(calls), null, true, List.of(end), null);
    }

    private static List<String> problems(Content actual) {
        return CrashComparison.problems(UNDISTURBED, Map.of(), actual, Map.of());
    }

    @Test
    void theSameEndIsRight() {
        assertThat(problems(UNDISTURBED)).isEmpty();
    }

    @Test
    void readsAndIdempotentCallsMayBeMadeAgainWithTheSameKey() {
        assertThat(problems(content(DONE, LOOK, LOOK, PUT, PUT, PAY))).isEmpty();
    }

    @Test
    void aRepeatedCallWithAnotherKeyIsWrong() {
        assertThat(problems(content(DONE, LOOK, PUT, call("r1", "put", Effect.IDEMPOTENT, "k9", "OK"), PAY)))
                .containsExactly("put {} in put of run 1 was called with 2 idempotency keys, not 1");
    }

    @Test
    void aWriteThatHappensTwiceIsWrongHoweverTheRunEnds() {
        String problem = "pay {} in pay of run 1, a WRITE tool, had its effect 2 times, not 1";

        assertThat(problems(content(DONE, LOOK, PUT, PAY, PAY))).containsExactly(problem);
        assertThat(problems(content(DOUBT, LOOK, PUT, PAY, PAY))).containsExactly(problem);
        Call cutOff = call("r1", "pay", Effect.WRITE, "k3", null);
        assertThat(problems(content(DONE, LOOK, PUT, cutOff, PAY)))
                .as("a call that was not answered may have had its effect")
                .containsExactly(problem);
        Call threw = call("r1", "pay", Effect.WRITE, "k3", "TOOL_THREW");
        assertThat(problems(content(DONE, LOOK, PUT, threw, PAY))).containsExactly(problem);
    }

    @Test
    void aWriteThatFailedBeforeHadNoEffect() {
        Call failed = call("r1", "pay", Effect.WRITE, "k3", "NO_CONNECTION");

        assertThat(problems(content(DONE, LOOK, PUT, failed, PAY))).isEmpty();
    }

    @Test
    void aWriteThatIsLostIsWrongUnlessItIsInDoubt() {
        assertThat(problems(content(DONE, LOOK, PUT))).containsExactly("pay {} in pay of run 1 was never called");
        Call failed = call("r1", "pay", Effect.WRITE, "k3", "NO_CONNECTION");
        assertThat(problems(content(DONE, LOOK, PUT, failed)))
                .containsExactly("pay {} in pay of run 1, a WRITE tool, had its effect 0 times only, not 1");
        assertThat(problems(content(DOUBT, LOOK, PUT))).isEmpty();
    }

    @Test
    void aCallThatWasNotMadeUndisturbedIsWrong() {
        assertThat(problems(content(DONE, LOOK, PUT, PAY, call("r1", "refund", Effect.WRITE, "k5", "OK"))))
                .containsExactly("refund {} in refund of run 1 was called, which it was not undisturbed");
    }

    @Test
    void aSecondRunInThePlaceOfTheFirstIsWrong() {
        Content two = new Content(
                List.of("r1", "r2"),
                List.of(),
                List.of(LOOK, PUT, PAY, call("r2", "pay", Effect.WRITE, "k8", "OK")),
                null,
                true,
                List.of(DONE, new End("r2", RunState.SUCCEEDED, null, "{\"paid\":4}", List.of())),
                null);

        assertThat(problems(two))
                .containsExactly(
                        "2 runs were begun, not 1", "pay {} in pay of run 2 was called, which it was not undisturbed");
    }

    @Test
    void anotherEndIsWrongUnlessItIsInDoubt() {
        assertThat(problems(content(new End("r1", RunState.FAILED, "TIMEOUT", null, List.of()), LOOK, PUT, PAY)))
                .containsExactly("run 1 ended FAILED with TIMEOUT, not ended SUCCEEDED");
        assertThat(problems(
                        content(new End("r1", RunState.SUCCEEDED, null, "{\"paid\":5}", List.of()), LOOK, PUT, PAY)))
                .containsExactly("run 1 gave {\"paid\":5}, not {\"paid\":4}");
        assertThat(problems(content(
                        new End("r1", RunState.PAUSED, "RUN_PAUSED", null, List.of("pay: APPROVAL_REQUIRED")),
                        LOOK,
                        PUT,
                        PAY)))
                .containsExactly("run 1 ended PAUSED with RUN_PAUSED, not ended SUCCEEDED");
    }

    @Test
    void effectsInAnotherOrderAreWrong() {
        Call mail = call("r1", "mail", Effect.WRITE, "k4", "OK");
        List<String> problems = CrashComparison.problems(
                content(DONE, LOOK, PAY, mail), Map.of(), content(DONE, LOOK, mail, PAY), Map.of());

        assertThat(problems)
                .containsExactly(
                        "the effects came in the order [mail {} in mail of run 1, pay {} in pay of run 1], not [pay {} in pay of run 1, mail {} in mail of run 1]");
    }

    @Test
    void aScenarioThatFailsAfterTheCrashIsWrongUnlessARunIsInDoubt() {
        Content failed = thrown(DONE);

        assertThat(problems(failed))
                .containsExactly("the scenario failed, which it did not undisturbed: java.lang.AssertionError: no");
        assertThat(problems(thrown(DOUBT))).isEmpty();
    }

    private static Content thrown(End end) {
        return new Content(
                List.of("r1"),
                List.of(),
                new ArrayList<>(List.of(LOOK, PUT, PAY)),
                null,
                true,
                List.of(end),
                "java.lang.AssertionError: no");
    }

    @Test
    void filesThatDifferAreWrong() {
        Map<String, String> was = Map.of("a", "\"1\"", "b", "\"2\"", "c", "\"3\"");
        Map<String, String> is = Map.of("a", "\"1\"", "b", "\"9\"", "d", "\"4\"");

        assertThat(CrashComparison.problems(UNDISTURBED, was, UNDISTURBED, is))
                .containsExactly(
                        "the file b of the workspace has \"9\", not \"2\"",
                        "the workspace has no file c",
                        "the workspace has a file d, which it had not undisturbed");
    }
}
