package dev.hart.recipe;

import dev.hart.tool.Effect;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a step of each kind must have, and may have. */
final class StepRules {
    /** Documents hold whole milliseconds. */
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(30);
    private static final Duration LONGEST_WAIT = Duration.ofDays(365);

    private final Step step;
    private final List<String> problems = new ArrayList<>();

    private StepRules(Step step) {
        this.step = step;
    }

    /** What is wrong with the step by itself, in words. */
    static List<String> problems(Step step) {
        StepRules rules = new StepRules(step);
        rules.check();
        return rules.problems;
    }

    private void check() {
        if ((step.kind() == StepKind.TOOL) != (step.tool() != null)) {
            problems.add("a TOOL step, and only that, names a tool");
        }
        switch (step.kind()) {
            case TOOL -> {}
            case TRANSFORM -> requires("value");
            case MODEL -> requires("prompt");
            case ASK -> checkAsk();
            case WAIT -> checkWait();
            case SUBRECIPE -> checkSubrecipe();
        }
        if (step.kind() != StepKind.TOOL && step.kind() != StepKind.SUBRECIPE && step.effect() != Effect.READ) {
            problems.add(name() + " step has the effect READ, was " + step.effect());
        }
        checkTimeout();
    }

    private void checkTimeout() {
        Duration timeout = step.timeout();
        if (timeout == null) {
            return;
        }
        if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            problems.add("timeout must be 1 millisecond to 30 days, was " + timeout);
        }
        switch (step.kind()) {
            case ASK -> problems.add("an ASK step has no timeout; set its deadline");
            case WAIT -> problems.add("a WAIT step has no timeout; it ends by itself");
            case SUBRECIPE -> problems.add("a SUBRECIPE step has no timeout; set those of the steps of its recipe");
            default -> {}
        }
    }

    private String name() {
        return (step.kind() == StepKind.ASK ? "an " : "a ") + step.kind();
    }

    private void requires(String argument) {
        if (!step.args().containsKey(argument)) {
            problems.add(name() + " step needs the argument '" + argument + "'");
        }
    }

    private void allows(String... arguments) {
        Set<String> allowed = Set.of(arguments);
        for (String argument : step.args().keySet()) {
            if (!allowed.contains(argument)) {
                problems.add("%s step has the arguments %s, not '%s'"
                        .formatted(name(), String.join(", ", arguments), argument));
            }
        }
    }

    private void checkAsk() {
        requires("question");
        allows("question", "schema", "deadlineMs");
        Object question = step.args().get("question");
        if (question != null && !(question instanceof String text && !text.isBlank())) {
            problems.add("the question of an ASK step is a text that is not blank");
        }
        Object schema = step.args().get("schema");
        if (schema != null && !(schema instanceof Map)) {
            problems.add("the schema of an ASK step is a JSON Schema, an object");
        }
        Object deadline = step.args().get("deadlineMs");
        if (deadline != null) {
            checkMillis("deadlineMs", deadline, 1);
        }
    }

    private void checkMillis(String argument, Object value, long least) {
        if (!(value instanceof Long millis) || millis < least || millis > LONGEST_WAIT.toMillis()) {
            problems.add(
                    "%s is a whole number of milliseconds, %d to 365 days, was %s".formatted(argument, least, value));
        }
    }

    private void checkWait() {
        allows("ms", "until");
        Object millis = step.args().get("ms");
        Object until = step.args().get("until");
        if ((millis == null) == (until == null)) {
            problems.add("a WAIT step has either the argument 'ms' or 'until'");
        }
        if (millis != null && Placeholder.inValue(millis).isEmpty()) {
            checkMillis("ms", millis, 0);
        }
        if (until != null && Placeholder.inValue(until).isEmpty() && !isTime(until)) {
            problems.add("until is a time such as 2026-01-31T09:00:00Z, was " + until);
        }
    }

    private static boolean isTime(Object value) {
        if (!(value instanceof String text)) {
            return false;
        }
        try {
            OffsetDateTime.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private void checkSubrecipe() {
        requires("recipeId");
        allows("recipeId", "version", "inputs");
        Object id = step.args().get("recipeId");
        if (id != null && !(id instanceof String text && !text.isBlank() && isLiteral(text))) {
            problems.add("recipeId is the id or name of a recipe, without placeholders, was " + id);
        }
        Object version = step.args().get("version");
        if (version != null && !(version instanceof Long number && number >= 1 && number <= Integer.MAX_VALUE)) {
            problems.add("version is a number from 1, was " + version);
        }
        Object inputs = step.args().get("inputs");
        if (inputs != null && !(inputs instanceof Map)) {
            problems.add("the inputs of a SUBRECIPE step are an object");
        }
    }

    private static boolean isLiteral(@Nullable Object value) {
        return Placeholder.inValue(value).isEmpty();
    }
}
