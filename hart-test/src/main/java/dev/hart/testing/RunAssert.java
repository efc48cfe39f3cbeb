package dev.hart.testing;

import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunReport.Source;
import dev.hart.RunReport.StepReport;
import dev.hart.RunState;
import dev.hart.Spark;
import dev.hart.error.HartException;
import dev.hart.error.RunPausedException;
import dev.hart.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about a {@link Run}. Each one that fails shows what the run did, step by step. Each returns this object, so
 * that they can be chained.
 */
public final class RunAssert extends AbstractAssert<RunAssert, @Nullable Run> {

    RunAssert(@Nullable Run actual) {
        super(actual, RunAssert.class);
    }

    /** The run ended well. */
    public RunAssert succeeded() {
        return check(run().state() == RunState.SUCCEEDED, "to have succeeded, but it %s", ending());
    }

    /** The run failed for that reason, such as {@code FILE_NOT_FOUND}. */
    public RunAssert failedWith(String code) {
        boolean asExpected = run().state() == RunState.FAILED
                && run().failure().map(HartException::code).filter(code::equals).isPresent();
        return check(asExpected, "to have failed with %s, but it %s", code, ending());
    }

    /** The run was cancelled. */
    public RunAssert wasCancelled() {
        return check(run().state() == RunState.CANCELLED, "to have been cancelled, but it %s", ending());
    }

    /** The run waits for a person. */
    public RunAssert isPaused() {
        return check(run().state() == RunState.PAUSED, "to be paused, but it %s", ending());
    }

    /**
     * The run waits for a person, for these reasons and no others.
     *
     * @param waitingFor action and reason, such as {@code action_2: IN_DOUBT}, in any order
     */
    public RunAssert isPausedFor(String... waitingFor) {
        isPaused();
        List<String> actual = run().failure()
                .filter(RunPausedException.class::isInstance)
                .map(e -> ((RunPausedException) e).waitingFor())
                .orElse(List.of());
        boolean same = actual.stream()
                .sorted()
                .toList()
                .equals(List.of(waitingFor).stream().sorted().toList());
        return check(same, "to wait for %s, but it waits for %s", List.of(waitingFor), actual);
    }

    /** The run came to its steps that way. */
    public RunAssert hasMode(Mode mode) {
        return check(run().mode() == mode, "to have mode %s, but it has %s", mode, run().mode());
    }

    /**
     * The run gave that result. Numbers are equal when their values are: {@code 3} and {@code 3.00} are.
     *
     * @param expected whatever {@link Json#valueOf} takes: a record, a number, a list, a map…
     */
    public RunAssert hasOutput(@Nullable Object expected) {
        succeeded();
        Object value = run().output();
        return check(same(expected, value), "to have the output %s, but it has %s", json(expected), json(value));
    }

    /** The run gave that result under that name; otherwise like {@link #hasOutput(Object)}. */
    public RunAssert hasOutput(String name, @Nullable Object expected) {
        succeeded();
        Map<String, @Nullable Object> outputs = run().outputs();
        check(outputs.containsKey(name), "to have an output named %s, but it has %s", name, outputs.keySet());
        Object value = outputs.get(name);
        return check(
                same(expected, value), "to have the output %s as %s, but it is %s", name, json(expected), json(value));
    }

    /** The run called these tools and no others, and they ended in this order. A retried call counts once. */
    public RunAssert calledTools(String... tools) {
        List<String> called = toolsCalled();
        return check(
                called.equals(List.of(tools)), "to have called the tools %s, but it called %s", List.of(tools), called);
    }

    /** The run called that tool in exactly one step, with one attempt. */
    public RunAssert calledToolOnce(String tool) {
        int attempts = attemptsOf(tool);
        return check(attempts == 1, "to have called %s once, but it called it %s", tool, times(attempts));
    }

    /** The run did not call that tool. */
    public RunAssert neverCalled(String tool) {
        int attempts = attemptsOf(tool);
        return check(attempts == 0, "never to have called %s, but it called it %s", tool, times(attempts));
    }

    /** No model was asked: not for planning, not for checking, not in a step. */
    public RunAssert madeNoModelCalls() {
        return madeModelCalls(0);
    }

    /** The run asked models that often in all. */
    public RunAssert madeModelCalls(int expected) {
        int actual = run().report().modelCalls();
        return check(actual == expected, "to have made %s model calls, but it made %s", expected, actual);
    }

    /** The model calls of the run cost no more than that. */
    public RunAssert costAtMost(Spark limit) {
        Spark cost = run().report().cost();
        return check(cost.compareTo(limit) <= 0, "to have cost at most %s Spark, but it cost %s", limit, cost);
    }

    /** The model calls of the run cost exactly that. */
    public RunAssert hasCost(Spark expected) {
        Spark cost = run().report().cost();
        return check(cost.equals(expected), "to have cost %s Spark, but it cost %s", expected, cost);
    }

    /** The model calls of the run took no more tokens than that, in and out. */
    public RunAssert usedAtMostTokens(long limit) {
        long tokens = run().report().tokens().total();
        return check(tokens <= limit, "to have used at most %s tokens, but it used %s", limit, tokens);
    }

    /**
     * The run called these tools that change something, and no others, in the order in which the calls were started. An
     * attempt that the tool said had failed does not count; one that threw or was cut off does. For a run that has ended.
     */
    public RunAssert hadEffects(String... tools) {
        List<String> effects = record().effects();
        return check(
                effects.equals(List.of(tools)), "to have had the effects %s, but it had %s", List.of(tools), effects);
    }

