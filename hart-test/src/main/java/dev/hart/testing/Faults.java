package dev.hart.testing;

import static java.util.Objects.requireNonNull;

import dev.hart.model.LanguageModel;
import dev.hart.model.ModelException;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.spi.CallInterceptor;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes tools and models fail as they do in the world, without changing them: {@code
 * faults.tool("bank.pay").fails("DOWN", 2).timesOut()} lets the first two calls of the tool fail and the third one time out,
 * and from then on the tool is called as ever. A test annotated with {@link HartTest} takes them as a parameter; elsewhere
 * give them to {@link dev.hart.HartBuilder#intercept}.
 *
 * <p>Faults of one target come in the order in which they were scripted, one for each call; of several targets that a call
 * fits, the first that has one left. Faults at random come on top: whether a call has one depends on the seed, on what it asks
 * and on how often that was asked, not on threads. Thread-safe.
 */
public final class Faults implements CallInterceptor {
    /** How long a call takes that times out: real time, and long enough for a worker to begin with it. */
    private static final Duration UNTIL_TIMEOUT = Duration.ofMillis(200);

    private static final int MAX_INJECTED = 10_000;

    private final FakeClock clock;
    private final long seed;
    private final List<Target<?, ?>> targets = new ArrayList<>();
    private final List<String> injected = new ArrayList<>();
    private final Map<String, Integer> asked = new HashMap<>();

    private Faults(FakeClock clock, long seed) {
        this.clock = clock;
        this.seed = seed;
    }

    /** No faults yet; those at random with a seed of their own. Delays pass on that clock, which is also the one that jumps. */
    public static Faults on(FakeClock clock) {
        return on(clock, System.nanoTime());
    }

    /** The same, with the seed of the faults at random. */
    public static Faults on(FakeClock clock, long seed) {
        return new Faults(requireNonNull(clock), seed);
    }

    /** What decides about faults at random; the same one gives the same faults for the same calls. */
    public long seed() {
        return seed;
    }

    /**
     * The tool to make fail.
     *
     * @param name its name, or the beginning of the names of several with {@code *} behind it, such as {@code bank.*}
     */
    public synchronized ToolFaults tool(String name) {
        ToolFaults target = new ToolFaults(ToolNames.of(name));
        targets.add(target);
        return target;
    }

    /** The model to make fail, whoever asks it: planner, verifier or a step. */
    public synchronized ModelFaults model() {
        ModelFaults target = new ModelFaults();
        targets.add(target);
        return target;
    }

    /** The faults that came, each with its call, in the order in which they came; the first 10,000. */
    public synchronized List<String> injected() {
        return List.copyOf(injected);
    }

    /**
     * Checks that every scripted fault came.
     *
     * @throws AssertionError naming those that did not
     */
    public synchronized void assertUsedUp() {
        List<String> left =
                targets.stream().flatMap(target -> target.left().stream()).toList();
        if (!left.isEmpty()) {
            throw new AssertionError(
                    "these faults did not come, as there was no call for them:\n  - " + String.join("\n  - ", left));
        }
    }

    /**
     * What all targets can do.
     *
     * @param <F> what a fault does to a call
     * @param <T> the target itself
     */
    private abstract class Target<F, T> {
        private final String name;
        final Deque<Scripted<F>> script = new ArrayDeque<>();
        double probability;

        Target(String name) {
            this.name = name;
        }

        abstract T self();

        T add(int times, String what, F fault) {
            return add(times, new Scripted<>(what, fault, false));
        }

        T add(int times, Scripted<F> fault) {
            if (times < 1) {
                throw new IllegalArgumentException("a fault comes at least once, not " + times + " times");
            }
            synchronized (Faults.this) {
                for (int i = 0; i < times; i++) {
                    script.addLast(fault);
                }
            }
            return self();
        }

        T random(double share) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("a probability is 0 to 1, was " + share);
            }
            synchronized (Faults.this) {
                this.probability = share;
            }
            return self();
        }

        List<String> left() {
            return script.stream().map(fault -> name + ": " + fault.what()).toList();
        }
    }

    private record Scripted<F>(String what, F fault, boolean timesOut) {}

    /** What a fault makes of a call of a tool. */
    @FunctionalInterface
    private interface ToolFault {
        ToolResult<@Nullable Object> on(Map<String, @Nullable Object> arguments, ToolContext context, Next next)
                throws Exception;
    }

    /** What a fault makes of a request to a model. */
    @FunctionalInterface
    private interface ModelFault {
        ModelReply on(ModelRequest request, LanguageModel original);
    }

    /** Faults of a tool. Each method adds faults for the calls after those that have one already. */
    public final class ToolFaults extends Target<ToolFault, ToolFaults> {
        final ToolNames names;

        private ToolFaults(ToolNames names) {
            super(names.pattern());
            this.names = names;
        }

        @Override
        ToolFaults self() {
            return this;
        }

        /** So many calls go well. */
        public ToolFaults passes(int times) {
            return add(times, "passes", (arguments, context, next) -> next.call(arguments, context));
        }

        /** The tool answers that it failed, and may do better: the runtime tries again. It is not called. */
        public ToolFaults fails(String code) {
            return fails(code, 1);
        }

        /** The same for so many calls. */
        public ToolFaults fails(String code, int times) {
            requireNonNull(code);
            return add(times, "fails with " + code, (arguments, context, next) -> failed(code, true));
        }

        /** The tool answers that it failed, and that trying again does not help. It is not called. */
        public ToolFaults failsForGood(String code) {
            requireNonNull(code);
            return add(1, "fails for good with " + code, (arguments, context, next) -> failed(code, false));
        }

        /** The tool throws that, and is not called: the runtime cannot know whether there was an effect. */
        public ToolFaults breaks(Exception thrown) {
            requireNonNull(thrown);
            return add(1, "throws " + thrown, (arguments, context, next) -> {
                throw thrown;
            });
        }

        /** The tool is called, with its effect, and its answer is lost: the runtime sees that it threw. */
        public ToolFaults losesTheAnswer() {
            return add(1, "loses the answer", (arguments, context, next) -> {
                next.call(arguments, context);
                throw new IllegalStateException("injected: the connection broke before the answer came");
            });
        }

        /**
         * The tool does not answer until the runtime gives the call up. It is not called. That takes a fifth of a second,
         * unless the step has a time limit of its own: then it takes that long.
         */
        public ToolFaults timesOut() {
            return add(
                    1,
                    new Scripted<>(
                            "times out",
                            (arguments, context, next) -> {
                                new CountDownLatch(1).await();
                                throw new IllegalStateException("nobody lets this pass");
                            },
                            true));
        }

        /** The tool answers that, whatever it is, and is not called. Takes what {@link dev.hart.json.Json#valueOf} takes. */
        public ToolFaults answers(@Nullable Object garbage) {
            return add(1, "answers " + garbage, (arguments, context, next) -> ToolResult.<@Nullable Object>ok(garbage));
        }

        /** So much time passes before the tool is called, which goes well. */
        public ToolFaults delays(Duration duration) {
            requireNonNull(duration);
            return add(1, "is delayed by " + duration, (arguments, context, next) -> {
                clock.sleep(duration);
                return next.call(arguments, context);
            });
        }

        /** The clock is set forward, or back, before the tool is called, which goes well; see {@link FakeClock#jump}. */
        public ToolFaults clockJumps(Duration duration) {
            requireNonNull(duration);
            return add(1, "the clock jumps by " + duration, (arguments, context, next) -> {
                clock.jump(duration);
                return next.call(arguments, context);
            });
        }

        /**
         * From now on, calls without a scripted fault fail at random with {@code INJECTED}, and may be tried again.
         *
         * @param probability 0 to 1
         */
        public ToolFaults failsAtRandom(double probability) {
            return random(probability);
        }
    }

    /** Faults of the model. Each method adds faults for the requests after those that have one already. */
    public final class ModelFaults extends Target<ModelFault, ModelFaults> {
        private ModelFaults() {
            super("model");
        }

        @Override
        ModelFaults self() {
            return this;
        }

        /** So many requests go well. */
        public ModelFaults passes(int times) {
            return add(times, "passes", (request, original) -> original.complete(request));
        }

        /** The model fails that way, and is not asked. */
        public ModelFaults fails(ModelException.Kind kind) {
            return fails(kind, 1);
        }

        /** The same for so many requests. */
        public ModelFaults fails(ModelException.Kind kind, int times) {
            requireNonNull(kind);
            return add(times, "fails with " + kind, (request, original) -> {
                throw new ModelException(kind, "injected: " + kind);
            });
        }

        /** The time limit of the request passes on the clock, and then the model has not answered. */
        public ModelFaults timesOut() {
            return add(1, "times out", (request, original) -> {
                sleep(request.timeout());
                throw new ModelException(
                        ModelException.Kind.TIMEOUT,
                        "injected: no answer within " + request.timeout().toMillis() + " ms");
            });
        }

        /** The model is asked, and answers that text instead: garbage, or something clever. */
        public ModelFaults answers(String text) {
            requireNonNull(text);
            return changes("answers \"" + text + "\"", reply -> text);
        }

        /** The answer breaks off in the middle. */
        public ModelFaults cutsOff() {
            return changes("breaks off", reply -> reply.substring(0, reply.length() / 2));
        }

        /** So much time passes before the model is asked, which goes well. */
        public ModelFaults delays(Duration duration) {
            requireNonNull(duration);
            return before("is delayed by " + duration, () -> sleep(duration));
        }

        /** The clock is set forward, or back, before the model is asked, which goes well; see {@link FakeClock#jump}. */
        public ModelFaults clockJumps(Duration duration) {
            requireNonNull(duration);
            return before("the clock jumps by " + duration, () -> clock.jump(duration));
        }

        /**
         * From now on, requests without a scripted fault fail at random, as if the model were unavailable.
         *
         * @param probability 0 to 1
         */
        public ModelFaults failsAtRandom(double probability) {
            return random(probability);
        }

        private ModelFaults before(String what, Runnable first) {
            return add(1, what, (request, original) -> {
                first.run();
                return original.complete(request);
            });
        }

        private ModelFaults changes(String what, UnaryOperator<String> change) {
            return add(1, what, (request, original) -> {
                ModelReply reply = original.complete(request);
                return new ModelReply(change.apply(reply.text()), List.of(), reply.tokens(), reply.latency());
            });
        }

        private void sleep(Duration duration) {
            try {
                clock.sleep(duration);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ModelException(ModelException.Kind.INCOMPLETE, "interrupted", null, e);
            }
        }
    }

    @Override
    public ToolResult<@Nullable Object> call(
            ToolSpec tool, Map<String, @Nullable Object> arguments, ToolContext context, Next next) throws Exception {
        String question = tool.name() + " " + JsonText.compact(arguments);
        ToolFault fault = null;
        synchronized (this) {
            ToolFaults target = scripted(tool);
            if (target != null) {
                fault = take(target, question);
            } else if (strikes(question, toolTargets(tool))) {
                note(question, "fails at random");
                fault = (a, c, n) -> failed("INJECTED", true);
            }
        }
        return fault == null ? next.call(arguments, context) : fault.on(arguments, context, next);
    }

    @Override
    public Duration timeout(ToolSpec tool, Duration limit) {
        synchronized (this) {
            ToolFaults target = scripted(tool);
            boolean timesOut = target != null && target.script.element().timesOut();
            return timesOut && limit.compareTo(UNTIL_TIMEOUT) > 0 ? UNTIL_TIMEOUT : limit;
        }
    }

    @Override
    public LanguageModel model(LanguageModel original) {
        return new LanguageModel() {
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
                return ask(request, original);
            }

            @Override
            public ModelReply stream(ModelRequest request, Consumer<String> onText) {
                ModelReply reply = ask(request, original);
                onText.accept(reply.text());
                return reply;
            }
        };
    }

    private ModelReply ask(ModelRequest request, LanguageModel original) {
        String question = "model " + JsonText.compact(Interaction.of(request));
        ModelFault fault = null;
        synchronized (this) {
            List<ModelFaults> models = targets.stream()
                    .filter(ModelFaults.class::isInstance)
                    .map(ModelFaults.class::cast)
                    .toList();
            ModelFaults target = models.stream()
                    .filter(model -> !model.left().isEmpty())
                    .findFirst()
                    .orElse(null);
            if (target != null) {
                fault = take(target, question);
            } else if (strikes(question, models)) {
                note(question, "fails at random");
                fault = (r, o) -> {
                    throw new ModelException(ModelException.Kind.UNAVAILABLE, "injected at random");
                };
            }
        }
        return fault == null ? original.complete(request) : fault.on(request, original);
    }

    private List<ToolFaults> toolTargets(ToolSpec tool) {
        return targets.stream()
                .filter(ToolFaults.class::isInstance)
                .map(ToolFaults.class::cast)
                .filter(target -> target.names.fits(tool.name()))
                .toList();
    }

    /** The target that has a fault for the next call of that tool. */
    private @Nullable ToolFaults scripted(ToolSpec tool) {
        return toolTargets(tool).stream()
                .filter(target -> !target.left().isEmpty())
                .findFirst()
                .orElse(null);
    }

    private <F> F take(Target<F, ?> target, String question) {
        Scripted<F> next = target.script.removeFirst();
        note(question, next.what());
        return next.fault();
    }

    private boolean strikes(String question, List<? extends Target<?, ?>> of) {
        double probability =
                of.stream().mapToDouble(target -> target.probability).max().orElse(0);
        if (probability == 0) {
            return false;
        }
        int time = asked.merge(question, 1, Integer::sum);
        return new SplittableRandom(seed + 31L * question.hashCode() + time).nextDouble() < probability;
    }

    private void note(String question, String what) {
        if (injected.size() < MAX_INJECTED) {
            injected.add((question.length() <= 200 ? question : question.substring(0, 199) + "…") + ": " + what);
        }
    }

    private static ToolResult<@Nullable Object> failed(String code, boolean retryable) {
        return ToolResult.failed(code, "injected: " + code, retryable);
    }
}
