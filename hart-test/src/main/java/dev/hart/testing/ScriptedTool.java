package dev.hart.testing;

import static java.util.Objects.requireNonNull;

import dev.hart.core.tool.ToolRegistry;
import dev.hart.error.ToolInvalidException;
import dev.hart.json.Json;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import dev.hart.tool.TypedTool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A tool that answers what a test wrote down, the twin of {@link ScriptedModel}; register it with {@link
 * dev.hart.Tools#register(TypedTool)}.
 *
 * <p>Answers are given in the order in which they were scripted, each once. One scripted with {@link #when} is kept for the
 * first call that fits it. A call without an answer fails with {@code NOT_SCRIPTED}, which is not tried again, and is also
 * reported by {@link #assertUsedUp()}. Answers may be whatever {@link Json#valueOf} takes. Thread-safe; at most 10,000 calls
 * are kept.
 */
public final class ScriptedTool implements TypedTool<Map<String, @Nullable Object>, Object>, AutoCloseable {
    private static final int MAX_CALLS = 10_000;
    private static final int LONGEST_SHOWN = 120;

    private final ToolSpec spec;
    private final List<Entry> script = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final List<String> unanswered = new ArrayList<>();
    private @Nullable Answer otherwise;
    private int scripted;

    private ScriptedTool(ToolSpec spec) {
        this.spec = requireNonNull(spec);
    }

    /**
     * One call that was made.
     *
     * @param arguments as JSON values
     */
    public record Call(Map<String, @Nullable Object> arguments, ToolContext context) {}

    /** A tool without a script that takes any arguments and may answer anything. */
    public static ScriptedTool named(String name, Effect effect) {
        return of(new ToolSpec(
                name, "Scripted.", Map.of("type", "object"), Map.of(), effect, Duration.ofSeconds(30), "1"));
    }

    /** A tool without a script that a recipe or planner sees as described. */
    public static ScriptedTool of(ToolSpec spec) {
        return new ScriptedTool(spec);
    }

    /**
     * A tool without a script that stands in for a real one: same name, schemas and effect.
     *
     * @param tools a {@link TypedTool}, or an object with methods annotated {@link dev.hart.tool.Tool}; not called
     * @throws ToolInvalidException when it has no tool of that name
     */
    public static ScriptedTool inPlaceOf(Object tools, String name) {
        ToolRegistry registry = new ToolRegistry();
        registry.register(tools);
        return of(registry.find(name)
                .orElseThrow(() -> new ToolInvalidException("%s has no tool %s, only %s"
                        .formatted(
                                tools.getClass().getName(),
                                name,
                                registry.list().stream().map(ToolSpec::name).toList()))));
    }

    /** The next answer: that value. */
    public ScriptedTool answer(@Nullable Object value) {
        return add(null, "answers " + shown(value), answering(value));
    }

    /** The next call fails, and is not tried again. */
    public ScriptedTool fail(String code, String message) {
        return add(null, "fails with " + code, failing(code, message, false));
    }

    /** The next call fails, and may be tried again. */
    public ScriptedTool failForNow(String code, String message) {
        return add(null, "fails for now with " + code, failing(code, message, true));
    }

    /** Begins an answer that is kept for the first call with that argument. */
    public When when(String argument, @Nullable Object value) {
        Object wanted = Json.valueOf(value);
        return when(
                "a call with %s = %s".formatted(argument, shown(value)),
                arguments -> arguments.containsKey(argument) && Objects.equals(arguments.get(argument), wanted));
    }

    /**
     * Begins an answer that is kept for the first call that fits.
     *
     * @param description of such a call, for messages: {@code a call for Oslo}
     */
    public When when(String description, Predicate<Map<String, @Nullable Object>> fits) {
        return new When(description, fits);
    }

    /** Answers, as often as needed, every call that has no answer of its own. */
    public synchronized ScriptedTool otherwise(
            Function<Map<String, @Nullable Object>, ? extends @Nullable Object> value) {
        requireNonNull(value);
        this.otherwise = arguments -> ToolResult.<@Nullable Object>ok(Json.valueOf(value.apply(arguments)));
        return this;
    }

    /** The second half of an answer to certain calls. */
    public final class When {
        private final String description;
        private final Predicate<Map<String, @Nullable Object>> fits;

        private When(String description, Predicate<Map<String, @Nullable Object>> fits) {
            this.description = requireNonNull(description);
            this.fits = requireNonNull(fits);
        }

        /** It gets this answer. */
        public ScriptedTool answer(@Nullable Object value) {
            return add(this, "answers " + shown(value), answering(value));
        }

        /** It fails, and is not tried again. */
        public ScriptedTool fail(String code, String message) {
            return add(this, "fails with " + code, failing(code, message, false));
        }

        /** It fails, and may be tried again. */
        public ScriptedTool failForNow(String code, String message) {
            return add(this, "fails for now with " + code, failing(code, message, true));
        }
    }

    @Override
    public ToolSpec spec() {
        return spec;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Class<Map<String, @Nullable Object>> inputType() {
        return (Class<Map<String, @Nullable Object>>) (Class<?>) Map.class;
    }

    @Override
    @SuppressWarnings("unchecked")
    public ToolResult<Object> call(Map<String, @Nullable Object> arguments, ToolContext context) {
        return (ToolResult<Object>)
                (ToolResult<?>) next(Json.objectOf(arguments), context).to(arguments);
    }

    private synchronized Answer next(Map<String, @Nullable Object> arguments, ToolContext context) {
        if (calls.size() == MAX_CALLS) {
            return failing(
                    "NOT_SCRIPTED", spec.name() + " was called " + MAX_CALLS + " times: is there a loop?", false);
        }
        calls.add(new Call(arguments, context));
        Entry entry = script.stream()
                .filter(e -> e.when != null && e.when.fits.test(arguments))
                .findFirst()
                .or(() -> script.stream().filter(e -> e.when == null).findFirst())
                .orElse(null);
        if (entry != null) {
            script.remove(entry);
            return entry.answer;
        }
        if (otherwise != null) {
            return otherwise;
        }
        String asked = "call %d: %s".formatted(calls.size(), shown(arguments));
        unanswered.add(asked);
        return failing(
                "NOT_SCRIPTED",
                "the script of %s has no answer to %s; add one with answer(…) or otherwise(…)"
                        .formatted(spec.name(), asked),
                false);
    }

    /** The calls that were made, in order. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /**
     * Checks that every scripted answer was given and every call had one.
     *
     * @throws AssertionError naming the answers that are left and the calls that had none
     */
    public synchronized void assertUsedUp() {
        if (script.isEmpty() && unanswered.isEmpty()) {
            return;
        }
        StringBuilder message = new StringBuilder("%s was called %d times".formatted(spec.name(), calls.size()));
        if (!unanswered.isEmpty()) {
            message.append("; the script has no answer to:");
            unanswered.forEach(call -> message.append("\n  - ").append(call));
        }
        if (!script.isEmpty()) {
            message.append(unanswered.isEmpty() ? "; " : "\nand ").append("these answers were not used:");
            script.forEach(entry -> message.append("\n  - ").append(entry));
        }
        throw new AssertionError(message.toString());
    }

    /** The same as {@link #assertUsedUp()}. */
    @Override
    public void close() {
        assertUsedUp();
    }

    private synchronized ScriptedTool add(@Nullable When when, String summary, Answer answer) {
        script.add(new Entry(++scripted, when, summary, answer));
        return this;
    }

    private static Answer answering(@Nullable Object value) {
        Object json = Json.valueOf(value);
        return arguments -> ToolResult.<@Nullable Object>ok(json);
    }

    private static Answer failing(String code, String message, boolean retryable) {
        requireNonNull(code);
        requireNonNull(message);
        return arguments -> ToolResult.<@Nullable Object>failed(code, message, retryable);
    }

    private static String shown(@Nullable Object value) {
        String text = JsonText.compact(Json.valueOf(value));
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN - 1) + "…";
    }

    @FunctionalInterface
    private interface Answer {
        ToolResult<@Nullable Object> to(Map<String, @Nullable Object> arguments);
    }

    private record Entry(int number, @Nullable When when, String summary, Answer answer) {
        @Override
        public String toString() {
            return "answer %d%s: %s".formatted(number, when == null ? "" : " to " + when.description, summary);
        }
    }
}
