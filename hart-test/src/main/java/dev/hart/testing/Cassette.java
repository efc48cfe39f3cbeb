package dev.hart.testing;

import static java.util.Objects.requireNonNull;

import dev.hart.core.tool.CallableTool;
import dev.hart.core.tool.ToolRegistry;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.model.LanguageModel;
import dev.hart.model.ModelException;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.spi.CallInterceptor;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import dev.hart.tool.TypedTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A recording of model and tool calls in a file that people can read and review: JSON with sorted keys and no secrets.
 *
 * <p>Recording passes each call on and writes down what came back; {@link #close()} writes the file. Replaying answers from
 * the file and calls nothing. A call is found again by a hash of what it asks: the order of keys, the time limit of a model
 * request and secrets (values under keys such as {@code api_key}) do not count. The same question asked again gets the next
 * recorded answer. A question that is not in the recording fails, is never passed on, and makes {@link #close()} fail too.
 *
 * <p>Thread-safe. A recording holds at most 10,000 calls.
 */
public final class Cassette implements AutoCloseable {
    private static final int MAX_INTERACTIONS = 10_000;
    private static final int SHOWN_DIFFERENCES = 8;

    private final Path file;
    private final boolean recording;
    private final CassetteFile content;
    /** Answers not given yet, by the key of their question, in the order of the file. */
    private final Map<String, Deque<Interaction>> left = new LinkedHashMap<>();

    private final List<String> misses = new ArrayList<>();

    private Cassette(Path file, boolean recording) {
        this.file = requireNonNull(file);
        this.recording = recording;
        this.content = recording ? CassetteFile.empty() : CassetteFile.read(file);
        content.interactions()
                .forEach(call -> left.computeIfAbsent(call.key(), key -> new ArrayDeque<>())
                        .add(call));
    }

    /** Records to that file, replacing it. */
    public static Cassette record(Path file) {
        return new Cassette(file, true);
    }

    /**
     * Replays that file.
     *
     * @throws InvalidConfigurationException when it is missing or not a recording
     */
    public static Cassette replay(Path file) {
        return new Cassette(file, false);
    }

    /** Replays the file when it exists, else records it. Delete the file to record it anew. */
    public static Cassette auto(Path file) {
        return new Cassette(file, !Files.exists(file));
    }

    /** Whether calls are passed on and written down; false when they are answered from the file. */
    public boolean isRecording() {
        return recording;
    }

    /**
     * The model as the program under test sees it.
     *
     * @param original called while recording; may be null when the recording is only replayed
     * @throws InvalidConfigurationException when it is needed and null
     */
    public LanguageModel model(@Nullable LanguageModel original) {
        if (!recording) {
            return new ReplayedModel();
        }
        if (original == null) {
            throw new InvalidConfigurationException(
                    "there is no recording at %s and no model to make it with: give one and run once".formatted(file));
        }
        content.model(original.name(), original.price());
        return new RecordedModel(original);
    }

    /**
     * The tools as the program under test sees them; register each with {@link dev.hart.Tools#register(TypedTool)}.
     *
     * @param original a {@link TypedTool}, or an object with methods annotated {@link dev.hart.tool.Tool}; called only while
     *     recording
     * @throws dev.hart.error.ToolInvalidException when it is neither
     */
    public List<TypedTool<?, ?>> tools(Object original) {
        ToolRegistry registry = new ToolRegistry();
        registry.register(original);
        List<TypedTool<?, ?>> tools = new ArrayList<>();
        for (ToolSpec spec : registry.list()) {
            tools.add(new TapedTool(requireNonNull(registry.tool(spec.name()))));
        }
        return tools;
    }

    /**
     * The model of a runtime and those of its tools that the predicate holds for, whoever registers them; give it to {@link
     * dev.hart.HartBuilder#intercept}. Other tools are called as ever. When replaying, the runtime still needs a model to be
     * there: {@code builder.model(cassette.model(null))}.
     */
    public CallInterceptor interceptor(Predicate<ToolSpec> tools) {
        requireNonNull(tools);
        return new CallInterceptor() {
            @Override
            public LanguageModel model(LanguageModel original) {
                return Cassette.this.model(original);
            }

            @Override
            public ToolResult<@Nullable Object> call(
                    ToolSpec tool, Map<String, @Nullable Object> arguments, ToolContext context, Next next)
                    throws Exception {
                return tools.test(tool)
                        ? answer(tool.name(), arguments, () -> next.call(arguments, context))
                        : next.call(arguments, context);
            }
        };
    }

    /** Whether a model was recorded, asked or not; always false before one is. */
    boolean hasModel() {
        return !content.modelName().equals(CassetteFile.NO_MODEL);
    }

    /** How many calls it holds. */
    synchronized int size() {
        return content.interactions().size();
    }

    private ToolResult<@Nullable Object> answer(
            String tool, Map<String, @Nullable Object> arguments, Callable<ToolResult<@Nullable Object>> original)
            throws Exception {
        String to = Interaction.tool(tool);
        if (recording) {
            ToolResult<@Nullable Object> result = original.call();
            keep(new Interaction(to, arguments, Interaction.of(result)));
            return result;
        }
        Interaction found = find(to, arguments);
        return found == null ? ToolResult.failed("NOT_RECORDED", miss(to, arguments), false) : found.toolResult();
    }

    /**
     * Checks that every recorded answer was given and nothing else was asked; always so while recording.
     *
     * @throws AssertionError naming what is left over or was not found
     */
    public synchronized void assertUsedUp() {
        assertNothingMissed();
        List<Interaction> unused = left.values().stream().flatMap(Deque::stream).toList();
        if (!unused.isEmpty()) {
            StringBuilder message = new StringBuilder("%d of %d calls in %s were not asked for:"
                    .formatted(unused.size(), content.interactions().size(), file));
            unused.forEach(call ->
                    message.append("\n  - ").append(call.to()).append(' ').append(shortened(call.request())));
            throw new AssertionError(message.toString());
        }
    }

    /**
     * Writes the file when recording, and checks that nothing was asked that it does not hold when replaying.
     *
     * @throws AssertionError naming what was not found
     */
    @Override
    public synchronized void close() {
        if (recording) {
            content.write(file);
        } else {
            assertNothingMissed();
        }
    }

    private void assertNothingMissed() {
        if (!misses.isEmpty()) {
            throw new AssertionError(String.join("\n", misses));
        }
    }

    private synchronized void keep(Interaction interaction) {
        if (content.interactions().size() == MAX_INTERACTIONS) {
            throw new InvalidConfigurationException(
                    "a recording holds at most %d calls: split the test".formatted(MAX_INTERACTIONS));
        }
        content.interactions().add(interaction);
    }

    private synchronized @Nullable Interaction find(String to, Map<String, @Nullable Object> request) {
        Deque<Interaction> answers = left.get(Interaction.keyOf(to, request));
        return answers == null ? null : answers.poll();
    }

    /** Says why a question has no answer; remembers it for {@link #close()}. */
    private synchronized String miss(String to, Map<String, @Nullable Object> request) {
        Map<String, @Nullable Object> asked = Interaction.redacted(request);
        String key = Interaction.keyOf(to, request);
        List<Interaction> sameKind =
                content.interactions().stream().filter(i -> i.to().equals(to)).toList();
        long times = sameKind.stream().filter(i -> i.key().equals(key)).count();
        StringBuilder message = new StringBuilder();
        if (times > 0) {
            message.append("%s was recorded %d times with this question in %s, and asked once more: %s"
                    .formatted(to, times, file, shortened(asked)));
        } else if (sameKind.isEmpty()) {
            message.append("no call of %s is recorded in %s; asked: %s".formatted(to, file, shortened(asked)));
        } else {
            describeNearest(to, asked, sameKind, message);
        }
        message.append("\nIf the new question is right, record it anew: delete the file.");
        misses.add(message.toString());
        return message.toString();
    }

    private void describeNearest(
            String to, Map<String, @Nullable Object> asked, List<Interaction> recorded, StringBuilder message) {
        Interaction nearest =
                Collections.min(recorded, Comparator.comparing(i -> Differences.distance(i.request(), asked)));
        List<String> differences = Differences.between(nearest.request(), asked);
        message.append(
                "this call of %s is not recorded in %s; the nearest is call %d of the file, with these differences:"
                        .formatted(to, file, content.interactions().indexOf(nearest) + 1));
        differences.stream()
                .limit(SHOWN_DIFFERENCES)
                .forEach(d -> message.append("\n  - ").append(d));
        if (differences.size() > SHOWN_DIFFERENCES) {
            message.append("\n  - and ")
                    .append(differences.size() - SHOWN_DIFFERENCES)
                    .append(" more");
        }
    }

    private static String shortened(Map<String, @Nullable Object> request) {
        String text = JsonText.compact(request);
        return text.length() <= 200 ? text : text.substring(0, 199) + "…";
    }

    private final class RecordedModel implements LanguageModel {
        private final LanguageModel original;

        RecordedModel(LanguageModel original) {
            this.original = original;
        }

        @Override
        public String name() {
            return original.name();
        }

        @Override
        public ModelPrice price() {
            return original.price();
        }

        @Override
        public ModelReply complete(ModelRequest request) {
            try {
                ModelReply reply = original.complete(request);
                keep(new Interaction(Interaction.MODEL, Interaction.of(request), Interaction.of(reply)));
                return reply;
            } catch (ModelException failure) {
                keep(new Interaction(Interaction.MODEL, Interaction.of(request), Interaction.of(failure)));
                throw failure;
            }
        }
    }

    private final class ReplayedModel implements LanguageModel {
        @Override
        public String name() {
            return content.modelName();
        }

        @Override
        public ModelPrice price() {
            return content.modelPrice();
        }

        @Override
        public ModelReply complete(ModelRequest request) {
            Map<String, @Nullable Object> question = Interaction.of(request);
            Interaction found = find(Interaction.MODEL, question);
            if (found == null) {
                throw new ModelException(ModelException.Kind.REFUSED, miss(Interaction.MODEL, question));
            }
            return found.modelReply();
        }
    }

    private final class TapedTool implements TypedTool<Map<String, @Nullable Object>, Object> {
        private final CallableTool original;

        TapedTool(CallableTool original) {
            this.original = original;
        }

        @Override
        public ToolSpec spec() {
            return original.spec();
        }

        @Override
        @SuppressWarnings("unchecked")
        public Class<Map<String, @Nullable Object>> inputType() {
            return (Class<Map<String, @Nullable Object>>) (Class<?>) Map.class;
        }

        @Override
        public ToolResult<Object> call(Map<String, @Nullable Object> arguments, ToolContext context) throws Exception {
            return typed(answer(spec().name(), arguments, () -> original.call(arguments, context)));
        }

        @SuppressWarnings("unchecked")
        private static ToolResult<Object> typed(ToolResult<@Nullable Object> result) {
            return (ToolResult<Object>) (ToolResult<?>) result;
        }
    }
}
