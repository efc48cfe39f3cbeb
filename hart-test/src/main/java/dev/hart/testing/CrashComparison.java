package dev.hart.testing;

import dev.hart.RunState;
import dev.hart.testing.CrashLog.Call;
import dev.hart.testing.CrashLog.Content;
import dev.hart.testing.CrashLog.End;
import dev.hart.tool.Effect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** How a scenario that was killed and taken up ended, against its undisturbed twin. */
final class CrashComparison {
    /** The code of a failure that a tool did not declare: it may have had its effect. */
    private static final String UNDECLARED = "TOOL_THREW";

    private final Content expected;
    private final Content actual;
    private final List<String> problems = new ArrayList<>();

    private CrashComparison(Content expected, Content actual) {
        this.expected = expected;
        this.actual = actual;
    }

    /**
     * What is wrong.
     *
     * @param expectedFiles of the workspace, by path, with their content or the beginning of it
     * @param actualFiles in the same form
     * @return a sentence for each problem; empty when the end is a legal one
     */
    static List<String> problems(
            Content expected, Map<String, String> expectedFiles, Content actual, Map<String, String> actualFiles) {
        CrashComparison comparison = new CrashComparison(expected, actual);
        comparison.compareEnds();
        comparison.compareCalls();
        if (!isInDoubt(actual)) {
            comparison.compareOrder();
            comparison.compareFiles(expectedFiles, actualFiles);
        }
        return comparison.problems;
    }

    static boolean isInDoubt(Content content) {
        return content.ends().stream().anyMatch(End::isInDoubt);
    }

    private void compareEnds() {
        if (actual.thrown() != null && !isInDoubt(actual)) {
            problems.add("the scenario failed, which it did not undisturbed: " + actual.thrown());
            return;
        }
        int runs = expected.ends().size();
        if (actual.ends().size() != runs && !isInDoubt(actual)) {
            problems.add("%d runs were begun, not %d".formatted(actual.ends().size(), runs));
        }
        for (int i = 0; i < Math.min(runs, actual.ends().size()); i++) {
            compareEnd(i, expected.ends().get(i), actual.ends().get(i));
        }
    }

    private void compareEnd(int index, End was, End is) {
        if (is.isInDoubt()) {
            return;
        }
        String run = "run " + (index + 1);
        if (was.state() != is.state() || !Objects.equals(was.code(), is.code())) {
            problems.add("%s %s, not %s".formatted(run, described(is), described(was)));
        } else if (!Objects.equals(was.outputs(), is.outputs())) {
            problems.add("%s gave %s, not %s".formatted(run, is.outputs(), was.outputs()));
        }
    }

    private static String described(End end) {
        return "ended " + end.state() + (end.state() == RunState.SUCCEEDED ? "" : " with " + end.code());
    }

    /** Calls that ask the same in the same place, in any run inside where {@code run} is -1; more than one with more than one key when a recipe asks so. */
    private record Step(int run, String action, String tool, Effect effect, String arguments) {
        @Override
        public String toString() {
            return "%s %s in %s of %s"
                    .formatted(tool, arguments, action, run < 0 ? "a run inside" : "run " + (run + 1));
        }
    }

    private static Map<Step, List<Call>> bySteps(Content content) {
        Map<Step, List<Call>> steps = new LinkedHashMap<>();
        for (Call call : content.calls()) {
            int run = content.begun().indexOf(call.run());
            steps.computeIfAbsent(
                            new Step(run, call.action(), call.tool(), call.effect(), call.arguments()),
                            step -> new ArrayList<>())
                    .add(call);
        }
        return steps;
    }

    private void compareCalls() {
        Map<Step, List<Call>> before = bySteps(expected);
        Map<Step, List<Call>> after = bySteps(actual);
        after.forEach((step, calls) -> {
            List<Call> undisturbed = before.get(step);
            if (undisturbed == null) {
                problems.add(step + " was called, which it was not undisturbed");
                return;
            }
            Set<String> keys = keys(calls);
            if (keys.size() > keys(undisturbed).size()) {
                problems.add("%s was called with %d idempotency keys, not %d"
                        .formatted(step, keys.size(), keys(undisturbed).size()));
            }
            if (hasEffect(step)) {
                compareEffects(step, effects(undisturbed), effects(calls));
            }
        });
        if (!isInDoubt(actual)) {
            before.keySet().stream()
                    .filter(step -> !after.containsKey(step))
                    .forEach(step -> problems.add(step + " was never called"));
        }
    }

    private void compareEffects(Step step, long was, long is) {
        if (is > was) {
            problems.add("%s, a %s tool, had its effect %d times, not %d".formatted(step, step.effect(), is, was));
        } else if (is < was && !isInDoubt(actual)) {
            problems.add("%s, a %s tool, had its effect %d times only, not %d".formatted(step, step.effect(), is, was));
        }
    }

    private static Set<String> keys(List<Call> calls) {
        Set<String> keys = new LinkedHashSet<>();
        calls.forEach(call -> keys.add(call.key()));
        return keys;
    }

    /** Calls that had an effect or may have had one: all but those that the tool said had failed. */
    private static long effects(List<Call> calls) {
        return calls.stream()
                .filter(call -> call.code() == null
                        || call.code().equals("OK")
                        || call.code().equals(UNDECLARED))
                .count();
    }

    private static boolean hasEffect(Step step) {
        return step.effect().compareTo(Effect.WRITE) >= 0;
    }

    private void compareOrder() {
        List<Step> was = bySteps(expected).keySet().stream()
                .filter(CrashComparison::hasEffect)
                .toList();
        List<Step> is = bySteps(actual).keySet().stream()
                .filter(CrashComparison::hasEffect)
                .toList();
        if (!was.equals(is) && Set.copyOf(was).equals(Set.copyOf(is))) {
            problems.add("the effects came in the order %s, not %s".formatted(is, was));
        }
    }

    private void compareFiles(Map<String, String> was, Map<String, String> is) {
        Set<String> names = new TreeSet<>(was.keySet());
        names.addAll(is.keySet());
        for (String name : names) {
            if (!is.containsKey(name)) {
                problems.add("the workspace has no file " + name);
            } else if (!was.containsKey(name)) {
                problems.add("the workspace has a file " + name + ", which it had not undisturbed");
            } else if (!Objects.equals(was.get(name), is.get(name))) {
                problems.add(
                        "the file %s of the workspace has %s, not %s".formatted(name, is.get(name), was.get(name)));
            }
        }
    }
}