    /** The run changed nothing: it called only tools that read, or none. For a run that has ended. */
    public RunAssert hadNoEffects() {
        return hadEffects();
    }

    /** The run called that tool so many times in all, attempts that failed included. For a run that has ended. */
    public RunAssert attempted(String tool, int times) {
        List<RunRecord.Call> calls = record().callsOf(tool);
        return check(
                calls.size() == times,
                "to have called %s %s, but it called it %s",
                tool,
                times(times),
                times(calls.size()));
    }

    /**
     * Each step that calls a tool gave it the same idempotency key in every attempt, and no two steps the same one. For a run
     * that has ended.
     */
    public RunAssert usedOneKeyForEachStep() {
        String problem = record().keyProblem();
        return check(problem == null, "to have used one idempotency key for each step, but %s", problem);
    }

    /**
     * A guardrail refused a step of the run, so that it failed.
     *
     * @param rule as the guardrail's {@link dev.hart.guard.Verdict.Refused} names it, such as {@code I1}
     */
    public RunAssert wasRefusedBy(String rule) {
        boolean refused = run().failure()
                .filter(e -> e.code().equals("GUARDRAIL_REFUSED")
                        && String.valueOf(e.getMessage()).contains("refused by rule " + rule + ":"))
                .isPresent();
        return check(refused, "to have been refused by rule %s, but it %s", rule, ending());
    }

    /**
     * The journal has these events in this order, whatever stands between them. For a run that has ended.
     *
     * @param events action and type, as in {@code "action_1 step.failed", "run run.finished"}
     */
    public RunAssert hadEventsInOrder(String... events) {
        List<String> actual = record().eventNames();
        int from = 0;
        for (String event : events) {
            int at = actual.subList(from, actual.size()).indexOf(event);
            check(
                    at >= 0,
                    "to have had the events %s in this order, but there is no %s%s; its events were %s",
                    List.of(events),
                    event,
                    from == 0 ? "" : " after " + actual.get(from - 1),
                    actual);
            from += at + 1;
        }
        return this;
    }

    /**
     * The run did what a golden file says: its steps with their arguments, results and failures, its outputs, its model calls. Ids
     * and times do not count, and neither does the order in which steps ended that ran side by side. The file is {@code
     * src/test/resources/<package>/<class>/<name>.golden.txt}, to be read and committed. It is written when it is missing, or
     * when the system property {@code hart.update} or the environment variable {@code HART_UPDATE} is {@code true}; never in
     * CI, see {@link Recorded}. For a run that has ended.
     *
     * @param tests the test class
     * @param name letters, digits, {@code . _ -}
     */
    public RunAssert isLikeGolden(Class<?> tests, String name) {
        String golden = goldenText();
        String problem = GoldenFile.of(TestSettings.ofProcess(), tests, name).problem(golden);
        if (problem != null) {
            throw failure("%s", problem);
        }
        return this;
    }

    private String goldenText() {
        record();
        return GoldenText.of(run());
    }

    /** What the journal says; fails for a run that has not ended. */
    private RunRecord record() {
        check(run().state().hasEnded(), "to have ended, but it %s", ending());
        return RunRecord.of(run());
    }

    /** That many steps ended, those whose results were reused or kept included. */
    public RunAssert tookSteps(int expected) {
        int actual = run().report().steps().size();
        return check(actual == expected, "to have taken %s steps, but it took %s", expected, actual);
    }

    /** That many steps kept a result that an earlier process had recorded. */
    public RunAssert reusedResults(int expected) {
        long actual =
                run().report().steps().stream().filter(StepReport::resultReused).count();
        return check(actual == expected, "to have reused the results of %s steps, but it reused %s", expected, actual);
    }

    /** That many steps kept the result that the run recorded from which this one was made with {@link dev.hart.Hart#rerun}. */
    public RunAssert keptSteps(int expected) {
        int actual = run().report().keptSteps();
        return check(actual == expected, "to have kept %s steps, but it kept %s", expected, actual);
    }

    private Run run() {
        isNotNull();
        return Objects.requireNonNull(actual);
    }

    private List<String> toolsCalled() {
        return run().report().steps().stream()
                .filter(step -> step.source() == Source.PERFORMED)
                .map(StepReport::tool)
                .filter(Objects::nonNull)
                .toList();
    }

    private int attemptsOf(String tool) {
        return run().report().steps().stream()
                .filter(step -> tool.equals(step.tool()))
                .mapToInt(StepReport::attempts)
                .sum();
    }

    private static String times(int count) {
        return count == 0 ? "never" : count == 1 ? "once" : count + " times";
    }

    private String ending() {
        return run().failure()
                .map(e -> "%s with %s: %s".formatted(word(), e.code(), e.getMessage()))
                .orElse(word());
    }

    private String word() {
        return switch (run().state()) {
            case RUNNING -> "is running";
            case PAUSED -> "is paused";
            case SUCCEEDED -> "succeeded";
            case FAILED -> "failed";
            case CANCELLED -> "was cancelled";
        };
    }

    private static String json(@Nullable Object value) {
        return RunText.value(Json.valueOf(value));
    }

    /** Whether two values are equal as JSON, where 3 and 3.00 are the same number. */
    private static boolean same(@Nullable Object expected, @Nullable Object value) {
        return Objects.equals(Json.valueOf(expected), Json.valueOf(value));
    }

    private RunAssert check(boolean holds, String expectation, @Nullable Object... arguments) {
        if (!holds) {
            throw failure(
                    "%s",
                    "Expected the run " + expectation.formatted(arguments) + "\n"
                            + RunText.of(run()).stripTrailing());
        }
        return this;
    }
}
